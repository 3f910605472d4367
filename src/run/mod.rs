//! One run as a pipeline of values: load → prepare → execute → judge → record.
//!
//! Each value is made once, from the one before, and handed on. What differs
//! between a matrix, a replay, a shell and a trial is a
//! [`Mode`](crate::prepare::Mode).
//!
//! Invariants: nothing is touched before the artifacts folder is locked, and
//! from then on a verdict file says FAIL until this run has a verdict of its
//! own.

pub use crate::prepare::{About, Findings, Trial, blocking_scenario, not_tried};

mod documents;
mod execute;
mod outcome;
mod record;
mod reused;
mod session;
mod trial;

use crate::model::ExitCode;
use crate::preflight::Refusal;
use crate::prepare::{Halt, Mode, Prepared, Request, Setting, prepare};
use crate::report::notice::Notice;
use crate::report::reporter::Reporter;
use crate::runner::cancel;
use crate::sys::process::Control;
use crate::verdict::{Verdict, judge};
use outcome::Outcome;
use record::Record;
use session::{Opened, Session};

/// Runs lanes and returns the code to exit with.
pub fn run(
    request: &Request,
    mode: &Mode<'_>,
    control: &Control,
    reporter: &mut dyn Reporter,
) -> ExitCode {
    // Load, lock, and leave a marker that says FAIL.
    let opened = match session::open(request, mode, control, reporter) {
        Ok(opened) => opened,
        Err(code) => return code,
    };
    let Opened {
        request,
        loaded,
        mut session,
    } = opened;
    let setting = Setting {
        request: &request,
        mode,
        context: &session.context,
        parent: session.parent.as_ref(),
        lanes_root: &session.lanes_root,
        control,
    };
    let prepared = prepare(&setting, loaded, &session.writer);
    let mut outcome = match prepared {
        Ok(ref prepared) => play(prepared, &request, mode, &mut session, control, reporter),
        Err(halt) => halted(halt, control, reporter),
    };
    session.finished(&mut outcome.verdict, reporter);
    let record = Record {
        session,
        outcome,
        request: &request,
        mode,
        control,
    };
    record.write(reporter)
}

/// Executes and judges the lanes of the contract and, once they pass, the
/// altered lanes of a trial.
fn play<'a>(
    prepared: &'a Prepared,
    request: &Request,
    mode: &Mode<'_>,
    session: &mut Session,
    control: &Control,
    reporter: &mut dyn Reporter,
) -> Outcome<'a> {
    session.announce(prepared, request, mode, reporter);
    let started = session.started(prepared, request, reporter);
    let job = execute::Lanes {
        prepared,
        request,
        control,
    };
    let executed = job.of_contract(session, reporter);
    let terms = execute::terms(prepared, mode, session, control);
    let verdict = judge(&terms, executed.lanes, executed.unwritten);
    let scripts = execute::scripts(prepared, request, &session.context, &verdict.lanes);
    let mut outcome = Outcome {
        flaky: executed.flaky,
        scripts,
        ..Outcome::new(verdict, Some(prepared))
    };
    if let Some(trial) = mode.trial().filter(|_| outcome.verdict.passes()) {
        let altered = job.altered(session, reporter);
        outcome = trial::conclude(outcome, trial, altered, &session.context, control);
    }
    outcome.verdict.note_unwritten(started.err());
    outcome
}

/// The outcome of a run that ended before its first lane. A signal outranks
/// whatever else was wrong.
fn halted<'a>(halt: Halt, control: &Control, reporter: &mut dyn Reporter) -> Outcome<'a> {
    let refusal = match (cancel::exit_code(control), halt) {
        (Some(code), _) => Refusal::Interrupted(code),
        (None, Halt::Refused(refusal)) => *refusal,
        (None, Halt::Unwritten(e)) => return Outcome::new(Verdict::unwritten(e), None),
    };
    reporter.notice(&Notice::Refused(&refusal));
    Outcome::new(Verdict::halted(refusal.failure()), None)
}
