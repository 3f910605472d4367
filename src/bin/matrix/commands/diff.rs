//! `matrix diff`.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use gate_matrix::artifact::reader::locate::{self, LocateError};
use gate_matrix::artifact::to_bytes;
use gate_matrix::config;
use gate_matrix::config::known::{self, KnownFailures};
use gate_matrix::model::ExitCode;
use gate_matrix::prepare::Request;
use gate_matrix::sys::clock::Clock;
use gate_matrix::sys::git;
use gate_matrix::triage::{
    self, CellStatus, Incomparable, RunSnapshot, Status, Triage, TriageOptions, commits, console,
};

use super::{cannot_read, print, print_json, report};
use crate::args::{DiffArgs, FailOn, ListFormat};
use crate::settings::Settings;

pub(super) fn run(args: &DiffArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    let clock = Clock::from_env(&settings.env).map_err(|e| anyhow!(e))?;
    let reports = settings.reports(&args.reports)?;
    let known = known_failures(args.known.as_deref(), &settings, None, clock)?;
    let artifacts = settings.artifacts(args.artifacts.as_deref());
    let snapshot = |word: &str| -> Result<_, LocateError> {
        let stored = settings.open_run(word, &artifacts)?;
        let snapshot = RunSnapshot::from_stored(&stored)?;
        Ok((stored, snapshot))
    };
    // Neither is pruned before both were read.
    let current = args.current.as_deref().unwrap_or(locate::LATEST);
    let (base, current) = match snapshot(&args.base).and_then(|base| Ok((base, snapshot(current)?)))
    {
        Ok(both) => both,
        Err(e) => return Ok(cannot_read(&e)),
    };
    let options = TriageOptions {
        known: known.as_ref(),
        today: clock.today(),
    };
    let triage =
        triage::triage(&base.1, &current.1, options, clock.now_utc()).map_err(|e| unfit(&e))?;
    let report = match reports.as_slice() {
        [] => None,
        _ => match report::read(&current.0) {
            Ok(report) => Some(report.compared(serde_json::from_slice(&to_bytes(&triage))?)),
            Err(e) => return Ok(cannot_read(&e.into())),
        },
    };
    match args.format {
        ListFormat::Human => {
            let folder = settings.repo(None).unwrap_or_else(|| settings.cwd.clone());
            let between = commits::between(&triage, &folder);
            print(&console::lines(&triage, &between, console::MAX_LISTED));
        }
        ListFormat::Json => print_json(&to_bytes(&triage)),
    }
    let files = report.iter().flat_map(|report| {
        let each = |file| report::written(file, report);
        reports.iter().map(each)
    });
    // Each is tried, also after one that cannot be written.
    let unwritten = files.filter(|is_written| !is_written).count();
    Ok(match exit(&triage, &args.fail_on) {
        ExitCode::Pass if unwritten > 0 => ExitCode::Artifact,
        code => code,
    })
}

fn exit(triage: &Triage, fail_on: &[FailOn]) -> ExitCode {
    let mut faults = triage.known_failures.iter().flat_map(|known| &known.faults);
    if faults.next().is_none() && !fail_on.iter().any(|what| is_met(*what, triage)) {
        ExitCode::Pass
    } else {
        ExitCode::Fail
    }
}

fn is_met(what: FailOn, triage: &Triage) -> bool {
    let some = |status| triage.counts.count(status) > 0;
    match what {
        FailOn::Regression => some(CellStatus::Regression),
        FailOn::NewFailure => some(CellStatus::NewFailure),
        FailOn::KnownFailure => some(CellStatus::KnownFailure),
        FailOn::Removed => some(CellStatus::Removed),
        FailOn::Incomplete => {
            some(CellStatus::Missing) || triage.diagnostics.iter().any(|one| one.cell.is_none())
        }
        FailOn::OtherReason => triage.counts.same_exit_other_reason > 0,
        FailOn::OtherEvidence => triage.counts.other_evidence > 0,
        FailOn::Any => triage.status != Status::Stable,
    }
}

pub(super) fn unfit(e: &Incomparable) -> anyhow::Error {
    anyhow!("{e}\n  next: {}", e.next())
}

/// The known failures that were named, else those beside the configuration,
/// where there are some.
pub(super) fn known_failures(
    named: Option<&Path>,
    settings: &Settings,
    request: Option<&Request>,
    clock: Clock,
) -> anyhow::Result<Option<KnownFailures>> {
    let path = match named {
        Some(file) => settings.cwd.join(file),
        None => beside_configuration(settings, request, known::FILE_NAME),
    };
    if named.is_none() && path.symlink_metadata().is_err() {
        return Ok(None);
    }
    let known = known::load(&path, clock.today());
    Ok(Some(known.map_err(anyhow::Error::new)?))
}

/// The file of this name beside the configuration.
pub(super) fn beside_configuration(
    settings: &Settings,
    request: Option<&Request>,
    name: &str,
) -> PathBuf {
    let (repo, named) = match request {
        Some(request) => {
            let consumer = request.consumer.clone();
            (Some(consumer.repo), consumer.config)
        }
        None => (settings.repo(None), settings.config(None)),
    };
    let around = repo.unwrap_or_else(|| settings.cwd.clone());
    let root = git::work_tree_above(&around).unwrap_or(around);
    let file = config::find_file(&config::ConfigSource {
        repo_root: &root,
        file: named.as_deref(),
        package: None,
        package_base: &root,
        remote: None,
    });
    let folder = file.as_deref().and_then(Path::parent).unwrap_or(&root);
    folder.join(name)
}
