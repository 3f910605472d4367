//! Scorecards against `xtask/by-hand/`, which breaks the same gates with plain git and shell commands.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use crate::cargo::root;

/// The outcome of a sabotage, and that of each stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Outcome {
    word: &'static str,
    stages: BTreeMap<String, String>,
}

/// Compares the rows of a scorecard that are about this gate with the script's. Returns how many rows there were,
/// and a sentence for each that differs.
pub fn differences(card: &Value, gate: &str, work: &Path) -> anyhow::Result<(usize, Vec<String>)> {
    let card = rows(card)?;
    let by_hand = run(gate, &card, work)?;
    let mut differing = Vec::new();
    for (id, outcome) in [("control", "open"), ("violation", "closed")] {
        let found = by_hand.get(id).cloned().unwrap_or_default();
        if found.stages.values().any(|word| word != outcome) || found.stages.is_empty() {
            differing.push(format!("{gate} · {id}: by hand {}", words(&found)));
        }
    }
    for (id, outcome) in &card {
        match by_hand.get(id) {
            None => differing.push(format!("{gate} · {id}: the script has no such row")),
            Some(other) if other != outcome => {
                let (card, hand) = (words(outcome), words(other));
                differing.push(format!("{gate} · {id}: {card}; by hand {hand}"));
            }
            Some(_) => {}
        }
    }
    Ok((card.len(), differing))
}

/// The rows of a scorecard that are about its gate.
fn rows(card: &Value) -> anyhow::Result<Vec<(String, Outcome)>> {
    let rows = card["sabotages"].as_array().context("it has no rows")?;
    let mut all = Vec::new();
    for row in rows {
        let id = row["id"].as_str().context("a row has no id")?;
        let word = match row["outcome"].as_str() {
            Some("fails_open") => "open",
            Some("fails_closed") => "closed",
            Some("cannot_be_applied") => "cannot be applied",
            Some("of_other_gates") => continue,
            other => bail!("{id}: {other:?}"),
        };
        let stages = row["stages"].as_object().context("a row has no stages")?;
        let stages = stages.iter().map(|(stage, word)| {
            let word = word.as_str().unwrap_or("nothing");
            (stage.clone(), word.to_owned())
        });
        let stages = stages.collect();
        all.push((id.to_owned(), Outcome { word, stages }));
    }
    Ok(all)
}

/// Runs the script for the rows of a scorecard.
fn run(
    gate: &str,
    rows: &[(String, Outcome)],
    scratch: &Path,
) -> anyhow::Result<BTreeMap<String, Outcome>> {
    let mut script = Command::new("sh");
    script.arg(root().join("xtask/by-hand/by-hand.sh"));
    script.arg(scratch).arg(gate);
    script.args(rows.iter().map(|(id, _)| id));
    let ran = script.stderr(Stdio::inherit()).output()?;
    ensure!(ran.status.success(), "by-hand.sh {gate}: {}", ran.status);
    let mut all: BTreeMap<String, Outcome> = BTreeMap::new();
    for line in String::from_utf8_lossy(&ran.stdout).lines() {
        let mut fields = line.splitn(4, ' ');
        let mut next = || fields.next().unwrap_or_default();
        let (id, stage, word) = (next(), next(), next());
        let outcome = all.entry(id.to_owned()).or_insert(Outcome {
            word: "closed",
            ..Outcome::default()
        });
        match (stage, word) {
            ("-", "cannot") => outcome.word = "cannot be applied",
            ("-", "stopped") => {}
            (_, "open" | "closed") => {
                if word == "open" {
                    outcome.word = "open";
                }
                outcome.stages.insert(stage.to_owned(), word.to_owned());
            }
            _ => bail!("by-hand.sh {gate}: {line}"),
        }
    }
    Ok(all)
}

fn words(outcome: &Outcome) -> String {
    let stages = outcome.stages.iter();
    let stages: Vec<_> = stages
        .map(|(stage, word)| format!("{stage} {word}"))
        .collect();
    if stages.is_empty() {
        return outcome.word.to_owned();
    }
    stages.join(", ")
}
