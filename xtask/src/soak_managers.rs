//! Gates that every package manager installs, in every layout of a repository: the verdict
//! and the package that was read must be right.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::cargo::{root, run, target};
use crate::managed::{Gate, Layout, MANAGERS, Managed};

const LAYOUTS: [Layout; 3] = [Layout::Root, Layout::Subfolder, Layout::Workspace];
const GATES: [Gate; 2] = [Gate::Lefthook, Gate::Husky];

/// Plays every combination and prints a table; fails if one is wrong.
pub fn managers(matrix: &Path, only: &[String]) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir()?;
    let (cache, work) = (
        target().join("tmp/package-caches"),
        scratch.path().join("work"),
    );
    fs::create_dir_all(&cache)?;
    fs::create_dir_all(&work)?;
    symlink(cache, work.join("cache"))?;
    let mut paths: HashMap<&str, OsString> = HashMap::new();
    let mut wrong = Vec::new();
    println!("| package manager | layout | gate | verdict | version | read from |");
    println!("|---|---|---|---|---|---|");
    let is_asked = |name: &str| only.is_empty() || only.iter().any(|part| name.starts_with(part));
    for manager in MANAGERS.iter().filter(|manager| is_asked(manager.name)) {
        if !paths.contains_key(manager.package) {
            paths.insert(manager.package, path_with(manager.package)?);
        }
        let cases = LAYOUTS
            .iter()
            .flat_map(|layout| GATES.map(|gate| (*layout, gate)));
        for (layout, gate) in cases {
            let managed = Managed {
                manager: *manager,
                layout,
                gate,
            };
            let name = format!("{} | {layout:?} | {gate:?}", manager.name);
            let folder = scratch.path().join("consumer");
            let said = play(matrix, &managed, &folder, &work, &paths[manager.package])?;
            println!("| {name} | {} |", said.row);
            if let Some(why) = said.wrong {
                wrong.push(format!("{name}: {why}"));
            }
            fs::remove_dir_all(&folder)?;
        }
    }
    for line in &wrong {
        eprintln!("{line}");
    }
    ensure!(wrong.is_empty(), "{} are wrong", wrong.len());
    Ok(())
}

struct Said {
    row: String,
    wrong: Option<String>,
}

/// Plays one combination in a new consumer.
fn play(
    matrix: &Path,
    managed: &Managed,
    folder: &Path,
    work: &Path,
    path: &OsString,
) -> anyhow::Result<Said> {
    for (name, text) in managed.files() {
        let file = folder.join(name);
        fs::create_dir_all(file.parent().unwrap_or(folder))?;
        fs::write(&file, text)?;
    }
    let git = |words: &str| {
        let mut git = Command::new("git");
        let identity = ["-c", "user.name=A", "-c", "user.email=a@example.invalid"];
        git.args(identity)
            .args(words.split(' '))
            .current_dir(folder);
        run(&mut git)
    };
    git("init --quiet --initial-branch=main")?;
    git("add --all")?;
    git("commit --quiet --no-verify --message=Begin")?;
    let mut command = Command::new(matrix);
    command.args(["run", "--strict", "--repo"]).arg(folder);
    command.arg("--work-dir").arg(work).env("PATH", path);
    let ran = command.output().context("matrix does not start")?;
    let (name, version) = managed.package();
    let summary = folder.join(format!("artifacts/{name}-matrix-summary.json"));
    let summary: Value = match fs::read(&summary) {
        Ok(bytes) => serde_json::from_slice(&bytes)?,
        Err(_) => Value::Null,
    };
    let resolved = &summary["package_resolved"];
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let row = [
        &summary["final_verdict"],
        &resolved["version"],
        &resolved["read_from"],
    ]
    .map(text);
    let is_right = row == ["PASS".to_owned(), version.to_owned(), managed.record()];
    let is_right = is_right && resolved["name"] == name && ran.status.success();
    let wrong = (!is_right).then(|| {
        let said = String::from_utf8_lossy(&ran.stderr);
        let last: Vec<_> = said.lines().rev().take(25).collect();
        let last: Vec<_> = last.into_iter().rev().collect();
        format!(
            "expected {version} from {}\n{}",
            managed.record(),
            last.join("\n")
        )
    });
    Ok(Said {
        row: row.join(" | "),
        wrong,
    })
}

/// Returns PATH with a package manager first, which is installed below the target folder.
fn path_with(package: &str) -> anyhow::Result<OsString> {
    let folder = target().join("tmp/managers").join(package);
    if !folder.exists() {
        let script = root().join("tests/it/support/managers.sh");
        run(Command::new("sh").arg(script).arg(&folder).arg(package))?;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let all = [folder.join("bin")].into_iter().chain(folders);
    Ok(std::env::join_paths(all)?)
}
