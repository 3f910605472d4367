//! The report on a console, survivors first.

use std::fmt::Write as _;

use super::document::{MutationOutcome, MutationReport, MutationRow};
use crate::model::text::plain;

pub(super) fn text(report: &MutationReport) -> String {
    let counts = report.counts;
    let mut out = format!(
        "mutations of {}: {} noticed, {} survived, {} broke the gate",
        plain(&report.header.subject()),
        counts.noticed,
        counts.survived,
        counts.broke_the_gate
    );
    if counts.not_tried > 0 {
        let _ = write!(out, ", {} not tried", counts.not_tried);
    }
    out.push('\n');
    let order = [
        (MutationOutcome::Survived, "survived"),
        (MutationOutcome::NotTried, "not tried"),
        (MutationOutcome::BrokeTheGate, "broke the gate"),
        (MutationOutcome::Noticed, "noticed"),
    ];
    for (outcome, word) in order {
        for row in report.mutations.iter().filter(|row| row.outcome == outcome) {
            line(word, row, &mut out);
        }
        if outcome == MutationOutcome::Survived {
            untried(report, &mut out);
        }
    }
    for unread in &report.unread {
        let (file, why) = (plain(&unread.file), plain(&unread.why));
        let _ = writeln!(out, "not weakened    {file}: {why}");
    }
    for left_out in &report.uncovered {
        let (file, gate, remedy) = (&left_out.file, &left_out.gate, left_out.remedy());
        let _ = writeln!(
            out,
            "not covered     {file}: it configures {gate}, and no pattern of `configuration` matches it\n    \
             do:  {remedy}"
        );
    }
    out
}

fn line(word: &str, row: &MutationRow, out: &mut String) {
    let (file, line) = (plain(&row.file), row.line);
    let _ = write!(
        out,
        "{word:<14}  {file}:{line}  {}",
        plain(&row.description)
    );
    if let Some(by) = &row.noticed_by {
        let (scenario, stage) = (&by.scenario, &by.stage);
        let what = if by.let_in { "" } else { ", which blocks now" };
        let _ = write!(out, "  (by {scenario} at {stage}{what})");
    }
    out.push('\n');
    if let Some(seen) = &row.seen {
        let _ = writeln!(out, "    saw: {}", plain(seen));
    }
}

/// The rules that no scenario exercises, each once, with what to do.
fn untried(report: &MutationReport, out: &mut String) {
    if report.rules.is_empty() {
        return;
    }
    let _ = match report.rules.len() {
        1 => writeln!(out, "1 rule is exercised by no scenario:"),
        count => writeln!(out, "{count} rules are exercised by no scenario:"),
    };
    for rule in &report.rules {
        let (file, line) = (&rule.file, rule.line);
        let _ = writeln!(out, "  {file}:{line}  {}", rule.rule);
        let mut rows = report.mutations.iter();
        let first = rule.mutations.first();
        let row = rows.find(|row| Some(&row.id) == first);
        let Some(next) = row.and_then(|row| row.next.as_ref()) else {
            continue;
        };
        let _ = writeln!(out, "    do:  {}", next.text);
        for line in next.scenario.iter().flat_map(|toml| toml.lines()) {
            let _ = writeln!(out, "    | {line}");
        }
    }
}
