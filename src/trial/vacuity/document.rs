//! `vacuity.json`: the changes without their violations, and what still blocks.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::evidence::Hunk;
use crate::model::text::own;
use crate::model::{ScenarioName, StageName};
use crate::trial::header::ReportHeader;

/// `vacuity.json` in the run folder, and the summary of a check in which
/// every scenario proves something.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct VacuityReport {
    /// The head of the document.
    #[serde(flatten)]
    pub header: ReportHeader,
    /// The number of scenarios by outcome.
    pub counts: VacuityCounts,
    /// One for each scenario that is to be blocked, in declared order.
    pub scenarios: IndexMap<ScenarioName, ScenarioRow>,
}

/// The number of scenarios by outcome.
#[derive(Debug, Clone, Copy, Default, Serialize, JsonSchema)]
pub struct VacuityCounts {
    /// Every stage lets through what is left.
    pub proves_something: usize,
    /// A stage blocks what is left.
    pub proves_nothing: usize,
    /// The outcome is not known.
    pub not_tried: usize,
}

/// One scenario without its violation.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ScenarioRow {
    /// The lane that played it, in the folders of cells and logs.
    pub lane: ScenarioName,
    /// The outcome.
    pub outcome: VacuityOutcome,
    /// The parts of the change that were taken out.
    pub taken_out: Vec<Hunk>,
    /// The good message, where the message is the violation.
    pub message: Option<String>,
    /// True if nothing is left of the change that a gate would look at.
    pub empty: bool,
    /// The reason why it was not tried.
    pub problem: Option<String>,
    /// Stage by stage.
    pub stages: IndexMap<StageName, StageRow>,
    /// The edit that gives the change a rest, if it has none.
    pub next: Option<String>,
}

/// One stage of it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct StageRow {
    /// The outcome.
    pub outcome: VacuityOutcome,
    /// The exit code of the stage's command.
    pub exit: Option<i32>,
    /// The problem, in a sentence.
    pub problem: Option<String>,
    /// The last lines of its log, where it still blocks.
    pub said: Vec<String>,
    /// Its log, relative to the run folder.
    #[serde(serialize_with = "own")]
    pub log: Option<String>,
}

/// The outcome of a scenario or a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VacuityOutcome {
    /// The rest passes: the violation was what was blocked.
    ProvesSomething,
    /// The rest is still blocked.
    ProvesNothing,
    /// The rest passes, and so must the violation at this stage.
    NeverBlocks,
    /// The gate decided nothing, or had nothing to look at.
    NotTried,
}

impl VacuityOutcome {
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
