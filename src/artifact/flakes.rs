//! `flakes.json`: cells that had different outcomes on the same inputs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::evidence::CellVerdict;
use crate::model::text::own;
use crate::model::{RunId, ScenarioName, StageName};

/// Its name in the run folder.
pub const FLAKES: &str = "flakes.json";

/// The whole file of a run with several repetitions.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Flakes {
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
    /// The requested number of repetitions.
    pub repeat: usize,
    /// The flaky cells, in declared order.
    pub cells: Vec<FlakyCell>,
}

/// A cell with more than one outcome.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FlakyCell {
    /// The lane.
    pub scenario: ScenarioName,
    /// The stage.
    pub stage: StageName,
    /// Its outcomes, in the order in which repetitions first had them.
    pub outcomes: Vec<SeenOutcome>,
}

/// The outcome of a cell, as far as repetitions are compared.
///
/// Output, times and leftover processes are no part of it: they also differ for
/// gates that are not flaky.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CellOutcome {
    /// `pass`, or the kind of the failure; `missing` if the lane did not reach the stage.
    pub verdict: CellVerdict,
    /// The exit code of the stage's command.
    pub exit: Option<i32>,
    /// The exit code of the hook of the stage's name.
    pub hook_exit: Option<i32>,
    /// True if the stage gave its expected reason; null if none was expected.
    pub reason_found: Option<bool>,
    /// The required proofs, and whether each held.
    pub proof: Vec<ProofHeld>,
}

impl CellOutcome {
    /// Returns a short description: `contract, exit 1`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let mut words = vec![match self.verdict {
            CellVerdict::Pass(_) => "pass".to_owned(),
            CellVerdict::Failed(class) => class.to_string(),
        }];
        words.extend(self.exit.map(|code| format!("exit {code}")));
        words.extend(self.hook_exit.map(|code| format!("hook exit {code}")));
        if self.reason_found == Some(false) {
            words.push("without its reason".to_owned());
        }
        let missed = self.proof.iter().filter(|proof| !proof.holds);
        words.extend(missed.map(|proof| format!("without {}", proof.what)));
        words.join(", ")
    }
}

/// A required proof of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProofHeld {
    /// The marker, the file or the assertion.
    pub what: String,
    /// True if it held.
    pub holds: bool,
}

/// An outcome and the repetitions that had it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SeenOutcome {
    /// The outcome.
    #[serde(flatten)]
    pub outcome: CellOutcome,
    /// Number of repetitions with this outcome.
    pub count: usize,
    /// These repetitions, counted from 1.
    pub repetitions: Vec<usize>,
    /// The first of them.
    pub example: Example,
}

/// The evidence of an outcome, relative to the run folder.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Example {
    /// The repetition, from 1.
    pub repetition: usize,
    /// The file of the cell; null if there is none.
    #[serde(serialize_with = "own")]
    pub cell: Option<String>,
    /// The log of the stage, or of the step that failed before it.
    #[serde(serialize_with = "own")]
    pub log: Option<String>,
    /// The reason why it is not green, in a sentence.
    pub problem: Option<String>,
}
