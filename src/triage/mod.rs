//! Two runs, cell by cell: what broke since, what was broken already, what
//! was mended, and what nobody looked at.
//!
//! Everything here is computed from two [`RunSnapshot`]s, without I/O. A cell is
//! never said to be well because it was not played, and a whole is never
//! `stable` where a cell of the baseline is missing.

mod baseline;
mod commands;
mod compare;
pub mod console;
mod describe;
pub mod document;
pub mod live;
mod snapshot;
mod waivers;

pub use baseline::{Baseline, BaselineError};
pub use document::{CellStatus, Status, Triage};
pub use snapshot::RunSnapshot;

use chrono::NaiveDate;

use crate::config::known::KnownFailures;

/// The document in the folder of a run.
pub const FILE: &str = "triage_diff.json";

/// What both runs are held against.
#[derive(Debug, Clone, Copy)]
pub struct TriageOptions<'a> {
    /// Failures that are allowed for a while.
    pub known: Option<&'a KnownFailures>,
    /// Today's date, UTC.
    pub today: NaiveDate,
}

/// Why two runs are not compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Incomparable {
    message: String,
    next: &'static str,
}

impl Incomparable {
    /// What the user can do.
    #[must_use]
    pub fn next(&self) -> &'static str {
        self.next
    }
}

/// Compares a run with an earlier one.
///
/// # Errors
/// If they cannot be compared: one is no run of the contract, both are the
/// same, they are of two gates, or the baseline played nothing.
pub fn triage(
    base: &RunSnapshot,
    current: &RunSnapshot,
    options: TriageOptions<'_>,
    now_utc: String,
) -> Result<Triage, Incomparable> {
    baseline::check(base, current)?;
    Ok(compare::compare(base, current, options, now_utc))
}
