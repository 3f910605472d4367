//! The change that a lane tries.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::names::ScenarioName;

/// The change of a lane to its baseline, `changes/<scenario>.json`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LaneChange {
    /// Version of this format.
    pub schema_version: u32,
    /// The lane.
    pub scenario: ScenarioName,
    /// The change as `git diff` shows it; of a long one the beginning.
    pub diff: String,
    /// True if the end of it is missing.
    pub is_cut: bool,
    /// The parts of it that make it a violation; empty if no part does, or none is known.
    pub violation: Vec<Hunk>,
}

/// A part of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hunk {
    /// The file, relative to the consumer.
    pub path: String,
    /// The first and the last of its lines, as the scenario has them; null for the whole
    /// file.
    pub lines: Option<[u32; 2]>,
}

impl std::fmt::Display for Hunk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&super::text::plain(&self.path))?;
        match self.lines {
            None => Ok(()),
            Some([first, last]) if first == last => write!(f, ":{first}"),
            Some([first, last]) => write!(f, ":{first}-{last}"),
        }
    }
}
