//! The receiver of a lane's events and cells.

use crate::model::CellEvidence;
use crate::model::event::EventKind;

/// Receives the events and cells of a lane.
pub trait EventSink {
    /// Receives an event.
    fn event(&mut self, kind: EventKind);
    /// Receives a cell with its verdict.
    fn cell(&mut self, cell: &CellEvidence);
}
