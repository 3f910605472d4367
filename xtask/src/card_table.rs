//! The table of `docs/enforcement.md`: one column for each gate, one row for each sabotage.

use std::fmt::Write as _;
use std::fs;

use anyhow::Context as _;
use serde_json::Value;

use crate::cargo::root;

const BEGIN: &str = "<!-- scorecards: written by `cargo xtask scorecards` -->\n";
const END: &str = "<!-- scorecards: end -->\n";

/// Returns the page with the table of these scorecards in place of the one that it has.
pub fn page(page: &str, cards: &[(String, Value)]) -> anyhow::Result<String> {
    let (before, rest) = page.split_once(BEGIN).context("there is no table")?;
    let (_, after) = rest.split_once(END).context("the table does not end")?;
    Ok(format!("{before}{BEGIN}{}{END}{after}", table(cards)?))
}

fn table(cards: &[(String, Value)]) -> anyhow::Result<String> {
    let mut out = "| sabotage |".to_owned();
    for (gate, card) in cards {
        let version = card["package_resolved"]["version"].as_str();
        let version = version.context("a scorecard names no version")?;
        let _ = write!(out, " {gate} {version} |");
    }
    out += "\n|---|";
    out += &"---|".repeat(cards.len());
    out += "\n";
    let ids = fs::read_to_string(root().join("sabotages/builtin.toml"))?;
    for id in ids.lines().filter_map(|line| line.strip_prefix("id = ")) {
        let id = id.trim_matches('"');
        let _ = write!(out, "| `{id}` |");
        for (_, card) in cards {
            let same = rows(card)?.iter().find(|row| row["id"] == id);
            let _ = write!(out, " {} |", cell(same.context("a scorecard is older")?));
        }
        out += "\n";
    }
    out += "| open, of those tried |";
    for (_, card) in cards {
        let count = |name: &str| card["counts"][name].as_u64().unwrap_or_default();
        let open = count("fails_open");
        let _ = write!(out, " {open} of {} |", open + count("fails_closed"));
    }
    out += "\n";
    Ok(out)
}

fn rows(card: &Value) -> anyhow::Result<&Vec<Value>> {
    card["sabotages"].as_array().context("it has no rows")
}

fn cell(row: &Value) -> String {
    match row["outcome"].as_str() {
        Some("fails_open") => open(row),
        Some("fails_closed") if row["green"] == true => "closed".to_owned(),
        Some("fails_closed") => "closed ¹".to_owned(),
        Some("cannot_be_applied") => "n/a".to_owned(),
        Some("of_other_gates") => "–".to_owned(),
        other => format!("{other:?}"),
    }
}

/// Names the stages that are open.
fn open(row: &Value) -> String {
    let stages: Vec<_> = row["stages"].as_object().into_iter().flatten().collect();
    let is_open = |stage: &&(&String, &Value)| stage.1 == "open";
    let open: Vec<_> = stages.iter().filter(is_open).collect();
    if open.len() == stages.len() {
        return "**open everywhere**".to_owned();
    }
    let name = |stage: &str| match stage {
        "pre-commit" | "commit-msg" => "commit".to_owned(),
        "pre-push" => "push".to_owned(),
        other => other.to_owned(),
    };
    let names: Vec<_> = open.iter().map(|(stage, _)| name(stage)).collect();
    format!("**open**: {}", names.join(", "))
}
