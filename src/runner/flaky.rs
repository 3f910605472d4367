//! Decides which cells are flaky: those whose outcome differs among repetitions.
//!
//! Outcomes are compared, never output, duration or leaked processes. If the
//! machine failed or the run was stopped, there is no outcome to compare.

use crate::artifact::flakes::{CellOutcome, Example, FlakyCell, ProofHeld, SeenOutcome};
use crate::model::evidence::CellVerdict;
use crate::model::run_paths::{cell_path, repetition_prefix};
use crate::model::{CellEvidence, FailureClass, LaneEvidence, ProofEvidence, StageName};

/// Returns the cells with more than one outcome, in the order of the stages.
pub(super) fn flaky_cells(repetitions: &[LaneEvidence], stages: &[StageName]) -> Vec<FlakyCell> {
    let mut flaky: Vec<FlakyCell> = Vec::new();
    for stage in stages {
        // A lane that an earlier flaky cell ended is missing its later cells;
        // that difference has been reported already.
        let outcomes = outcomes(repetitions, stage, flaky.is_empty());
        if outcomes.len() > 1 {
            flaky.push(FlakyCell {
                scenario: repetitions[0].scenario.clone(),
                stage: stage.clone(),
                outcomes,
            });
        }
    }
    flaky
}

/// Returns the outcomes of a stage, in the order in which repetitions first had
/// them.
fn outcomes(
    repetitions: &[LaneEvidence],
    stage: &StageName,
    missing_counts: bool,
) -> Vec<SeenOutcome> {
    let mut seen: Vec<SeenOutcome> = Vec::new();
    for (repetition, run) in (1..).zip(repetitions) {
        let Some(outcome) = outcome(run, stage, missing_counts) else {
            continue;
        };
        match seen.iter_mut().find(|seen| seen.outcome == outcome) {
            Some(seen) => {
                seen.count += 1;
                seen.repetitions.push(repetition);
            }
            None => seen.push(SeenOutcome {
                outcome,
                count: 1,
                repetitions: vec![repetition],
                example: example(run, stage, repetition),
            }),
        }
    }
    seen
}

/// Returns the outcome of a repetition at a stage; None if there is nothing to
/// compare.
fn outcome(run: &LaneEvidence, stage: &StageName, missing_counts: bool) -> Option<CellOutcome> {
    if let Some(cell) = cell(run, stage) {
        return match cell.verdict {
            CellVerdict::Failed(class) if class.is_infrastructure() => None,
            _ => Some(CellOutcome {
                verdict: cell.verdict,
                exit: cell.exit,
                hook_exit: cell.hook_exit,
                reason_found: cell.reason.as_ref().map(|reason| reason.found),
                proof: cell.proof.as_ref().map(proof_items).unwrap_or_default(),
            }),
        };
    }
    let failure = run.failure.as_ref()?;
    let is_missing = missing_counts && !run.cancelled && !failure.class.is_infrastructure();
    is_missing.then_some(CellOutcome {
        verdict: CellVerdict::Failed(FailureClass::Missing),
        exit: None,
        hook_exit: None,
        reason_found: None,
        proof: Vec::new(),
    })
}

fn cell<'a>(run: &'a LaneEvidence, stage: &StageName) -> Option<&'a CellEvidence> {
    run.cells.iter().find(|cell| cell.stage == *stage)
}

/// Returns the items that a stage had to leave, each with its result.
fn proof_items(proof: &ProofEvidence) -> Vec<ProofHeld> {
    let item = |what: &str, holds| ProofHeld {
        what: what.to_owned(),
        holds,
    };
    let mut items = Vec::new();
    items.extend(proof.marker.iter().map(|m| item(&m.wanted, m.found)));
    items.extend(proof.files.iter().map(|file| item(&file.path, file.holds)));
    if let Some(document) = &proof.evidence {
        let is_valid = document.new && document.problem.is_none();
        items.push(item(&document.file, is_valid));
        let asserts = document.assertions.iter();
        items.extend(asserts.map(|assert| item(&assert.assertion, assert.holds)));
    }
    items
}

/// Returns the first place where a user can look at an outcome.
fn example(run: &LaneEvidence, stage: &StageName, repetition: usize) -> Example {
    let failure = run.failure.as_ref();
    let log_of = |cell: &CellEvidence| cell.run.log.as_ref().map(|log| log.path.clone());
    let path = || {
        format!(
            "{}{}",
            repetition_prefix(repetition),
            cell_path(&run.scenario, stage)
        )
    };
    match cell(run, stage) {
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

/// Returns the problem of a flaky cell in a sentence.
pub(super) fn describe(cell: &FlakyCell) -> String {
    let all: usize = cell.outcomes.iter().map(|seen| seen.count).sum();
    let counts = cell
        .outcomes
        .iter()
        .map(|seen| format!("{} × {}", seen.count, seen.outcome.in_words()))
        .collect::<Vec<_>>()
        .join("; ");
    format!("the same inputs had more than one outcome in {all} repetitions: {counts}")
}

#[cfg(test)]
mod tests;
