//! `fresh_clone.json`: what a fresh clone gets from the plain installation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::RunId;
use crate::model::fresh_clone::{Checkout, FreshCloneOutcome};
use crate::model::text::own;

/// Its name in the run folder.
pub const FRESH_CLONE: &str = "fresh_clone.json";

/// The whole file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FreshClone {
    /// Version of this format.
    pub schema_version: u32,
    /// The run's id.
    pub run_id: RunId,
    /// The version of `matrix`.
    pub matrix_version: String,
    /// When the file was made, UTC.
    #[serde(serialize_with = "own")]
    pub generated_at_utc: String,
    /// The gate's name.
    #[serde(serialize_with = "own")]
    pub gate: String,
    /// The commit of the consumer.
    pub source_head: String,
    /// The answer.
    pub outcome: FreshCloneOutcome,
    /// The reason for it; null if every hook is there.
    pub because: Option<String>,
    /// The change that would set the hooks up; null if there is nothing to change.
    pub remedy: Option<String>,
    /// The hooks that the profile names, and those that git launches for its stages.
    pub needed: Vec<String>,
    /// The installation; null if there is none.
    pub command: Option<String>,
    /// Its folder in the clone, `.` for the clone itself; null if there is no installation.
    pub folder: Option<String>,
    /// The clones that were made, one after the other, with one store of packages.
    pub checkouts: Vec<Checkout>,
}
