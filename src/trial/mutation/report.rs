//! `mutation.json`: the outcome of each mutation.

use std::fmt::Write as _;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use crate::artifact::summary::FinalVerdict;
use crate::model::evidence::StageOutcome;
use crate::model::text::{plain, shown};
use crate::model::{CellEvidence, LaneEvidence, StageName};
use crate::mutation::{Mutation, MutationKind, Unread};
use crate::prepare::About;
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
    /// The files that could not be weakened.
    pub unread: Vec<UnreadFile>,
}

/// The number of mutations by outcome.
#[derive(Debug, Clone, Copy, Default, Serialize, JsonSchema)]
pub struct MutationCounts {
    /// A stage let the violation in.
    pub noticed: usize,
    /// Every stage blocked it as if nothing had been changed.
    pub survived: usize,
    /// The gate broke rather than weakened.
    pub broke_the_gate: usize,
    /// The lane did not run to its end.
    pub not_tried: usize,
}

/// One mutation.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct MutationRow {
    /// Its id, and the name of its lane.
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
    /// The same, stage by stage.
    pub stages: IndexMap<StageName, StageOutcome>,
    /// The observation, if the gate broke or the lane did not end.
    pub seen: Option<String>,
}

/// The outcome of a mutation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MutationOutcome {
    /// A stage let the violation in: the set of scenarios notices it.
    Noticed,
    /// Every stage blocked it for the gate's own reason: no scenario
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
    pub(super) fn new(
        mutations: &[Mutation],
        unread: &[Unread],
        lanes: &[LaneEvidence],
        about: &About<'_>,
        max_survivors: Option<usize>,
    ) -> Self {
        let row = |mutation: &Mutation| {
            let lane = lanes.iter();
            let lane = lane
                .into_iter()
                .find(|lane| lane.scenario.as_str() == mutation.id);
            row(mutation, lane)
        };
        let rows: Vec<MutationRow> = mutations.iter().map(row).collect();
        let count = |outcome| rows.iter().filter(|row| row.outcome == outcome).count();
        Self {
            header: ReportHeader::new(about),
            max_survivors,
            counts: MutationCounts {
                noticed: count(MutationOutcome::Noticed),
                survived: count(MutationOutcome::Survived),
                broke_the_gate: count(MutationOutcome::BrokeTheGate),
                not_tried: count(MutationOutcome::NotTried),
            },
            unread: unread
                .iter()
                .map(|unread| UnreadFile {
                    file: shown(&unread.file),
                    why: unread.why.clone(),
                })
                .collect(),
            mutations: rows,
        }
    }

    pub(super) fn close(&mut self, failed: bool) {
        if failed {
            self.header.final_verdict = FinalVerdict::Fail;
        }
    }

    /// The report for the console, survivors first.
    pub(super) fn console(&self) -> String {
        let counts = self.counts;
        let mut out = format!(
            "mutations of {}: {} noticed, {} survived, {} broke the gate",
            plain(&self.header.subject()),
            counts.noticed,
            counts.survived,
            counts.broke_the_gate
        );
        if counts.not_tried > 0 {
            let _ = write!(out, ", {} not tried", counts.not_tried);
        }
        out.push('\n');
        let order = [
            (MutationOutcome::Survived, "survived"),
            (MutationOutcome::NotTried, "not tried"),
            (MutationOutcome::BrokeTheGate, "broke the gate"),
            (MutationOutcome::Noticed, "noticed"),
        ];
        for (outcome, word) in order {
            for row in self.mutations.iter().filter(|row| row.outcome == outcome) {
                let (file, line) = (plain(&row.file), row.line);
                let _ = writeln!(
                    out,
                    "{word:<14}  {file}:{line}  {}",
                    plain(&row.description)
                );
                if let Some(seen) = &row.seen {
                    let _ = writeln!(out, "    saw: {}", plain(seen));
                }
            }
        }
        for unread in &self.unread {
            let (file, why) = (plain(&unread.file), plain(&unread.why));
            let _ = writeln!(out, "not weakened    {file}: {why}");
        }
        out
    }
}

fn row(mutation: &Mutation, lane: Option<&LaneEvidence>) -> MutationRow {
    let cells = lane.map(|lane| lane.cells.as_slice()).unwrap_or_default();
    let stages: IndexMap<_, _> = cells
        .iter()
        .map(|cell| (cell.stage.clone(), cell.outcome()))
        .collect();
    let (outcome, seen) = lane.map_or((MutationOutcome::NotTried, None), |lane| {
        of_lane(lane, &stages)
    });
    MutationRow {
        id: mutation.id.clone(),
        kind: mutation.kind,
        file: shown(&mutation.file),
        line: mutation.line,
        description: mutation.description.clone(),
        outcome,
        stages,
        seen,
    }
}

fn of_lane(
    lane: &LaneEvidence,
    stages: &IndexMap<StageName, StageOutcome>,
) -> (MutationOutcome, Option<String>) {
    let failure = lane.failure.as_ref();
    let early = failure.filter(|failure| !failure.step.is_stage());
    if let Some(failure) = early {
        let seen = Some(format!("{}: {}", failure.step, failure.message));
        return match failure.class {
            crate::model::FailureClass::Install => (MutationOutcome::BrokeTheGate, seen),
            _ => (MutationOutcome::NotTried, seen),
        };
    }
    let unfinished = lane.unfinished();
    if lane.cancelled || lane.cells.is_empty() || unfinished.is_some() {
        let why = unfinished.and_then(|step| step.problem.clone());
        let seen = why.unwrap_or_else(|| "a stage did not end".to_owned());
        return (MutationOutcome::NotTried, Some(seen));
    }
    if stages.values().any(|stage| *stage == StageOutcome::Open) {
        return (MutationOutcome::Noticed, None);
    }
    let problem = |cell: &CellEvidence| cell.problem.clone();
    match lane.cells.iter().find_map(problem) {
        Some(seen) => (MutationOutcome::BrokeTheGate, Some(seen)),
        None => (MutationOutcome::Survived, None),
    }
}
