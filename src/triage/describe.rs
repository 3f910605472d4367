//! Describing changes in sentences.

use std::fmt::Write as _;

use super::document::{CellDiff, CellStatus, Seen};
use super::snapshot::RunSnapshot;
use crate::model::evidence::CellVerdict;
use crate::model::text::plain;

/// Describes why a run failed as a whole.
pub(super) fn run(snapshot: &RunSnapshot) -> String {
    match &snapshot.failure {
        Some(failure) => format!(
            "run {} failed at {} ({}): {}",
            snapshot.run_id,
            plain(failure.step.as_str()),
            failure.class,
            plain(&failure.message)
        ),
        None => format!("run {} failed", snapshot.run_id),
    }
}

pub(super) fn cell(cell: &CellDiff) -> String {
    let before = cell.before.as_ref().map(told).unwrap_or_default();
    let now = cell.now.as_ref().map(told).unwrap_or_default();
    let mut out = match cell.status {
        CellStatus::Regression => format!("it passed, now it {now}"),
        CellStatus::NewFailure if was_selected(cell) => {
            format!("it had no verdict ({before}), now it {now}")
        }
        CellStatus::NewFailure => format!("it is new, and {now}"),
        CellStatus::Missing => format!("it has no verdict now: {now}"),
        CellStatus::KnownFailure => known(cell, &now),
        CellStatus::Fixed => format!("it passes now; before: {before}"),
        CellStatus::Removed => "it is not declared any more".to_owned(),
        CellStatus::Added => "it is new, and passes".to_owned(),
        CellStatus::Unchanged => "it passes, as before".to_owned(),
    };
    let is_alike = matches!(
        cell.status,
        CellStatus::KnownFailure | CellStatus::Unchanged
    );
    if cell.same_exit_other_reason && is_alike {
        let code = cell.now.as_ref().and_then(|now| now.exit);
        let exit = code.map_or("no exit".to_owned(), |code| format!("exit {code}"));
        let _ = write!(
            out,
            "; the same {exit} for another reason, before: {before}"
        );
    }
    if !cell.other_evidence.is_empty() {
        let what = cell.other_evidence.join(", ");
        let _ = write!(out, "; other evidence: {what}");
    }
    out
}

fn was_selected(cell: &CellDiff) -> bool {
    cell.before.as_ref().is_some_and(|before| before.selected)
}

fn known(cell: &CellDiff, now: &str) -> String {
    match &cell.known {
        Some(known) => format!(
            "it {now}; {} answers for it until {}: {}",
            plain(&known.owner),
            known.expires,
            plain(&known.reason)
        ),
        None => format!("it failed before, and {now}"),
    }
}

/// Describes the state of a cell in one run.
fn told(seen: &Seen) -> String {
    let problem = seen.problem.as_deref().map(plain).unwrap_or_default();
    match seen.verdict {
        None => problem,
        Some(CellVerdict::Pass(_)) => match seen.hook_exit {
            Some(hook) => format!("it passed, the hook exited {hook}"),
            None => "it passed".to_owned(),
        },
        Some(CellVerdict::Failed(class)) => format!("fails ({class}): {problem}"),
    }
}
