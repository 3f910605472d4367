//! A known way to break a gate's installation.

use super::alteration::Alteration;
use super::names::ScenarioName;

/// One of them, as data.
#[derive(Debug, Clone)]
pub struct Sabotage {
    /// Its id, and the name of its lane.
    pub id: ScenarioName,
    /// What it does, in a few words.
    pub does: String,
    /// How it comes about in real life.
    pub why: String,
    /// A page that says so.
    pub reference: Option<String>,
    /// What a maintainer could do.
    pub remedy: String,
    /// The gates that it is about; none for every gate.
    pub gates: Option<Vec<String>>,
    /// What its lane does otherwise.
    pub alteration: Alteration,
}

impl Sabotage {
    /// Whether it is about a gate that goes by these names.
    #[must_use]
    pub fn is_about(&self, names: &[&str]) -> bool {
        let is_one = |gates: &Vec<String>| gates.iter().any(|gate| names.contains(&gate.as_str()));
        self.gates.as_ref().is_none_or(is_one)
    }
}
