//! The grids of real gates: each is tried in a consumer with its package from the registry, and
//! `docs/real-gates.md` says what was seen.
//!
//! The consumer is a folder of `xtask/gates/`, the mock of a built-in profile, or such a mock with the files of
//! `xtask/gates/` over it: hooks of its own, and what its `matrix.toml` then says beyond the mock's.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use crate::cargo::{built_in, root, run};

const PAGE: &str = "docs/real-gates.md";
const BEGIN: &str = "<!-- grids: written by `cargo xtask grids` -->\n";
const END: &str = "<!-- grids: end -->\n";
const SCENARIOS: [&str; 3] = ["clean", "violations", "mixed"];

const HEAD: &str = "\
| gate | version | tried on | installed by | stages driven by | clean | violations | mixed | fresh clone | note |
|---|---|---|---|---|---|---|---|---|---|
";

/// A run of one consumer, as a row of the page.
struct Grid {
    gate: String,
    row: String,
    /// Tools that the run used, with their versions.
    tools: Vec<(String, String)>,
    matrix: String,
}

/// Tries the gates with these names, or all, and writes their rows to the page unless one fails.
pub fn grids(matrix: &Path, names: &[String]) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir()?;
    let gates = gates(names)?;
    let (mut grids, mut failed) = (Vec::new(), Vec::new());
    for gate in &gates {
        let consumer = scratch.path().join(gate);
        let tried =
            lay(gate, &consumer).and_then(|texts| grid(matrix, &consumer, &texts, scratch.path()));
        match tried {
            Ok(grid) => {
                println!("{}", grid.row);
                grids.push(grid);
                // Installed packages of twenty gates are gigabytes.
                fs::remove_dir_all(consumer)?;
            }
            Err(error) => {
                eprintln!("grids: {gate}: {error:#}");
                failed.push(gate.as_str());
            }
        }
    }
    if !failed.is_empty() {
        let kept = scratch.keep();
        bail!(
            "grids: failed: {}; kept in {}",
            failed.join(", "),
            kept.display()
        );
    }
    let before = fs::read_to_string(root().join(PAGE))?;
    write(&page(&before, &grids, names.is_empty())?)?;
    Ok(())
}

/// Returns the gates to try, in the order of their names.
fn gates(names: &[String]) -> anyhow::Result<Vec<String>> {
    let folder = root().join("xtask/gates");
    let mut all = built_in()?;
    // These have no package of which a row could name the version.
    all.retain(|gate| gate != "demo" && gate != "cargo-husky");
    for entry in fs::read_dir(&folder)? {
        all.push(entry?.file_name().to_string_lossy().into_owned());
    }
    all.sort();
    all.dedup();
    let unknown = names.iter().find(|name| !all.contains(name));
    ensure!(unknown.is_none(), "no gate {unknown:?}: {}", all.join(", "));
    all.retain(|gate| names.is_empty() || names.contains(gate));
    Ok(all)
}

/// Makes a repository of a gate's consumer, and returns the texts that describe it: its `matrix.toml`, then the
/// profile that this inherits.
pub fn lay(gate: &str, consumer: &Path) -> anyhow::Result<Vec<String>> {
    let own = root().join("xtask/gates").join(gate);
    let profile = root().join("scenarios").join(gate);
    let config = consumer.join("matrix.toml");
    if own.join("scenarios").exists() {
        copy(&own, consumer)?;
    } else {
        copy(&profile.join("consumer"), consumer)?;
        for scenario in SCENARIOS {
            let overlay = consumer.join("scenarios").join(scenario);
            copy(&profile.join(scenario), &overlay)?;
        }
        if own.exists() {
            let mock = fs::read_to_string(&config)?;
            copy(&own, consumer)?;
            let scenarios = mock.find("\n[").map_or("", |at| &mock[at..]);
            let beyond = fs::read_to_string(&config)?;
            fs::write(&config, beyond + scenarios)?;
        }
    }
    git(consumer, &["init", "--quiet", "--initial-branch=main"])?;
    git(consumer, &["add", "--all"])?;
    git(
        consumer,
        &["commit", "--quiet", "--message=Add the consumer"],
    )?;
    let mut texts = vec![fs::read_to_string(&config)?];
    if profile.exists() {
        texts.push(fs::read_to_string(profile.join("matrix.toml"))?);
    }
    if !own.exists() {
        // What the mock says of itself is true of every mock.
        texts.reverse();
    }
    Ok(texts)
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn git(consumer: &Path, args: &[&str]) -> anyhow::Result<()> {
    let mut command = Command::new("git");
    command.arg("-C").arg(consumer);
    for setting in [
        "user.name=Grids",
        "user.email=grids@example.invalid",
        "core.hooksPath=/dev/null",
        "commit.gpgSign=false",
    ] {
        command.args(["-c", setting]);
    }
    run(command.args(args))
}

/// Runs the matrix of a consumer and reads its row from the run folder.
fn grid(matrix: &Path, consumer: &Path, texts: &[String], scratch: &Path) -> anyhow::Result<Grid> {
    let mut command = Command::new(matrix);
    command.args(["run", "--strict", "--run-id", "grid"]);
    let package = pinned(texts).context("matrix.toml names no package")?;
    if !package.is_empty() {
        command.args(["--package", package]);
    }
    command.arg("--repo").arg(consumer);
    command.arg("--work-dir").arg(scratch.join("work"));
    let ran = command.output()?;
    let said = String::from_utf8_lossy(&ran.stderr);
    ensure!(ran.status.success(), "{}\n{said}", ran.status);
    let folder = consumer.join("artifacts/runs/grid");
    let (record, plan) = (
        read(&folder.join("run.json"))?,
        read(&folder.join("plan.json"))?,
    );
    let stages = strings(&plan["stages"])?;
    let gate = text(&plan["gate"])?;
    let mut row = format!(
        "| {gate} | {} | {} | {} | {} |",
        text(&record["package_resolved"]["version"])?,
        date(&record)?,
        installer(&plan)?,
        driven_by(&plan, &stages)?
    );
    for scenario in SCENARIOS {
        let mut exits = Vec::new();
        for stage in &stages {
            let cell = read(&folder.join(format!("cells/{scenario}/{stage}.json")))?;
            exits.push(exit(&cell, scenario != "clean")?);
        }
        write!(row, " {} |", exits.join(" / "))?;
    }
    let fresh_clone = fresh_clone(consumer, &folder)?;
    let note = note(&texts[0]);
    write!(row, " {fresh_clone} | {note} |")?;
    let tools = plan["tools"].as_object().context("no tools")?;
    // A shell has no version to report.
    let tools = tools
        .iter()
        .filter(|(_, tool)| !tool["version"].is_null())
        .map(|(name, tool)| Ok((name.clone(), text(&tool["version"])?)));
    Ok(Grid {
        gate,
        row,
        tools: tools.collect::<anyhow::Result<_>>()?,
        matrix: text(&plan["matrix_version"])?,
    })
}

/// Returns the exit of a cell, with that of its hook if git exits otherwise.
///
/// The matrix has judged the cell by its `matrix.toml`. That a violation is blocked and a clean change is not is
/// checked here as well, so that no `matrix.toml` can agree with an open gate.
fn exit(cell: &Value, blocks: bool) -> anyhow::Result<String> {
    let (exit, hook) = (cell["exit"].as_i64(), cell["hook_exit"].as_i64());
    let codes = [exit, hook].into_iter().flatten();
    let name = format!("{} of {}", cell["stage"], cell["scenario"]);
    for code in codes {
        ensure!((code != 0) == blocks, "{name} exits {code}");
    }
    let exit = exit.with_context(|| format!("{name} has no exit"))?;
    Ok(match hook {
        Some(hook) if hook != exit => format!("{exit} ({hook})"),
        _ => exit.to_string(),
    })
}

/// Returns what a fresh clone with the plain installation of its package manager does.
///
/// The matrix itself warns of an installation that failed; here it is a fault of the consumer.
fn fresh_clone(consumer: &Path, folder: &Path) -> anyhow::Result<&'static str> {
    if !consumer.join("package.json").exists() {
        return Ok("–");
    }
    let found = read(&folder.join("fresh_clone.json"))?;
    ensure!(found["outcome"] == "enforced", "{found:#}");
    Ok("enforced")
}

/// Returns the program that installed the package.
fn installer(plan: &Value) -> anyhow::Result<&'static str> {
    let known = ["npm install", "pip install", "uv ", "pnpm ", "yarn "];
    for step in steps(plan)? {
        let Some(command) = step["command"].as_str() else {
            continue;
        };
        let found = known.into_iter().find(|words| command.contains(words));
        if let (true, Some(words)) = (command.contains("{package_spec}"), found) {
            return Ok(words.split(' ').next().unwrap_or(words));
        }
    }
    bail!("no step installs {{package_spec}}")
}

/// Returns the stages that git drives, and the commands of the others as their profile has them.
fn driven_by(plan: &Value, stages: &[String]) -> anyhow::Result<String> {
    let (mut by_git, mut others) = (Vec::new(), Vec::new());
    for stage in stages {
        let id = format!("stage_{}", stage.replace('-', "_"));
        let step = steps(plan)?.iter().find(|step| step["step"] == id.as_str());
        let command = text(&step.context("a stage without its step")?["command"])?;
        if command.starts_with("git commit ") || command.starts_with("git push ") {
            by_git.push(stage.as_str());
            continue;
        }
        let folders = ["node_modules/.bin/", ".venv/bin/", "{tool_dir}/bin/"];
        let command = folders
            .iter()
            .fold(command, |command, folder| command.replace(folder, ""));
        // The plan quotes a program for its placeholder, which is gone.
        let command = match command.strip_prefix('"') {
            Some(quoted) => quoted.replacen('"', "", 1),
            None => command,
        };
        others.push(format!("{stage}: `{}`", command.replace('|', "\\|")));
    }
    Ok(format!("git: {}; {}", by_git.join(", "), others.join("; ")))
}

fn steps(plan: &Value) -> anyhow::Result<&Vec<Value>> {
    let steps = plan["lanes"]["clean"]["steps"].as_array();
    steps.context("the plan has no lane `clean`")
}

/// Returns the package that a configuration or its profile names.
fn pinned(texts: &[String]) -> Option<&str> {
    let mut lines = texts.iter().flat_map(|text| text.lines());
    lines.find_map(|line| line.strip_prefix("package = \"")?.strip_suffix('"'))
}

/// Returns the comment with which a configuration begins.
fn note(text: &str) -> String {
    let comment = text.lines().map_while(|line| line.strip_prefix("# "));
    comment.collect::<Vec<_>>().join(" ")
}

/// Returns the page with these grids beside its other rows, or alone.
fn page(page: &str, grids: &[Grid], alone: bool) -> anyhow::Result<String> {
    let (head, rest) = page.split_once(BEGIN).context("the page has no begin")?;
    let (before, tail) = rest.split_once(END).context("the page has no end")?;
    let mut rows = BTreeMap::new();
    let earlier = before.lines().filter(|line| line.starts_with("| "));
    for row in earlier.filter(|row| !alone && !HEAD.starts_with(*row)) {
        let gate = row.split(" | ").next().unwrap_or_default();
        rows.insert(gate.trim_start_matches("| "), row);
    }
    rows.extend(grids.iter().map(|grid| (&*grid.gate, &*grid.row)));
    let rows: Vec<_> = rows.into_values().collect();
    let mut tools: Vec<_> = grids.iter().flat_map(|grid| &grid.tools).collect();
    tools.sort();
    tools.dedup();
    let tools = tools.into_iter().map(|(name, version)| {
        let version = version.rsplit(' ').next().unwrap_or(version);
        format!("{name} {}", version.trim_start_matches('v'))
    });
    let tools: Vec<_> = tools.collect();
    let matrix = grids.first().map_or("", |grid| grid.matrix.as_str());
    Ok(format!(
        "{head}{BEGIN}\n{} gates, those tried last with matrix {matrix}, {}.\n\n{HEAD}{}\n\n{END}{tail}",
        rows.len(),
        tools.join(", "),
        rows.join("\n"),
    ))
}

/// Returns the day of a run, in UTC.
fn date(record: &Value) -> anyhow::Result<String> {
    let at = text(&record["generated_at_utc"])?;
    Ok(at.split('T').next().unwrap_or(&at).to_owned())
}

fn write(page: &str) -> anyhow::Result<()> {
    fs::write(root().join(PAGE), page)?;
    println!("wrote {PAGE}");
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Value> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    Ok(serde_json::from_slice(&bytes)?)
}

fn text(value: &Value) -> anyhow::Result<String> {
    let text = value.as_str().context("a text is missing in the record")?;
    Ok(text.to_owned())
}

fn strings(value: &Value) -> anyhow::Result<Vec<String>> {
    let values = value
        .as_array()
        .context("a list is missing in the record")?;
    values.iter().map(text).collect()
}
