//! A known way to break a gate's installation.

use schemars::JsonSchema;
use serde::Serialize;

use super::alteration::Alteration;
use super::names::ScenarioName;

/// The party that could refuse a change in spite of a sabotage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusedBy {
    /// The gate or its installation, on the committer's machine.
    #[default]
    Gate,
    /// CI alone: nothing on the committer's machine could.
    Ci,
}

impl RefusedBy {
    /// Every one, with its word in configurations.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Gate, "gate"), (Self::Ci, "ci")];
}

/// A sabotage, as data.
#[derive(Debug, Clone)]
pub struct Sabotage {
    /// Its id, and the name of its lane.
    pub id: ScenarioName,
    /// Its effect, in a few words.
    pub does: String,
    /// Its cause in real life.
    pub why: String,
    /// A page that documents it.
    pub reference: Option<String>,
    /// The remedy for a maintainer.
    pub remedy: String,
    /// The party that could refuse the change all the same.
    pub refused_by: RefusedBy,
    /// The gates that it applies to; none for every gate.
    pub gates: Option<Vec<String>>,
    /// The deviations of its lane.
    pub alteration: Alteration,
}

impl Sabotage {
    /// True if it applies to a gate of one of these names.
    #[must_use]
    pub fn is_about(&self, names: &[&str]) -> bool {
        let is_one = |gates: &Vec<String>| gates.iter().any(|gate| names.contains(&gate.as_str()));
        self.gates.as_ref().is_none_or(is_one)
    }
}
