//! `mutation.json`: the outcome of each mutation.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use crate::artifact::summary::FinalVerdict;
use crate::model::evidence::StageOutcome;
use crate::model::{ScenarioName, StageName};
use crate::mutation::MutationKind;
use crate::trial::header::ReportHeader;

/// `mutation.json` in the run folder, and the summary of a report that was
/// completed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct MutationReport {
    /// The head of the document.
    #[serde(flatten)]
    pub header: ReportHeader,
    /// The number of mutations that may survive; null for any number.
    pub max_survivors: Option<usize>,
    /// The number of mutations by outcome.
    pub counts: MutationCounts,
    /// One for each mutation, by file and place.
    pub mutations: Vec<MutationRow>,
    /// The files that were weakened, as the consumer has them.
    pub configuration: Vec<ConfigurationFile>,
    /// The files that could not be weakened.
    pub unread: Vec<UnreadFile>,
    /// The rules that no scenario exercises, by file and place.
    pub rules: Vec<UntriedRule>,
    /// The tracked files that configure a gate we know, and that no pattern covers.
    pub uncovered: Vec<UncoveredFile>,
}

/// A file of the gate's configuration.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ConfigurationFile {
    /// The file, relative to the consumer.
    pub file: String,
    /// Its text; null if it is longer than 64 KiB.
    pub text: Option<String>,
}

/// The number of mutations by outcome.
#[derive(Debug, Clone, Copy, Default, Serialize, JsonSchema)]
pub struct MutationCounts {
    /// A scenario noticed it.
    pub noticed: usize,
    /// Every stage of every scenario decided as if nothing had been changed.
    pub survived: usize,
    /// The gate broke rather than weakened.
    pub broke_the_gate: usize,
    /// The lane did not run to its end.
    pub not_tried: usize,
}

/// One mutation.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct MutationRow {
    /// Its id, and the name of its lane with the first scenario.
    pub id: String,
    /// The way in which it weakens.
    pub kind: MutationKind,
    /// The file, relative to the consumer.
    pub file: String,
    /// The line of what was weakened.
    pub line: usize,
    /// The change in words.
    pub description: String,
    /// Its outcome.
    pub outcome: MutationOutcome,
    /// Stage by stage, of the lane that decided.
    pub stages: IndexMap<StageName, StageOutcome>,
    /// The observation, if the gate broke or the lane did not end.
    pub seen: Option<String>,
    /// The lane that decided.
    pub lane: String,
    /// The rule that is weaker then.
    pub rule: String,
    /// The scenarios that it was tried with, one after the other, up to the first that noticed
    /// it: those that name the rule first, else in declared order.
    pub tried: Vec<ScenarioName>,
    /// The first scenario and stage that noticed it.
    pub noticed_by: Option<NoticedBy>,
    /// The way to a scenario that notices it, if it survived.
    pub next: Option<NextScenario>,
}

/// The scenario and the stage that noticed a mutation.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct NoticedBy {
    /// The scenario.
    pub scenario: ScenarioName,
    /// The stage.
    pub stage: StageName,
    /// True if the stage let in what it must block, false if it blocked what it must let in.
    pub let_in: bool,
}

/// The way to a scenario that notices a mutation.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct NextScenario {
    /// The next step, in a sentence.
    pub text: String,
    /// A scenario to start from, as TOML; null if none can notice it yet.
    pub scenario: Option<String>,
}

/// A rule that no scenario exercises.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct UntriedRule {
    /// The file, relative to the consumer.
    pub file: String,
    /// The line of its first mutation.
    pub line: usize,
    /// The names on the way to it.
    pub rule: String,
    /// Its mutations, by id.
    pub mutations: Vec<String>,
}

/// A tracked configuration that no pattern covers.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct UncoveredFile {
    /// The file, relative to the consumer.
    pub file: String,
    /// The gate that it configures.
    pub gate: String,
}

impl UncoveredFile {
    pub(super) fn remedy(&self) -> String {
        let file = &self.file;
        format!("add \"{file}\" to `configuration`, or \"!{file}\" if the gate does not use it")
    }
}

/// The outcome of a mutation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MutationOutcome {
    /// A stage let in what it must block, or blocked what it must let in: the set of
    /// scenarios notices it.
    Noticed,
    /// Every stage of every scenario decided for the gate's own reason: no scenario
    /// exercises what was weakened.
    Survived,
    /// It was blocked, but not by the gate: this is no weaker gate, but none.
    BrokeTheGate,
    /// The lane did not run to its end.
    NotTried,
}

/// A file that could not be weakened, or a part of one.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct UnreadFile {
    /// The file, relative to the consumer.
    pub file: String,
    /// The reason.
    pub why: String,
}

impl MutationReport {
    pub(super) fn close(&mut self, failed: bool) {
        if failed {
            self.header.final_verdict = FinalVerdict::Fail;
        }
    }
}
