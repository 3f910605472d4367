//! Known failures: which cells they excuse, and which entries are invalid.

use chrono::NaiveDate;

use super::document::{Excuse, KnownFault, KnownFaultKind, KnownReport};
use super::options::TriageOptions;
use super::snapshot::{CellState, RunSnapshot};
use crate::config::known::{KnownFailure, KnownFailures};
use crate::model::CellName;
use crate::model::text::plain;

/// The entries that have not expired.
pub(super) struct Waivers<'a> {
    entries: Vec<&'a KnownFailure>,
}

impl<'a> Waivers<'a> {
    pub(super) fn new(options: TriageOptions<'a>) -> Self {
        let entries = options.known.into_iter().flat_map(|known| &known.entries);
        Self {
            entries: entries
                .filter(|entry| entry.expires >= options.today)
                .collect(),
        }
    }

    pub(super) fn for_cell(&self, cell: &CellName) -> Option<Excuse> {
        let entry = self.entries.iter().find(|entry| entry.cell == *cell)?;
        Some(Excuse {
            owner: entry.owner.clone(),
            reason: entry.reason.clone(),
            expires: entry.expires.to_string(),
        })
    }
}

pub(super) fn report(
    known: &KnownFailures,
    current: &RunSnapshot,
    today: NaiveDate,
) -> KnownReport {
    let entries = known.entries.iter();
    let faults = entries.flat_map(|entry| faults_of(entry, current, today));
    KnownReport {
        file: known.file.clone(),
        entries: known.entries.len(),
        faults: faults.collect(),
    }
}

fn faults_of(entry: &KnownFailure, current: &RunSnapshot, today: NaiveDate) -> Vec<KnownFault> {
    let fault = |kind, sentence, remedy| KnownFault {
        kind,
        cell: entry.cell.clone(),
        owner: entry.owner.clone(),
        sentence,
        remedy,
    };
    let mut faults = Vec::new();
    if entry.expires < today {
        faults.push(fault(
            KnownFaultKind::Expired,
            format!("its last day was {}, today is {today} (UTC)", entry.expires),
            "see to the failure, or enter it anew with its reason",
        ));
    }
    match current.cells.get(&entry.cell) {
        // A run that ended before its cells were known proves nothing here.
        None if !current.cells.is_empty() => faults.push(fault(
            KnownFaultKind::Unmatched,
            format!("run {} has no such cell", current.run_id),
            "take the entry out, or correct the name of its cell (matrix list prints all)",
        )),
        Some(CellState::Played(played)) if played.verdict.is_pass() => faults.push(fault(
            KnownFaultKind::UnexpectedPass,
            format!("it passes in run {}", current.run_id),
            "take the entry out: the failure is gone",
        )),
        _ => {}
    }
    faults
}

impl KnownFault {
    /// Renders the fault as one line.
    #[must_use]
    pub fn line(&self) -> String {
        format!(
            "known failure {} (owner {}): {}",
            self.cell,
            plain(&self.owner),
            self.sentence
        )
    }
}
