//! Where everything that lanes tell comes together: it is recorded first and
//! shown second.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::cancel;
use super::repeat::Merging;
use super::{Job, Message, Played};
use crate::artifact::flakes::FlakyCell;
use crate::artifact::run_folder::RunWriter;
use crate::artifact::write_error::WriteError;
use crate::model::LaneEvidence;
use crate::model::event::Event;

/// How long lanes may take to end after a first signal: the grace of their
/// children and a margin; and after a second one.
const AFTER_SIGNAL: Duration = Duration::from_millis(3500);
const AFTER_KILL: Duration = Duration::from_millis(600);

/// Where everything comes together.
pub(super) struct Desk<'a> {
    pub(super) job: &'a Job,
    /// By place.
    pub(super) done: Vec<Option<LaneEvidence>>,
    pub(super) merged: Merging,
    unwritten: Option<WriteError>,
    pub(super) writer: &'a mut RunWriter,
    show: &'a mut dyn FnMut(&Event),
}

impl<'a> Desk<'a> {
    pub(super) fn new(
        job: &'a Job,
        writer: &'a mut RunWriter,
        show: &'a mut dyn FnMut(&Event),
    ) -> Self {
        Self {
            job,
            done: vec![None; job.lanes.len() * job.turns()],
            merged: Merging::default(),
            unwritten: None,
            writer,
            show,
        }
    }

    /// Takes what the lanes tell until all have ended; false where some did
    /// not in time.
    pub(super) fn collect(&mut self, receiver: &Receiver<Message>) -> bool {
        let mut deadline = None;
        while self.done.iter().any(Option::is_none) {
            let message = match deadline {
                None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(at) => {
                    receiver.recv_timeout(Instant::saturating_duration_since(&at, Instant::now()))
                }
            };
            match message {
                Ok(Message::Event(event)) => self.event_of_lane(event),
                Ok(Message::Cell(at, cell)) => {
                    let tree = self.job.context(at).tree();
                    let written = self.writer.cell(&cell, &tree);
                    self.note(written);
                }
                Ok(Message::Aside(at, number, attempt)) => {
                    self.put_cells_aside(at, number, *attempt);
                }
                Ok(Message::Done(at, evidence)) => {
                    self.done[at] = Some(*evidence);
                    self.merge_if_whole(at / self.job.turns());
                }
                Ok(Message::Stopped) => {
                    self.job.slots.wake();
                    let wait = if self.job.control.is_killed() {
                        AFTER_KILL
                    } else {
                        AFTER_SIGNAL
                    };
                    deadline = Some(Instant::now() + wait);
                }
                // A lane that does not end in time is left to the lifeline
                // of its supervisor.
                Err(_) => break,
            }
        }
        self.done.iter().all(Option::is_some)
    }

    pub(super) fn event(&mut self, event: &Event) {
        let written = self.writer.event(event);
        self.note(written);
        (self.show)(event);
    }

    /// A run folder that cannot be written ends the run.
    pub(super) fn note(&mut self, written: Result<(), WriteError>) {
        if let Err(e) = written {
            self.unwritten.get_or_insert(e);
            cancel::cancel_all(&self.job.control);
            self.job.slots.wake();
        }
    }

    pub(super) fn close(mut self) -> Played {
        for lane in 0..self.job.lanes.len() {
            if !self.merged.lanes.contains_key(&lane) {
                self.merge(lane);
            }
        }
        let mut lanes: Vec<_> = self.merged.lanes.into_values().collect();
        let mut flaky: Vec<_> = self.merged.flaky.into_values().flatten().collect();
        if self.job.fail_fast {
            forget_after_first_failure(&mut lanes);
            let counts = |cell: &FlakyCell| {
                let mut lanes = lanes.iter();
                lanes.any(|lane| lane.scenario == cell.scenario && !lane.cancelled)
            };
            flaky.retain(counts);
        }
        Played {
            lanes,
            flaky,
            unwritten: self.unwritten,
        }
    }
}

/// Under `--fail-fast` a lane after a failed one counts as cancelled also
/// where it was quick enough to end: the answer must not depend on the race.
fn forget_after_first_failure(lanes: &mut [LaneEvidence]) {
    let failed = lanes.iter().position(|lane| lane.failure.is_some());
    for lane in lanes
        .iter_mut()
        .skip(failed.map_or(usize::MAX, |at| at + 1))
    {
        *lane = LaneEvidence::not_run(lane.scenario.clone());
    }
}
