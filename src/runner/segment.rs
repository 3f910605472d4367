//! Runs a segment of a lane in a thread of its own.

use std::thread;

use super::job::{Job, LaneSlot};
use super::message::Emitter;
use crate::lane::{self, Segment};
use crate::model::{BuiltinStep, Failure, FailureClass, LaneEvidence, ScenarioName};

/// Runs a segment in a new thread, the only one that sees the lane's view.
///
/// A panic in that thread fails the lane, not the run.
pub(super) fn run(
    job: &Job,
    slot: LaneSlot,
    segment: Segment<'_>,
    emitter: &mut Emitter<'_>,
) -> LaneEvidence {
    let name = job.name(slot);
    let control = job.control_of(slot);
    let mut share = job.slots.share();
    thread::scope(|scope| {
        let run = || {
            let cx = job.context(slot);
            lane::run_segment(cx, name, segment, &control, &mut share, emitter)
        };
        match thread::Builder::new().spawn_scoped(scope, run) {
            Ok(thread) => thread.join().unwrap_or_else(|_| internal_error(name)),
            Err(e) => startup_failure(
                name,
                BuiltinStep::GitClone,
                format!("no thread can be had: {e}"),
            ),
        }
    })
}

/// Returns the evidence of a lane in which this program panicked.
pub(super) fn internal_error(name: &ScenarioName) -> LaneEvidence {
    let text = "matrix itself failed in this lane: please report what it printed";
    startup_failure(name, BuiltinStep::RunIncomplete, text.to_owned())
}

/// Returns the evidence of a lane that the machine, or this program, kept from
/// running.
pub(super) fn startup_failure(
    name: &ScenarioName,
    step: BuiltinStep,
    message: String,
) -> LaneEvidence {
    LaneEvidence {
        cancelled: false,
        failure: Some(Failure::new(FailureClass::Infra, step, message).phase(name)),
        ..LaneEvidence::not_run(name.clone())
    }
}
