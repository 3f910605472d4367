//! Repetitions of a lane become one lane again, and what differs among them
//! is flaky.
//!
//! Compared are outcomes, never what was printed, how long it took or what
//! outlived a stage. Where the machine failed, or the run was stopped, there
//! is no outcome to compare.

use crate::artifact::flakes::{CellOutcome, Example, FlakyCell, ProofHeld, SeenOutcome};
use std::collections::BTreeMap;

use super::Desk;
use crate::model::event::{Event, EventKind};
use crate::model::evidence::{CellVerdict, cell_path, repetition_prefix};
use crate::model::{
    CellEvidence, ExitCode, Failure, FailureClass, LaneEvidence, Profile, ProofEvidence, StageName,
    StepId,
};

/// A lane, once all of its repetitions are there.
pub(super) struct Merged {
    /// The first repetition, red for whatever is red in any.
    pub(super) lane: LaneEvidence,
    /// What differs, in the order of the stages.
    pub(super) flaky: Vec<FlakyCell>,
}

/// Holds the repetitions of a lane against each other.
pub(super) fn merge(turns: &[LaneEvidence], profile: &Profile) -> Merged {
    let other = other_package(turns, profile);
    // Other bytes are other inputs: what differs then is not flaky.
    let flaky = match other {
        Some(_) => Vec::new(),
        None => flaky_cells(turns, &profile.stages.keys().cloned().collect::<Vec<_>>()),
    };
    let mut lane = turns[0].clone();
    for found in &flaky {
        let here = lane.cells.iter_mut().find(|cell| cell.stage == found.stage);
        if let Some(cell) = here {
            cell.verdict = CellVerdict::Failed(FailureClass::Flaky);
            cell.problem = Some(sentence(found));
        }
    }
    lane.cancelled = turns.iter().any(|turn| turn.cancelled);
    let attempts = turns.iter().flat_map(|turn| &turn.attempts);
    lane.attempts = attempts.cloned().collect();
    lane.failure = unwritten(turns)
        .or(other)
        .or_else(|| flaky.first().map(|found| failure(found, turns)))
        .or_else(|| first_failure(turns));
    Merged { lane, flaky }
}

/// That evidence could not be written weighs more than what it says.
fn unwritten(turns: &[LaneEvidence]) -> Option<Failure> {
    let mut failures = turns.iter().filter_map(|turn| turn.failure.as_ref());
    failures.find(|f| f.exit == ExitCode::Artifact).cloned()
}

/// A repetition that came to a stage with another package than the first.
fn other_package(turns: &[LaneEvidence], profile: &Profile) -> Option<Failure> {
    let with_cells = || turns.iter().filter(|turn| !turn.cells.is_empty());
    let told = |turn: &LaneEvidence| match &turn.package {
        Some(package) => package.version.clone(),
        None => "an unknown version".to_owned(),
    };
    let first = with_cells().next()?;
    let other = with_cells().find(|turn| turn.package != first.package)?;
    let install = profile.install.last();
    let step = install.map_or_else(StepId::default, |step| step.id.clone());
    let message = format!(
        "one repetition installed {}, another {}: their inputs are not the same",
        told(first),
        told(other)
    );
    Some(Failure::new(FailureClass::Infra, step, message).phase(&first.scenario))
}

fn first_failure(turns: &[LaneEvidence]) -> Option<Failure> {
    let failed = |(at, turn): (usize, &LaneEvidence)| Some((at + 1, turn.failure.clone()?));
    let (turn, failure) = turns.iter().enumerate().find_map(failed)?;
    Some(match turn {
        1 => failure,
        turn => Failure {
            message: format!("{} (in repetition {turn})", failure.message),
            ..failure
        },
    })
}

fn flaky_cells(turns: &[LaneEvidence], stages: &[StageName]) -> Vec<FlakyCell> {
    let mut found: Vec<FlakyCell> = Vec::new();
    for stage in stages {
        let mut seen: Vec<SeenOutcome> = Vec::new();
        for (at, turn) in turns.iter().enumerate() {
            // What an earlier cell is flaky for also keeps a lane from the
            // later ones.
            let Some(outcome) = outcome(turn, stage, found.is_empty()) else {
                continue;
            };
            match seen.iter_mut().find(|seen| seen.outcome == outcome) {
                Some(seen) => {
                    seen.count += 1;
                    seen.repetitions.push(at + 1);
                }
                None => seen.push(SeenOutcome {
                    outcome,
                    count: 1,
                    repetitions: vec![at + 1],
                    example: example(turn, stage, at + 1),
                }),
            }
        }
        if seen.len() > 1 {
            found.push(FlakyCell {
                scenario: turns[0].scenario.clone(),
                stage: stage.clone(),
                outcomes: seen,
            });
        }
    }
    found
}

/// What a repetition came to at a stage; none where there is nothing to
/// compare.
fn outcome(turn: &LaneEvidence, stage: &StageName, is_first: bool) -> Option<CellOutcome> {
    if let Some(cell) = cell(turn, stage) {
        return match cell.verdict {
            CellVerdict::Failed(class) if class.is_of_machine() => None,
            _ => Some(CellOutcome {
                verdict: cell.verdict,
                exit: cell.exit,
                hook_exit: cell.hook_exit,
                reason_found: cell.reason.as_ref().map(|reason| reason.found),
                proof: cell.proof.as_ref().map(held).unwrap_or_default(),
            }),
        };
    }
    let failure = turn.failure.as_ref()?;
    let compared = is_first && !turn.cancelled && !failure.class.is_of_machine();
    compared.then_some(CellOutcome {
        verdict: CellVerdict::Failed(FailureClass::Missing),
        exit: None,
        hook_exit: None,
        reason_found: None,
        proof: Vec::new(),
    })
}

fn cell<'a>(turn: &'a LaneEvidence, stage: &StageName) -> Option<&'a CellEvidence> {
    turn.cells.iter().find(|cell| cell.stage == *stage)
}

fn held(proof: &ProofEvidence) -> Vec<ProofHeld> {
    let one = |what: &str, holds| ProofHeld {
        what: what.to_owned(),
        holds,
    };
    let marker = proof.marker.iter().map(|m| one(&m.wanted, m.found));
    let files = proof.files.iter().map(|file| one(&file.path, file.holds));
    let document = proof.evidence.iter();
    let document = document.flat_map(|document| {
        let there = one(&document.file, document.new && document.problem.is_none());
        let asserts = document.assertions.iter();
        let asserts = asserts.map(|told| one(&told.assertion, told.holds));
        std::iter::once(there).chain(asserts).collect::<Vec<_>>()
    });
    marker.chain(files).chain(document).collect()
}

fn example(turn: &LaneEvidence, stage: &StageName, repetition: usize) -> Example {
    let failure = turn.failure.as_ref();
    let log_of = |cell: &CellEvidence| cell.run.log.as_ref().map(|log| log.path.clone());
    let path = || {
        format!(
            "{}{}",
            repetition_prefix(repetition),
            cell_path(&turn.scenario, stage)
        )
    };
    match cell(turn, stage) {
        Some(cell) => Example {
            repetition,
            cell: Some(path()),
            log: log_of(cell),
            problem: cell.problem.clone(),
        },
        None => Example {
            repetition,
            cell: None,
            log: failure.and_then(|failure| failure.log.clone()),
            problem: failure.map(|failure| failure.message.clone()),
        },
    }
}

/// The failure of a lane with a flaky cell: its log is that of the first red
/// outcome; where all are green, that of the second.
fn failure(found: &FlakyCell, turns: &[LaneEvidence]) -> Failure {
    let red = |seen: &&SeenOutcome| !seen.outcome.verdict.is_pass();
    let shown = found.outcomes.iter().find(red);
    let shown = &shown.unwrap_or(&found.outcomes[1]).example;
    let step = StepId::stage(&found.stage);
    let own = turns[shown.repetition - 1].failure.as_ref();
    let own = own.filter(|failure| failure.step == step);
    let command = own.and_then(|failure| failure.command.clone());
    Failure::new(FailureClass::Flaky, step, sentence(found))
        .phase(&found.scenario)
        .command(command)
        .log(shown.log.clone())
}

fn sentence(found: &FlakyCell) -> String {
    let all: usize = found.outcomes.iter().map(|seen| seen.count).sum();
    let outcomes = found.outcomes.iter();
    let outcomes = outcomes.map(|seen| format!("{} × {}", seen.count, seen.outcome.in_words()));
    let outcomes: Vec<_> = outcomes.collect();
    let outcomes = outcomes.join("; ");
    format!("the same inputs had more than one outcome in {all} repetitions: {outcomes}")
}

/// What is known of lanes whose repetitions were held against each other.
#[derive(Default)]
pub(super) struct Merging {
    /// By the lane's position.
    pub(super) lanes: BTreeMap<usize, LaneEvidence>,
    /// By the lane's position.
    pub(super) flaky: BTreeMap<usize, Vec<FlakyCell>>,
    /// The ends of lanes of which other repetitions are still under way.
    ended: BTreeMap<usize, Event>,
}

impl Desk<'_> {
    /// Tells what happens in a lane, but keeps its end back until all of its
    /// repetitions are there: only then can it be told whether it passed.
    pub(super) fn event_of_lane(&mut self, event: Event) {
        let is_end = matches!(event.kind, EventKind::LaneFinished { .. });
        let mut names = self.job.lanes.iter();
        let lane = names.position(|name| event.lane.as_ref() == Some(name));
        match lane.filter(|_| is_end && self.job.turns() > 1) {
            Some(lane) => {
                self.merged.ended.insert(lane, event);
            }
            None => self.event(&event),
        }
    }

    /// Merges a lane once the last of its repetitions has ended, and tells
    /// what came of it.
    pub(super) fn merge_if_whole(&mut self, lane: usize) {
        if self.done[self.job.places(lane)].iter().any(Option::is_none) {
            return;
        }
        self.merge(lane);
        let Some(ended) = self.merged.ended.remove(&lane) else {
            return;
        };
        let mut seq = ended.seq;
        let evidence = self.merged.lanes[&lane].clone();
        for cell in self.flaky_cells_of(lane) {
            let kind = EventKind::CellFinished {
                stage: cell.stage.clone(),
                exit: cell.exit,
                hook_exit: cell.hook_exit,
                verdict: cell.verdict,
                problem: cell.problem.clone(),
            };
            self.event(&Event {
                seq,
                kind,
                ..ended.clone()
            });
            seq += 1;
        }
        if let Some(message) = self.played_again(lane) {
            let kind = EventKind::Warning { message };
            self.event(&Event {
                seq,
                kind,
                ..ended.clone()
            });
            seq += 1;
        }
        let EventKind::LaneFinished { duration_ms, .. } = ended.kind else {
            return;
        };
        let kind = EventKind::LaneFinished {
            pass: evidence.is_pass(),
            cancelled: evidence.cancelled,
            duration_ms,
        };
        self.event(&Event { seq, kind, ..ended });
    }

    /// Merges what there is of a lane.
    pub(super) fn merge(&mut self, lane: usize) {
        let name = &self.job.lanes[lane];
        let places = self.done[self.job.places(lane)].iter();
        let or_none = |done: &Option<LaneEvidence>| {
            done.clone()
                .unwrap_or_else(|| LaneEvidence::not_run(name.clone()))
        };
        let mut turns: Vec<_> = places.map(or_none).collect();
        if self.job.fail_fast {
            // What was quick enough to end after a failure does not count:
            // the answer must not depend on the race.
            let failed = turns.iter().position(|turn| turn.failure.is_some());
            turns.truncate(failed.map_or(turns.len(), |at| at + 1));
        }
        let merged = merge(&turns, &self.job.context.profile);
        self.merged.lanes.insert(lane, merged.lane);
        self.merged.flaky.insert(lane, merged.flaky);
        for cell in self.flaky_cells_of(lane) {
            let written = self.writer.cell(&cell, "");
            self.note(written);
        }
    }

    /// That the machine failed repetitions of a lane of which nothing was
    /// told yet.
    fn played_again(&self, lane: usize) -> Option<String> {
        let turns = self.done[self.job.places(lane)].iter().skip(1).flatten();
        let again = turns.filter(|turn| !turn.attempts.is_empty()).count();
        let name = &self.job.lanes[lane];
        (again > 0).then(|| {
            format!("the machine failed {again} repetitions of {name}, which were played again")
        })
    }

    /// The cells of a lane's first repetition whose verdict is not their own.
    fn flaky_cells_of(&self, lane: usize) -> Vec<CellEvidence> {
        let cells = self.merged.lanes[&lane].cells.iter();
        let flaky = CellVerdict::Failed(FailureClass::Flaky);
        cells
            .filter(|cell| cell.verdict == flaky)
            .cloned()
            .collect()
    }
}
