//! Every gate in every way of isolating lanes: the same exits, and the same logs except for times and ids.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use regex::Regex;

use crate::cargo::{GATES, release};

const MODES: [&[&str]; 5] = [
    &["--sandbox", "require"],
    &["--sandbox", "off"],
    &["--sandbox", "off", "--fresh"],
    &["--sandbox", "require", "--jobs", "1"],
    &["--sandbox", "require", "--jobs", "8"],
];

/// Compares all modes of every gate with the first.
pub fn modes() -> anyhow::Result<()> {
    let matrix = release()?;
    let scratch = tempfile::tempdir()?;
    let varying = [
        (r"\x1b\[[0-9;]*m", ""),
        (r"[0-9]+(\.[0-9]+)? ?(ms|s|seconds)\b", "TIME"),
        (r"\b[0-9a-f]{7,64}\b", "ID"),
        (r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T0-9:.Z-]*", "TIME"),
    ];
    let varying = varying.map(|(pattern, word)| Regex::new(pattern).map(|regex| (regex, word)));
    let varying = varying.into_iter().collect::<Result<Vec<_>, _>>()?;
    for gate in GATES {
        let mut first = None;
        for mode in MODES {
            let into = scratch.path().join(gate);
            if into.exists() {
                fs::remove_dir_all(&into)?;
            }
            let mut demo = Command::new(&matrix);
            demo.args(["demo", gate]).args(mode);
            demo.args(["--strict", "--run-id", "it", "--into"])
                .arg(&into);
            demo.arg("--work-dir").arg(scratch.path().join("work"));
            let ran = demo.stderr(Stdio::inherit()).output()?;
            let name = format!("modes: {gate} {}", mode.join(" "));
            ensure!(ran.status.success(), "{name} failed");
            let console = String::from_utf8_lossy(&ran.stdout).into_owned();
            let logs = logs(&into.join("artifacts/runs/it/logs"))?;
            let stable = varying.iter().fold(logs, |text, (regex, word)| {
                regex.replace_all(&text, *word).into_owned()
            });
            let found = (console, stable);
            match &first {
                None => first = Some(found),
                Some(first) => ensure!(
                    *first == found,
                    "{name} differs: {}",
                    difference(first, &found)
                ),
            }
        }
        println!("modes: {gate} is the same in all");
    }
    Ok(())
}

/// Returns all logs of stages, each under its name.
fn logs(folder: &Path) -> anyhow::Result<String> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for lane in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        for log in fs::read_dir(lane?.path())? {
            let log = log?;
            if log.file_name().to_string_lossy().starts_with("stage_") {
                paths.push(log.path());
            }
        }
    }
    paths.sort();
    let mut all = String::new();
    for path in paths {
        let name = path.strip_prefix(folder)?.display().to_string();
        let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
        write!(all, "==> {name} <==\n{text}\n")?;
    }
    Ok(all)
}

/// Returns the first line that differs, of both.
fn difference(first: &(String, String), second: &(String, String)) -> String {
    let lines = |found: &(String, String)| format!("{}\n{}", found.0, found.1);
    let (first, second) = (lines(first), lines(second));
    let mut pairs = first.lines().zip(second.lines());
    let differs = pairs.find(|(a, b)| a != b);
    differs.map_or_else(
        || "one is longer".to_owned(),
        |(a, b)| format!("\n- {a}\n+ {b}"),
    )
}
