//! The scorecard of each gate, kept in `target/scorecards/`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::cargo::{GATES, debug, release, root, run, target};
use crate::grids::lay;
use crate::{by_hand, card_table};

/// The gates of the table in `docs/enforcement.md`, in its order.
const CARDS: [&str; 9] = [
    "lefthook",
    "husky",
    "simple-git-hooks",
    "pre-commit",
    "prek",
    "commitlint",
    "lint-staged",
    "ruff",
    "gitlint",
];

/// Those of them that set no hooks: their consumers are those of `docs/real-gates.md`, with hooks of their own.
const WITH_OWN_HOOKS: [&str; 2] = ["lint-staged", "ruff"];

/// A verb of the binary that tries altered lanes.
struct Trial {
    verb: &'static str,
    /// The key of its rows in the summary.
    rows: &'static str,
    /// True for a row that must not occur.
    is_bad: fn(&Value) -> bool,
}

const SABOTAGE: Trial = Trial {
    verb: "sabotage",
    rows: "sabotages",
    is_bad: |row| {
        (row["outcome"] == "fails_open" && row["green"] == true) || row["outcome"] == "not_tried"
    },
};

const MUTATE: Trial = Trial {
    verb: "mutate",
    rows: "mutations",
    is_bad: |row| row["outcome"] == "not_tried",
};

/// Sabotages every gate.
pub fn sabotages() -> anyhow::Result<()> {
    SABOTAGE.run(&release()?, &GATES)
}

/// Mutates the configuration of every gate.
pub fn mutations() -> anyhow::Result<()> {
    MUTATE.run(&release()?, &GATES)
}

/// Makes the scorecards of these gates, or of all in the table, unless those that were kept are to be taken; then
/// compares each with the script that breaks the gate by hand, or writes the table.
pub fn scorecards(names: &[String], by_hand: bool, takes_kept: bool) -> anyhow::Result<()> {
    let unknown = names.iter().find(|name| !CARDS.contains(&name.as_str()));
    ensure!(unknown.is_none(), "no gate {unknown:?}: {CARDS:?}");
    let is_asked = |gate: &&str| names.is_empty() || names.iter().any(|name| name == gate);
    let gates: Vec<&str> = CARDS.into_iter().filter(is_asked).collect();
    if !takes_kept {
        SABOTAGE.run(&debug()?, &gates)?;
    }
    if by_hand {
        return compare(&gates);
    }
    let cards = CARDS.map(|gate| kept_card(gate).map(|card| (gate.to_owned(), card)));
    let cards = cards.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    let path = root().join("docs/enforcement.md");
    let page = card_table::page(&fs::read_to_string(&path)?, &cards)?;
    fs::write(path, page)?;
    Ok(())
}

/// Fails if a row differs from what the script finds.
fn compare(gates: &[&str]) -> anyhow::Result<()> {
    let work = tempfile::tempdir()?;
    let mut differing = Vec::new();
    for gate in gates {
        let (rows, found) = by_hand::differences(&kept_card(gate)?, gate, work.path())?;
        println!("{gate}: {rows} rows by hand, {} differ", found.len());
        differing.extend(found);
    }
    if differing.is_empty() {
        return Ok(());
    }
    for line in &differing {
        println!("{line}");
    }
    // The logs say what git and the gates printed.
    let logs = work.keep().join("logs");
    anyhow::bail!("{} differ; logs: {}", differing.len(), logs.display())
}

fn kept() -> PathBuf {
    target().join("scorecards")
}

fn kept_card(gate: &str) -> anyhow::Result<Value> {
    let path = kept().join(format!("{gate}.json"));
    let card = fs::read(&path).with_context(|| format!("{} was not made", path.display()))?;
    Ok(serde_json::from_slice(&card)?)
}

impl Trial {
    fn run(&self, matrix: &Path, gates: &[&str]) -> anyhow::Result<()> {
        let scratch = tempfile::tempdir()?;
        fs::create_dir_all(kept())?;
        for gate in gates {
            let into = scratch.path().join(gate);
            if let Err(error) = self.one(matrix, gate, scratch.path()) {
                // The artifacts of a failed run stay for inspection.
                let artifacts = scratch.keep().join(gate).join("artifacts");
                let what = format!("{}: {gate}: {}", self.verb, artifacts.display());
                return Err(error).context(what);
            }
            fs::remove_dir_all(into)?;
        }
        println!("{}: kept in {}/", self.verb, kept().display());
        Ok(())
    }

    /// Tries one gate, keeps its scorecard, and fails on a row that must not occur.
    fn one(&self, matrix: &Path, gate: &str, scratch: &Path) -> anyhow::Result<()> {
        let into = scratch.join(gate);
        let text = kept().join(format!("{gate}-{}.txt", self.verb));
        let mut trial = Command::new(matrix);
        trial.args([self.verb, "--run-id", "it"]);
        trial.arg("--work-dir").arg(scratch.join("work"));
        if WITH_OWN_HOOKS.contains(&gate) {
            lay(gate, &into)?;
            trial.arg("--repo").arg(&into);
        } else {
            trial.args(["--gate", gate, "--into"]).arg(&into);
        }
        run(trial.stdout(File::create(&text)?))?;
        let artifacts = into.join("artifacts");
        let summary = summary(&artifacts, gate)?;
        if self.verb == SABOTAGE.verb {
            let card = artifacts.join("runs/it/sabotage.md");
            fs::copy(card, kept().join(format!("{gate}.md")))?;
            fs::copy(&summary, kept().join(format!("{gate}.json")))?;
        }
        let summary: Value = serde_json::from_slice(&fs::read(summary)?)?;
        let rows = summary[self.rows]
            .as_array()
            .context("its summary has no rows")?;
        let bad = rows.iter().filter(|row| (self.is_bad)(row));
        let bad: Vec<String> = bad.map(|row| row["id"].to_string()).collect();
        ensure!(bad.is_empty(), "{}", bad.join(", "));
        print!("{}", fs::read_to_string(&text)?);
        Ok(())
    }
}

/// Finds the summary of a trial: the kind of run is part of its name.
fn summary(artifacts: &Path, gate: &str) -> anyhow::Result<PathBuf> {
    let is_summary = |name: &str| {
        name.strip_prefix(gate)
            .is_some_and(|rest| rest.starts_with('-'))
            && name.ends_with("-summary.json")
    };
    for entry in fs::read_dir(artifacts)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(is_summary) {
            return Ok(entry.path());
        }
    }
    anyhow::bail!("there is no summary in {}", artifacts.display())
}
