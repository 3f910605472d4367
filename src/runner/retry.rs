//! Retries (`--retries`) of lanes that failed for infrastructure reasons only.
//!
//! A retried lane runs again from its start. Invariants: the evidence of every
//! attempt stays in the run folder; a decision of the gate, or its absence, is
//! never retried, since that would be a way to pass by chance.

use std::io;
use std::path::Path;

use super::job::{Job, LaneSlot};
use super::message::{Emitter, Message};
use crate::lane::{EventSink as _, LaneContext};
use crate::model::BuiltinStep;
use crate::model::event::EventKind;
use crate::model::evidence::CellVerdict;
use crate::model::{CellEvidence, FailureClass, LaneEvidence, ScenarioName, StepEvidence};
use crate::sys::fs;

/// Steps whose failures have the class `infra` without being the machine's: the
/// installer did not do its work, the consumer changed, or `matrix` has a bug.
const NOT_THE_MACHINE: [BuiltinStep; 4] = [
    BuiltinStep::GateHooks,
    BuiltinStep::GateVersion,
    BuiltinStep::SourceMoved,
    BuiltinStep::RunIncomplete,
];

/// True if an attempt is to be followed by another.
pub(super) fn should_retry(job: &Job, slot: LaneSlot, attempt: &LaneEvidence) -> bool {
    attempt.attempts.len() < job.retries
        && !attempt.cancelled
        && !job.is_cancelled(slot)
        && only_the_machine_failed(attempt)
}

fn only_the_machine_failed(attempt: &LaneEvidence) -> bool {
    let infra = CellVerdict::Failed(FailureClass::Infra);
    let mut cells = attempt.cells.iter();
    let failure = attempt.failure.as_ref();
    failure.is_some_and(|failure| {
        failure.class == FailureClass::Infra
            && !NOT_THE_MACHINE.iter().any(|step| failure.step == *step)
    }) && cells.all(|cell| cell.verdict.is_pass() || cell.verdict == infra)
}

/// Moves the files of an attempt to a folder of its own and announces the next
/// attempt. Returns the attempts so far, this one included.
///
/// The logs of the `reused` steps are copied instead, since the next attempt
/// refers to them as well.
///
/// # Errors
/// Returns the attempt if its logs cannot be moved; there must be no other
/// attempt then, which would overwrite them.
pub(super) fn archive_attempt(
    job: &Job,
    slot: LaneSlot,
    mut attempt: LaneEvidence,
    reused: &[StepEvidence],
    emitter: &mut Emitter<'_>,
) -> Result<Vec<LaneEvidence>, Box<LaneEvidence>> {
    let (cx, name) = (&**job.context(slot), job.name(slot));
    let number = attempt.attempts.len() + 1;
    if move_logs(cx, name, number, reused).is_err() {
        return Err(Box::new(attempt));
    }
    let failure = attempt.failure.as_ref();
    let problem = failure.map(|failure| format!("{}: {}", failure.step, failure.message));
    emitter.event(EventKind::LaneRetried {
        attempt: number + 1,
        of: job.retries + 1,
        problem: problem.unwrap_or_default(),
    });
    let mut attempts = std::mem::take(&mut attempt.attempts);
    let _ = emitter.sender.send(Message::AttemptDiscarded {
        slot,
        number,
        evidence: Box::new(attempt.clone()),
    });
    attempts.push(with_moved_paths(attempt, &cx.path_prefix(), number));
    Ok(attempts)
}

/// Returns the folder of an attempt, below that of its repetition.
pub(super) fn attempt_prefix(repetition_prefix: &str, number: usize) -> String {
    format!("{repetition_prefix}attempts/{number}/")
}

fn move_logs(
    cx: &LaneContext,
    name: &ScenarioName,
    number: usize,
    reused: &[StepEvidence],
) -> io::Result<()> {
    let prefix = cx.path_prefix();
    let logs = format!("{prefix}logs/{name}");
    let from = cx.run_folder.join(&logs);
    if !from.is_dir() {
        return Ok(());
    }
    let to = attempt_prefix(&prefix, number);
    fs::replicate(&from, &cx.run_folder.join(format!("{to}logs/{name}")))?;
    let is_reused = |file: &Path| {
        let mut kept = reused.iter().filter_map(|step| step.log.as_ref());
        kept.any(|log| Path::new(&log.path) == Path::new(&logs).join(file))
    };
    for file in fs::list_tree(&from)? {
        if !is_reused(Path::new(&file)) {
            fs::remove_file(&from.join(&file))?;
        }
    }
    Ok(())
}

/// Returns an attempt with the paths of its files after they were moved.
pub(super) fn with_moved_paths(
    attempt: LaneEvidence,
    repetition_prefix: &str,
    number: usize,
) -> LaneEvidence {
    let to = attempt_prefix(repetition_prefix, number);
    let path = |path: String| match path.strip_prefix(repetition_prefix) {
        Some(rest) => format!("{to}{rest}"),
        None => path,
    };
    let step = |step: StepEvidence| StepEvidence {
        log: step.log.map(|mut log| {
            log.path = path(log.path);
            log
        }),
        ..step
    };
    let cell = |mut cell: CellEvidence| {
        cell.run = step(cell.run);
        let document = cell
            .proof
            .as_mut()
            .and_then(|proof| proof.evidence.as_mut());
        // The next attempt overwrites the document.
        if let Some(document) = document {
            document.copy = None;
        }
        cell
    };
    let mut failure = attempt.failure;
    if let Some(failure) = &mut failure {
        failure.log = failure.log.take().map(path);
    }
    LaneEvidence {
        steps: attempt.steps.into_iter().map(step).collect(),
        cells: attempt.cells.into_iter().map(cell).collect(),
        failure,
        ..attempt
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Failure, StepId};

    fn failed(class: FailureClass, step: impl Into<StepId>) -> LaneEvidence {
        LaneEvidence {
            cancelled: false,
            failure: Some(Failure::new(class, step, "")),
            ..LaneEvidence::not_run("bad".parse().unwrap())
        }
    }

    #[test]
    fn only_failures_of_the_machine_are_retried() {
        let step = BuiltinStep::GitClone;
        assert!(only_the_machine_failed(&failed(FailureClass::Infra, step)));
        for class in [
            FailureClass::Contract,
            FailureClass::Timeout,
            FailureClass::Signal,
            FailureClass::Install,
            FailureClass::Seed,
            FailureClass::NotEnforced,
            FailureClass::WrongReason,
            FailureClass::Vacuous,
            FailureClass::Flaky,
            FailureClass::Io,
            FailureClass::Interrupted,
        ] {
            assert!(!only_the_machine_failed(&failed(class, step)), "{class}");
        }
        for step in NOT_THE_MACHINE {
            assert!(!only_the_machine_failed(&failed(FailureClass::Infra, step)));
        }
        let passed = LaneEvidence {
            failure: None,
            ..failed(FailureClass::Infra, step)
        };
        assert!(!only_the_machine_failed(&passed));
    }
}
