//! Two runs, cell by cell: what broke since, what was broken already, what
//! was mended, and what nobody looked at.
//!
//! Everything here is computed from two [`RunSnapshot`]s, without I/O. A cell is
//! never said to be well because it was not played, and a whole is never
//! `stable` where a cell of the baseline is missing.

mod baseline;
mod commands;
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
