//! The ids of steps: those of a profile, those of stages, and the built-in ones.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize, Serializer};

use super::names::StageName;
use super::text::own;

/// Precedes the key of a stage's name in the id of its step.
const STAGE_PREFIX: &str = "stage_";

/// The id of a step: `git_clone`, `npm_install_package`, `stage_pre_commit`.
///
/// It is kept as text, so that an id from a stored file, even an edited one,
/// is written again as it was read. The default is empty: the id of no step.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(transparent)]
pub struct StepId(String);

impl StepId {
    /// Returns the id of the step that runs a stage.
    #[must_use]
    pub fn stage(name: &StageName) -> Self {
        Self(format!("{STAGE_PREFIX}{}", name.key()))
    }

    /// True if the step runs a stage.
    #[must_use]
    pub fn is_stage(&self) -> bool {
        self.0.starts_with(STAGE_PREFIX)
    }

    /// Returns the stage that the step runs.
    ///
    /// None if it runs no stage, or if its id (in an edited file) names none.
    #[must_use]
    pub fn stage_name(&self) -> Option<StageName> {
        StageName::from_key(self.0.strip_prefix(STAGE_PREFIX)?)
    }

    /// True if it is the id of a built-in step.
    #[must_use]
    pub fn is_builtin(&self) -> bool {
        BuiltinStep::ALL.iter().any(|step| self == step)
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for StepId {
    fn from(id: String) -> Self {
        Self(id)
    }
}

impl From<&str> for StepId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl From<BuiltinStep> for StepId {
    fn from(step: BuiltinStep) -> Self {
        step.as_str().into()
    }
}

impl PartialEq<BuiltinStep> for StepId {
    fn eq(&self, step: &BuiltinStep) -> bool {
        self.0 == step.as_str()
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for StepId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        own(&self.0, to)
    }
}

impl JsonSchema for StepId {
    fn schema_name() -> Cow<'static, str> {
        "StepId".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }

    fn inline_schema() -> bool {
        true
    }
}

/// A step that `matrix` defines itself; a profile adds its own for its commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuiltinStep {
    /// Checks that the consumer is clean.
    SourceRepoCleanliness,
    /// Reads the configuration.
    ConfigLoad,
    /// Opens the repository.
    RepoUnsupported,
    /// Searches the profile's tools.
    ToolMissing,
    /// Checks the sandbox that `--sandbox require` asks for.
    Sandbox,
    /// Creates the work folder.
    WorkDir,
    /// Finds the commit that preflight saw.
    SourceMoved,
    /// Clones the consumer.
    GitClone,
    /// Asks the gate for its version.
    GateVersion,
    /// Searches the gate's hooks.
    GateHooks,
    /// Replaces files of the baseline.
    ReplaceFiles,
    /// Breaks the gate's installation on purpose.
    Sabotage,
    /// Makes the baseline commit.
    SeedBaseline,
    /// Applies the scenario to the baseline.
    SeedScenario,
    /// Opens a shell in the lane.
    Shell,
    /// Tries a fresh clone with the plain installation.
    FreshClone,
    /// Marks a run that was stopped.
    Interrupted,
    /// Marks a run that has not ended.
    RunIncomplete,
    /// Marks cells of a parent run that did not run.
    Outstanding,
}

impl BuiltinStep {
    /// Every built-in step, in the order of the documentation.
    pub const ALL: [Self; 19] = [
        Self::SourceRepoCleanliness,
        Self::ConfigLoad,
        Self::RepoUnsupported,
        Self::ToolMissing,
        Self::Sandbox,
        Self::WorkDir,
        Self::SourceMoved,
        Self::GitClone,
        Self::GateVersion,
        Self::GateHooks,
        Self::ReplaceFiles,
        Self::Sabotage,
        Self::SeedBaseline,
        Self::SeedScenario,
        Self::Shell,
        Self::FreshClone,
        Self::Interrupted,
        Self::RunIncomplete,
        Self::Outstanding,
    ];

    /// Returns its id.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SourceRepoCleanliness => "source_repo_cleanliness",
            Self::ConfigLoad => "config_load",
            Self::RepoUnsupported => "repo_unsupported",
            Self::ToolMissing => "tool_missing",
            Self::Sandbox => "sandbox",
            Self::WorkDir => "work_dir",
            Self::SourceMoved => "source_moved",
            Self::GitClone => "git_clone",
            Self::GateVersion => "gate_version",
            Self::GateHooks => "gate_hooks",
            Self::ReplaceFiles => "replace_files",
            Self::Sabotage => "sabotage",
            Self::SeedBaseline => "seed_baseline",
            Self::SeedScenario => "seed_scenario",
            Self::Shell => "shell",
            Self::FreshClone => "fresh_clone",
            Self::Interrupted => "interrupted",
            Self::RunIncomplete => "run_incomplete",
            Self::Outstanding => "outstanding",
        }
    }

    /// Returns the description of the step, or of its failure, for the documentation.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::SourceRepoCleanliness => "the consumer is dirty",
            Self::ConfigLoad => "the configuration cannot be used",
            Self::RepoUnsupported => "the repository cannot be used here",
            Self::ToolMissing => "a tool of the profile is not on PATH",
            Self::Sandbox => "`--sandbox require`, and lanes cannot be kept from the machine",
            Self::WorkDir => "the work folder cannot be used",
            Self::SourceMoved => "the commit that preflight saw is gone from the consumer",
            Self::GitClone => "cloning the consumer",
            Self::GateVersion => "the gate's own version is not what was installed",
            Self::GateHooks => {
                "git has no hook of the profile: no executable file where git looks, and none in its configuration"
            }
            Self::ReplaceFiles => "putting weakened files into the baseline (`matrix mutate`)",
            Self::Sabotage => "breaking the gate's installation on purpose (`matrix sabotage`)",
            Self::SeedBaseline => "making the baseline commit",
            Self::SeedScenario => {
                "laying the scenario over the baseline, and putting it back before a stage"
            }
            Self::Shell => "leaving the lane to the user (`matrix replay --shell`)",
            Self::FreshClone => {
                "under `--strict`: a fresh clone with the plain installation lacks a hook"
            }
            Self::Interrupted => "the run was stopped by a signal",
            Self::RunIncomplete => "the run died before its verdict",
            Self::Outstanding => "cells of a parent run did not run",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_round_trips() {
        for text in [
            "git_clone",
            "npm_install",
            "stage_pre_commit",
            "stage_",
            "Stage x",
            "",
        ] {
            let json = serde_json::to_string(text).unwrap();
            let id: StepId = serde_json::from_str(&json).unwrap();
            assert_eq!(serde_json::to_string(&id).unwrap(), json);
            assert_eq!(id.to_string(), text);
        }
    }

    #[test]
    fn the_id_of_a_stage_names_it() {
        let name: StageName = "pre-commit".parse().unwrap();
        let id = StepId::stage(&name);
        assert_eq!(id.as_str(), "stage_pre_commit");
        assert_eq!(id.stage_name(), Some(name));
        assert!(!id.is_builtin());

        let odd = StepId::from("stage_");
        assert!(odd.is_stage());
        assert_eq!(odd.stage_name(), None);
    }

    #[test]
    fn builtin_steps_run_no_stage() {
        for step in BuiltinStep::ALL {
            let id = StepId::from(step);
            assert!(id.is_builtin() && !id.is_stage(), "{id}");
        }
    }
}
