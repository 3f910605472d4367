//! One text, every value of it checked on its own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use indexmap::IndexMap;

use super::builtin::Builtin;
use super::error::{ConfigError, Place, Text};
use super::raw::RawFile;
use super::reader::{Reader, syntax_error};
use crate::model::command::{CommandTemplate, Template};
use crate::model::package::Registry;
use crate::model::profile::{ProfileStep, Reason, Seed};
use crate::model::sabotage::Sabotage;
use crate::model::{Expectation, GateName, PackageSpec, ScenarioName, StageName, Violation};

/// A value and the place that it came from.
#[derive(Debug, Clone)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

impl<T> Located<T> {
    pub(super) fn get(&self) -> &T {
        &self.value
    }
}

/// A file's values; `None` where it says nothing.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub(super) gate: Option<GateName>,
    pub(super) package: Option<PackageChoice>,
    pub(super) registry: Option<Registry>,
    pub(super) inherits: Option<Located<&'static Builtin>>,
    pub(super) companions: Option<Vec<String>>,
    pub(super) tools: Option<Vec<String>>,
    pub(super) pass_env: Option<Vec<String>>,
    pub(super) branch: Option<String>,
    pub(super) version: Option<CommandTemplate>,
    pub(super) hooks: Option<Vec<String>>,
    pub(super) programs: Option<Vec<Template>>,
    pub(super) configuration: Option<Vec<String>>,
    pub(super) install: Option<Vec<ProfileStep>>,
    pub(super) activate: Option<Vec<ProfileStep>>,
    pub(super) baseline: Option<CommandTemplate>,
    pub(super) retention: [Option<u64>; 3],
    pub(super) sabotages: Vec<Located<Sabotage>>,
    pub(super) stages: IndexMap<StageName, Located<StageLayer>>,
    pub(super) scenarios: IndexMap<ScenarioName, Located<ScenarioLayer>>,
}

/// What a file says of the package.
#[derive(Debug, Clone)]
pub(super) enum PackageChoice {
    /// `package = ""`: the gate lives in the consumer.
    InConsumer,
    Spec(PackageSpec),
}

#[derive(Debug, Clone, Default)]
pub(super) struct StageLayer {
    /// Whether git plays it.
    pub(super) by_git: Option<bool>,
    pub(super) on: Option<On>,
    pub(super) run: Option<CommandTemplate>,
    pub(super) env: IndexMap<String, Template>,
    pub(super) timeout: Option<Duration>,
    pub(super) network: Option<bool>,
    pub(super) weight: Option<usize>,
    pub(super) programs: Option<Vec<Template>>,
    pub(super) proof: ProofLayer,
}

/// What a file demands of a stage beside its exit code.
#[derive(Debug, Clone, Default)]
pub(super) struct ProofLayer {
    pub(super) marker: Option<Reason>,
    pub(super) exist: Option<Vec<Template>>,
    pub(super) new: Option<Vec<Template>>,
    pub(super) unchanged: Option<Vec<Template>>,
    pub(super) file: Option<Template>,
    pub(super) asserts: Option<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    Commit,
    Push,
}

#[derive(Debug, Clone, Default)]
pub(super) struct ScenarioLayer {
    pub(super) seed: Option<Located<Seed>>,
    pub(super) remove: Option<Vec<String>>,
    pub(super) add: Option<Vec<String>>,
    pub(super) message: Option<String>,
    pub(super) expect: IndexMap<StageName, Located<Expectation>>,
    pub(super) reason: Option<Reason>,
    pub(super) proofs: IndexMap<StageName, Located<ProofLayer>>,
    pub(super) violation: Option<Located<Violation>>,
}

impl Layer {
    pub(super) fn parse(text: &Text) -> Result<Self, ConfigError> {
        let raw: RawFile = toml::from_str(&text.content).map_err(|e| syntax_error(text, &e))?;
        Reader { text }.layer(raw)
    }
}

impl Located<Seed> {
    /// The overlay's folder below `root`, where the seed is one.
    pub(super) fn overlay(&self, root: &Path) -> Option<PathBuf> {
        match &self.value {
            Seed::Overlay(folder) => Some(root.join(folder)),
            Seed::Command(_) | Seed::Nothing => None,
        }
    }
}
