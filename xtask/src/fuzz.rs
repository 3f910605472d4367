//! Fuzzing guided by coverage: each target of `fuzz/` in turn, and a table of what came of it.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, bail, ensure};

use crate::cargo::root;

/// The targets, and how long each is tried.
#[derive(clap::Args)]
pub struct Options {
    /// Only these folders of fuzz/seeds/
    targets: Vec<String>,
    /// Time for each
    #[arg(long, default_value_t = 600)]
    seconds: u32,
}

/// Fuzzes the targets. What is found stays in `fuzz/artifacts/`, new inputs in `fuzz/corpus/`.
pub fn fuzz(options: &Options) -> anyhow::Result<()> {
    let folder = root().join("fuzz");
    let program = built()?;
    let mut targets = Vec::new();
    for entry in fs::read_dir(folder.join("seeds"))? {
        targets.push(entry?.file_name().to_string_lossy().into_owned());
    }
    targets.sort();
    let unknown = options.targets.iter().find(|name| !targets.contains(name));
    ensure!(
        unknown.is_none(),
        "fuzz/seeds/ has no {unknown:?}: {targets:?}"
    );
    targets.retain(|name| options.targets.is_empty() || options.targets.contains(name));
    fs::create_dir_all(folder.join("artifacts"))?;
    println!("| target | seconds | executions | coverage | found |\n|---|---|---|---|---|");
    let mut found = Vec::new();
    for target in targets {
        let began = Instant::now();
        let corpus = folder.join("corpus").join(&target);
        fs::create_dir_all(&corpus)?;
        let output = Command::new(&program)
            .env("FUZZ_TARGET", &target)
            .arg(format!("-max_total_time={}", options.seconds))
            .args(["-timeout=10", "-rss_limit_mb=2048", "-max_len=16384"])
            .args([
                "-print_final_stats=1",
                &format!("-artifact_prefix=artifacts/{target}-"),
            ])
            .arg(corpus)
            .arg(format!("seeds/{target}"))
            .current_dir(&folder)
            .stdin(Stdio::null())
            .output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        let word = |start: &str| {
            let rest = said.rsplit_once(start).map(|(_, rest)| rest);
            rest.and_then(|rest| rest.split_whitespace().next())
                .unwrap_or("-")
        };
        let (executions, coverage) = (word("stat::number_of_executed_units:"), word("cov:"));
        let input = if output.status.success() {
            "-"
        } else {
            word("Test unit written to")
        };
        let seconds = began.elapsed().as_secs();
        println!("| {target} | {seconds} | {executions} | {coverage} | {input} |");
        if !output.status.success() {
            eprintln!("{said}");
            found.push(target);
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    bail!("found something: {}", found.join(", "))
}

/// Builds the targets with the nightly toolchain, which `fuzz/rust-toolchain.toml` names, and
/// returns the program.
fn built() -> anyhow::Result<std::path::PathBuf> {
    // Both variables would name the toolchain of this chore.
    let output = Command::new("cargo")
        .args(["build", "--message-format=json-render-diagnostics"])
        .current_dir(root().join("fuzz"))
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO")
        .env_remove("CARGO_TARGET_DIR")
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(
        output.status.success(),
        "the fuzz targets do not build; they need rustup and `rustup toolchain install nightly --profile minimal`"
    );
    let text = String::from_utf8_lossy(&output.stdout);
    let messages = text
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut programs = messages.filter_map(|it| it["executable"].as_str().map(Into::into));
    programs.next_back().context("cargo names no program")
}
