//! The report of a run to the step of GitHub Actions that it ran in.
//!
//! Invariant: nothing of it changes the verdict, the exit code or stdout.

use std::path::Path;

use super::reports::run_report;
use super::session::Session;
use crate::artifact::summary::FinalVerdict;
use crate::artifact::write_error::WriteError;
use crate::export::RunReport;
use crate::export::github::{annotations, fitting, outputs};
use crate::model::ExitCode;
use crate::model::github::GithubStep;
use crate::model::text::shell;
use crate::report::annotation;
use crate::report::github::GithubNotice;
use crate::report::notice::Notice;
use crate::report::reporter::Reporter;
use crate::sys::fs;

/// Reports a run: the step's summary, its outputs, and annotations last.
pub(super) fn report(
    step: &GithubStep,
    session: &Session,
    code: ExitCode,
    reporter: &mut dyn Reporter,
) {
    let run = match run_report(session, code) {
        Ok(run) => run,
        Err(e) => {
            reporter.notice(&Notice::Unreported(&e));
            return;
        }
    };
    let id = &session.context.run_id;
    let has_failed = code != ExitCode::Pass;
    let job = step.job.as_ref().filter(|_| has_failed);
    let elsewhere = job.map(|job| job.download(id));
    if let Some(file) = &step.summary {
        let full = summarise(file, &run, elsewhere.as_deref(), reporter);
        if full {
            let artifacts = shell(&session.context.artifacts);
            let again = format!("matrix report {id} markdown --artifacts {artifacts}");
            reporter.notice(&Notice::Github(GithubNotice::SummaryFull(again)));
        }
    }
    if let Some(file) = &step.output {
        let verdicts = &session.verdicts;
        let document = match run.verdict {
            FinalVerdict::Fail => verdicts.last_failure(),
            _ => verdicts.summary(),
        };
        let document = document.is_file().then_some(document);
        append(file, &outputs(&run, document.as_deref()), reporter);
    }
    if let Some(command) = &elsewhere {
        reporter.notice(&Notice::Github(GithubNotice::Elsewhere(command)));
    }
    if has_failed {
        let workspace = step.workspace.as_deref();
        let all = annotations(&run, session.context.repo(), workspace);
        reporter.ci_commands(&all.iter().map(annotation::command).collect::<String>());
    }
}

/// Appends to the step's summary what it has room for; true if that is not all.
fn summarise(
    file: &Path,
    run: &RunReport,
    elsewhere: Option<&str>,
    reporter: &mut dyn Reporter,
) -> bool {
    let there = file.metadata().map_or(0, |found| found.len());
    let (text, is_whole) = fitting(run, elsewhere, there);
    append(file, &text, reporter) && !is_whole
}

/// Appends a text to a file, on a line of its own; false if it cannot be written.
fn append(file: &Path, text: &str, reporter: &mut dyn Reporter) -> bool {
    let is_open = !matches!(fs::tail(file, 1).as_slice(), b"" | b"\n");
    let whole = if is_open {
        format!("\n{text}")
    } else {
        text.to_owned()
    };
    let written = fs::append(file, whole.as_bytes());
    match written.map_err(|e| WriteError::new("cannot append to", file, e).of_size(whole.len())) {
        Ok(()) => true,
        Err(e) => {
            reporter.notice(&Notice::Github(GithubNotice::NotWritten(&e)));
            false
        }
    }
}
