//! The reports that the user asked for, made from the run's folder.

use super::session::Session;
use crate::artifact::reader::{ReadError, StoredRun};
use crate::export::{self, RunReport};
use crate::model::ExitCode;
use crate::model::report_format::ReportFile;
use crate::model::text::shell;
use crate::replay::commands::one_command;
use crate::report::notice::Notice;
use crate::report::reporter::Reporter;

/// Writes the reports that were asked for. If one cannot be written, a pass exits with 74 for
/// the sake of what would read it; the verdict stays, and the report can be made again.
pub(super) fn write(session: &Session, code: ExitCode, reporter: &mut dyn Reporter) -> ExitCode {
    let files = &session.request.output.reports;
    if files.is_empty() {
        return code;
    }
    let id = &session.context.run_id;
    let again = |file: &ReportFile| {
        let artifacts = shell(&session.context.artifacts);
        let words = format!("{}={}", file.format, shell(&file.path));
        format!("matrix report {id} {words} --artifacts {artifacts}")
    };
    let made = match run_report(session, code) {
        Ok(made) => made,
        Err(e) => {
            reporter.notice(&Notice::Unreported(&e));
            return match code {
                ExitCode::Pass => ExitCode::Artifact,
                code => code,
            };
        }
    };
    let mut code = code;
    for file in files {
        match export::write(file, &made) {
            Ok(()) => reporter.notice(&Notice::Reported(file.path.clone())),
            Err(e) => {
                reporter.notice(&Notice::NotReported(&e, again(file)));
                if code == ExitCode::Pass {
                    code = ExitCode::Artifact;
                }
            }
        }
    }
    code
}

/// Returns the run as its folder records it.
///
/// # Errors
/// If its record cannot be read.
pub(super) fn run_report(session: &Session, code: ExitCode) -> Result<RunReport, ReadError> {
    match StoredRun::open(session.writer.path()) {
        // Its record could not be written, and this process holds the lock.
        Err(ReadError::Incomplete(_) | ReadError::Running(_)) => {
            let command = one_command(&session.context, code, code != ExitCode::Pass);
            let context = &session.context;
            let gate = context.gate.to_string();
            Ok(RunReport {
                kind: context.kind,
                package: gate.clone(),
                gate,
                ..RunReport::died(&context.run_id, command)
            })
        }
        stored => RunReport::new(&stored?),
    }
}
