//! A commented configuration for a gate of a registry that is not known here.

use std::fmt::Write as _;

use super::checkout::Checkout;
use super::document::scenarios;
use super::gates;
use super::scenarios::Scenario;
use crate::config::to_fill_in::FILL_IN;
use crate::model::Registry;

/// Returns the name of a gate for a package: that of `@scope/name` is `name`.
pub(super) fn gate_name(package: &str) -> String {
    let last = package.rsplit('/').next().unwrap_or(package);
    let name = last.split(['@', '=', '[']).next().unwrap_or(last);
    let plain = name.to_lowercase().replace(['_', '.'], "-");
    plain.trim_matches('-').to_owned()
}

/// Returns the whole configuration.
pub(super) fn document(
    checkout: &Checkout,
    package: &str,
    registry: Registry,
    all: &[Scenario],
) -> String {
    let gate = gate_name(package);
    let (bin, tools, where_from) = match registry {
        Registry::Npm => (
            format!("node_modules/.bin/{gate}"),
            "\"npm\", \"node\"",
            "npm",
        ),
        Registry::Pypi => (format!("{{tool_dir}}/bin/{gate}"), "\"python3\"", "PyPI"),
    };
    let mut out = format!(
        "# What {gate}, a package of {where_from}, lets through in this repository, and what it stops.\n\
         # Every key is described in docs/configuration.md.\n\
         schema = 1\n\
         gate = \"{gate}\"\n\
         package = \"{package}\"    # without a version: the newest\n"
    );
    if registry == Registry::Pypi {
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
         # programs = [\"{opened}\"]\n\n{install}",
        opened = match registry {
            Registry::Npm => format!("node_modules/{package}/bin/*"),
            Registry::Pypi => bin.clone(),
        },
        install = install(registry),
    );
    let activate = match gates::own_folder(checkout) {
        Some(folder) => format!("[\"git\", \"config\", \"core.hooksPath\", \"{folder}\"]"),
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
