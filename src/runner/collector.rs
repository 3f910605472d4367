//! Collects messages from the workers.
//!
//! Each event is appended to `events.jsonl` before it is displayed, so that
//! anything a user sees can also be found on disk. The end of a lane is held
//! back until all of its repetitions have ended: only then is it known whether
//! the lane passed.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::cancel;
use super::job::{Job, LaneSlot};
use super::message::Message;
use super::repetitions::merge;
use super::retry::{attempt_prefix, with_moved_paths};
use crate::artifact::flakes::FlakyCell;
use crate::artifact::run_folder::RunWriter;
use crate::artifact::to_bytes;
use crate::artifact::write_error::WriteError;
use crate::model::event::{Event, EventKind};
use crate::model::evidence::CellVerdict;
use crate::model::run_paths::change_path;
use crate::model::{CellEvidence, FailureClass, LaneEvidence};

/// The time that lanes have to end after a first signal: the grace of their
/// children and a margin.
const AFTER_SIGNAL: Duration = Duration::from_millis(3500);
/// The time that lanes have to end after a second signal.
const AFTER_KILL: Duration = Duration::from_millis(600);

/// The evidence of the lanes that were executed.
pub struct Executed {
    /// The evidence of each lane, in declared order.
    pub lanes: Vec<LaneEvidence>,
    /// The cells whose outcomes differ among repetitions, in declared order.
    pub flaky: Vec<FlakyCell>,
    /// The first file of the run folder that could not be written.
    pub unwritten: Option<WriteError>,
}

/// Collects evidence and writes it to the run folder.
pub(super) struct Collector<'a> {
    job: &'a Job,
    done: BTreeMap<LaneSlot, LaneEvidence>,
    /// The merged lanes, by position.
    merged: BTreeMap<usize, LaneEvidence>,
    /// The flaky cells of merged lanes, by position.
    flaky: BTreeMap<usize, Vec<FlakyCell>>,
    /// The ends of lanes that still have repetitions in progress, by position.
    held_back: BTreeMap<usize, Event>,
    unwritten: Option<WriteError>,
    writer: &'a mut RunWriter,
    show: &'a mut dyn FnMut(&Event),
}

impl<'a> Collector<'a> {
    pub(super) fn new(
        job: &'a Job,
        writer: &'a mut RunWriter,
        show: &'a mut dyn FnMut(&Event),
    ) -> Self {
        Self {
            job,
            done: BTreeMap::new(),
            merged: BTreeMap::new(),
            flaky: BTreeMap::new(),
            held_back: BTreeMap::new(),
            unwritten: None,
            writer,
            show,
        }
    }

    /// Receives messages until all lanes have ended; false if some did not end
    /// in time after a signal.
    pub(super) fn collect(&mut self, receiver: &Receiver<Message>) -> bool {
        let all = self.job.lanes.len() * self.job.repetition_count();
        let mut deadline: Option<Instant> = None;
        while self.done.len() < all {
            let message = match deadline {
                None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(at) => receiver.recv_timeout(at.saturating_duration_since(Instant::now())),
            };
            match message {
                Ok(Message::Stopped) => deadline = Some(self.deadline_after_signal()),
                Ok(message) => self.receive(message),
                // The supervisor of a lane that does not end in time notices
                // that this process is gone, and ends it.
                Err(_) => break,
            }
        }
        self.done.len() == all
    }

    fn receive(&mut self, message: Message) {
        match message {
            Message::Event(event) => self.lane_event(event),
            Message::Cell(slot, cell) => {
                let prefix = self.job.context(slot).path_prefix();
                let written = self.writer.cell(&cell, &prefix);
                self.note(written);
            }
            Message::AttemptDiscarded {
                slot,
                number,
                evidence,
            } => self.archive_cells(slot, number, *evidence),
            Message::Done(slot, evidence) => {
                if let Some(change) = evidence.change.as_ref().filter(|_| slot.repetition == 1) {
                    let path = change_path(&evidence.scenario);
                    let written = self.writer.file(&path, &to_bytes(change));
                    self.note(written);
                }
                self.done.insert(slot, *evidence);
                self.merge_if_complete(slot.lane);
            }
            Message::Stopped => {}
        }
    }

    fn deadline_after_signal(&self) -> Instant {
        self.job.slots.wake();
        let wait = if self.job.control.is_killed() {
            AFTER_KILL
        } else {
            AFTER_SIGNAL
        };
        Instant::now() + wait
    }

    /// Reports an event of a lane, unless it is an end that has to wait for
    /// other repetitions.
    fn lane_event(&mut self, event: Event) {
        let is_end = matches!(event.kind, EventKind::LaneFinished { .. });
        let mut names = self.job.lanes.iter();
        let lane = names.position(|name| event.lane.as_ref() == Some(name));
        match lane.filter(|_| is_end && self.job.repetition_count() > 1) {
            Some(lane) => {
                self.held_back.insert(lane, event);
            }
            None => self.event(&event),
        }
    }

    fn event(&mut self, event: &Event) {
        let written = self.writer.event(event);
        self.note(written);
        (self.show)(event);
    }

    /// Keeps the first write error, which also ends the run.
    fn note(&mut self, written: Result<(), WriteError>) {
        if let Err(e) = written {
            self.unwritten.get_or_insert(e);
            cancel::cancel_all(&self.job.control);
            self.job.slots.wake();
        }
    }

    /// Moves the cells of an attempt to the folder of its logs.
    fn archive_cells(&mut self, slot: LaneSlot, number: usize, attempt: LaneEvidence) {
        let prefix = self.job.context(slot).path_prefix();
        for cell in &attempt.cells {
            let written = self.writer.forget_cell(cell, &prefix);
            self.note(written);
        }
        for cell in with_moved_paths(attempt, &prefix, number).cells {
            let written = self.writer.cell(&cell, &attempt_prefix(&prefix, number));
            self.note(written);
        }
    }

    /// Merges a lane once the last of its repetitions has ended, and reports
    /// the result.
    fn merge_if_complete(&mut self, lane: usize) {
        let mut slots = self.job.slots_of(lane);
        if !slots.all(|slot| self.done.contains_key(&slot)) {
            return;
        }
        self.merge(lane);
        let Some(end) = self.held_back.remove(&lane) else {
            return;
        };
        let EventKind::LaneFinished { duration_ms, .. } = end.kind else {
            return;
        };
        // The end that was held back is reported last, with the merged result.
        let flaky = self
            .flaky_cells(lane)
            .into_iter()
            .map(|cell| EventKind::CellFinished {
                stage: cell.stage,
                exit: cell.exit,
                hook_exit: cell.hook_exit,
                verdict: cell.verdict,
                problem: cell.problem,
            });
        let warning = self
            .retried_repetitions(lane)
            .map(|message| EventKind::Warning { message });
        let merged = &self.merged[&lane];
        let finished = EventKind::LaneFinished {
            pass: merged.is_pass(),
            cancelled: merged.cancelled,
            duration_ms,
        };
        for (seq, kind) in (end.seq..).zip(flaky.chain(warning).chain([finished])) {
            self.event(&Event {
                seq,
                kind,
                ..end.clone()
            });
        }
    }

    /// Merges the repetitions of a lane that have ended.
    fn merge(&mut self, lane: usize) {
        let name = &self.job.lanes[lane];
        let or_not_run = |slot: LaneSlot| {
            let done = self.done.get(&slot).cloned();
            done.unwrap_or_else(|| LaneEvidence::not_run(name.clone()))
        };
        let mut repetitions: Vec<_> = self.job.slots_of(lane).map(or_not_run).collect();
        if self.job.fail_fast {
            // Repetitions that ended after a failed one do not count: the
            // answer must not depend on the race.
            let failed = repetitions.iter().position(|run| run.failure.is_some());
            repetitions.truncate(failed.map_or(repetitions.len(), |at| at + 1));
        }
        let profile = &self.job.context.profile;
        let stages: Vec<_> = profile.stages.keys().cloned().collect();
        let install = profile.install.last().map(|step| step.id.clone());
        let merged = merge(&repetitions, &stages, &install.unwrap_or_default());
        self.merged.insert(lane, merged.lane);
        self.flaky.insert(lane, merged.flaky);
        for cell in self.flaky_cells(lane) {
            let written = self.writer.cell(&cell, "");
            self.note(written);
        }
    }

    /// Returns a warning if repetitions were retried that send no events.
    fn retried_repetitions(&self, lane: usize) -> Option<String> {
        let silent = self.job.slots_of(lane).skip(1);
        let retried = silent
            .filter_map(|slot| self.done.get(&slot))
            .filter(|run| !run.attempts.is_empty())
            .count();
        let name = &self.job.lanes[lane];
        (retried > 0).then(|| {
            format!("the machine failed {retried} repetitions of {name}, which were played again")
        })
    }

    /// Returns the cells of a merged lane whose verdict came from comparing
    /// repetitions.
    fn flaky_cells(&self, lane: usize) -> Vec<CellEvidence> {
        let cells = self.merged[&lane].cells.iter();
        let flaky = CellVerdict::Failed(FailureClass::Flaky);
        cells
            .filter(|cell| cell.verdict == flaky)
            .cloned()
            .collect()
    }

    pub(super) fn finish(mut self) -> Executed {
        // Lanes that did not end in time have not been merged.
        for lane in 0..self.job.lanes.len() {
            if !self.merged.contains_key(&lane) {
                self.merge(lane);
            }
        }
        let mut lanes: Vec<_> = self.merged.into_values().collect();
        let mut flaky: Vec<_> = self.flaky.into_values().flatten().collect();
        if self.job.fail_fast {
            cancel_after_first_failure(&mut lanes);
            let counts = |cell: &FlakyCell| {
                let mut lanes = lanes.iter();
                lanes.any(|lane| lane.scenario == cell.scenario && !lane.cancelled)
            };
            flaky.retain(counts);
        }
        Executed {
            lanes,
            flaky,
            unwritten: self.unwritten,
        }
    }
}

/// Treats the lanes after a failed one as cancelled under `--fail-fast`, even
/// those quick enough to end: the answer must not depend on the race.
fn cancel_after_first_failure(lanes: &mut [LaneEvidence]) {
    let mut lanes = lanes.iter_mut();
    let _ = lanes.find(|lane| lane.failure.is_some());
    for lane in lanes {
        *lane = LaneEvidence::not_run(lane.scenario.clone());
    }
}
