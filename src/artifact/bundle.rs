//! `replay_bundle.json`: what of a run failed, and why.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::text::own;
use crate::model::{Cluster, FailureDigest, GateName, RunId};

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
    /// What the run ran on.
    pub environment: Environment,
    /// Every failure, in declared order; none of a lane that was cancelled.
    pub failures: Vec<Failed>,
    /// What the failures have in common, the largest cluster first.
    pub clusters: Vec<Cluster>,
}

/// What a run ran on.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Environment {
    /// The gate's name, which is that of its profile.
    pub profile: GateName,
    /// Digest of profile and configuration; null for a run that ended before
    /// they were read, as are those below that nobody could tell.
    #[serde(serialize_with = "own")]
    pub profile_sha256: Option<String>,
    /// The version of `matrix`.
    pub matrix_version: String,
    /// The versions of the tools, by name; null where one is not asked.
    pub tools: BTreeMap<String, Option<String>>,
    /// The commit that the lanes stood at.
    pub git_sha: Option<String>,
    /// The branch that was checked out; null where HEAD was detached.
    pub git_branch: Option<String>,
    /// The operating system and the processor: `linux x86_64`.
    pub os: String,
}

/// A failure, and how it is brought about again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Failed {
    /// What failed, and why.
    pub failure_digest: FailureDigest,
    /// How it is brought about again.
    pub replay: Commands,
}

/// Commands for a shell, from any working directory.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Commands {
    /// The lane again, by `matrix`.
    pub matrix: String,
    /// The lane again, without; null where there is no lane.
    pub shell: Option<ByShell>,
    /// A clone of the consumer at the commit, in a new folder of the working
    /// directory; null for a run that ended before it had one.
    pub git: Option<String>,
}

/// A lane played by a script.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ByShell {
    /// Plays the lane up to the step that failed and exits as that did.
    pub command: String,
    /// The script, relative to the run folder.
    pub script: String,
    /// Where the step runs, relative to the folder that the script makes.
    pub cwd: String,
    /// What the step's environment has beyond that of the lane.
    pub env: IndexMap<String, String>,
}
