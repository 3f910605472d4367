//! `replay_bundle.json`: what of a run failed, and why.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Cluster, FailureDigest, RunId};

/// The file, in the folder of every run.
pub const BUNDLE: &str = "replay_bundle.json";

/// The whole file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ReplayBundle {
    /// Version of this format.
    pub schema_version: u32,
    /// The run's id.
    pub run_id: RunId,
    /// Every failure, in declared order; none of a lane that was cancelled.
    pub failures: Vec<FailureDigest>,
    /// What the failures have in common, the largest cluster first.
    pub clusters: Vec<Cluster>,
}
