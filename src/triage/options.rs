//! Options of a comparison.

use chrono::NaiveDate;

use crate::config::known::KnownFailures;

/// The inputs of a comparison besides the two runs.
#[derive(Debug, Clone, Copy)]
pub struct TriageOptions<'a> {
    /// Failures that are allowed until a date.
    pub known: Option<&'a KnownFailures>,
    /// Today's date, UTC.
    pub today: NaiveDate,
}
