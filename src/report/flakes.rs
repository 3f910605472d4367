//! Flaky cells in words: each outcome, the repetitions that had it, and the end
//! of its log.

use std::fmt::Write as _;
use std::path::Path;

use crate::artifact::flakes::{FlakyCell, SeenOutcome};
use crate::model::text::{last_lines, plain, shown};
use crate::sys::fs;

/// Limits: cells shown with their logs, lines of a log, repetitions named.
const CELLS: usize = 3;
const LOG_LINES: usize = 6;
const NAMED: usize = 10;

/// Describes flaky cells, with logs from the run's folder.
#[must_use]
pub fn describe(cells: &[FlakyCell], run: &Path) -> String {
    let mut out = String::new();
    for (at, cell) in cells.iter().enumerate() {
        let all: usize = cell.outcomes.iter().map(|seen| seen.count).sum();
        let (lane, stage, count) = (&cell.scenario, &cell.stage, cell.outcomes.len());
        let _ = writeln!(
            out,
            "FLAKY {lane}/{stage}: {count} outcomes in {all} repetitions of the same inputs"
        );
        for seen in &cell.outcomes {
            outcome(&mut out, seen, run, at < CELLS);
        }
    }
    out
}

fn outcome(out: &mut String, seen: &SeenOutcome, run: &Path, with_log: bool) {
    let words = plain(&seen.outcome.in_words());
    let _ = writeln!(out, "  {} × {words} ({})", seen.count, repetitions(seen));
    if let Some(problem) = &seen.example.problem {
        let _ = writeln!(out, "    {}", plain(problem));
    }
    let Some(log) = seen.example.log.as_ref().filter(|_| with_log) else {
        return;
    };
    let log = run.join(log);
    let last = last_lines(&fs::tail(&log, 4096), LOG_LINES);
    let what = if last.is_empty() {
        "empty"
    } else {
        "its last lines"
    };
    let _ = writeln!(out, "    log: {} ({what})", shown(&log));
    for line in last {
        let _ = writeln!(out, "    | {line}");
    }
}

fn repetitions(seen: &SeenOutcome) -> String {
    let named = seen.repetitions.iter().take(NAMED);
    let mut text = named
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    if seen.repetitions.len() > NAMED {
        text.push_str(", …");
    }
    let word = if seen.count == 1 {
        "repetition"
    } else {
        "repetitions"
    };
    format!("{word} {text}")
}
