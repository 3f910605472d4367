//! The scorecard of each gate, kept in `target/scorecards/`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::cargo::{GATES, release, root, run};

/// A verb of the binary that tries altered lanes.
struct Trial {
    verb: &'static str,
    /// The key of its rows in the summary.
    rows: &'static str,
    /// True for a row that must not occur.
    is_bad: fn(&Value) -> bool,
}

/// Sabotages every gate.
pub fn sabotages() -> anyhow::Result<()> {
    let is_bad = |row: &Value| {
        (row["outcome"] == "fails_open" && row["green"] == true) || row["outcome"] == "not_tried"
    };
    Trial {
        verb: "sabotage",
        rows: "sabotages",
        is_bad,
    }
    .run()
}

/// Mutates the configuration of every gate.
pub fn mutations() -> anyhow::Result<()> {
    let is_bad = |row: &Value| row["outcome"] == "not_tried";
    Trial {
        verb: "mutate",
        rows: "mutations",
        is_bad,
    }
    .run()
}

impl Trial {
    fn run(&self) -> anyhow::Result<()> {
        let matrix = release()?;
        let scratch = tempfile::tempdir()?;
        let kept = root().join("target/scorecards");
        fs::create_dir_all(&kept)?;
        for gate in GATES {
            let into = scratch.path().join(gate);
            if let Err(error) = self.one(&matrix, gate, scratch.path(), &kept) {
                // The artifacts of a failed run stay for inspection.
                let artifacts = scratch.keep().join(gate).join("artifacts");
                let what = format!("{}: {gate}: {}", self.verb, artifacts.display());
                return Err(error).context(what);
            }
            fs::remove_dir_all(into)?;
        }
        println!("{}: kept in {}/", self.verb, kept.display());
        Ok(())
    }

    /// Tries one gate, keeps its scorecard, and fails on a row that must not occur.
    fn one(&self, matrix: &Path, gate: &str, scratch: &Path, kept: &Path) -> anyhow::Result<()> {
        let into = scratch.join(gate);
        let text = kept.join(format!("{gate}-{}.txt", self.verb));
        let mut trial = Command::new(matrix);
        trial.args([self.verb, "--gate", gate, "--run-id", "it", "--into"]);
        trial.arg(&into).arg("--work-dir").arg(scratch.join("work"));
        run(trial.stdout(File::create(&text)?))?;
        let artifacts = into.join("artifacts");
        if self.verb == "sabotage" {
            let card = artifacts.join("runs/it/sabotage.md");
            fs::copy(card, kept.join(format!("{gate}.md")))?;
        }
        let summary = summary(&artifacts, gate)?;
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
