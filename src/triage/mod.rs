//! Comparing two runs, cell by cell.
//!
//! Everything except reading, and [`commits`], is computed from two [`RunSnapshot`]s, without I/O.
//!
//! Invariants: a cell that did not run never counts as well, and a comparison
//! with a missing cell is never `stable`.

mod baseline;
mod commands;
pub mod commits;
mod comparable;
mod compare;
pub mod console;
mod describe;
pub mod document;
pub mod live;
mod options;
mod snapshot;
mod waivers;

pub use baseline::{Baseline, BaselineError};
pub use comparable::Incomparable;
pub use compare::triage;
pub use document::{CellStatus, FILE, Status, Triage};
pub use options::TriageOptions;
pub use snapshot::RunSnapshot;
