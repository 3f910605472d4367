//! Scenarios without their violation.

use indexmap::IndexMap;
use serde::Deserialize;

use crate::model::evidence::Hunk;
use crate::page::{Finding, Group, Text, Tone, Trial};

/// `vacuity.json`, as far as it is shown.
#[derive(Deserialize)]
pub(super) struct Report {
    scenarios: IndexMap<String, Scenario>,
}

#[derive(Deserialize)]
struct Scenario {
    outcome: String,
    #[serde(default)]
    taken_out: Vec<Hunk>,
    message: Option<String>,
    problem: Option<String>,
    #[serde(default)]
    stages: IndexMap<String, Stage>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Stage {
    outcome: String,
    problem: Option<String>,
    #[serde(default)]
    said: Vec<String>,
}

pub(super) fn trial(report: &Report) -> Trial {
    let groups = [
        (
            "proves_nothing",
            "Prove nothing: the gate blocks them without their violation",
            Tone::Bad,
        ),
        ("not_tried", "Not tried", Tone::Part),
        (
            "proves_something",
            "Prove something: without the violation they pass",
            Tone::Good,
        ),
    ];
    let groups = groups.map(|(outcome, title, tone)| Group {
        title: title.into(),
        tone,
        is_open: true,
        findings: report
            .scenarios
            .iter()
            .filter(|(_, row)| row.outcome == outcome)
            .map(|(name, row)| finding(name, row, tone))
            .collect(),
        ..Group::default()
    });
    let groups: Vec<Group> = groups
        .into_iter()
        .filter(|group| !group.findings.is_empty())
        .collect();
    Trial {
        title: "Scenarios",
        sentence: "The violation was taken out of each scenario: what is left must pass.".into(),
        groups,
    }
}

fn finding(name: &str, row: &Scenario, tone: Tone) -> Finding {
    let mut details: Vec<(&'static str, Text)> = Vec::new();
    let taken = row.taken_out.iter();
    details.extend(taken.map(|hunk| ("taken out", hunk.to_string().into())));
    details.extend(row.message.as_deref().map(|text| ("message", text.into())));
    details.extend(
        row.problem
            .as_deref()
            .map(|text| ("problem", Text::lines(text))),
    );
    for (stage, at) in &row.stages {
        let mut text = format!("{stage}: {}", at.outcome.replace('_', " "));
        for more in at.problem.iter().chain(&at.said) {
            text += "\n";
            text += more;
        }
        details.push(("stage", Text::lines(&text)));
    }
    details.extend(row.next.as_deref().map(|text| ("next", Text::lines(text))));
    Finding {
        name: name.into(),
        outcome: row.outcome.replace('_', " ").into(),
        tone,
        details,
        ..Finding::default()
    }
}
