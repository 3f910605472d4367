//! The report on a console.

use std::fmt::Write as _;

use super::document::{ScenarioRow, VacuityOutcome, VacuityReport};
use super::report::what_is_out;
use crate::model::text::plain;

pub(super) fn table(report: &VacuityReport) -> String {
    let counts = report.counts;
    let package = report.header.package_resolved.as_ref();
    let gate = package.map_or(report.header.gate.clone(), |p| {
        format!("{}@{}", p.name, p.version)
    });
    let mut out = format!(
        "scenarios of {} without their violations: {} prove something, {} nothing, {} not tried\n",
        plain(&gate),
        counts.proves_something,
        counts.proves_nothing,
        counts.not_tried
    );
    for (name, row) in &report.scenarios {
        let _ = writeln!(out, "{name}: {}", heading(row));
        let width = row.stages.keys().map(|stage| stage.as_str().len()).max();
        for (stage, cell) in &row.stages {
            let (stage, word) = (stage.as_str(), cell.outcome.as_str());
            let _ = writeln!(out, "  {stage:<w$}  {word}", w = width.unwrap_or(0));
            if cell.outcome == VacuityOutcome::NotTried
                && let Some(problem) = &cell.problem
            {
                let _ = writeln!(out, "    saw: {}", plain(problem));
            }
            for line in &cell.said {
                let _ = writeln!(out, "    | {line}");
            }
        }
        if let Some(next) = &row.next {
            let _ = writeln!(out, "  next: {next}");
        }
    }
    out
}

fn heading(row: &ScenarioRow) -> String {
    if let (Some(good), false) = (&row.message, row.stages.is_empty()) {
        return format!("its message is `{}` instead", plain(good));
    }
    if !row.taken_out.is_empty() {
        return format!("taken out: {}", what_is_out(row));
    }
    let problem = row.problem.as_deref().unwrap_or_default();
    format!("{}: {}", row.outcome.as_str(), plain(problem))
}
