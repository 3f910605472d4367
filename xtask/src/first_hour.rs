//! The first hour of a user: each repository of `xtask/first-hour/` is made anew, gets the
//! configuration that `matrix init` writes, and its matrix must be green without an edit.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use crate::cargo::{root, target};
use crate::grids::copy;

/// Tries the repositories with these names, or all; fails if one is not green.
pub fn first_hour(matrix: &Path, kinds: &[String]) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir()?;
    let (cache, work) = (
        target().join("tmp/package-caches"),
        scratch.path().join("work"),
    );
    fs::create_dir_all(&cache)?;
    fs::create_dir_all(&work)?;
    symlink(cache, work.join("cache"))?;
    let mut failed = Vec::new();
    let all = names(kinds)?;
    println!("| repository | scenarios | cells | verdict |\n|---|---|---|---|");
    for kind in &all {
        let consumer = scratch.path().join(kind);
        match tried(matrix, kind, &consumer, &work) {
            Ok(row) => {
                println!("| {kind} | {row} |");
                fs::remove_dir_all(&consumer)?;
            }
            Err(error) => {
                println!("| {kind} | – | – | FAIL |");
                eprintln!("first-hour: {kind}: {error:#}");
                failed.push(kind.as_str());
            }
        }
    }
    if !failed.is_empty() {
        let kept = scratch.keep();
        bail!(
            "first-hour: failed: {}; kept in {}",
            failed.join(", "),
            kept.display()
        );
    }
    Ok(())
}

/// Returns the repositories to try, in the order of their names.
fn names(asked: &[String]) -> anyhow::Result<Vec<String>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(root().join("xtask/first-hour"))? {
        all.push(entry?.file_name().to_string_lossy().into_owned());
    }
    all.sort();
    let unknown = asked.iter().find(|name| !all.contains(name));
    ensure!(
        unknown.is_none(),
        "no repository {unknown:?}: {}",
        all.join(", ")
    );
    all.retain(|kind| asked.is_empty() || asked.contains(kind));
    Ok(all)
}

/// Does what the README says, and returns what came of it.
fn tried(matrix: &Path, kind: &str, consumer: &Path, work: &Path) -> anyhow::Result<String> {
    copy(&root().join("xtask/first-hour").join(kind), consumer)?;
    let git = |words: &[&str]| {
        let mut git = Command::new("git");
        let identity = ["-c", "user.name=A", "-c", "user.email=a@example.invalid"];
        succeeds(git.args(identity).args(words).current_dir(consumer))
    };
    git(&["init", "--quiet", "--initial-branch=main"])?;
    git(&["add", "--all"])?;
    git(&["commit", "--quiet", "--message=Begin"])?;
    let run = |words: &[&str]| {
        let mut command = Command::new(matrix);
        command
            .args(words)
            .current_dir(consumer)
            .env("MATRIX_WORK_DIR", work);
        succeeds(&mut command)
    };
    let ran = run(&["init"])?;
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    ensure!(!said.contains("to do: "), "init asks for an edit:\n{said}");
    git(&["add", "--all"])?;
    git(&["commit", "--quiet", "--message=Try our gate"])?;
    run(&["check"])?;
    run(&["run", "--run-id", "first"])?;
    // A gate that lets everything through would be green if nothing had to be blocked.
    let plan: Value =
        serde_json::from_slice(&fs::read(consumer.join("artifacts/runs/first/plan.json"))?)?;
    let expected = plan.to_string();
    ensure!(
        expected.contains("\"violations\""),
        "nothing has to be blocked"
    );
    let toml = fs::read_to_string(consumer.join("matrix.toml"))?;
    let (scenarios, blocked) = (toml.matches("[scenario.").count(), blocked_cells(&toml));
    ensure!(blocked > 0, "no cell has to be blocked:\n{toml}");
    run(&["check", "--vacuity", "--run-id", "vacuity"]).context("a scenario proves nothing")?;
    Ok(format!("{scenarios} | {blocked} blocked | PASS"))
}

/// Returns the number of cells that must be blocked.
fn blocked_cells(toml: &str) -> usize {
    let expectations = toml.lines().filter(|line| line.starts_with("expect = "));
    expectations
        .map(|line| line.matches("= 1").count() + line.matches("nonzero").count())
        .sum()
}

fn succeeds(command: &mut Command) -> anyhow::Result<Output> {
    let ran = command.output()?;
    let said = String::from_utf8_lossy(&ran.stderr);
    let tail: Vec<_> = said.lines().rev().take(25).collect();
    let tail: Vec<_> = tail.into_iter().rev().collect();
    ensure!(
        ran.status.success(),
        "{command:?}: {}\n{}",
        ran.status,
        tail.join("\n")
    );
    Ok(ran)
}
