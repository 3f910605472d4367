//! Ways in, grouped by who could refuse them.

use indexmap::IndexMap;
use serde::Deserialize;

use crate::page::{Finding, Group, Text, Tone, Trial};

/// `sabotage.json`, as far as it is shown.
#[derive(Deserialize)]
pub(super) struct Scorecard {
    scenario: String,
    sabotages: Vec<Sabotage>,
}

#[derive(Deserialize)]
struct Sabotage {
    id: String,
    does: String,
    outcome: String,
    #[serde(default)]
    stages: IndexMap<String, String>,
    seen: String,
    why: String,
    reference: Option<String>,
    remedy: String,
    refused_by: String,
    open_in_ci: bool,
    accepted: Option<Accepted>,
}

#[derive(Deserialize)]
struct Accepted {
    owner: String,
    reason: String,
    expires: String,
}

/// True if a row belongs to a group.
type IsOf = fn(&Sabotage) -> bool;

/// The groups: heading, and whether a row belongs to it; those to act upon first.
const GROUPS: [(&str, Tone, IsOf); 6] = [
    ("Got in in CI too: nothing refused it", Tone::Bad, |row| {
        row.outcome == "fails_open" && row.open_in_ci
    }),
    (
        "The gate or its installation could refuse it",
        Tone::Bad,
        |row| row.outcome == "fails_open" && !row.open_in_ci && row.refused_by == "gate",
    ),
    (
        "Only CI can refuse it: nothing on a committer's machine can",
        Tone::Part,
        |row| row.outcome == "fails_open" && !row.open_in_ci && row.refused_by != "gate",
    ),
    ("Not tried", Tone::Part, |row| row.outcome == "not_tried"),
    ("Blocked", Tone::Good, |row| row.outcome == "fails_closed"),
    ("Cannot be applied here", Tone::Off, |row| {
        matches!(row.outcome.as_str(), "cannot_be_applied" | "of_other_gates")
    }),
];

pub(super) fn trial(card: &Scorecard) -> Trial {
    let groups = GROUPS.iter().map(|(title, tone, is_of)| {
        let rows = card.sabotages.iter().filter(|row| is_of(row));
        Group {
            title: (*title).into(),
            tone: *tone,
            is_open: matches!(tone, Tone::Bad | Tone::Part),
            findings: rows.map(|row| finding(row, *tone)).collect(),
            ..Group::default()
        }
    });
    let open = |row: &&Sabotage| row.outcome == "fails_open";
    let tried = |row: &&Sabotage| matches!(row.outcome.as_str(), "fails_open" | "fails_closed");
    Trial {
        title: "Ways in",
        sentence: format!(
            "With the installation broken on purpose, the violation of {} got in {} of {} times.",
            card.scenario,
            card.sabotages.iter().filter(open).count(),
            card.sabotages.iter().filter(tried).count()
        )
        .into(),
        groups: groups.filter(|group| !group.findings.is_empty()).collect(),
    }
}

fn finding(row: &Sabotage, tone: Tone) -> Finding {
    let open = row.stages.iter().filter(|(_, outcome)| *outcome == "open");
    let open: Vec<&str> = open.map(|(stage, _)| stage.as_str()).collect();
    let outcome = match row.outcome.as_str() {
        "fails_open" => format!("got in at {}", open.join(", ")),
        "fails_closed" => "blocked".to_owned(),
        other => other.replace('_', " "),
    };
    let mut details = vec![
        ("does", Text::lines(&row.does)),
        ("seen", Text::lines(&row.seen)),
        ("comes about", Text::lines(&row.why)),
        ("remedy", Text::lines(&row.remedy)),
    ];
    details.extend(
        row.reference
            .as_deref()
            .map(|page| ("reference", page.into())),
    );
    let accepted = row.accepted.as_ref();
    details.extend(accepted.map(|it| {
        let text = format!("by {} until {}: {}", it.owner, it.expires, it.reason);
        ("accepted", text.into())
    }));
    details.retain(|(_, text)| !text.is_empty());
    Finding {
        margin: None,
        name: (&row.id).into(),
        outcome: outcome.into(),
        tone: if row.accepted.is_some() {
            Tone::Part
        } else {
            tone
        },
        details,
        copy: None,
    }
}
