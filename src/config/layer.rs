//! The values of one text, each checked on its own.

use std::time::Duration;

use indexmap::IndexMap;

use super::inherits::Inherited;
use super::text::Located;
use crate::model::command::CommandTemplate;
use crate::model::package::Registry;
use crate::model::reason::Reason;
use crate::model::sabotage::Sabotage;
use crate::model::scenario::Seed;
use crate::model::step::ProfileStep;
use crate::model::template::Template;
use crate::model::{Expectation, GateName, On, PackageSpec, ScenarioName, StageName, Violation};

/// A file's values; `None` for what it does not set.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub(super) gate: Option<GateName>,
    pub(super) package: Option<PackageChoice>,
    pub(super) registry: Option<Registry>,
    pub(super) inherits: Option<Located<Inherited>>,
    pub(super) companions: Option<Vec<String>>,
    pub(super) tools: Option<Vec<String>>,
    pub(super) pass_env: Option<Vec<String>>,
    pub(super) branch: Option<String>,
    pub(super) workdir: Option<Located<String>>,
    pub(super) version: Option<VersionCheck>,
    pub(super) hooks: Option<Vec<String>>,
    pub(super) server_hooks: Option<Located<String>>,
    pub(super) programs: Option<Vec<Template>>,
    pub(super) configuration: Option<Vec<String>>,
    pub(super) install: Option<Vec<ProfileStep>>,
    pub(super) activate: Option<Vec<ProfileStep>>,
    pub(super) baseline: Option<CommandTemplate>,
    /// True if the baseline commit has what the installation changed.
    pub(super) commits_installation: Option<bool>,
    pub(super) retention: RetentionLayer,
    pub(super) requires_sandbox: Option<bool>,
    pub(super) fresh_clone: Option<bool>,
    pub(super) sabotages: Vec<Located<Sabotage>>,
    pub(super) stages: IndexMap<StageName, Located<StageLayer>>,
    pub(super) scenarios: IndexMap<ScenarioName, Located<ScenarioLayer>>,
    pub(super) drops: Drops,
}

/// The stages and scenarios that a file drops from what it inherits.
#[derive(Debug, Default)]
pub(super) struct Drops {
    pub(super) stages: Vec<Located<StageName>>,
    pub(super) scenarios: Vec<Located<ScenarioName>>,
}

/// The check that what runs is what was installed.
#[derive(Debug, Clone)]
pub(super) enum VersionCheck {
    By(CommandTemplate),
    /// `version = false`: an inherited check is dropped.
    Off,
}

/// The limits that a file sets to what is kept of past runs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RetentionLayer {
    pub(super) runs: Option<u64>,
    pub(super) mib: Option<u64>,
    pub(super) days: Option<u64>,
}

/// The package that a file names.
#[derive(Debug, Clone)]
pub(super) enum PackageChoice {
    /// `package = ""`: the gate lives in the consumer.
    InConsumer,
    Spec(PackageSpec),
}

#[derive(Debug, Clone, Default)]
pub(super) struct StageLayer {
    /// True if git drives it.
    pub(super) by_git: Option<bool>,
    pub(super) on: Option<On>,
    pub(super) run: Option<CommandTemplate>,
    pub(super) args: Option<Vec<Template>>,
    pub(super) workdir: Option<String>,
    pub(super) env: IndexMap<String, Template>,
    /// Inherited variables that the stage is not to have.
    pub(super) dropped_env: Vec<Located<String>>,
    pub(super) timeout: Option<Duration>,
    pub(super) network: Option<bool>,
    pub(super) weight: Option<usize>,
    pub(super) programs: Option<Vec<Template>>,
    pub(super) proof: ProofLayer,
}

/// The demands of a file on a stage beside its exit code.
#[derive(Debug, Clone, Default)]
pub(super) struct ProofLayer {
    pub(super) marker: Option<Reason>,
    pub(super) exist: Option<Vec<Template>>,
    pub(super) new: Option<Vec<Template>>,
    pub(super) unchanged: Option<Vec<Template>>,
    pub(super) file: Option<Template>,
    pub(super) asserts: Option<Vec<String>>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct ScenarioLayer {
    pub(super) seed: Option<Located<Seed>>,
    pub(super) remove: Option<Vec<String>>,
    pub(super) add: Option<Vec<String>>,
    pub(super) message: Option<String>,
    pub(super) tag: Option<String>,
    pub(super) delete: Option<String>,
    pub(super) expect: IndexMap<StageName, Located<Expectation>>,
    pub(super) reason: Option<Reason>,
    pub(super) proofs: IndexMap<StageName, Located<ProofLayer>>,
    pub(super) violation: Option<Located<Violation>>,
}
