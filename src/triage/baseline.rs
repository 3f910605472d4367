//! Which runs may be compared, and the baseline of a run that is to come.

use chrono::NaiveDate;

use super::{Incomparable, RunSnapshot};
use crate::artifact::reader::{ReadError, StoredRun};
use crate::config::known::KnownFailures;
use crate::model::{GateName, Kind, RunId};

/// What a run is compared with once it has ended. It was read before
/// anything ran, and is not pruned as long as this value lives.
#[derive(Debug)]
pub struct Baseline {
    /// Whether the user named this very run.
    pub is_named: bool,
    snapshot: RunSnapshot,
    known: Option<KnownFailures>,
    today: NaiveDate,
    _stored: StoredRun,
}

/// Why a run cannot be a baseline.
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
    /// Reads a run, all of it.
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
        with_cells(&snapshot)?;
        Ok(Self {
            is_named: true,
            snapshot,
            known,
            today,
            _stored: stored,
        })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &RunId {
        self.snapshot.id()
    }

    /// Whether it can be that of a run of this gate.
    ///
    /// # Errors
    /// If it is of another gate.
    pub fn fits(&self, gate: &GateName) -> Result<(), Incomparable> {
        if self.snapshot.gate == *gate {
            return Ok(());
        }
        Err(Incomparable {
            message: format!(
                "run {} tried {}, this one tries {gate}",
                self.snapshot.run_id, self.snapshot.gate
            ),
            next: "name a baseline of the same gate",
        })
    }

    /// The document about a run that has ended.
    ///
    /// # Errors
    /// If they cannot be compared.
    pub fn against(
        &self,
        current: &RunSnapshot,
        now_utc: String,
    ) -> Result<super::Triage, Incomparable> {
        let options = super::TriageOptions {
            known: self.known.as_ref(),
            today: self.today,
        };
        super::triage(&self.snapshot, current, options, now_utc)
    }
}

/// Whether these two can be compared.
pub(super) fn check(base: &RunSnapshot, current: &RunSnapshot) -> Result<(), Incomparable> {
    if base.run_id == current.run_id {
        return Err(Incomparable {
            message: format!("both are run {}", base.run_id),
            next: "name two runs: matrix diff BASE CURRENT",
        });
    }
    is_of_contract(base)?;
    is_of_contract(current)?;
    if base.gate != current.gate {
        return Err(Incomparable {
            message: format!(
                "run {} tried {}, run {} tried {}: their cells have nothing in common",
                base.run_id, base.gate, current.run_id, current.gate
            ),
            next: "name two runs of one gate",
        });
    }
    with_cells(base)
}

/// What altered lanes do says nothing of the contract.
fn is_of_contract(snapshot: &RunSnapshot) -> Result<(), Incomparable> {
    match snapshot.kind {
        Kind::Matrix | Kind::Replay => Ok(()),
        Kind::Sabotage | Kind::Mutation | Kind::Vacuity => Err(Incomparable {
            message: format!(
                "run {} is a {} run: its lanes were altered",
                snapshot.run_id,
                snapshot.kind.as_str()
            ),
            next: "name a run of matrix run or matrix replay",
        }),
    }
}

fn with_cells(base: &RunSnapshot) -> Result<(), Incomparable> {
    if base.has_cells() {
        return Ok(());
    }
    Err(Incomparable {
        message: format!(
            "run {} ended before its first lane: there is nothing to compare with",
            base.run_id
        ),
        next: "name a baseline that played its lanes",
    })
}
