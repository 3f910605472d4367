//! `flakes.json`: which cells had different outcomes on the same inputs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::evidence::CellVerdict;
use crate::model::text::own;
use crate::model::{RunId, ScenarioName, StageName};

/// Its name in the run folder.
pub const FLAKES: &str = "flakes.json";

/// The whole file, of a run that played every lane more than once.
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
    /// How often every lane was to be played.
    pub repeat: usize,
    /// The flaky cells, in declared order; empty where there is none.
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

/// What a cell came to. No output, no time and nothing that outlived the
/// stage is part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CellOutcome {
    /// `pass`, or the kind of the failure; `missing` where the lane did not
    /// come to the stage.
    pub verdict: CellVerdict,
    /// The exit code of the stage's command.
    pub exit: Option<i32>,
    /// The exit code of the hook of the stage's name.
    pub hook_exit: Option<i32>,
    /// Whether the stage gave the reason that it had to give; null where it
    /// had to give none.
    pub reason_found: Option<bool>,
    /// What the stage had to leave, and whether it did.
    pub proof: Vec<ProofHeld>,
}

impl CellOutcome {
    /// It in a few words: `contract, exit 1`.
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

/// Something that a stage had to leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProofHeld {
    /// The marker, the file or the assertion.
    pub what: String,
    /// Whether it held.
    pub holds: bool,
}

/// An outcome and the repetitions that had it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SeenOutcome {
    /// What it is.
    #[serde(flatten)]
    pub outcome: CellOutcome,
    /// How many repetitions had it.
    pub count: usize,
    /// Which, from 1.
    pub repetitions: Vec<usize>,
    /// The first of them.
    pub example: Example,
}

/// Where the evidence of an outcome is, relative to the run folder.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Example {
    /// The repetition, from 1.
    pub repetition: usize,
    /// The file of the cell; null where there is none.
    #[serde(serialize_with = "own")]
    pub cell: Option<String>,
    /// The log of the stage, or of the step that kept the lane from it.
    #[serde(serialize_with = "own")]
    pub log: Option<String>,
    /// Why it is not green, in a sentence.
    pub problem: Option<String>,
}
