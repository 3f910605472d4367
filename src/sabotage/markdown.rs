//! The scorecard as a Markdown table.

use std::fmt::Write as _;

use super::score::{Row, Scorecard};
use crate::model::evidence::StageOutcome;
use crate::model::text::plain;

pub(super) fn document(card: &Scorecard) -> String {
    let counts = card.counts;
    let mut out = format!("# Sabotage of {}\n\n", cell(&card.what()));
    let _ = writeln!(
        out,
        "{} fail closed, {} fail open, {} cannot be applied. Replayed: `{}`. matrix {}, {}.\n",
        counts.fails_closed,
        counts.fails_open,
        counts.cannot_be_applied,
        card.scenario,
        card.matrix_version,
        card.generated_at_utc
    );
    out.push_str("| sabotage | outcome | let in at | what was seen | what to do |\n");
    out.push_str("|---|---|---|---|---|\n");
    for row in card.tried() {
        let id = match &row.reference {
            Some(page) => format!("[{}]({})", row.id, cell(page)),
            None => row.id.to_string(),
        };
        let _ = writeln!(
            out,
            "| {id}: {} | {} | {} | {} | {} |",
            cell(&row.does),
            row.outcome.as_str(),
            open_stages(row),
            cell(&row.seen),
            cell(&row.remedy)
        );
    }
    if card.counts.of_other_gates > 0 {
        let _ = writeln!(out, "\nOf other gates: {}.", cell(&card.of_others()));
    }
    out
}

fn open_stages(row: &Row) -> String {
    let open = row
        .stages
        .iter()
        .filter(|(_, outcome)| **outcome == StageOutcome::Open);
    let names: Vec<&str> = open.map(|(stage, _)| stage.as_str()).collect();
    names.join(", ")
}

/// Text that stays within its cell and means nothing to Markdown.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in plain(text).chars() {
        if matches!(c, '|' | '<' | '\\' | '`' | '[' | ']' | '*' | '_') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
