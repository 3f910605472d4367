//! Messages from workers to the collector.

use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use super::job::{Job, LaneSlot};
use crate::lane::{EventSink, LaneContext};
use crate::model::event::{Event, EventKind};
use crate::model::{CellEvidence, LaneEvidence, ScenarioName};

pub(super) enum Message {
    Event(Event),
    Cell(LaneSlot, Box<CellEvidence>),
    /// An attempt that is retried and does not count.
    AttemptDiscarded {
        slot: LaneSlot,
        /// The attempt, from 1.
        number: usize,
        evidence: Box<LaneEvidence>,
    },
    Done(LaneSlot, Box<LaneEvidence>),
    /// A signal stopped the run.
    Stopped,
}

/// Sends the events and cells of one slot to the collector.
///
/// Only the first repetition of a lane sends events; the others send cells.
pub(super) struct Emitter<'a> {
    pub(super) sender: &'a Sender<Message>,
    /// The sequence number of the last event.
    pub(super) seq: u64,
    slot: LaneSlot,
    lane: &'a ScenarioName,
    context: &'a LaneContext,
}

impl<'a> Emitter<'a> {
    pub(super) fn new(job: &'a Job, slot: LaneSlot, sender: &'a Sender<Message>) -> Self {
        Self {
            sender,
            seq: 0,
            slot,
            lane: job.name(slot),
            context: job.context(slot),
        }
    }

    pub(super) fn lane_started(&mut self) {
        self.event(EventKind::LaneStarted);
    }

    /// Reports the end of a lane; `started` is None if it never ran.
    pub(super) fn lane_finished(&mut self, pass: bool, cancelled: bool, started: Option<Instant>) {
        let duration = started.map_or(Duration::ZERO, |started| started.elapsed());
        self.event(EventKind::LaneFinished {
            pass,
            cancelled,
            duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
        });
    }
}

impl EventSink for Emitter<'_> {
    fn event(&mut self, kind: EventKind) {
        if self.slot.repetition > 1 {
            return;
        }
        self.seq += 1;
        let event = Event {
            seq: self.seq,
            at: self.context.clock.now_utc(),
            lane: Some(self.lane.clone()),
            kind,
        };
        // The collector is gone once the verdict is being written.
        let _ = self.sender.send(Message::Event(event));
    }

    fn cell(&mut self, cell: &CellEvidence) {
        let _ = self
            .sender
            .send(Message::Cell(self.slot, Box::new(cell.clone())));
    }
}
