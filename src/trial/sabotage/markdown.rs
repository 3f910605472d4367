//! The scorecard as a Markdown table.

use std::fmt::Write as _;

use super::console::acceptance;
use super::row::SabotageOutcome;
use super::score::Scorecard;
use crate::model::text::plain;

pub(super) fn document(card: &Scorecard) -> String {
    let mut out = format!("# Sabotage of {}\n\n", cell(&card.header.subject()));
    let _ = writeln!(
        out,
        "{}. Replayed: `{}`. matrix {}, {}.\n",
        card.headline(),
        card.scenario,
        card.header.matrix_version,
        card.header.generated_at_utc
    );
    out.push_str(
        "| sabotage | outcome | got in at | what was seen | what to do | who can refuse it |\n",
    );
    out.push_str("|---|---|---|---|---|---|\n");
    for row in card.tried() {
        let id = match &row.reference {
            Some(page) => format!("[{}](<{}>)", row.id, plain(page).replace('|', "%7C")),
            None => row.id.to_string(),
        };
        let _ = writeln!(
            out,
            "| {id}: {} | {} | {} | {} | {} | {} |",
            cell(&row.does),
            row.outcome.as_str(),
            row.open_stages(),
            cell(&row.seen),
            if row.outcome == SabotageOutcome::FailsOpen {
                cell(&row.remedy)
            } else {
                String::new()
            },
            match &row.accepted {
                Some(entry) => cell(&acceptance(entry)),
                None => row.group().who().unwrap_or_default().to_owned(),
            }
        );
    }
    if card.counts.of_other_gates > 0 {
        let _ = writeln!(out, "\nOf other gates: {}.", cell(&card.of_others()));
    }
    out
}

/// Text that stays within its cell and means nothing to Markdown, but for
/// words in backticks.
fn cell(text: &str) -> String {
    let text = plain(text);
    let is_paired = text.matches('`').count().is_multiple_of(2);
    let mut is_code = false;
    let mut out = String::new();
    for c in text.chars() {
        is_code ^= c == '`' && is_paired;
        let acts = match c {
            '|' => true,
            '`' => !is_paired,
            '<' | '\\' | '[' | ']' | '*' | '_' => !is_code,
            _ => false,
        };
        if acts {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
