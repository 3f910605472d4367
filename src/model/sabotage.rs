//! A known way to break a gate's installation.

use super::alteration::Alteration;
use super::names::ScenarioName;

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
