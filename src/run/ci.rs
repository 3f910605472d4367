//! The report of a run to the job of a CI engine other than GitHub Actions.
//!
//! Invariant: nothing of it changes the verdict, the exit code or stdout.

use std::path::Path;

use super::reports::run_report;
use super::session::Session;
use crate::artifact::summary::FinalVerdict;
use crate::export::github::{annotations, fitting};
use crate::export::{self, RunReport};
use crate::model::ExitCode;
use crate::model::ci::{CiEngine, CiJob};
use crate::model::report_format::{ReportFile, ReportFormat};
use crate::report::azure;
use crate::report::notice::Notice;
use crate::report::reporter::Reporter;
use crate::sys::process::helper;

/// Returns the files that are written for an engine: `JUnit`, and Markdown.
pub(super) fn files(session: &Session) -> [ReportFile; 2] {
    [ReportFormat::Junit, ReportFormat::Markdown].map(|format| ReportFile {
        format,
        path: session.verdicts.report(format),
    })
}

/// Reports a run: a `JUnit` file and a page of Markdown beside the verdict, and what the
/// engine shows by itself.
pub(super) fn report(job: &CiJob, session: &Session, code: ExitCode, reporter: &mut dyn Reporter) {
    let run = match run_report(session, code) {
        Ok(run) => run,
        Err(e) => {
            reporter.notice(&Notice::Unreported(&e));
            return;
        }
    };
    let files = files(session);
    for file in &files {
        match export::write(file, &run) {
            Ok(()) => reporter.notice(&Notice::Reported(file.path.clone())),
            Err(e) => reporter.notice(&Notice::CiReport(&e.to_string())),
        }
    }
    match &job.engine {
        CiEngine::Azure => {
            let mut errors = annotations(&run, session.context.repo(), job.workspace.as_deref());
            if code == ExitCode::Pass {
                errors.clear();
            }
            let [junit, markdown] = files.map(|file| file.path);
            let result = azure::result(run.verdict.as_str(), &run.run_id, &junit, &markdown);
            let errors = errors.iter().map(azure::error);
            let commands: String = result.into_iter().chain(errors).collect();
            reporter.ci_commands(&commands);
        }
        CiEngine::Buildkite(Some(agent)) => {
            if let Err(e) = annotate(agent, &run, session, code) {
                reporter.notice(&Notice::CiReport(&e));
            }
        }
        CiEngine::Buildkite(None) => {
            reporter.notice(&Notice::CiReport("buildkite-agent is not on PATH"));
        }
        CiEngine::Collector => {}
    }
}

/// Puts the Markdown of a run on the page of its build; a second run of the same gate and
/// kind there takes the place of the first.
fn annotate(
    agent: &Path,
    run: &RunReport,
    session: &Session,
    code: ExitCode,
) -> Result<(), String> {
    // A part of the contract, or of what is not committed, is no success.
    let style = match (code, run.verdict) {
        (ExitCode::Pass, FinalVerdict::Pass) => "success",
        (ExitCode::Pass, _) => "warning",
        _ => "error",
    };
    let context = format!("gate-matrix-{}-{}", run.gate, run.kind.as_str());
    let words = ["annotate", "--style", style, "--context", &context];
    let (text, _) = fitting(run, None, 0);
    let env = session.request.env.all();
    let cwd = session.context.repo();
    helper::run(agent, &words.map(Into::into), &env, cwd, text.as_bytes()).map(drop)
}
