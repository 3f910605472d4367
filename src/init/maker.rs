//! A gate and its consumer, for the parts of `matrix.toml`.

use super::checkout::{Checkout, join};
use super::gates::{Gate, Manager};
use super::known::{self, Tool};
use super::readers::Run;
use crate::config::builtin::{self, Builtin};
use crate::lockfile::Manager as Packages;
use crate::model::Registry;

/// A step: its id and its words.
pub(super) type Step = (&'static str, Vec<String>);

/// Returns the words of a text.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split(' ')
        .filter(|word| !word.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

/// A gate, with what decides on its parts.
pub(super) struct Maker<'a> {
    pub(super) checkout: &'a Checkout,
    pub(super) gate: &'a Gate,
    pub(super) packages: Packages,
    pub(super) tool: Option<&'static Tool>,
    /// The folder of Python's virtual environment.
    pub(super) venv: String,
}

impl<'a> Maker<'a> {
    pub(super) fn new(checkout: &'a Checkout, gate: &'a Gate) -> Self {
        let project = checkout.project(&gate.folder);
        // Hooks that name an environment in the clone need it there.
        let texts = gate.entries.iter().filter_map(|entry| match &entry.run {
            Run::Script(path) => checkout.text(path),
            Run::Command(text) => Some(text.clone()),
            Run::Hook(hook) => hook.entry.clone(),
        });
        let all: String = texts.collect();
        let named = [".venv/bin/", "venv/bin/"]
            .into_iter()
            .find(|folder| all.contains(folder));
        Self {
            checkout,
            gate,
            packages: project.map_or(Packages::Npm, |project| project.manager),
            tool: known::tool(&gate.name),
            venv: named
                .map_or("{tool_dir}", |folder| folder.trim_end_matches("/bin/"))
                .to_owned(),
        }
    }

    pub(super) fn has_manifest(&self) -> bool {
        self.checkout.has(&join(&self.gate.folder, "package.json"))
    }

    /// The built-in profile of a tool that no hook of the consumer starts.
    pub(super) fn profile(&self) -> Option<&'static Builtin> {
        let profile = builtin::get(&self.gate.name)?;
        (self.gate.manager == Manager::None).then_some(profile)
    }

    /// Yarn keeps packages in archives unless it is told otherwise.
    pub(super) fn is_plug_and_play(&self) -> bool {
        let settings = self.checkout.text(".yarnrc.yml").unwrap_or_default();
        self.packages == Packages::Yarn && !settings.contains("nodeLinker")
    }

    /// The words that start a program of the consumer's packages.
    pub(super) fn program(&self, name: &str) -> Vec<String> {
        match self.gate.registry {
            Registry::Pypi => vec![format!("{}/bin/{name}", self.venv)],
            Registry::Npm if self.is_plug_and_play() => words(&format!("yarn run {name}")),
            Registry::Npm => vec![format!("node_modules/.bin/{name}")],
        }
    }
}
