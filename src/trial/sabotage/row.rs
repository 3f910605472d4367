//! A row of the scorecard, and its place.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::evidence::StageOutcome;
use crate::model::sabotage::RefusedBy;
use crate::model::{ScenarioName, StageName};
use crate::triage::document::Excuse;

/// One sabotage.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SabotageRow {
    /// Its id.
    pub id: ScenarioName,
    /// Its effect.
    pub does: String,
    /// The outcome for the violation.
    pub outcome: SabotageOutcome,
    /// The same, stage by stage.
    pub stages: IndexMap<StageName, StageOutcome>,
    /// True if `matrix run` would have been green: then the gate still
    /// decided, for its own reason.
    pub green: bool,
    /// The observation of the witness, in a sentence.
    pub seen: String,
    /// The way it comes about in real life.
    pub why: String,
    /// A page that says so.
    pub reference: Option<String>,
    /// The remedy for a maintainer.
    pub remedy: String,
    /// The party that could refuse the change all the same.
    pub refused_by: RefusedBy,
    /// True if it got in at a stage of CI.
    pub open_in_ci: bool,
    /// The entry by which the opening is accepted.
    pub accepted: Option<Excuse>,
}

/// The outcome of a sabotage for the violation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SabotageOutcome {
    /// Every stage blocked it, or the installation stopped with an error.
    FailsClosed,
    /// A stage let it in.
    FailsOpen,
    /// There is nothing to break.
    CannotBeApplied,
    /// The lane did not run to its end, for reasons of the machine.
    NotTried,
    /// It cannot be applied since it is about other gates; it has no lane.
    OfOtherGates,
}

impl SabotageOutcome {
    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FailsClosed => "blocked",
            Self::FailsOpen => "got in",
            Self::CannotBeApplied => "cannot be applied",
            Self::NotTried => "not tried",
            Self::OfOtherGates => "of other gates",
        }
    }
}

/// The place of a row in the scorecard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    OpenInCi,
    RefusedByGate,
    RefusedByCi,
    NotTried,
    CannotBeApplied,
    Blocked,
    OfOtherGates,
}

impl Group {
    /// The words for an opening: who could refuse it.
    pub(super) fn who(self) -> Option<&'static str> {
        match self {
            Self::OpenInCi => Some("got in in CI too: nothing refused it"),
            Self::RefusedByGate => Some("the gate or its installation could refuse it"),
            Self::RefusedByCi => {
                Some("only CI can refuse it: nothing on a committer's machine can")
            }
            _ => None,
        }
    }
}

impl SabotageRow {
    pub(super) fn group(&self) -> Group {
        match (self.outcome, self.refused_by) {
            (SabotageOutcome::FailsOpen, _) if self.open_in_ci => Group::OpenInCi,
            (SabotageOutcome::FailsOpen, RefusedBy::Gate) => Group::RefusedByGate,
            (SabotageOutcome::FailsOpen, RefusedBy::Ci) => Group::RefusedByCi,
            (SabotageOutcome::NotTried, _) => Group::NotTried,
            (SabotageOutcome::CannotBeApplied, _) => Group::CannotBeApplied,
            (SabotageOutcome::FailsClosed, _) => Group::Blocked,
            (SabotageOutcome::OfOtherGates, _) => Group::OfOtherGates,
        }
    }

    /// The stages at which the violation got in.
    pub(super) fn open_stages(&self) -> String {
        let stages = self.stages.iter();
        let open = stages.filter(|(_, outcome)| **outcome == StageOutcome::Open);
        let names: Vec<&str> = open.map(|(stage, _)| stage.as_str()).collect();
        names.join(", ")
    }
}
