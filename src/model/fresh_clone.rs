//! Fresh clones of the consumer, with nothing but a plain installation.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evidence::StepEvidence;

/// The answer of a fresh clone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FreshCloneOutcome {
    /// Git has every hook that the profile needs.
    Enforced,
    /// Git lacks one of them.
    Open,
    /// The clone could not be made or installed.
    NotChecked,
    /// No installation sets hooks up.
    NotApplicable,
}

/// One fresh clone.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Checkout {
    /// Its steps: the clone, the installation, and the search for hooks.
    pub steps: Vec<StepEvidence>,
    /// The hooks of the profile that git has in it.
    pub hooks: Vec<String>,
    /// The folder in which git looks for hooks, relative to the clone, if one of them is
    /// there; otherwise null.
    pub hooks_folder: Option<PathBuf>,
    /// The problem that ended it; null if there was none.
    pub problem: Option<String>,
}
