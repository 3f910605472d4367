//! The comparison with an earlier run, as `triage_diff.json` has it.

use serde::Deserialize;
use serde_json::Value;

use crate::export::detail::Detail;
use crate::page::{Comparison, Text, Tone};

/// The part of the document that a page shows.
#[derive(Deserialize)]
struct Document {
    base: Base,
    status: String,
    #[serde(default)]
    differences: Vec<Difference>,
    #[serde(default)]
    cells: Vec<CellDiff>,
}

#[derive(Deserialize)]
struct Base {
    run_id: String,
    final_verdict: String,
}

#[derive(Deserialize)]
struct Difference {
    what: String,
    base: Option<String>,
    current: Option<String>,
}

#[derive(Deserialize)]
struct CellDiff {
    cell: String,
    status: String,
    before: Option<Seen>,
    now: Option<Seen>,
}

#[derive(Deserialize)]
struct Seen {
    verdict: Option<String>,
    exit: Option<i32>,
}

pub(super) fn of_run(detail: &Detail) -> Option<Comparison> {
    let document: &Value = detail.documents.get("triage_diff.json")?;
    let document = Document::deserialize(document).ok()?;
    let differences = document.differences.iter().map(|one| {
        let side = |side: &Option<String>| Text::new(side.as_deref().unwrap_or("–"));
        (Text::new(&one.what), side(&one.base), side(&one.current))
    });
    let changed = document
        .cells
        .iter()
        .filter(|cell| cell.status != "unchanged");
    Some(Comparison {
        with: format!(
            "run {}, {}",
            document.base.run_id, document.base.final_verdict
        )
        .into(),
        sentence: sentence(&document.status).into(),
        differences: differences.collect(),
        commits: Vec::new(),
        cells: changed.map(cell).collect(),
    })
}

fn sentence(status: &str) -> &str {
    match status {
        "regression" => "A cell is red that was not.",
        "incomplete" => "A cell has no verdict, or the run failed beside its cells.",
        "known_failures_only" => "Everything red was red before, or is excused.",
        "stable" => "Nothing is red, and nothing is missing.",
        other => other,
    }
}

fn cell(cell: &CellDiff) -> (Text, Text, Text, Text, Tone) {
    let seen = |seen: &Option<Seen>| {
        let Some(seen) = seen else {
            return Text::new("not declared");
        };
        let verdict = seen.verdict.as_deref().unwrap_or("no verdict");
        match seen.exit {
            Some(exit) => format!("{verdict}, exit {exit}").into(),
            None => verdict.into(),
        }
    };
    let tone = match cell.status.as_str() {
        "regression" | "new_failure" | "missing" => Tone::Bad,
        "fixed" | "added" => Tone::Good,
        _ => Tone::Off,
    };
    (
        Text::new(&cell.cell),
        Text::new(&cell.status.replace('_', " ")),
        seen(&cell.before),
        seen(&cell.now),
        tone,
    )
}
