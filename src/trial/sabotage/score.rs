//! `sabotage.json`: the outcome of each sabotage.

use std::fmt::Write as _;

use chrono::NaiveDate;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::accepted::{AcceptedReport, excuse, report};
use super::earlier::{CardDiff, EarlierCard};
use super::row::{SabotageOutcome, SabotageRow};

use crate::artifact::summary::FinalVerdict;
use crate::config::accepted::AcceptedOpenings;
use crate::diagnosis::decisive_line;
use crate::model::BuiltinStep;
use crate::model::evidence::{Ending, StageOutcome};
use crate::model::on::is_hook;
use crate::model::sabotage::Sabotage;
use crate::model::text::own;
use crate::model::{CellEvidence, FailureClass, LaneEvidence, Profile, StageName};
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
    /// One for each sabotage: what got in first, by who could refuse it.
    #[serde(rename = "sabotages")]
    pub rows: Vec<SabotageRow>,
    /// The accepted openings that were considered; null without such a file.
    pub accepted: Option<AcceptedReport>,
    /// The openings that differ from an earlier scorecard; null if none was named.
    pub baseline: Option<CardDiff>,
}

/// The terms on which sabotages are counted.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// True if every sabotage has a row.
    pub(super) is_whole: bool,
    pub(super) max_open: Option<usize>,
    pub(super) accepted: Option<&'a AcceptedOpenings>,
    pub(super) earlier: Option<&'a EarlierCard>,
    pub(super) today: NaiveDate,
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

/// True for a stage that no hook of a committer stands for.
fn is_of_ci(stage: &StageName, about: &About<'_>) -> bool {
    let declared = about.profile.stages.get(stage);
    let by_command = declared.is_some_and(|stage| stage.on().is_none() && !stage.before_commit);
    by_command && !is_hook(stage.as_str())
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
            "{} blocked, {} got in, {} cannot be applied",
            counts.fails_closed, counts.fails_open, counts.cannot_be_applied
        );
        if counts.not_tried > 0 {
            let _ = write!(out, ", {} not tried", counts.not_tried);
        }
        let open = counts.fails_open - self.unaccepted().count();
        if open > 0 {
            let _ = write!(out, "; {open} of those that got in accepted");
        }
        out
    }

    /// The sabotages that let the violation in, without those accepted.
    pub(super) fn unaccepted(&self) -> impl Iterator<Item = &SabotageRow> {
        let open = |row: &&SabotageRow| row.outcome == SabotageOutcome::FailsOpen;
        self.rows
            .iter()
            .filter(open)
            .filter(|row| row.accepted.is_none())
    }

    /// The openings that an earlier scorecard does not have, without those accepted.
    pub(super) fn opened(&self) -> Vec<&SabotageRow> {
        let opened = self.baseline.iter().flat_map(|diff| &diff.opened);
        let opened: Vec<_> = opened.collect();
        self.unaccepted()
            .filter(|row| opened.contains(&&row.id))
            .collect()
    }

    pub(super) fn new(
        sabotages: &[Sabotage],
        lanes: &[LaneEvidence],
        about: &About<'_>,
        scenario: String,
        asked: Asked<'_>,
    ) -> Self {
        let accepted = asked.accepted;
        let one = |sabotage: &Sabotage| {
            let lane = lanes.iter().find(|lane| lane.scenario == sabotage.id);
            let mut row = row(sabotage, lane, about);
            if row.outcome == SabotageOutcome::FailsOpen {
                row.accepted = excuse(accepted, &row.id, asked.today);
            }
            row
        };
        let mut rows: Vec<SabotageRow> = sabotages.iter().map(one).collect();
        rows.sort_by_key(SabotageRow::group);
        let count = |outcome| rows.iter().filter(|row| row.outcome == outcome).count();
        Self {
            header: ReportHeader::new(about),
            scenario,
            max_open: asked.max_open,
            accepted: accepted.map(|accepted| report(accepted, &rows, asked.is_whole, asked.today)),
            baseline: asked.earlier.map(|card| card.compared(&rows)),
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
    let is_open = |(stage, outcome): (&StageName, &StageOutcome)| {
        *outcome == StageOutcome::Open && is_of_ci(stage, about)
    };
    SabotageRow {
        open_in_ci: stages.iter().any(is_open),
        refused_by: sabotage.refused_by,
        accepted: None,
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
        let said = ended.and_then(|step| {
            let decisive = || decisive_line(&about.log_tail(step));
            let decisive = (!ends(NOTHING_TO_BREAK)).then(decisive).flatten();
            decisive.or_else(|| about.last_line(step))
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
