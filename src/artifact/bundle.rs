//! `replay_bundle.json`: the failures of a run, their causes and how to reproduce them.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::text::own;
use crate::model::{Cluster, FailureDigest, GateName, RunId, ScenarioName, StepId};

/// The file, in the folder of every run.
pub const BUNDLE: &str = "replay_bundle.json";

/// The whole file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ReplayBundle {
    /// Version of this format.
    pub schema_version: u32,
    /// The run's id.
    pub run_id: RunId,
    /// The command that runs again what failed, else all that ran; a trial
    /// is only shown. For a shell, from any working directory.
    pub one_command_replay: String,
    /// The environment of the run.
    pub environment: Environment,
    /// Every failure, in declared order; none of a lane that was cancelled.
    pub failures: Vec<Failed>,
    /// Failures grouped by cause, the largest cluster first.
    pub clusters: Vec<Cluster>,
}

impl ReplayBundle {
    /// Returns the digest of a failure, by its lane and step.
    #[must_use]
    pub fn digest(&self, phase: Option<&str>, step: &StepId) -> Option<&FailureDigest> {
        self.failed(phase, step)
            .map(|failed| &failed.failure_digest)
    }

    /// Returns a failure with its commands, by its lane and step.
    #[must_use]
    pub fn failed(&self, phase: Option<&str>, step: &StepId) -> Option<&Failed> {
        self.failures.iter().find(|failed| {
            let digest = &failed.failure_digest;
            let lane = digest.lane.as_ref().map(ScenarioName::as_str);
            digest.step == *step && (lane == phase || lane.is_none())
        })
    }
}

/// The environment of a run.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Environment {
    /// The gate's name, which is that of its profile.
    pub profile: GateName,
    /// Digest of profile and configuration; null if the run ended before they
    /// were read, as are the fields below that are unknown.
    #[serde(serialize_with = "own")]
    pub profile_sha256: Option<String>,
    /// The version of `matrix`.
    pub matrix_version: String,
    /// The versions of the tools, by name; null if a tool is not asked.
    pub tools: BTreeMap<String, Option<String>>,
    /// The commit of the lanes.
    pub git_sha: Option<String>,
    /// The branch that was checked out; null where HEAD was detached.
    pub git_branch: Option<String>,
    /// The operating system and the processor: `linux x86_64`.
    pub os: String,
}

/// A failure and the commands that reproduce it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Failed {
    /// The failure and its cause.
    pub failure_digest: FailureDigest,
    /// Commands that reproduce it.
    pub replay: Commands,
}

/// Commands for a shell, from any working directory.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Commands {
    /// Replays the lane with `matrix`.
    pub matrix: String,
    /// Replays the lane without `matrix`; null if there is no lane.
    pub shell: Option<ByShell>,
    /// A clone of the consumer at the commit, in a new folder of the working
    /// directory; null for a run that ended before it had one.
    pub git: Option<String>,
}

/// A lane as a shell script.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ByShell {
    /// Runs the lane up to the failed step and exits with that step's code.
    pub command: String,
    /// The script, relative to the run folder.
    pub script: String,
    /// The step's working directory, relative to the folder that the script creates.
    pub cwd: String,
    /// Variables of the step in addition to those of the lane.
    pub env: IndexMap<String, String>,
}
