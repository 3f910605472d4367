//! `matrix report`.

use std::path::Path;

use anyhow::bail;
use gate_matrix::artifact::reader::locate::{LATEST, LocateError};
use gate_matrix::artifact::reader::{ReadError, StoredRun};
use gate_matrix::export::{self, RunReport};
use gate_matrix::model::report_format::{ReportFile, ReportFormat};
use gate_matrix::model::text::{shell, shown};
use gate_matrix::model::{ExitCode, RunId};

use super::{cannot_read, complain, print};
use crate::args::ReportArgs;
use crate::settings::Settings;

/// A report that was asked for.
enum Asked {
    /// To stdout.
    Printed(ReportFormat),
    /// To a file.
    Written(ReportFile),
}

pub(super) fn run(args: &ReportArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    let artifacts = settings.artifacts(args.artifacts.as_deref());
    let (word, asked) = parsed(&args.words, &settings)?;
    let report = match settings.open_run(word, &artifacts) {
        Ok(stored) => read(&stored),
        Err(LocateError::Unreadable(ReadError::Incomplete(folder))) => match died(&folder) {
            Some(report) => Ok(report),
            None => Err(ReadError::Incomplete(folder)),
        },
        Err(e) => return Ok(cannot_read(&e)),
    };
    let report = match report {
        Ok(report) => report,
        Err(e) => return Ok(cannot_read(&e.into())),
    };
    for one in asked {
        match one {
            Asked::Printed(format) => print(&export::render(format, &report)),
            Asked::Written(file) => {
                if !written(&file, &report) {
                    return Ok(ExitCode::Artifact);
                }
            }
        }
    }
    Ok(ExitCode::Pass)
}

/// Writes a report and says so. False if it cannot be written.
pub(super) fn written(file: &ReportFile, report: &RunReport) -> bool {
    let outcome = export::write(file, report);
    complain(&match &outcome {
        Ok(()) => format!("report: {}\n", shown(&file.path)),
        Err(e) => format!("ERROR: {e}\n  next: name another file\n"),
    });
    outcome.is_ok()
}

/// Reports a run whose every file is what the run wrote.
pub(super) fn read(stored: &StoredRun) -> Result<RunReport, ReadError> {
    stored.verify()?;
    RunReport::new(stored)
}

/// Reports a run that died, by its folder.
fn died(folder: &Path) -> Option<RunReport> {
    let id: RunId = folder.file_name()?.to_str()?.parse().ok()?;
    Some(RunReport::died(&id, format!("ls {}", shell(folder))))
}

/// Tells the run from the formats. At most one of these goes to stdout.
fn parsed<'a>(words: &'a [String], settings: &Settings) -> anyhow::Result<(&'a str, Vec<Asked>)> {
    let is_format = |word: &str| {
        let name = word.split_once('=').map_or(word, |(format, _)| format);
        word.contains('=') || name.parse::<ReportFormat>().is_ok()
    };
    // A path may hold a `=` too.
    let is_place = |word: &str| word.contains('=') && settings.cwd.join(word).exists();
    let (word, formats) = match words {
        [first, rest @ ..] if !is_format(first) || is_place(first) => (first.as_str(), rest),
        all => (LATEST, all),
    };
    let mut asked = Vec::new();
    for format in formats {
        asked.push(if format.contains('=') {
            let file: ReportFile = format.parse()?;
            Asked::Written(settings.reports(&[file])?.remove(0))
        } else {
            Asked::Printed(format.parse()?)
        });
    }
    if asked.is_empty() {
        asked.push(Asked::Printed(ReportFormat::Markdown));
    }
    let printed = asked.iter().filter(|one| matches!(one, Asked::Printed(_)));
    if printed.count() > 1 {
        bail!("only one report fits on stdout\n  next: name files for the others: FORMAT=PATH");
    }
    Ok((word, asked))
}
