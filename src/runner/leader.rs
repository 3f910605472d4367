//! Prepares the shared setup: runs the first steps of the leader lane and
//! takes a snapshot after the clone and after the installation.

use std::io;
use std::sync::mpsc::Sender;
use std::time::Instant;

use super::job::{Job, LaneSlot};
use super::layout::{self, CLONED, INSTALLED, layers};
use super::message::{Emitter, Message};
use super::shared_setup::{SharedSetup, common_steps, fresh};
use super::{retry, segment};
use crate::lane::{LaneContext, Segment};
use crate::model::plan::Sharing;
use crate::model::{BuiltinStep, Failure, FailureClass, ScenarioName};
use crate::sys::fs;
use crate::sys::namespace::View;

/// Runs the shared steps in the first lane that installs as the profile says.
///
/// None if there is no such lane.
pub(super) fn prepare(job: &Job, sender: &Sender<Message>) -> Option<SharedSetup> {
    let cx = &*job.context;
    let lane = job.lanes.iter().position(|name| {
        let vars = cx.vars(&cx.workspace(name), name);
        common_steps(&cx.shared_steps, &vars, &cx.steps[name], &vars) == cx.shared_steps.len()
    })?;
    let slot = LaneSlot {
        lane,
        repetition: 1,
    };
    let mut emitter = Emitter::new(job, slot, sender);
    let mut setup = SharedSetup::new(job.name(slot));
    emitter.lane_started();
    while !is_complete(&mut setup, job, slot, &mut emitter) {
        // No lane has started from it yet, so it can be prepared again.
        if !retry::should_retry(job, slot, &setup.evidence)
            || layout::clear_shared(cx, &setup.leader).is_err()
        {
            break;
        }
        match retry::archive_attempt(job, slot, setup.evidence, &[], &mut emitter) {
            Ok(earlier) => {
                setup.evidence = fresh(&setup.leader);
                setup.evidence.attempts = earlier;
                setup.done = 0;
            }
            Err(last) => {
                setup.evidence = *last;
                break;
            }
        }
    }
    setup.pinned = setup.pinned_package(cx);
    setup.seq = emitter.seq;
    Some(setup)
}

/// Runs the leader up to the last snapshot; false if it stops before.
fn is_complete(
    setup: &mut SharedSetup,
    job: &Job,
    slot: LaneSlot,
    emitter: &mut Emitter<'_>,
) -> bool {
    let mut ends = snapshots(&job.context).into_iter();
    ends.all(|end| advance(setup, job, slot, end, emitter))
}

/// Runs the leader up to a snapshot and takes it; false if either fails.
fn advance(
    setup: &mut SharedSetup,
    job: &Job,
    slot: LaneSlot,
    end: usize,
    emitter: &mut Emitter<'_>,
) -> bool {
    let cx = &*job.context;
    let steps = Segment {
        view: leader_view(setup, cx),
        is_first: setup.done == 0,
        is_last: false,
        started: Instant::now(),
        steps: &cx.steps[&setup.leader][setup.done..end],
        evidence: setup.evidence.clone(),
        package: None,
    };
    setup.evidence = segment::run(job, slot, steps, emitter);
    if setup.evidence.failure.is_some() || setup.evidence.cancelled {
        return false;
    }
    // A lane must not start from half a copy: only a complete one counts.
    match copy_snapshot(setup, cx, job, end) {
        Ok(()) => setup.done = end,
        Err(e) => setup.evidence.failure = Some(cannot_copy(&setup.leader, &e)),
    }
    setup.done == end
}

/// Returns the leader's view while it prepares the setup.
fn leader_view(setup: &SharedSetup, cx: &LaneContext) -> Option<View> {
    cx.isolation.lane_path.as_ref()?;
    Some(match (cx.isolation.lanes, setup.done) {
        (Sharing::Layers, 0) => View::Folder(cx.root.join(CLONED)),
        (Sharing::Layers, _) => layers(cx, &[CLONED.to_owned()], INSTALLED.to_owned()),
        (Sharing::Fresh | Sharing::Copies, _) => View::Folder(cx.lane_folder(&setup.leader)),
    })
}

/// Copies the leader's folder after `done` steps, if a lane will start there.
fn copy_snapshot(setup: &SharedSetup, cx: &LaneContext, job: &Job, done: usize) -> io::Result<()> {
    if cx.isolation.lanes != Sharing::Copies || job.control.is_stopped() {
        return Ok(());
    }
    // Other repetitions of the leader start from a copy too.
    let is_alone = job.repetition_count() == 1;
    let mut others = cx
        .steps
        .keys()
        .filter(|name| !is_alone || **name != setup.leader);
    if !others.any(|name| setup.shared_steps(cx, name) == done) {
        return Ok(());
    }
    let to = if done == 1 { CLONED } else { INSTALLED };
    fs::replicate(&cx.lane_folder(&setup.leader), &cx.root.join(to))
}

/// Returns the numbers of steps after which a snapshot is taken.
fn snapshots(cx: &LaneContext) -> Vec<usize> {
    let all = cx.shared_steps.len();
    match cx.isolation.lanes {
        Sharing::Fresh => vec![all],
        Sharing::Layers | Sharing::Copies if all == 1 => vec![1],
        Sharing::Layers | Sharing::Copies => vec![1, all],
    }
}

fn cannot_copy(leader: &ScenarioName, e: &io::Error) -> Failure {
    let message = format!("the lane cannot be copied for the others: {e}");
    Failure::new(FailureClass::Infra, BuiltinStep::GitClone, message).phase(leader)
}
