//! The gate's configuration, each rule with what noticed that it was weakened.

use indexmap::IndexMap;
use serde::Deserialize;

use crate::page::{Finding, Group, Text, Tone, Trial};

/// The number of lines of a file that are shown.
const LISTED: usize = 400;

/// `mutation.json`, as far as it is shown.
#[derive(Deserialize)]
pub(super) struct Report {
    #[serde(rename = "mutations")]
    rows: Vec<Mutation>,
    #[serde(default)]
    configuration: Vec<Configuration>,
    #[serde(default)]
    unread: Vec<Unread>,
    #[serde(default)]
    uncovered: Vec<Uncovered>,
}

#[derive(Deserialize)]
struct Mutation {
    id: String,
    file: String,
    line: usize,
    description: String,
    outcome: String,
    seen: Option<String>,
    rule: String,
    #[serde(default)]
    tried: Vec<String>,
    noticed_by: Option<NoticedBy>,
    next: Option<Next>,
}

#[derive(Deserialize)]
struct NoticedBy {
    scenario: String,
    stage: String,
    let_in: bool,
}

#[derive(Deserialize)]
struct Next {
    text: String,
    scenario: Option<String>,
}

#[derive(Deserialize)]
struct Configuration {
    file: String,
    text: Option<String>,
}

#[derive(Deserialize)]
struct Unread {
    file: String,
    why: String,
}

#[derive(Deserialize)]
struct Uncovered {
    file: String,
    gate: String,
}

pub(super) fn trial(report: &Report) -> Trial {
    let mut files: IndexMap<&str, Vec<&Mutation>> = IndexMap::new();
    for one in &report.rows {
        files.entry(&one.file).or_default().push(one);
    }
    let mut groups: Vec<Group> = files
        .into_iter()
        .map(|(file, mut rows)| {
            // As the file has them: the margin reads like its own.
            rows.sort_by_key(|row| row.line);
            let survived = rows.iter().any(|row| row.outcome == "survived");
            Group {
                title: file.into(),
                tone: if survived { Tone::Bad } else { Tone::Good },
                is_open: true,
                listing: listing(report, file, &rows),
                findings: rows.into_iter().map(finding).collect(),
            }
        })
        .collect();
    let others = report
        .unread
        .iter()
        .map(|one| (&one.file, format!("cannot be weakened: {}", one.why)));
    let others = others.chain(report.uncovered.iter().map(|one| {
        let text = format!("configures {}, and no pattern covers it", one.gate);
        (&one.file, text)
    }));
    let not_tried = others.map(|(file, outcome)| Finding {
        name: file.into(),
        outcome: outcome.into(),
        tone: Tone::Part,
        ..Finding::default()
    });
    groups.push(Group {
        title: "Not tried".into(),
        tone: Tone::Part,
        is_open: true,
        findings: not_tried.collect(),
        ..Group::default()
    });
    let count = |outcome: &str| {
        let rows = report.rows.iter();
        rows.filter(|row| row.outcome == outcome).count()
    };
    Trial {
        title: "Configuration",
        sentence: format!(
            "Each rule was weakened on purpose: {} noticed, {} survived, {} broke the gate, {} not tried.",
            count("noticed"),
            count("survived"),
            count("broke_the_gate"),
            count("not_tried")
        )
        .into(),
        groups: groups
            .into_iter()
            .filter(|group| !group.findings.is_empty())
            .collect(),
    }
}

/// The lines of a file: those that survived a mutation are bad, also if another was noticed.
fn listing(report: &Report, file: &str, rows: &[&Mutation]) -> Vec<(Tone, Text)> {
    let known = report.configuration.iter().find(|known| known.file == file);
    let Some(text) = known.and_then(|known| known.text.as_deref()) else {
        return Vec::new();
    };
    let tone = |number: usize| {
        let of_line = rows.iter().filter(|row| row.line == number);
        let outcomes: Vec<&str> = of_line.map(|row| row.outcome.as_str()).collect();
        match outcomes.as_slice() {
            [] => Tone::Off,
            all if all.contains(&"survived") => Tone::Bad,
            all if all.contains(&"noticed") => Tone::Good,
            _ => Tone::Part,
        }
    };
    let lines = text.lines().take(LISTED).enumerate();
    lines
        .map(|(at, line)| (tone(at + 1), line.into()))
        .collect()
}

fn finding(row: &Mutation) -> Finding {
    let by = row.noticed_by.as_ref();
    let mut details = vec![("weakened", Text::lines(&row.description))];
    details.extend(by.map(|by| {
        let how = if by.let_in {
            "let in what it must block"
        } else {
            "blocked what it must let in"
        };
        let text = format!("{}/{} {how}", by.scenario, by.stage);
        ("noticed", text.into())
    }));
    if by.is_none() && !row.tried.is_empty() {
        details.push(("tried", row.tried.join(", ").into()));
    }
    details.extend(row.seen.as_deref().map(|seen| ("seen", Text::lines(seen))));
    let next = row.next.as_ref();
    details.extend(next.map(|next| ("next", Text::lines(&next.text))));
    details.push(("id", (&row.id).into()));
    Finding {
        margin: Some(row.line.to_string().into()),
        name: (&row.rule).into(),
        outcome: row.outcome.replace('_', " ").into(),
        tone: match row.outcome.as_str() {
            "noticed" => Tone::Good,
            "survived" => Tone::Bad,
            _ => Tone::Part,
        },
        details,
        copy: next
            .and_then(|next| next.scenario.as_deref())
            .map(Text::lines),
    }
}
