//! The comparison with an earlier run: the one that was named, else the last pass.

use crate::export::compared::{CellDiff, Compared};
use crate::export::detail::Detail;
use crate::export::last_pass::LastPass;
use crate::export::run_report::{Outcome, RunReport};
use crate::page::{Comparison, Text, Tone};

pub(super) fn of_run(report: &RunReport) -> Option<Comparison> {
    let detail = &report.detail;
    let of_last_pass = || Some(with_last_pass(detail.last_pass.as_ref()?, report));
    with_base(detail).or_else(of_last_pass)
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

/// The comparison with the run that was named: by `diff`, else as the baseline of the run.
fn with_base(detail: &Detail) -> Option<Comparison> {
    let (title, document) = match &detail.base {
        Some(document) => ("an earlier run", document),
        None => ("the baseline", detail.documents.get("triage_diff.json")?),
    };
    let compared = Compared::new(document)?;
    let differences = compared.differences.iter().map(|one| {
        let side = |side: &Option<String>| Text::new(side.as_deref().unwrap_or("–"));
        (Text::new(&one.what), side(&one.base), side(&one.current))
    });
    let base = &compared.base;
    Some(Comparison {
        title,
        with: format!("run {}, {}", base.run_id, base.final_verdict).into(),
        sentence: compared.sentence().into(),
        differences: differences.collect(),
        commits: None,
        cells: compared.changed().map(cell).collect(),
    })
}

fn cell(cell: &CellDiff) -> (Text, Text, Text, Text, Tone) {
    let tone = match cell.status.as_str() {
        "regression" | "new_failure" | "missing" => Tone::Bad,
        "fixed" | "added" => Tone::Good,
        _ => Tone::Off,
    };
    let [then, now] = cell.sides();
    (
        Text::new(&cell.cell),
        Text::new(&cell.change()),
        then.into(),
        now.into(),
        tone,
    )
}
