//! What the changes come to once their violations are taken out.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::summary::FinalVerdict;
use crate::model::evidence::{Hunk, PackageResolved};
use crate::model::text::own;
use crate::model::{ScenarioName, StageName};

/// `vacuity.json` in the run folder, and the summary of a check in which
/// every scenario proves something.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct VacuityReport {
    /// Version of this format.
    pub schema_version: u32,
    /// The run's id.
    #[serde(serialize_with = "own")]
    pub run_id: String,
    /// The version of `matrix`.
    pub matrix_version: String,
    /// When the file was made, UTC.
    #[serde(serialize_with = "own")]
    pub generated_at_utc: String,
    /// `PASS`, `PARTIAL` where only some scenarios or stages were asked for,
    /// or `FAIL` where a scenario proves nothing or was not tried.
    pub final_verdict: FinalVerdict,
    /// The gate's name.
    #[serde(serialize_with = "own")]
    pub gate: String,
    /// The package as typed.
    pub package_spec: Option<String>,
    /// What was really installed.
    pub package_resolved: Option<PackageResolved>,
    /// The commit of the consumer.
    pub source_head: String,
    /// How many scenarios came to what.
    pub counts: Counts,
    /// One for each scenario that is to be blocked, in declared order.
    pub scenarios: IndexMap<ScenarioName, ScenarioRow>,
}

/// How many scenarios came to what.
#[derive(Debug, Clone, Copy, Default, Serialize, JsonSchema)]
pub struct Counts {
    /// Every stage lets through what is left.
    pub proves_something: usize,
    /// A stage blocks what is left.
    pub proves_nothing: usize,
    /// Nobody can tell.
    pub not_tried: usize,
}

/// One scenario without its violation.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ScenarioRow {
    /// The lane that played it, in the folders of cells and logs.
    pub lane: ScenarioName,
    /// What it comes to.
    pub outcome: Outcome,
    /// What was taken out.
    pub taken_out: Vec<Hunk>,
    /// The good message, where the message is the violation.
    pub message: Option<String>,
    /// Whether nothing is left of the change.
    pub empty: bool,
    /// Why it was not tried.
    pub problem: Option<String>,
    /// Stage by stage.
    pub stages: IndexMap<StageName, StageRow>,
}

/// One stage of it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct StageRow {
    /// What it comes to.
    pub outcome: Outcome,
    /// The exit code of the stage's command.
    pub exit: Option<i32>,
    /// Why it is not as it should be, in a sentence.
    pub problem: Option<String>,
    /// The last lines of its log, where it still blocks.
    pub said: Vec<String>,
    /// Its log, relative to the run folder.
    #[serde(serialize_with = "own")]
    pub log: Option<String>,
}

/// What a scenario or a stage comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// What is left passes: the violation is what was blocked.
    ProvesSomething,
    /// What is left is still blocked.
    ProvesNothing,
    /// What is left passes, and so must the violation at this stage.
    NeverBlocks,
    /// The gate decided nothing.
    NotTried,
}

impl Outcome {
    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ProvesSomething => "proves something",
            Self::ProvesNothing => "proves nothing: still blocks",
            Self::NeverBlocks => "never blocks",
            Self::NotTried => "not tried",
        }
    }
}
