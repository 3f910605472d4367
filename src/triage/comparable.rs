//! Conditions under which two runs can be compared.

use super::snapshot::RunSnapshot;
use crate::model::Kind;

/// The reason why two runs cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Incomparable {
    message: String,
    next: &'static str,
}

impl Incomparable {
    pub(super) fn new(message: String, next: &'static str) -> Self {
        Self { message, next }
    }

    /// Returns what the user can do.
    #[must_use]
    pub fn next(&self) -> &'static str {
        self.next
    }
}

/// Checks that two runs can be compared.
pub(super) fn check(base: &RunSnapshot, current: &RunSnapshot) -> Result<(), Incomparable> {
    if base.run_id == current.run_id {
        return Err(Incomparable {
            message: format!("BASE and CURRENT are both run {}", base.run_id),
            next: "name two runs: matrix diff BASE CURRENT (after a pass, last-pass is that run itself)",
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
    has_cells(base)
}

/// Checks that the lanes of a run were not altered.
///
/// The results of altered lanes say nothing about the contract.
pub(super) fn is_of_contract(snapshot: &RunSnapshot) -> Result<(), Incomparable> {
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

/// Checks that a baseline declared at least one cell.
pub(super) fn has_cells(base: &RunSnapshot) -> Result<(), Incomparable> {
    if base.has_cells() {
        return Ok(());
    }
    Err(Incomparable {
        message: format!(
            "run {} ended before its first lane: there is nothing to compare with",
            base.run_id
        ),
        next: "name a baseline whose lanes ran",
    })
}
