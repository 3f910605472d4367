//! The scorecard on a console: what is open stands first.

use std::fmt::Write as _;

use super::score::{SabotageOutcome, SabotageRow, Scorecard};
use crate::model::evidence::StageOutcome;
use crate::model::text::plain;

pub(super) fn table(card: &Scorecard) -> String {
    let what = plain(&card.header.subject());
    let mut out = format!("sabotage of {what}: {}\n", card.headline());
    let width = card.tried().map(|row| row.id.as_str().len()).max();
    let order = [
        SabotageOutcome::FailsOpen,
        SabotageOutcome::NotTried,
        SabotageOutcome::CannotBeApplied,
        SabotageOutcome::FailsClosed,
    ];
    let of = |outcome| card.tried().filter(move |row| row.outcome == outcome);
    for row in order.into_iter().flat_map(of) {
        let outcome = row.outcome.as_str();
        let id = row.id.as_str();
        let line = format!(
            "{outcome:<17}  {id:<w$}  {}",
            stages(row),
            w = width.unwrap_or(0)
        );
        let _ = writeln!(out, "{}", line.trim_end());
        if row.outcome != SabotageOutcome::FailsClosed || !row.green {
            let _ = writeln!(out, "    saw: {}", plain(&row.seen));
        }
        if row.outcome == SabotageOutcome::FailsOpen {
            let _ = writeln!(out, "    do:  {}", plain(&row.remedy));
        }
    }
    if card.counts.of_other_gates > 0 {
        let _ = writeln!(out, "of other gates: {}", card.of_others());
    }
    out
}

/// `pre-commit=open ci=closed`.
fn stages(row: &SabotageRow) -> String {
    let word = |(stage, outcome): (_, &StageOutcome)| format!("{stage}={}", outcome.as_str());
    let words: Vec<String> = row.stages.iter().map(word).collect();
    words.join(" ")
}
