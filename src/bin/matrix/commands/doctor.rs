//! `matrix doctor`: what this machine has for runs of any gate. What one consumer needs beyond
//! that is `matrix check`'s to say.

mod row;

use std::path::{Path, PathBuf};

use gate_matrix::artifact::to_bytes;
use gate_matrix::model::plan::{Isolation, Sharing};
use gate_matrix::model::text::{plain, shown};
use gate_matrix::model::{ExitCode, SCHEMA_VERSION};
use gate_matrix::preflight::{self, Tools};
use gate_matrix::prepare;
use gate_matrix::report::notice::Notice;
use gate_matrix::sys::process::{Control, helper};
use gate_matrix::sys::{env, fs, namespace};
use row::{Row, Status, installed_by, table};
use serde::Serialize;

use super::{print, print_json};
use crate::args::{ConsumerArgs, DoctorArgs, ListFormat, RunOptions};
use crate::settings::Settings;

/// Free bytes below which a folder of lanes is likely to become full.
const ROOM: u64 = 1 << 30;

/// The document of `--format json`.
#[derive(Serialize)]
struct Document {
    schema_version: u32,
    /// True if a run of some gate can begin.
    ready: bool,
    rows: Vec<Row>,
}

/// A tool, what needs it, and the Debian package that has it. Only git is needed by all.
const TOOLS: [(&str, &str, &str); 5] = [
    ("git", "every lane", "git"),
    ("node", "gates from npm", "nodejs"),
    ("npm", "gates from npm: their installation", "npm"),
    ("python3", "gates from PyPI", "python3"),
    ("bwrap", "the sandbox of lanes", "bubblewrap"),
];

pub(super) fn run(args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    // Before anything has a second thread.
    let namespaces = namespace::prepare(&env::this_program());
    let mut rows: Vec<Row> = TOOLS.iter().map(|tool| program(&settings, *tool)).collect();
    rows.insert(4, venv(&settings));
    let work_dir = settings.work_dir(args.work_dir.as_deref());
    rows.extend(isolated(&settings, namespaces));
    rows.push(match &work_dir {
        Ok(folder) => room("work folder", folder, "lanes and caches"),
        Err(e) => {
            let text = format!("{e:#}");
            let (what, next) = text
                .split_once("\n  next: ")
                .unwrap_or((&text, "--work-dir DIR"));
            Row::new("work folder", Status::Missing, what, "lanes and caches").next(next)
        }
    });
    let temporary = env::temporary_folder();
    rows.push(room("TMPDIR", &temporary, "short-lived files of a run"));
    rows.push(names(work_dir.ok().as_deref().unwrap_or(&temporary)));
    rows.push(locale(&settings));
    let ready = rows.iter().all(|row| row.status != Status::Missing);
    match args.format {
        ListFormat::Human => {
            print(&table(&rows));
            print(if ready {
                "ready: `matrix run` can begin; `matrix check` says what a consumer needs beyond this\n"
            } else {
                "not ready: no run can begin\n"
            });
        }
        ListFormat::Json => print_json(&to_bytes(&Document {
            schema_version: SCHEMA_VERSION,
            ready,
            rows,
        })),
    }
    Ok(if ready {
        ExitCode::Pass
    } else {
        ExitCode::Unusable
    })
}

fn program(settings: &Settings, (tool, needed_for, package): (&'static str, &str, &str)) -> Row {
    match preflight::find_tool(tool, Vec::new(), &settings.env) {
        Ok(found) => {
            let path = plain(&found.path);
            let says = found.version.as_deref().unwrap_or_default();
            if tool == "git" && !says.starts_with("git version ") {
                let words = format!("{path} does not answer as git: {}", plain(says));
                let next = "see that PATH leads to git first: git --version";
                return Row::new(tool, Status::Missing, &words, needed_for).next(next);
            }
            let words = match found.version {
                Some(version) => format!("{} ({path})", plain(&version)),
                None => path,
            };
            Row::new(tool, Status::Ok, &words, needed_for)
        }
        Err(missing) => {
            let status = if tool == "git" {
                Status::Missing
            } else {
                Status::Warning
            };
            let elsewhere = missing.elsewhere.map(|why| format!("; {why}"));
            let words = format!("not on PATH{}", elsewhere.unwrap_or_default());
            let next = installed_by(package, &settings.env);
            Row::new(tool, status, &words, needed_for).next(&next)
        }
    }
}

/// The modules with which a gate from a Python registry gets an environment of its own.
fn venv(settings: &Settings) -> Row {
    let needed_for = "gates from PyPI: their installation";
    let ask = |python: PathBuf| {
        let args = ["-c".into(), "import venv, ensurepip".into()];
        helper::run(&python, &args, &settings.env.all(), Path::new("/"), &[])
    };
    match settings.env.find_program("python3").map(ask) {
        Some(Ok(_)) => Row::new("pip", Status::Ok, "modules venv and ensurepip", needed_for),
        Some(Err(why)) => {
            let next = installed_by("python3-venv", &settings.env);
            Row::new("pip", Status::Warning, &plain(&why), needed_for).next(&next)
        }
        None => Row::new("pip", Status::Warning, "no python3", needed_for)
            .next(&installed_by("python3-venv", &settings.env)),
    }
}

/// The isolation of lanes from each other and from the machine, tried as a run does.
fn isolated(settings: &Settings, namespaces: Result<(), String>) -> Vec<Row> {
    let tried = || -> Result<Isolation, String> {
        let scratch = fs::TemporaryFolder::new().map_err(|e| e.to_string())?;
        let options = RunOptions {
            work_dir: Some(scratch.path().to_owned()),
            ..RunOptions::default()
        };
        let mut request = settings
            .request(&ConsumerArgs::default(), &options)
            .map_err(|e| format!("{e:#}"))?;
        request.execution.namespaces = namespaces;
        let control = Control::new(env::this_program());
        let tools = Tools {
            found: std::collections::BTreeMap::new(),
            path: settings.env.get("PATH").unwrap_or_default().to_owned(),
            git_version: String::new(),
        };
        prepare::isolation(&request, &control, &tools, scratch.path())
            .map_err(|refusal| Notice::Refused(&refusal).text())
    };
    let (layers, sandbox) = (
        "one clone and installation for all lanes",
        "lanes that harm nothing",
    );
    let isolation = match tried() {
        Ok(isolation) => isolation,
        Err(why) => {
            let first = why.lines().next().unwrap_or_default();
            let words = first.trim_start_matches("ERROR: ");
            let next = why
                .lines()
                .find_map(|line| line.trim().strip_prefix("remedy: "));
            let row = Row::new("sandbox", Status::Missing, &plain(words), sandbox);
            return vec![row.next(next.unwrap_or("--sandbox auto"))];
        }
    };
    let of_layers = match (&isolation.lanes, &isolation.because) {
        (Sharing::Layers, _) => Row::new("namespaces", Status::Ok, "lanes as layers", layers),
        (_, because) => {
            let why = because.as_deref().unwrap_or("not asked for");
            let words = format!("lanes as copies, which is slower: {}", plain(why));
            Row::new("namespaces", Status::Warning, &words, layers)
        }
    };
    let status = if isolation.sandbox.is_whole() {
        Status::Ok
    } else {
        Status::Warning
    };
    let mut of_sandbox = Row::new("sandbox", status, &isolation.sandbox.describe(), sandbox);
    if let Some(remedy) = &isolation.sandbox.remedy {
        of_sandbox = of_sandbox.next(remedy);
    }
    vec![of_layers, of_sandbox]
}

/// The room in a folder, or in the nearest one above it.
fn room(id: &'static str, folder: &Path, needed_for: &str) -> Row {
    let mut above = folder.ancestors();
    let Some(there) = above.find(|folder| folder.is_dir()) else {
        let words = format!("{} is no folder", shown(folder));
        return Row::new(id, Status::Missing, &words, needed_for).next("name another folder");
    };
    let free = fs::free_bytes(there).unwrap_or(0);
    let words = format!("{}, {} MiB free", shown(folder), free >> 20);
    match fs::shortage_at(there, ROOM) {
        _ if !fs::is_writable(there) => {
            let words = format!("{} cannot be written", shown(folder));
            Row::new(id, Status::Missing, &words, needed_for).next("name another folder")
        }
        None => Row::new(id, Status::Ok, &words, needed_for),
        Some(_) => Row::new(id, Status::Warning, &words, needed_for)
            .next("make room: an installation of many packages may need 1 GiB"),
    }
}

/// True names: `README` and `readme` are two files where a gate's CI runs.
fn names(folder: &Path) -> Row {
    let needed_for = "verdicts that hold on another machine";
    let mut above = folder.ancestors();
    let there = above.find(|folder| folder.is_dir() && folder.file_name().is_some());
    let other = there.and_then(|folder| {
        let name = folder.file_name()?.to_str()?;
        let swapped: String = name.chars().map(swap).collect();
        (swapped != name).then(|| folder.with_file_name(swapped).exists())
    });
    match other {
        Some(true) => Row::new(
            "file names",
            Status::Warning,
            "upper and lower case are one",
            needed_for,
        )
        .next("name a --work-dir on a file system that tells them apart"),
        _ => Row::new(
            "file names",
            Status::Ok,
            "upper and lower case differ",
            needed_for,
        ),
    }
}

fn swap(c: char) -> char {
    if c.is_ascii_lowercase() {
        c.to_ascii_uppercase()
    } else {
        c.to_ascii_lowercase()
    }
}

/// The user's language: that of a lane is pinned, so it only matters for the terminal.
fn locale(settings: &Settings) -> Row {
    let needed_for = "signs such as · and → on the terminal";
    let text = |name: &&str| {
        let value = settings.env.text(name).filter(|value| !value.is_empty())?;
        Some(format!("{name}={}", plain(value)))
    };
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(text);
    let found = set.unwrap_or_else(|| "none is set".to_owned());
    let upper = found.to_uppercase();
    if upper.contains("UTF-8") || upper.contains("UTF8") {
        return Row::new("locale", Status::Ok, &found, needed_for);
    }
    Row::new("locale", Status::Warning, &found, needed_for).next("export LC_ALL=C.UTF-8")
}
