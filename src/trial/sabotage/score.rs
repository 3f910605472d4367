//! `sabotage.json`: the outcome of each sabotage.

use std::fmt::Write as _;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use crate::artifact::summary::FinalVerdict;
use crate::diagnosis::decisive_line;
use crate::model::BuiltinStep;
use crate::model::evidence::{Ending, StageOutcome};
use crate::model::sabotage::Sabotage;
use crate::model::text::own;
use crate::model::{CellEvidence, FailureClass, LaneEvidence, Profile, ScenarioName, StageName};
use crate::prepare::About;
use crate::trial::header::ReportHeader;

/// `sabotage.json` in the run folder, and the summary of a scorecard that
/// was completed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Scorecard {
    /// The head of the document.
    #[serde(flatten)]
    pub header: ReportHeader,
    /// The scenario that was replayed.
    #[serde(serialize_with = "own")]
    pub scenario: String,
    /// The number of sabotages that may fail open; null for any number.
    pub max_open: Option<usize>,
    /// The number of sabotages by outcome.
    pub counts: SabotageCounts,
    /// One for each sabotage, in the order of the table.
    #[serde(rename = "sabotages")]
    pub rows: Vec<SabotageRow>,
}

/// The number of sabotages by outcome.
#[derive(Debug, Clone, Copy, Default, Serialize, JsonSchema)]
pub struct SabotageCounts {
    /// Blocked.
    pub fails_closed: usize,
    /// Let in.
    pub fails_open: usize,
    /// Nothing to break.
    pub cannot_be_applied: usize,
    /// Broken, but not played to the end.
    pub not_tried: usize,
    /// About other gates.
    pub of_other_gates: usize,
}

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
}

/// The outcome of a sabotage for the violation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
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
            Self::FailsClosed => "fails closed",
            Self::FailsOpen => "fails open",
            Self::CannotBeApplied => "cannot be applied",
            Self::NotTried => "not tried",
            Self::OfOtherGates => "of other gates",
        }
    }
}

impl Scorecard {
    /// The sabotages that were tried on this gate.
    pub(super) fn tried(&self) -> impl Iterator<Item = &SabotageRow> {
        let of_others = |row: &&SabotageRow| row.outcome != SabotageOutcome::OfOtherGates;
        self.rows.iter().filter(of_others)
    }

    /// The ids of the others.
    pub(super) fn of_others(&self) -> String {
        let rows = self.rows.iter();
        let others = rows.filter(|row| row.outcome == SabotageOutcome::OfOtherGates);
        let ids: Vec<&str> = others.map(|row| row.id.as_str()).collect();
        ids.join(", ")
    }

    /// The counts in words; those not tried only if there are
    /// some.
    pub(super) fn headline(&self) -> String {
        let counts = self.counts;
        let mut out = format!(
            "{} fail closed, {} fail open, {} cannot be applied",
            counts.fails_closed, counts.fails_open, counts.cannot_be_applied
        );
        if counts.not_tried > 0 {
            let _ = write!(out, ", {} not tried", counts.not_tried);
        }
        out
    }

    pub(super) fn new(
        sabotages: &[Sabotage],
        lanes: &[LaneEvidence],
        about: &About<'_>,
        scenario: String,
        max_open: Option<usize>,
    ) -> Self {
        let rows: Vec<SabotageRow> = sabotages
            .iter()
            .map(|sabotage| {
                let lane = lanes.iter().find(|lane| lane.scenario == sabotage.id);
                row(sabotage, lane, about)
            })
            .collect();
        let count = |outcome| rows.iter().filter(|row| row.outcome == outcome).count();
        Self {
            header: ReportHeader::new(about),
            scenario,
            max_open,
            counts: SabotageCounts {
                fails_closed: count(SabotageOutcome::FailsClosed),
                fails_open: count(SabotageOutcome::FailsOpen),
                cannot_be_applied: count(SabotageOutcome::CannotBeApplied),
                not_tried: count(SabotageOutcome::NotTried),
                of_other_gates: count(SabotageOutcome::OfOtherGates),
            },
            rows,
        }
    }

    pub(super) fn close(&mut self, failed: bool) {
        if failed {
            self.header.final_verdict = FinalVerdict::Fail;
        }
    }
}

/// The names under which sabotages may speak of a gate.
pub(super) fn names(profile: &Profile) -> Vec<&str> {
    let inherits = profile.inherits.as_deref();
    std::iter::once(profile.gate.as_str())
        .chain(inherits)
        .collect()
}

fn row(sabotage: &Sabotage, lane: Option<&LaneEvidence>, about: &About<'_>) -> SabotageRow {
    let cells = lane.map(|lane| lane.cells.as_slice()).unwrap_or_default();
    let stages: IndexMap<_, _> = cells
        .iter()
        .map(|cell| (cell.stage.clone(), cell.outcome()))
        .collect();
    let (outcome, seen) = match lane {
        None if sabotage.is_about(&names(about.profile)) => {
            let text = "nothing in this profile is changed by it: there is no step or stage for it, or what it sets is set already";
            (SabotageOutcome::CannotBeApplied, text.to_owned())
        }
        None => {
            let gates = sabotage.gates.as_deref().unwrap_or_default().join(", ");
            (
                SabotageOutcome::OfOtherGates,
                format!("it is about {gates}"),
            )
        }
        Some(lane) => of_lane(lane, &stages, about),
    };
    SabotageRow {
        id: sabotage.id.clone(),
        does: sabotage.does.clone(),
        green: lane.is_some_and(LaneEvidence::is_pass),
        outcome,
        stages,
        seen,
        why: sabotage.why.clone(),
        reference: sabotage.reference.clone(),
        remedy: sabotage.remedy.clone(),
    }
}

fn of_lane(
    lane: &LaneEvidence,
    stages: &IndexMap<StageName, StageOutcome>,
    about: &About<'_>,
) -> (SabotageOutcome, String) {
    let ended_early = lane
        .failure
        .as_ref()
        .filter(|failure| !failure.step.is_stage());
    if let Some(failure) = ended_early {
        let ended = lane.steps.iter().find(|step| step.step == failure.step);
        let ends = |code| {
            let ending = Some(Ending::Exited(code));
            ended.is_some_and(|step| step.step == BuiltinStep::Sabotage && step.ending == ending)
        };
        let said = ended.and_then(|step| match ends(NOTHING_TO_BREAK) {
            true => about.last_line(step),
            false => decisive_line(&about.log_tail(step)).or_else(|| about.last_line(step)),
        });
        let with_words = |text: String| match &said {
            Some(said) => format!("{text}: {said}"),
            None => text,
        };
        return match failure.class {
            FailureClass::Install if ends(NOTHING_TO_BREAK) => {
                let nothing = "there is nothing to break".to_owned();
                (SabotageOutcome::CannotBeApplied, said.unwrap_or(nothing))
            }
            FailureClass::Install if ends(0) => {
                let text = with_words(failure.message.clone());
                (SabotageOutcome::CannotBeApplied, text)
            }
            FailureClass::Install if failure.step == BuiltinStep::Sabotage => {
                let text = format!("the sabotage itself failed, {}", failure.message);
                (SabotageOutcome::NotTried, with_words(text))
            }
            FailureClass::Install => {
                let text = format!("{} stopped, {}", failure.step, failure.message);
                (SabotageOutcome::FailsClosed, with_words(text))
            }
            _ => (SabotageOutcome::NotTried, failure.message.clone()),
        };
    }
    let unfinished = lane.unfinished();
    if lane.cancelled || lane.cells.is_empty() || unfinished.is_some() {
        let why = unfinished.and_then(|step| step.problem.clone());
        return (
            SabotageOutcome::NotTried,
            why.unwrap_or_else(|| "a stage did not end".to_owned()),
        );
    }
    let is_open = |cell: &&CellEvidence| stages.get(&cell.stage) == Some(&StageOutcome::Open);
    let open = lane.cells.iter().find(is_open);
    let problem = |cell: &CellEvidence| cell.problem.clone();
    if let Some(cell) = open {
        return (
            SabotageOutcome::FailsOpen,
            problem(cell).unwrap_or_default(),
        );
    }
    let text = lane.cells.iter().find_map(problem);
    let own = "the gate blocked it for its own reason".to_owned();
    (SabotageOutcome::FailsClosed, text.unwrap_or(own))
}

/// The exit code of a sabotage that finds nothing to break.
const NOTHING_TO_BREAK: i32 = 69;
