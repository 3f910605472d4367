//! Conditions that must hold before anything is cloned or run.

pub mod absent;
pub mod own_hooks;
mod refusal;
pub mod scenarios;

pub use refusal::Refusal;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::model::command::CommandTemplate;
use crate::model::plan::ToolFound;
use crate::model::profile::Profile;
use crate::model::scenario::Seed;
use crate::model::stage::Drive;
use crate::model::template::Template;
use crate::sys::env::{Snapshot, why_off_path};
use crate::sys::{fs, process};

/// The tools of a profile, found.
#[derive(Debug, Clone)]
pub struct Tools {
    /// Each tool with its place and the steps that need it.
    pub found: BTreeMap<String, ToolFound>,
    /// PATH for the lanes: the real places of the tools first, then the
    /// user's own.
    pub path: OsString,
    /// The output of `git --version`.
    pub git_version: String,
}

/// Tools that are not there.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", describe(.0))]
pub struct MissingTools(pub BTreeMap<String, MissingTool>);

/// A tool that is not there.
#[derive(Debug, Clone)]
pub struct MissingTool {
    /// The parts of the profile that need it.
    pub needed_by: Vec<String>,
    /// The place where it is all the same, and the reason why lanes do not have it.
    pub elsewhere: Option<String>,
}

fn describe(missing: &BTreeMap<String, MissingTool>) -> String {
    let line = |(tool, it): (&String, &MissingTool)| {
        let elsewhere = it.elsewhere.as_ref();
        format!(
            "`{tool}` is not on PATH; it is needed by {}{}",
            it.needed_by.join(", "),
            elsewhere.map(|why| format!("; {why}")).unwrap_or_default()
        )
    };
    missing.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Looks for everything that the lanes of a profile start by name.
///
/// # Errors
/// If one of them is not on PATH.
pub fn find_tools(profile: &Profile, env: &Snapshot) -> Result<Tools, MissingTools> {
    let mut found = BTreeMap::new();
    let mut missing = BTreeMap::new();
    for (tool, needed_by) in needed(profile) {
        match find_tool(&tool, needed_by, env) {
            Ok(at) => drop(found.insert(tool, at)),
            Err(it) => drop(missing.insert(tool, it)),
        }
    }
    if !missing.is_empty() {
        return Err(MissingTools(missing));
    }
    let real: Vec<PathBuf> = found
        .iter()
        .filter_map(|(tool, at)| real_folder(tool, Path::new(&at.path), env))
        .collect();
    let git = found.get("git").and_then(|git| git.version.clone());
    Ok(Tools {
        git_version: git.unwrap_or_default(),
        path: env.path_after(&real),
        found,
    })
}

/// Looks for one tool, and asks for its version.
///
/// # Errors
/// If it is not on PATH.
pub fn find_tool(
    tool: &str,
    needed_by: Vec<String>,
    env: &Snapshot,
) -> Result<ToolFound, MissingTool> {
    let Some(path) = env.find_program(tool) else {
        return Err(MissingTool {
            needed_by,
            elsewhere: why_off_path(tool, env.off_path()),
        });
    };
    Ok(ToolFound {
        version: version_of(tool, &path, env),
        path: path.display().to_string(),
        needed_by,
    })
}

/// Every program that is started by its bare name, with what starts it.
fn needed(profile: &Profile) -> BTreeMap<String, Vec<String>> {
    let mut needed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut need = |tool: &str, by: String| {
        let by_list = needed.entry(tool.to_owned()).or_default();
        if !by_list.contains(&by) {
            by_list.push(by);
        }
    };
    need("git", "every lane".to_owned());
    for tool in &profile.tools {
        need(tool, format!("the profile of {}", profile.gate));
    }
    for (by, command) in commands(profile) {
        let program = command.argv.first().and_then(Template::as_literal);
        if let Some(program) = program.filter(|text| !text.contains('/')) {
            need(program, by);
        }
    }
    needed
}

fn commands(profile: &Profile) -> Vec<(String, &CommandTemplate)> {
    let steps = profile.install.iter().chain(&profile.activate);
    let mut all: Vec<_> = steps
        .map(|step| (format!("step {}", step.id), &step.command))
        .collect();
    all.extend(
        profile
            .version
            .iter()
            .map(|command| ("step gate_version".to_owned(), command)),
    );
    all.extend(
        profile
            .baseline
            .iter()
            .map(|command| ("step seed_baseline".to_owned(), command)),
    );
    for (name, stage) in &profile.stages {
        if matches!(stage.drive, Drive::Command) {
            all.push((format!("stage {name}"), &stage.command));
        }
    }
    for (name, scenario) in &profile.scenarios {
        if let Seed::Command(command) = &scenario.seed {
            all.push((format!("the seed of scenario {name}"), command));
        }
    }
    all
}

/// Version managers put a script or a link into the user's home, and that
/// script looks around in HOME. A lane has another HOME, so the tool's real
/// folder has to be asked for while the old one is still there.
fn real_folder(tool: &str, path: &Path, env: &Snapshot) -> Option<PathBuf> {
    let home = env.folder("HOME")?.canonicalize().ok()?;
    if !path.canonicalize().ok()?.starts_with(&home) {
        return None;
    }
    let question: &[&str] = match tool {
        "node" | "npm" => &["node", "-p", "process.execPath"],
        "python3" | "python" => &[tool, "-c", "import sys; print(sys.executable)"],
        _ => return None,
    };
    let program = env.find_program(question[0])?;
    let args: Vec<OsString> = question[1..].iter().map(Into::into).collect();
    let answer = process::helper::run(&program, &args, &env.all(), Path::new("/"), &[]).ok()?;
    let real = PathBuf::from(String::from_utf8(answer).ok()?.trim());
    real.is_absolute().then(|| fs::parent(&real).to_owned())
}

/// Programs that tell their version to `--version`, and at once.
const TELL_VERSION: [&str; 8] = [
    "git", "node", "deno", "bun", "python", "python3", "uv", "cargo",
];

/// The version of a tool: what its npm package says, which costs nothing, or
/// what it says itself, where it is known to say nothing else.
fn version_of(tool: &str, path: &Path, env: &Snapshot) -> Option<String> {
    if TELL_VERSION.contains(&tool) {
        let answer =
            process::helper::run(path, &["--version".into()], &env.all(), Path::new("/"), &[]);
        let text = answer.map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned());
        return Some(text.unwrap_or_else(|complaint| complaint));
    }
    let real = path.canonicalize().ok()?;
    let mut above = real.ancestors().skip(1);
    let package = above.find(|folder| folder.join("package.json").is_file())?;
    let text = fs::read_text(package.join("package.json")).ok()?;
    let json: serde_json::Value = serde_json::from_str(&text).ok()?;
    // The package must be the tool's, and not one that merely lies above it.
    let is_its = json.get("name")?.as_str()? == tool || json.get("bin")?.get(tool).is_some();
    is_its.then(|| json.get("version")?.as_str().map(ToOwned::to_owned))?
}
