//! Reading recorded runs.
//!
//! A run is read as it was written or not at all: one without `run.json`, of
//! a later version, changed by hand or deleted in part is refused, and the
//! error names the file. What it says of its files is held against their
//! bytes when they are read, never before, so that opening a run stays cheap.

mod error;
mod file;
mod history;
pub mod locate;
mod stored;
pub mod verify;

pub use error::ReadError;
pub use history::{Head, History, LaneHead};
pub use stored::StoredRun;
