//! `matrix runs`.

use std::path::Path;
use std::time::Duration;

use anyhow::{anyhow, bail};
use gate_matrix::artifact::reader::{Head, History, ReadError};
use gate_matrix::artifact::to_bytes;
use gate_matrix::model::text::{plain, shown};
use gate_matrix::model::{ExitCode, RunId, SCHEMA_VERSION};
use gate_matrix::sys::clock::Clock;
use gate_matrix::sys::git::{subjects, work_tree_above};
use serde::Serialize;

use super::{print, print_json};
use crate::args::{ListFormat, RunsArgs};
use crate::display;
use crate::settings::Settings;

/// The document of `--format json`.
#[derive(Serialize)]
struct Document {
    schema_version: u32,
    runs: Vec<Row>,
}

/// One run.
#[derive(Serialize)]
struct Row {
    run_id: RunId,
    /// When it ended, UTC; null for one that cannot be read.
    ended_at_utc: Option<String>,
    kind: Option<&'static str>,
    verdict: Option<&'static str>,
    package: Option<String>,
    commit: Option<String>,
    /// The subject of the commit; null if the repository around the artifacts folder does not
    /// have it.
    subject: Option<String>,
    /// The reason why it cannot be read.
    problem: Option<String>,
}

pub(super) fn run(args: &RunsArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    let clock = Clock::from_env(&settings.env).map_err(|e| anyhow!(e))?;
    let artifacts = settings.artifacts(args.artifacts.as_deref());
    let all = History::new(&artifacts).all();
    let mut runs: Vec<Row> = all.into_iter().map(|(id, head)| row(id, head)).collect();
    add_subjects(&mut runs, &artifacts, &settings.cwd);
    match args.format {
        ListFormat::Json => print_json(&to_bytes(&Document {
            schema_version: SCHEMA_VERSION,
            runs,
        })),
        ListFormat::Human if runs.is_empty() => bail!(
            "there is no run in {}\n  next: run the matrix first (matrix run), or name another folder: --artifacts DIR",
            shown(&artifacts)
        ),
        ListFormat::Human => print(&table(&runs, &clock.now_utc())),
    }
    Ok(ExitCode::Pass)
}

/// Adds what the repository of the artifacts, or around the working directory, knows.
fn add_subjects(runs: &mut [Row], artifacts: &Path, cwd: &Path) {
    let Some(root) = work_tree_above(artifacts).or_else(|| work_tree_above(cwd)) else {
        return;
    };
    let commits: Vec<String> = runs.iter().filter_map(|run| run.commit.clone()).collect();
    let ids: Vec<&str> = commits.iter().map(String::as_str).collect();
    let subjects = subjects(&root, &ids);
    for run in runs {
        let known = run
            .commit
            .as_deref()
            .and_then(|commit| subjects.get(commit));
        run.subject = known.map(|text| plain(text));
    }
}

fn row(run_id: RunId, head: Result<Head, ReadError>) -> Row {
    match head {
        Ok(head) => Row {
            run_id,
            kind: Some(head.kind.as_str()),
            verdict: Some(head.final_verdict.as_str()),
            package: package(&head).map(|text| plain(&text)),
            commit: head.source.map(|source| source.head),
            subject: None,
            ended_at_utc: Some(head.generated_at_utc),
            problem: None,
        },
        Err(e) => Row {
            run_id,
            kind: None,
            verdict: None,
            package: None,
            commit: None,
            subject: None,
            ended_at_utc: None,
            problem: Some(match e {
                ReadError::Incomplete(_) => "did not end".to_owned(),
                ReadError::Running(_) => "goes on".to_owned(),
                other => other.to_string(),
            }),
        },
    }
}

/// The package as installed, else as typed.
fn package(head: &Head) -> Option<String> {
    let resolved = head.package_resolved.as_ref();
    let installed = resolved.map(|package| format!("{} {}", package.name, package.version));
    installed.or_else(|| head.package_spec.clone())
}

/// One line for each run, in columns.
fn table(runs: &[Row], now: &str) -> String {
    let head = [
        "RUN", "AGE", "KIND", "VERDICT", "PACKAGE", "COMMIT", "SUBJECT",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    for run in runs {
        let or_none = |text: Option<&str>| text.unwrap_or("-").to_owned();
        let age = run
            .ended_at_utc
            .as_deref()
            .and_then(|ended| age(ended, now));
        let verdict = run.verdict.or(run.problem.as_deref());
        let short = run.commit.as_deref().and_then(|commit| commit.get(..10));
        rows.push([
            run.run_id.to_string(),
            or_none(age.as_deref()),
            or_none(run.kind),
            or_none(verdict),
            or_none(run.package.as_deref()),
            or_none(short),
            or_none(run.subject.as_deref()),
        ]);
    }
    display::table(&rows)
}

/// The time since a run ended, in its largest unit.
fn age(ended: &str, now: &str) -> Option<String> {
    let time = |text: &str| humantime::parse_rfc3339(text).ok();
    let since = time(now)?
        .duration_since(time(ended)?)
        .unwrap_or(Duration::ZERO);
    let seconds = since.as_secs();
    Some(match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    })
}
