//! Openings that are accepted until a day, and the entries that are at fault.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;

use super::row::{SabotageOutcome, SabotageRow};
use crate::config::accepted::{AcceptedOpening, AcceptedOpenings};
use crate::model::ScenarioName;
use crate::model::text::plain;
use crate::triage::document::{Excuse, KnownFaultKind};

/// The accepted openings and their faults.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AcceptedReport {
    /// The file.
    pub file: String,
    /// Number of its entries.
    pub entries: usize,
    /// Entries that accept nothing, or nothing any more.
    pub faults: Vec<AcceptedFault>,
}

/// An entry that accepts nothing.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AcceptedFault {
    /// The kind of fault: `unexpected_pass` if the violation was blocked.
    pub kind: KnownFaultKind,
    /// The sabotage of the entry.
    pub sabotage: ScenarioName,
    /// The owner.
    pub owner: String,
    /// The fault in a sentence.
    pub sentence: String,
    /// The remedy.
    pub remedy: &'static str,
}

/// Returns the entry by which an opening is accepted today.
pub(super) fn excuse(
    accepted: Option<&AcceptedOpenings>,
    id: &ScenarioName,
    today: NaiveDate,
) -> Option<Excuse> {
    let mut entries = accepted?.entries.iter();
    let entry = entries.find(|entry| entry.sabotage == *id && entry.expires >= today)?;
    Some(Excuse {
        owner: entry.owner.clone(),
        reason: entry.reason.clone(),
        expires: entry.expires.to_string(),
    })
}

/// Holds the entries against the rows; `is_whole` if every sabotage has one.
pub(super) fn report(
    accepted: &AcceptedOpenings,
    rows: &[SabotageRow],
    is_whole: bool,
    today: NaiveDate,
) -> AcceptedReport {
    let entries = accepted.entries.iter();
    AcceptedReport {
        file: accepted.file.clone(),
        entries: accepted.entries.len(),
        faults: entries
            .filter_map(|entry| fault(entry, rows, is_whole, today))
            .collect(),
    }
}

fn fault(
    entry: &AcceptedOpening,
    rows: &[SabotageRow],
    is_whole: bool,
    today: NaiveDate,
) -> Option<AcceptedFault> {
    let row = rows.iter().find(|row| row.id == entry.sabotage);
    let outcome = row.map(|row| row.outcome);
    let (kind, sentence, remedy) = match outcome {
        None if is_whole => (
            KnownFaultKind::Unmatched,
            "there is no such sabotage".to_owned(),
            "take the entry out, or correct its name",
        ),
        Some(SabotageOutcome::CannotBeApplied | SabotageOutcome::OfOtherGates) => (
            KnownFaultKind::Unmatched,
            "it cannot be applied here".to_owned(),
            "take the entry out",
        ),
        Some(SabotageOutcome::FailsClosed) => (
            KnownFaultKind::UnexpectedPass,
            "the violation is blocked".to_owned(),
            "take the entry out: the opening is gone",
        ),
        Some(SabotageOutcome::FailsOpen) if entry.expires < today => (
            KnownFaultKind::Expired,
            format!("its last day was {}, today is {today} (UTC)", entry.expires),
            "close the opening, or enter it anew with its reason",
        ),
        _ => return None,
    };
    Some(AcceptedFault {
        kind,
        sabotage: entry.sabotage.clone(),
        owner: entry.owner.clone(),
        sentence,
        remedy,
    })
}

impl AcceptedFault {
    /// Renders the fault as one line.
    pub(super) fn line(&self) -> String {
        format!(
            "accepted opening {} (owner {}): {}; {}",
            self.sabotage,
            plain(&self.owner),
            self.sentence,
            self.remedy
        )
    }
}
