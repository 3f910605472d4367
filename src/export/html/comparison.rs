//! The comparison with an earlier run: the baseline of `triage_diff.json`, else the last pass.

use serde::Deserialize;
use serde_json::Value;

use crate::export::detail::Detail;
use crate::export::last_pass::LastPass;
use crate::export::run_report::{Outcome, RunReport};
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

pub(super) fn of_run(report: &RunReport) -> Option<Comparison> {
    let detail = &report.detail;
    let of_last_pass = || Some(with_last_pass(detail.last_pass.as_ref()?, report));
    with_baseline(detail).or_else(of_last_pass)
}

/// The comparison with the last pass: whatever is red was green there, or is new.
fn with_last_pass(pass: &LastPass, report: &RunReport) -> Comparison {
    let side = |side: &Option<String>| Text::new(side.as_deref().unwrap_or("–"));
    let differences = pass.differences.iter().map(|one| {
        let what = Text::new(&one.what);
        (what, side(&one.then), side(&one.now))
    });
    let is_red = |it: &Outcome| matches!(it, Outcome::Failed(..) | Outcome::Error(..));
    let red = match report.count(is_red) {
        1 => "1 case is red since then.".to_owned(),
        red => format!("{red} cases are red since then."),
    };
    Comparison {
        title: "the last pass",
        with: format!("run {}, ended {}", pass.run_id, pass.ended_at).into(),
        sentence: red.into(),
        differences: differences.collect(),
        commits: pass.commits.as_ref().map(Text::from),
        cells: Vec::new(),
    }
}

/// The comparison with a baseline, if the run was asked for one.
fn with_baseline(detail: &Detail) -> Option<Comparison> {
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
        title: "the baseline",
        with: format!(
            "run {}, {}",
            document.base.run_id, document.base.final_verdict
        )
        .into(),
        sentence: sentence(&document.status).into(),
        differences: differences.collect(),
        commits: None,
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
