//! The baseline of a run that has not started yet.

use chrono::NaiveDate;

use super::comparable::{Incomparable, has_cells, is_of_contract};
use super::compare::triage;
use super::document::Triage;
use super::options::TriageOptions;
use super::snapshot::RunSnapshot;
use crate::artifact::reader::{ReadError, StoredRun};
use crate::config::known::KnownFailures;
use crate::model::{GateName, RunId};

/// A run to compare with, read before anything runs.
///
/// It is not pruned while this value lives.
#[derive(Debug)]
pub struct Baseline {
    /// True if the user named this very run.
    pub is_named: bool,
    snapshot: RunSnapshot,
    known: Option<KnownFailures>,
    today: NaiveDate,
    _stored: StoredRun,
}

/// The reason why a run cannot be a baseline.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// It is not one to compare with.
    #[error(transparent)]
    Unfit(#[from] Incomparable),
}

impl Baseline {
    /// Reads and verifies a whole run.
    ///
    /// # Errors
    /// If it cannot be read, or is not one to compare with.
    pub fn new(
        stored: StoredRun,
        known: Option<KnownFailures>,
        today: NaiveDate,
    ) -> Result<Self, BaselineError> {
        let snapshot = RunSnapshot::from_stored(&stored)?;
        is_of_contract(&snapshot)?;
        has_cells(&snapshot)?;
        Ok(Self {
            is_named: true,
            snapshot,
            known,
            today,
            _stored: stored,
        })
    }

    /// Returns its id.
    #[must_use]
    pub fn id(&self) -> &RunId {
        self.snapshot.id()
    }

    /// Checks that it is a run of this gate.
    ///
    /// # Errors
    /// If it is of another gate.
    pub fn fits(&self, gate: &GateName) -> Result<(), Incomparable> {
        if self.snapshot.gate == *gate {
            return Ok(());
        }
        let message = format!(
            "run {} tried {}, this one tries {gate}",
            self.snapshot.run_id, self.snapshot.gate
        );
        let next = "name a baseline of the same gate";
        Err(Incomparable::new(message, next))
    }

    /// Compares a run that has ended with the baseline.
    ///
    /// # Errors
    /// If they cannot be compared.
    pub fn against(&self, current: &RunSnapshot, now_utc: String) -> Result<Triage, Incomparable> {
        let options = TriageOptions {
            known: self.known.as_ref(),
            today: self.today,
        };
        triage(&self.snapshot, current, options, now_utc)
    }
}
