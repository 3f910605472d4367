//! Workers: threads that take lanes from a queue and run them to their end.

use std::collections::VecDeque;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use std::{io, thread};

use super::job::{Job, LaneSlot};
use super::message::{Emitter, Message};
use super::segment::{self, internal_error, startup_failure};
use super::shared_setup::{SharedSetup, Start, start_alone};
use super::{layout, leader, retry};
use crate::lane::{EventSink, Segment};
use crate::model::event::EventKind;
use crate::model::{BuiltinStep, LaneEvidence};

/// Starts the thread that prepares the shared setup and starts the workers.
///
/// Runs it all in this thread if the machine has no other: a lack of threads
/// must not keep a run from its verdict.
pub(super) fn start_all(job: &Arc<Job>, sender: &Sender<Message>) {
    let (job_there, sender_there) = (Arc::clone(job), sender.clone());
    if spawn(move || direct(&job_there, &sender_there)).is_err() {
        direct(job, sender);
    }
}

/// Prepares the setup that lanes share, then starts the workers.
fn direct(job: &Arc<Job>, sender: &Sender<Message>) {
    if !job.lanes.is_empty() && !job.control.is_stopped() {
        job.shared_setup
            .get_or_init(|| leader::prepare(job, sender));
    }
    let slots = job.queue();
    let count = worker_count(job.jobs).min(slots.len());
    let queue = Arc::new(Mutex::new(slots));
    let mut started = 0;
    for _ in 0..count {
        let (job, queue, sender) = (Arc::clone(job), Arc::clone(&queue), sender.clone());
        started += usize::from(spawn(move || work(&job, &queue, &sender)).is_ok());
    }
    if started == 0 {
        work(job, &queue, sender);
    }
}

fn spawn(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().spawn(work).map(drop)
}

/// Returns the number of lanes that are in progress at a time.
///
/// More than steps may run, so that lanes take turns: with three lanes of equal
/// length on two slots, one slot would idle during the last of them. Not more
/// than twice as many, since each takes room on the disk.
fn worker_count(jobs: usize) -> usize {
    if jobs > 1 { 2 * jobs } else { 1 }
}

/// Runs the next lane of the queue until none is left.
fn work(job: &Job, queue: &Mutex<VecDeque<LaneSlot>>, sender: &Sender<Message>) {
    loop {
        let next = queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front();
        let Some(slot) = next else {
            return;
        };
        let run = || run_lane(job, slot, Emitter::new(job, slot, sender));
        let evidence = panic::catch_unwind(AssertUnwindSafe(run))
            .unwrap_or_else(|_| internal_error(job.name(slot)));
        if job.fail_fast && evidence.failure.is_some() {
            job.cancel_after(slot);
        }
        // After a signal the verdict is more urgent than a clean disk.
        if job.control.signal().is_none() {
            job.context(slot).remove(job.name(slot));
        }
        let _ = sender.send(Message::Done(slot, Box::new(evidence)));
    }
}

/// Runs a lane to its end, with retries, unless it is cancelled before it
/// starts.
fn run_lane(job: &Job, slot: LaneSlot, mut emitter: Emitter<'_>) -> LaneEvidence {
    let (cx, name) = (&**job.context(slot), job.name(slot));
    let setup = job.shared_setup.get().and_then(Option::as_ref);
    let leader_started = setup.and_then(|setup| setup.leader_started(cx, name));
    match (leader_started, setup) {
        // The leader's start has been reported; its events go on from there.
        (Some(_), Some(setup)) => emitter.seq = setup.seq,
        _ if job.is_cancelled(slot) => {
            emitter.lane_finished(false, true, None);
            return LaneEvidence::not_run(name.clone());
        }
        _ => emitter.lane_started(),
    }
    let started = leader_started.unwrap_or_else(Instant::now);
    let reused = setup.map_or(&[][..], |setup| setup.reused_steps(cx, name));
    let (mut evidence, mut is_own) = attempt(job, slot, setup, false, &mut emitter);
    // A failure of the shared setup has been retried by the leader.
    while is_own && retry::should_retry(job, slot, &evidence) {
        match retry::archive_attempt(job, slot, evidence, reused, &mut emitter) {
            Ok(earlier) => {
                (evidence, is_own) = attempt(job, slot, setup, true, &mut emitter);
                evidence.attempts = earlier;
            }
            Err(last) => {
                evidence = *last;
                break;
            }
        }
    }
    if let (true, earlier @ 1..) = (evidence.is_pass(), evidence.attempts.len()) {
        let message = format!("{name} passed on attempt {} only", earlier + 1);
        emitter.event(EventKind::Warning { message });
    }
    emitter.lane_finished(evidence.is_pass(), evidence.cancelled, Some(started));
    evidence
}

/// Runs a lane once from its start.
///
/// The flag is false if the evidence is that of the shared setup, not the
/// lane's own.
fn attempt(
    job: &Job,
    slot: LaneSlot,
    setup: Option<&SharedSetup>,
    is_retry: bool,
    emitter: &mut Emitter<'_>,
) -> (LaneEvidence, bool) {
    let (cx, name) = (&**job.context(slot), job.name(slot));
    // The time that copying takes is part of the lane's setup.
    let started = Instant::now();
    let start = match setup {
        Some(setup) if is_retry => setup.restart(cx, name),
        Some(setup) => setup.start(cx, name),
        None if is_retry => layout::clear_lane(cx, name)
            .and_then(|()| start_alone(cx, name))
            .map(Start::Run),
        None => start_alone(cx, name).map(Start::Run),
    };
    let evidence = match start {
        Ok(Start::Failed(evidence)) => return (evidence, false),
        Ok(Start::Run(state)) => {
            let rest = Segment {
                view: state.view,
                is_first: state.is_first,
                is_last: true,
                started,
                steps: &cx.steps[name][state.done..],
                evidence: state.evidence,
                package: state.package,
            };
            segment::run(job, slot, rest, emitter)
        }
        Err(e) => {
            let text = format!("cannot make the lane: {e}");
            startup_failure(name, BuiltinStep::GitClone, text)
        }
    };
    (evidence, true)
}
