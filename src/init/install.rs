//! The parts that install a gate and set its hooks up.

use super::gates::Manager;
use super::known;
use super::language::extension;
use super::maker::{Maker, Step, words};
use super::scenarios::Stage;
use super::violations::Known;
use crate::lockfile::Manager as Packages;
use crate::model::Registry;

impl Maker<'_> {
    pub(super) fn package(&self) -> Option<String> {
        let name = self.gate.package.as_deref()?;
        let pin = self
            .checkout
            .pinned(&self.gate.folder, name, self.gate.registry);
        let range = self.checkout.range(&self.gate.folder, name);
        let version = pin.or(range.filter(|range| is_version(range)));
        let builtin = || crate::config::builtin::get(&self.gate.name)?.package();
        Some(match version {
            Some(version) => format!("{name}@{version}"),
            None => builtin().unwrap_or_else(|| name.to_owned()),
        })
    }

    pub(super) fn tools(&self) -> Vec<String> {
        let all = match self.gate.registry {
            Registry::Pypi => vec!["python3"],
            Registry::Npm => vec![self.packages.program(), "node"],
        };
        all.into_iter().map(ToOwned::to_owned).collect()
    }

    pub(super) fn version(&self) -> Vec<String> {
        let Some(package) = &self.gate.package else {
            return Vec::new();
        };
        match self.gate.manager {
            Manager::Lefthook => [self.program("lefthook"), vec!["version".to_owned()]].concat(),
            Manager::PreCommit | Manager::Prek => {
                [self.program(&self.gate.name), vec!["--version".to_owned()]].concat()
            }
            // These cannot tell their version.
            Manager::Husky | Manager::SimpleGitHooks if self.is_plug_and_play() => Vec::new(),
            Manager::Husky | Manager::SimpleGitHooks => vec![
                "node".to_owned(),
                "-p".to_owned(),
                format!("require('./node_modules/{package}/package.json').version"),
            ],
            Manager::Folder(_) | Manager::None => match self.tool {
                Some(tool) => [self.program(tool.program), words(tool.version)].concat(),
                None => Vec::new(),
            },
        }
    }

    pub(super) fn programs(&self) -> Vec<String> {
        match self.gate.manager {
            Manager::Lefthook
                if self.gate.registry == Registry::Npm && !self.is_plug_and_play() =>
            {
                vec!["node_modules/lefthook-*/bin/lefthook*".to_owned()]
            }
            Manager::PreCommit => {
                vec![format!(
                    "{}/lib/python*/site-packages/pre_commit/__pycache__/main.*.pyc",
                    self.venv
                )]
            }
            Manager::Prek => vec![format!("{}/bin/prek", self.venv)],
            _ => Vec::new(),
        }
    }

    pub(super) fn install(&self, stages: &[Stage]) -> Vec<Step> {
        if self.gate.package.is_none() && !self.has_manifest() {
            return Vec::new();
        }
        match self.gate.registry {
            Registry::Npm => vec![("npm_install_package", self.add())],
            Registry::Pypi => self.pip(stages),
        }
    }

    /// The words that add the gate's package to the consumer's.
    pub(super) fn add(&self) -> Vec<String> {
        let is_root = self.gate.folder.is_empty();
        let manifest = self.checkout.manifest("");
        let mut add = words(match self.packages {
            Packages::Npm => "npm install --save-dev --save-exact",
            Packages::Pnpm => "pnpm add --save-dev --save-exact",
            Packages::YarnClassic | Packages::Yarn => "yarn add --dev --exact",
            Packages::Bun => "bun add --dev --exact",
        });
        if self.gate.package.is_none() {
            add = vec![self.packages.program().to_owned(), "install".to_owned()];
        } else {
            add.push("{package_spec}".to_owned());
        }
        match self.packages {
            Packages::Pnpm if is_root && self.checkout.has("pnpm-workspace.yaml") => {
                add.insert(2, "--workspace-root".to_owned());
            }
            Packages::YarnClassic if is_root && !manifest["workspaces"].is_null() => {
                add.insert(2, "-W".to_owned());
            }
            _ => {}
        }
        add
    }

    pub(super) fn pip(&self, stages: &[Stage]) -> Vec<Step> {
        let venv = &self.venv;
        let pip =
            format!("{venv}/bin/python -m pip install --disable-pip-version-check --no-input");
        let mut steps = vec![("venv_create", words(&format!("python3 -m venv {venv}")))];
        let mut lists: Vec<&String> = self
            .checkout
            .files()
            .iter()
            .filter(|file| known::is_requirements(file) && extension(file) == "txt")
            .collect();
        lists.sort();
        if !lists.is_empty() {
            let mut step = words(&pip);
            step.extend(
                lists
                    .iter()
                    .flat_map(|list| ["-r".to_owned(), (*list).clone()]),
            );
            steps.push(("pip_install_requirements", step));
        }
        let mut step = words(&pip);
        step.extend([
            "--report".to_owned(),
            "{tool_dir}/pip-report.json".to_owned(),
            "{package_spec}".to_owned(),
        ]);
        let texts: Vec<String> = lists
            .iter()
            .filter_map(|list| self.checkout.text(list))
            .collect();
        // What hooks call by name, and no list of the consumer's names.
        let called = stages
            .iter()
            .flat_map(|stage| &stage.checks)
            .filter(|known| is_bare(known));
        let mut others: Vec<&str> = called
            .filter_map(|known| known::tool(&known.check.tool))
            .filter(|tool| tool.registry == Registry::Pypi && tool.package != self.gate.name)
            .map(|tool| tool.package)
            .filter(|package| !texts.iter().any(|text| known::names(text, package)))
            .collect();
        others.sort_unstable();
        others.dedup();
        step.extend(others.into_iter().map(|package| {
            match self.checkout.pinned("", package, Registry::Pypi) {
                Some(version) => format!("{package}=={version}"),
                None => package.to_owned(),
            }
        }));
        steps.push(("pip_install_package", step));
        steps
    }

    pub(super) fn activate(&self, hooks: &[String]) -> Vec<Step> {
        let manifest = self.checkout.manifest(&self.gate.folder);
        let script = ["prepare", "postinstall"].into_iter().find(|name| {
            let text = manifest["scripts"][*name].as_str().unwrap_or_default();
            [
                "husky",
                "hooksPath",
                "hookspath",
                "hooks",
                "lefthook",
                "prek",
                "pre-commit",
            ]
            .iter()
            .any(|word| text.contains(word))
        });
        let run_script = script.map(|name| {
            vec![
                self.packages.program().to_owned(),
                "run".to_owned(),
                name.to_owned(),
            ]
        });
        let install = match &self.gate.manager {
            Manager::Lefthook => [self.program("lefthook"), words("install")].concat(),
            Manager::Husky => run_script.unwrap_or_else(|| self.program("husky")),
            Manager::SimpleGitHooks => self.program("simple-git-hooks"),
            Manager::PreCommit | Manager::Prek => {
                let types = hooks
                    .iter()
                    .flat_map(|hook| ["--hook-type".to_owned(), hook.clone()]);
                let mut command = self.program(&self.gate.name);
                command.extend(words("install --install-hooks"));
                command.extend(types);
                command
            }
            Manager::Folder(folder) => {
                match run_script.filter(|_| self.gate.registry == Registry::Npm) {
                    Some(run) => run,
                    None => words(&format!("git config core.hooksPath {folder}")),
                }
            }
            Manager::None => return Vec::new(),
        };
        vec![("gate_install", install)]
    }

    /// A folder for PATH, if hooks call programs of Python by their names alone.
    pub(super) fn path(&self, stages: &[Stage]) -> Option<String> {
        let mut checks = stages
            .iter()
            .filter(|stage| stage.run.is_none())
            .flat_map(|stage| &stage.checks);
        let needs = self.gate.registry == Registry::Pypi && checks.any(is_bare);
        needs.then(|| format!("{}/bin", self.venv))
    }
}

/// True if a program of Python is called by its name alone.
fn is_bare(known: &Known) -> bool {
    let tool = known::tool(&known.check.tool);
    !known.check.called.contains('/') && tool.is_some_and(|tool| tool.registry == Registry::Pypi)
}

fn is_version(range: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".-+".contains(c);
    range.starts_with(|c: char| c.is_ascii_digit()) && range.chars().all(is_part)
}
