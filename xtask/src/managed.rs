//! Consumers whose gate is installed by one of the package managers of node: for
//! `soak-managers`, and for the tests.

use std::fmt::Write as _;

/// A package manager as a consumer uses it.
#[derive(Debug, Clone, Copy)]
pub struct Manager {
    /// Its name in tables.
    pub name: &'static str,
    /// Its package, as `NAME@VERSION`.
    pub package: &'static str,
    /// The words that add a package to a project.
    add: &'static [&'static str],
    /// Further files in the folder of the lock file.
    files: &'static [(&'static str, &'static str)],
    /// Its record of an installation, in the folder of the lock file; for `{gate}` stands
    /// the name of the package.
    record: &'static str,
    /// True if a package of a workspace's member is recorded in the member's folder.
    by_member: bool,
    /// False if it cannot install the current lefthook.
    takes_lefthook_2: bool,
}

const MANIFEST: &str = "node_modules/{gate}/package.json";
const NPM: Manager = Manager {
    name: "npm 11",
    package: "npm@11.21.2",
    add: &["npm", "install", "--save-dev", "--save-exact"],
    files: &[],
    record: "node_modules/.package-lock.json",
    by_member: false,
    takes_lefthook_2: true,
};
const PNPM: Manager = Manager {
    name: "pnpm 10",
    package: "pnpm@10.34.8",
    add: &["pnpm", "add", "--save-dev", "--save-exact"],
    // pnpm 10 reads the first list, later ones the second.
    files: &[(
        "pnpm-workspace.yaml",
        "packages: ['packages/*']\nonlyBuiltDependencies: [lefthook]\nallowBuilds: { lefthook: true }\n",
    )],
    record: MANIFEST,
    by_member: true,
    takes_lefthook_2: true,
};
const YARN: Manager = Manager {
    name: "yarn 1",
    package: "yarn@1.22.22",
    add: &["yarn", "add", "--dev", "--exact"],
    files: &[],
    record: MANIFEST,
    by_member: false,
    takes_lefthook_2: false,
};

/// The managers, in the order of tables.
pub const MANAGERS: [Manager; 9] = [
    NPM,
    Manager {
        name: "npm 12",
        package: "npm@12.2.2",
        ..NPM
    },
    PNPM,
    Manager {
        name: "pnpm 11",
        package: "pnpm@11.28.10",
        ..PNPM
    },
    Manager {
        name: "pnpm 12",
        package: "pnpm@12.21.0",
        ..PNPM
    },
    YARN,
    Manager {
        name: "yarn 4, node_modules",
        package: "yarn@4.18.1",
        files: &[
            (".yarnrc.yml", "nodeLinker: node-modules\n"),
            ("yarn.lock", ""),
        ],
        ..YARN
    },
    Manager {
        name: "yarn 4, PnP",
        package: "yarn@4.18.1",
        files: &[("yarn.lock", "")],
        record: ".pnp.cjs",
        ..YARN
    },
    Manager {
        name: "bun",
        package: "bun@1.4.5",
        add: &["bun", "add", "--dev", "--exact"],
        files: &[],
        record: MANIFEST,
        by_member: true,
        takes_lefthook_2: true,
    },
];

/// The place of the gate's package in the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    Root,
    Subfolder,
    Workspace,
}

/// The gate that is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    Lefthook,
    Husky,
}

/// A consumer with one gate, one package manager and one layout.
#[derive(Debug, Clone, Copy)]
pub struct Managed {
    pub manager: Manager,
    pub layout: Layout,
    pub gate: Gate,
}

/// Prints the version of husky wherever it is installed.
const VERSION: &str = "const { dirname, join } = require('path');\n\
    const at = join(dirname(require.resolve('husky')), 'package.json');\n\
    console.log(JSON.parse(require('fs').readFileSync(at)).version);\n";
const LINT: &str =
    "if grep -n FIXME src/*.js; then echo 'lint: no'; exit 1; fi\necho 'lint: yes'\n";

impl Managed {
    /// The name and version of the gate's package.
    pub fn package(&self) -> (&'static str, &'static str) {
        match self.gate {
            Gate::Husky => ("husky", "9.1.7"),
            Gate::Lefthook if self.manager.takes_lefthook_2 => ("lefthook", "2.2.2"),
            // Of 2.2.2 an optional package is not in the registry, which yarn refuses; 2.1.6
            // skips pre-push in a clone that has origin/HEAD.
            Gate::Lefthook => ("lefthook", "2.0.8"),
        }
    }

    /// The record that `package_resolved.read_from` has to name.
    pub fn record(&self) -> String {
        let folder = match self.layout {
            Layout::Workspace if !self.manager.by_member => "",
            _ => self.folder(),
        };
        let record = self.manager.record.replace("{gate}", self.package().0);
        format!("clone/{folder}{record}")
    }

    /// The folder of the gate's package, with a slash behind it unless it is the root.
    fn folder(&self) -> &'static str {
        match self.layout {
            Layout::Root => "",
            Layout::Subfolder => "frontend/",
            Layout::Workspace => "packages/web/",
        }
    }

    /// The files of the consumer, by path.
    pub fn files(&self) -> Vec<(String, String)> {
        let folder = self.folder();
        let whole = match self.layout {
            Layout::Workspace => "",
            _ => folder,
        };
        let mut files: Vec<(String, String)> = [
            (".gitignore", "node_modules\n.pnp.*\n.yarn\nartifacts\n"),
            ("lint.sh", LINT),
            ("src/a.js", "export const a = 1;\n"),
            ("scenarios/clean/src/a.js", "export const a = 2;\n"),
            (
                "scenarios/violations/src/a.js",
                "export const a = 3; // FIXME\n",
            ),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .to_vec();
        let mut add = |path: String, text: &str| files.push((path, text.to_owned()));
        add("matrix.toml".to_owned(), &self.configuration());
        add(format!("{folder}package.json"), &self.manifest());
        if self.layout == Layout::Workspace {
            let root = r#"{"name": "shop", "private": true, "workspaces": ["packages/*"]}"#;
            add("package.json".to_owned(), root);
        }
        for (path, text) in self.manager.files {
            add(format!("{whole}{path}"), text);
        }
        match self.gate {
            Gate::Lefthook => {
                let jobs = "\n  jobs:\n    - run: sh lint.sh\n";
                add(
                    "lefthook.yml".to_owned(),
                    &format!("pre-commit:{jobs}pre-push:{jobs}"),
                );
            }
            Gate::Husky => {
                add(format!("{folder}.husky/pre-commit"), "sh lint.sh\n");
                add(format!("{folder}.husky/pre-push"), "sh lint.sh\n");
                add(format!("{folder}version.js"), VERSION);
            }
        }
        files
    }

    fn manifest(&self) -> String {
        let folder = self.folder().trim_end_matches('/');
        let up = folder
            .split('/')
            .map(|_| "..")
            .collect::<Vec<_>>()
            .join("/");
        let (activate, version) = match self.gate {
            Gate::Lefthook => ("lefthook install".to_owned(), "lefthook version"),
            Gate::Husky if folder.is_empty() => ("husky".to_owned(), "node version.js"),
            Gate::Husky => (
                format!("cd {up} && husky {folder}/.husky"),
                "node version.js",
            ),
        };
        format!(
            r#"{{"name": "web", "version": "0.0.1", "private": true, "scripts": {{"hooks": "{activate}", "gate-version": "{version}", "gate": "lefthook run pre-commit --all-files"}}}}"#
        )
    }

    fn configuration(&self) -> String {
        let (name, version) = self.package();
        let manager = self.manager.add[0];
        let words = |words: &[&str]| {
            let quoted: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
            quoted.join(", ")
        };
        let mut add = self.manager.add.to_vec();
        add.push("{package_spec}");
        let (programs, ci) = match self.gate {
            Gate::Lefthook => (
                "node_modules/lefthook-*/bin/lefthook*",
                words(&[manager, "run", "gate"]),
            ),
            Gate::Husky => ("lint.sh", words(&["sh", "lint.sh"])),
        };
        let workdir = match self.gate {
            Gate::Lefthook => "",
            Gate::Husky => "workdir = \".\"\n",
        };
        // Hooks are set up by the profile, as the soak is about installations of it.
        let mut out = format!(
            "schema = 1\ngate = \"{name}\"\npackage = \"{name}@{version}\"\nfresh_clone = false\n"
        );
        if self.layout != Layout::Root {
            let _ = writeln!(out, "workdir = \"{}\"", self.folder().trim_end_matches('/'));
        }
        let _ = write!(
            out,
            r#"tools = ["{manager}", "node"]
version = ["{manager}", "run", "gate-version"]
hooks = ["pre-commit", "pre-push"]
programs = ["{programs}"]

[[install]]
step = "install_package"
run = [{install}]

[[activate]]
step = "gate_install"
run = ["{manager}", "run", "hooks"]

[stage.pre-commit]
drive = "git"

[stage.pre-push]
drive = "git"

[stage.ci]
drive = "command"
run = [{ci}]
{workdir}
[scenario.clean]
overlay = "scenarios/clean"
message = "Count more"
expect = {{ pre-commit = 0, pre-push = 0, ci = 0 }}

[scenario.violations]
overlay = "scenarios/violations"
message = "Count too much"
expect = {{ pre-commit = 1, pre-push = 1, ci = 1 }}
reason = "FIXME"
"#,
            install = words(&add),
        );
        out
    }
}
