//! The scorecard on a console.

use std::fmt::Write as _;

use super::row::SabotageOutcome;
use super::score::Scorecard;
use crate::model::ScenarioName;
use crate::model::text::plain;
use crate::triage::document::Excuse;

pub(super) fn table(card: &Scorecard) -> String {
    let what = plain(&card.header.subject());
    let mut out = format!("sabotage of {what}: {}\n", card.headline());
    let width = card.tried().map(|row| row.id.as_str().len()).max();
    let mut who = None;
    for row in card.tried() {
        if row.group().who() != who {
            who = row.group().who();
            let _ = writeln!(
                out,
                "{}",
                who.map_or(String::new(), |who| format!("-- {who}"))
            );
        }
        let outcome = row.outcome.as_str();
        let id = row.id.as_str();
        let line = format!(
            "{outcome:<17}  {id:<w$}  {}",
            row.open_stages(),
            w = width.unwrap_or(0)
        );
        let _ = writeln!(out, "{}", line.trim_end());
        if row.outcome != SabotageOutcome::FailsClosed || !row.green {
            let _ = writeln!(out, "    saw: {}", plain(&row.seen));
        }
        if row.outcome == SabotageOutcome::FailsOpen {
            let _ = writeln!(out, "    do:  {}", plain(&row.remedy));
        }
        if let Some(accepted) = &row.accepted {
            let _ = writeln!(out, "    {}", plain(&acceptance(accepted)));
        }
    }
    if card.counts.of_other_gates > 0 {
        let _ = writeln!(out, "of other gates: {}", card.of_others());
    }
    for fault in card.accepted.iter().flat_map(|report| &report.faults) {
        let _ = writeln!(out, "{}", fault.line());
    }
    if let Some(diff) = &card.baseline {
        let mut lists = vec![("got in, and did not", &diff.opened)];
        if !diff.untried_before.is_empty() {
            lists.push(("got in, and was not tried", &diff.untried_before));
        }
        lists.push(("blocked, and got in", &diff.closed));
        for (what, ids) in lists {
            let ids: Vec<&str> = ids.iter().map(ScenarioName::as_str).collect();
            let ids = if ids.is_empty() {
                "none".to_owned()
            } else {
                ids.join(", ")
            };
            let _ = writeln!(out, "{what} in {}: {ids}", plain(&diff.run_id));
        }
    }
    out
}

/// `accepted by ann until 2026-02-28: it is rare`.
pub(super) fn acceptance(entry: &Excuse) -> String {
    let Excuse {
        owner,
        reason,
        expires,
    } = entry;
    format!("accepted by {owner} until {expires}: {reason}")
}
