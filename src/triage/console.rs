//! Rendering a comparison for a console.

use std::fmt::Write as _;

use super::document::{CellStatus, Difference, StatusCounts, Triage};
use crate::model::text::plain;

/// Maximum number of diagnostics listed by `matrix diff`.
pub const MAX_LISTED: usize = 12;
/// Maximum number of diagnostics listed after a run.
pub const MAX_LISTED_AFTER_RUN: usize = 5;
/// Maximum number of invalid known failures listed.
const MAX_FAULTS: usize = 5;

/// Renders a comparison with at most `most` diagnostics, and the words for the commits between.
#[must_use]
pub fn lines(triage: &Triage, commits: &str, most: usize) -> String {
    let (base, current) = (&triage.base.run_id, &triage.current.run_id);
    let mut out = format!(
        "run {current} against run {base}: {} ({})\n",
        triage.status.as_str(),
        counted(&triage.counts)
    );
    for difference in &triage.differences {
        out += &line_of(difference);
    }
    out += commits;
    for one in triage.diagnostics.iter().take(most) {
        let status = one.status.map_or("run", CellStatus::as_str);
        let name = one.cell.as_ref().map(|cell| format!(" {cell}"));
        let cell = name.unwrap_or_default();
        let _ = writeln!(out, "  {status}{cell}: {}", one.sentence);
    }
    let more = triage.diagnostics.len().saturating_sub(most);
    if more > 0 {
        let _ = writeln!(out, "  … and {more} more (matrix diff --format json)");
    }
    let known = triage.known_failures.iter();
    let faults: Vec<_> = known.flat_map(|known| &known.faults).collect();
    for fault in faults.iter().take(MAX_FAULTS) {
        let _ = writeln!(out, "ERROR: {}\n  next: {}", fault.line(), fault.remedy);
    }
    let more = faults.len().saturating_sub(MAX_FAULTS);
    if more > 0 {
        let _ = writeln!(out, "… and {more} more known failures that cannot stand");
    }
    // `matrix diff` need not recommend itself.
    let is_asked =
        |command: &&String| most == MAX_LISTED_AFTER_RUN || !command.starts_with("matrix diff ");
    for command in triage.recommended_commands.iter().filter(is_asked) {
        let _ = writeln!(out, "  next: {}", plain(command));
    }
    out
}

/// Renders the counts that are not 0, the most severe first.
fn counted(counts: &StatusCounts) -> String {
    let word = |status: CellStatus, count: usize| {
        let plural = match (status, count) {
            (CellStatus::Regression | CellStatus::NewFailure | CellStatus::KnownFailure, 2..) => {
                "s"
            }
            _ => "",
        };
        format!("{count} {}{plural}", status.as_str().replace('_', " "))
    };
    let all = CellStatus::ALL.map(|status| (status, counts.count(status)));
    let some = all.into_iter().filter(|(_, count)| *count > 0);
    let mut words: Vec<String> = some.map(|(status, count)| word(status, count)).collect();
    for (count, what) in [
        (
            counts.same_exit_other_reason,
            "with the same exit for another reason",
        ),
        (counts.other_evidence, "with other evidence"),
    ] {
        if count > 0 {
            words.push(format!("{count} {what}"));
        }
    }
    if words.is_empty() {
        words.push("no cells".to_owned());
    }
    words.join(", ")
}

fn line_of(difference: &Difference) -> String {
    let told = |text: &Option<String>| text.as_deref().map_or("unknown".to_owned(), plain);
    let (base, current) = (told(&difference.base), told(&difference.current));
    format!(
        "  other {}: it was {base}, now it is {current}\n",
        difference.what.replace('_', " ")
    )
}
