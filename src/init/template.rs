//! A commented configuration for a gate of a registry that is not known here.

use std::fmt::Write as _;

use super::checkout::Checkout;
use super::document::{SCHEMA, scenarios, text};
use super::gates;
use super::scenarios::Scenario;
use crate::config::to_fill_in::FILL_IN;
use crate::model::{GateName, PackageSpec, Registry};

/// A package of a registry whose gate is not known here.
#[derive(Debug, Clone)]
pub struct Template {
    package: PackageSpec,
    /// Name of the package.
    name: String,
    gate: GateName,
    registry: Registry,
}

impl Template {
    /// Reads a package as typed: `NAME`, `@SCOPE/NAME@VERSION`, `NAME==VERSION`.
    ///
    /// # Errors
    /// A sentence, if it names no package.
    pub fn of(typed: &str, registry: Registry) -> Result<Self, String> {
        let package = PackageSpec::parse(typed).map_err(|e| e.to_string())?;
        let named = package.package_name().and_then(|name| {
            // Extras of Python: `gate[all]`.
            let name = name.split('[').next().unwrap_or(name);
            Some((name.to_owned(), gate_name(name)?))
        });
        let (name, gate) = named.ok_or_else(|| format!("`{typed}` names no package"))?;
        Ok(Self {
            package,
            name,
            gate,
            registry,
        })
    }

    pub(super) fn gate(&self) -> &str {
        self.gate.as_str()
    }
}

/// Returns the name of a gate for a package: that of `@scope/name` is `name`.
fn gate_name(package: &str) -> Option<GateName> {
    let last = package.rsplit('/').next().unwrap_or(package);
    let plain = last.to_lowercase().replace(['_', '.'], "-");
    plain.trim_matches('-').parse().ok()
}

/// Returns the whole configuration.
pub(super) fn document(checkout: &Checkout, template: &Template, all: &[Scenario]) -> String {
    let Template { name, registry, .. } = template;
    let gate = template.gate();
    let (bin, tools, where_from) = match registry {
        Registry::Npm => (
            format!("node_modules/.bin/{gate}"),
            "\"npm\", \"node\"",
            "npm",
        ),
        Registry::Pypi => (format!("{{tool_dir}}/bin/{gate}"), "\"python3\"", "PyPI"),
    };
    let mut out = format!(
        "#:schema ./{SCHEMA}\n\
         # What {gate}, a package of {where_from}, lets through in this repository, and what it stops.\n\
         # Every key is described in docs/configuration.md.\n\
         schema = 1\n\
         gate = \"{gate}\"\n\
         package = {package}    # without a version: the newest\n",
        package = text(template.package.as_str()),
    );
    if *registry == Registry::Pypi {
        out.push_str("registry = \"pypi\"\n");
    }
    let _ = write!(
        out,
        "tools = [{tools}]\n\
         # Must print the version of the record below; `false` if the program does not know it.\n\
         {FILL_IN}the program's name, if it is not {gate}.\n\
         version = [\"{bin}\", \"--version\"]\n\
         # The hooks that git must have once the gate is set up.\n\
         hooks = [\"pre-commit\"]\n\
         # A file that is opened whenever the gate decides: whatever exits 0 without it did not.\n\
         # programs = [{opened}]\n\n{install}",
        opened = match registry {
            Registry::Npm => text(&format!("node_modules/{name}/bin/*")),
            Registry::Pypi => text(&bin),
        },
        install = install(*registry),
    );
    let activate = match gates::own_folder(checkout) {
        Some(folder) => format!(
            "[\"git\", \"config\", \"core.hooksPath\", {}]",
            text(&folder)
        ),
        None => format!("[\"{bin}\", \"install\"]"),
    };
    let _ = write!(
        out,
        "\n[[activate]]\n\
         step = \"gate_install\"\n\
         {FILL_IN}the command that sets the hooks up.\n\
         run = {activate}\n\n\
         # A real `git commit`; add [stage.commit-msg] or [stage.pre-push] for those hooks.\n\
         [stage.pre-commit]\n\
         drive = \"git\"\n\n\
         [stage.ci]\n\
         drive = \"command\"\n\
         {FILL_IN}the command with which CI asks the gate.\n\
         run = [\"{bin}\"]\n\
         env = {{ CI = \"true\", GITHUB_BASE_REF = \"{{base_ref}}\" }}\n"
    );
    scenarios(&mut out, all);
    out
}

/// The steps that install the package, and the record that they leave.
fn install(registry: Registry) -> &'static str {
    match registry {
        Registry::Npm => {
            "# npm records what it installed in node_modules/.package-lock.json: name, version and digest are\n\
             # read there after the last [[install]], and are `package_resolved` of the summary. Without that\n\
             # record a run does not know what it tried, and fails.\n\
             [[install]]\n\
             step = \"npm_install_package\"\n\
             run = [\"npm\", \"install\", \"--save-dev\", \"--save-exact\", \"{package_spec}\"]\n\
             timeout = \"5m\"\n"
        }
        Registry::Pypi => {
            "# {tool_dir} is a folder beside the clone, so that the gate finds a clean work tree.\n\
             [[install]]\n\
             step = \"venv_create\"\n\
             run = [\"python3\", \"-m\", \"venv\", \"{tool_dir}\"]\n\
             timeout = \"2m\"\n\n\
             # pip writes what it installed into the report: name, version and the wheel's sha256 are read\n\
             # there after the last [[install]], and are `package_resolved` of the summary. Without --report\n\
             # the version comes from site-packages, and has no digest.\n\
             [[install]]\n\
             step = \"pip_install_package\"\n\
             run = [\"{tool_dir}/bin/python\", \"-m\", \"pip\", \"install\", \"--disable-pip-version-check\", \"--no-input\", \"--report\", \"{tool_dir}/pip-report.json\", \"{package_spec}\"]\n\
             timeout = \"5m\"\n"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_named_with_or_without_its_version() {
        for (typed, name, gate) in [
            ("keeper", "keeper", "keeper"),
            ("keeper@1.2.3", "keeper", "keeper"),
            ("@acme/keeper@next", "@acme/keeper", "keeper"),
            ("some_gate[all]==2.0", "some_gate", "some-gate"),
        ] {
            let template = Template::of(typed, Registry::Npm).unwrap();
            assert_eq!((&*template.name, template.gate()), (name, gate), "{typed}");
        }
        for typed in ["", "--x", "a\nb", "a\"b", "@acme/", "./"] {
            assert!(Template::of(typed, Registry::Npm).is_err(), "{typed}");
        }
    }
}
