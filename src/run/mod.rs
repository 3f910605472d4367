//! One run as a pipeline of values: load → prepare → execute → judge → record.
//!
//! Each value is made from the one before and handed on. What differs
//! between a matrix, a replay, a shell and a trial is a [`Mode`].
//!
//! Invariants: nothing is touched before the artifacts folder is locked, and
//! from then on a verdict file says FAIL until this run has a verdict of its
//! own.

mod ci;
mod documents;
mod events;
mod execute;
mod fresh_clone;
mod github;
mod outcome;
mod record;
mod reports;
mod reused;
mod session;

use crate::model::ExitCode;
use crate::prepare::{Mode, Request, prepare};
use crate::report::reporter::Reporter;
use crate::sys::fs;
use crate::sys::process::Control;
use outcome::Outcome;

/// Runs lanes and returns the code to exit with.
pub fn run(
    request: &Request,
    mode: &Mode<'_>,
    control: &Control,
    reporter: &mut dyn Reporter,
) -> ExitCode {
    let (mut session, loaded) = match session::load_and_lock(request, mode, control, reporter) {
        Ok(opened) => opened,
        Err(code) => return code,
    };
    let setting = session.setting(mode, control);
    let prepared = prepare(&setting, loaded, &session.writer);
    let mut outcome = match prepared {
        Err(halt) => Outcome::halted(halt, control, reporter),
        Ok(ref prepared) => {
            // A run that dies leaves no report of an earlier one. Before, a report that git
            // tracks would be missed.
            let of_engine = request.output.job.iter().flat_map(|_| ci::files(&session));
            for report in request.output.reports.iter().cloned().chain(of_engine) {
                let _ = fs::remove_file(&report.path);
            }
            let started = events::start(&mut session, prepared, mode, reporter);
            let executed = execute::contract(prepared, &mut session, control, reporter);
            let mut outcome = Outcome::judged(prepared, executed, &session, mode, control);
            // What breaks by itself cannot be broken on purpose.
            if let Some(trial) = mode.trial().filter(|_| outcome.verdict.passes()) {
                let altered = execute::altered(prepared, trial, &mut session, control, reporter);
                outcome.conclude(trial, prepared, altered, &session.context, control);
            }
            // Lanes are worth more than the record of their beginning.
            outcome.verdict.note_unwritten(started.err());
            outcome
        }
    };
    events::finish(&mut session, &mut outcome.verdict, reporter);
    record::record(session, &outcome, mode, control, reporter)
}
