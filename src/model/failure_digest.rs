//! Digest of a failure: its cause, its decisive line and its remedy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cell_name::CellName;
use super::failure::FailureClass;
use super::names::{ScenarioName, StageName};
use super::step_id::StepId;
use super::text::{own, own_log_path};

/// A failure of a cell, of a lane's set-up, or of the preflight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailureDigest {
    /// The lane; null before the first.
    pub lane: Option<ScenarioName>,
    /// The stage; null if an earlier step failed.
    pub stage: Option<StageName>,
    /// The step's id.
    pub step: StepId,
    /// The kind of the failure.
    pub failure_class: FailureClass,
    /// The cause, finer than the class; `matrix explain` has a page on each.
    #[serde(serialize_with = "own")]
    pub cause: String,
    /// The message, a sentence.
    pub message: String,
    /// The decisive line of the step's log; null if there is none.
    pub line: Option<DecisiveLine>,
    /// Name of each selected cell that is not green because of the failure.
    #[schemars(with = "Vec<String>")]
    pub impacted_cells: Vec<CellName>,
    /// The remedy.
    pub remediation: String,
    /// Commands for a shell, from any working directory.
    pub commands: Vec<String>,
    /// Equal for failures of the same cause, whatever their paths, times and ids.
    #[serde(serialize_with = "own")]
    pub fingerprint: String,
    /// The exit codes that the contract expects of the cell, in words; null without a cell.
    pub expected: Option<String>,
    /// The place in a configuration where they stand: `matrix.toml:14`, or
    /// `built-in lefthook`.
    pub expected_at: Option<String>,
}

/// The line of a log that shows the reason of a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DecisiveLine {
    /// The log, relative to the run folder.
    #[serde(serialize_with = "own_log_path")]
    pub file: String,
    /// Its number, counted from 1.
    pub line: usize,
    /// Its text, made harmless.
    pub text: String,
    /// The place in the consumer that it is about, if another line of the log names it.
    #[serde(default)]
    pub about: Option<String>,
    /// The lines before it, at most five.
    pub before: Vec<String>,
    /// The lines after it, at most five.
    pub after: Vec<String>,
}

/// Failures of one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cluster {
    /// The fingerprint that the failures share.
    #[serde(serialize_with = "own")]
    pub fingerprint: String,
    /// The cause, finer than the class.
    #[serde(serialize_with = "own")]
    pub cause: String,
    /// The kind of the failures.
    pub failure_class: FailureClass,
    /// The decisive line of the smallest failure, else its message.
    pub line: String,
    /// Number of failures.
    pub count: usize,
    /// The cells that are not green because of them, in declared order.
    #[schemars(with = "Vec<String>")]
    pub cells: Vec<CellName>,
    /// The cell with the fewest stages before it; of several, the first that is
    /// declared. Null if no lane began.
    #[schemars(with = "Option<String>")]
    pub smallest: Option<CellName>,
    /// The remedy.
    pub remediation: String,
    /// Commands for a shell, of the smallest.
    pub commands: Vec<String>,
}

impl FailureDigest {
    /// Returns the digest in a line: the decisive line, else the message.
    #[must_use]
    pub fn says(&self) -> &str {
        match &self.line {
            Some(line) => &line.text,
            None => &self.message,
        }
    }
}
