//! A failure in a few lines: what it was, where it shows, what to do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cell_name::CellName;
use super::failure::FailureClass;
use super::names::{ScenarioName, StageName};
use super::step_id::StepId;
use super::text::{own, own_log_path};

/// One failure: of a cell, of a lane's set-up, or of the preflight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailureDigest {
    /// The lane; null before the first.
    pub lane: Option<ScenarioName>,
    /// The stage; null where a step before the stages failed.
    pub stage: Option<StageName>,
    /// The step's id.
    pub step: StepId,
    /// The kind of the failure.
    pub failure_class: FailureClass,
    /// The finer word; `matrix explain` has a page of each.
    #[serde(serialize_with = "own")]
    pub cause: String,
    /// What is wrong, in a sentence.
    pub message: String,
    /// The line of the step's log that says so; null where none does.
    pub line: Option<DecisiveLine>,
    /// `<lane>/<stage>` of each selected cell that is not green for it.
    #[schemars(with = "Vec<String>")]
    pub impacted_cells: Vec<CellName>,
    /// What to do about it.
    pub remediation: String,
    /// Commands for a shell, from any working directory.
    pub commands: Vec<String>,
    /// The same for failures of the same cause, whatever their paths, times
    /// and ids.
    #[serde(serialize_with = "own")]
    pub fingerprint: String,
}

/// The line of a log that a person would point at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DecisiveLine {
    /// The log, relative to the run folder.
    #[serde(serialize_with = "own_log_path")]
    pub file: String,
    /// Its number, from 1.
    pub line: usize,
    /// What it says, made harmless.
    pub text: String,
    /// The lines before it, at most five.
    pub before: Vec<String>,
    /// The lines after it, at most five.
    pub after: Vec<String>,
}

/// Failures of one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cluster {
    /// What they have in common.
    #[serde(serialize_with = "own")]
    pub fingerprint: String,
    /// The finer word.
    #[serde(serialize_with = "own")]
    pub cause: String,
    /// The kind of the failures.
    pub failure_class: FailureClass,
    /// The decisive line of the smallest, else what is wrong with it.
    pub line: String,
    /// How many failures they are.
    pub count: usize,
    /// The cells that are not green for them, in declared order.
    #[schemars(with = "Vec<String>")]
    pub cells: Vec<CellName>,
    /// The cell with the fewest stages before it, of those the first that is
    /// declared; null where no lane began.
    #[schemars(with = "Option<String>")]
    pub smallest: Option<CellName>,
    /// What to do about it.
    pub remediation: String,
    /// Commands for a shell, of the smallest.
    pub commands: Vec<String>,
}

impl FailureDigest {
    /// What it says in a line: the decisive one, else the sentence.
    #[must_use]
    pub fn says(&self) -> &str {
        match &self.line {
            Some(line) => &line.text,
            None => &self.message,
        }
    }
}
