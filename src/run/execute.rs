//! Runs the lanes of a bound plan and collects their evidence.

use std::sync::Arc;

use super::fresh_clone;
use super::reused::{Reused, reuse_lanes};
use super::session::Session;
use crate::artifact::reader::History;
use crate::lane::LaneContext;
use crate::model::ScenarioName;
use crate::model::event::Event;
use crate::model::fresh_clone::Checkout;
use crate::prepare::{Prepared, Trial};
use crate::report::reporter::Reporter;
use crate::runner::schedule::longest_first;
use crate::runner::{self, Executed, Job};
use crate::sys::process::Control;
use crate::sys::slots::Slots;

/// Runs the lanes of the contract, except those that are reused from an
/// earlier run, and makes the fresh clones beside them.
pub(super) fn contract(
    prepared: &Prepared,
    session: &mut Session,
    control: &Control,
    reporter: &mut dyn Reporter,
) -> (Executed, Option<Vec<Checkout>>) {
    let reused = reuse_lanes(prepared, control, session, reporter);
    let mut lanes = prepared.lanes(false);
    lanes.retain(|lane| !reused.has(lane));
    let fail_fast = session.request.execution.fail_fast;
    let job = job(prepared, lanes, fail_fast, session, control);
    let fresh = fresh_clone::start(prepared, &job.slots, control);
    let show = &mut |event: &Event| reporter.event(event);
    let executed = runner::execute(job, &mut session.writer, show);
    let checkouts = fresh.and_then(fresh_clone::Started::finish);
    (reused.merge(executed, prepared, false), checkouts)
}

/// Runs the altered lanes of a trial, as far as it needs them. They are never reused.
pub(super) fn altered(
    prepared: &Prepared,
    trial: &dyn Trial,
    session: &mut Session,
    control: &Control,
    reporter: &mut dyn Reporter,
) -> Executed {
    let all = prepared.lanes(true);
    let mut done = Executed {
        lanes: Vec::new(),
        flaky: Vec::new(),
        unwritten: None,
    };
    loop {
        let next = trial.next(&all, &done.lanes);
        if next.is_empty() {
            break;
        }
        // An altered lane that fails is an answer, which must not cancel the
        // others.
        let job = job(prepared, next, false, session, control);
        let show = &mut |event: &Event| reporter.event(event);
        let executed = runner::execute(job, &mut session.writer, show);
        done.lanes.extend(executed.lanes);
        done.flaky.extend(executed.flaky);
        done.unwritten = executed.unwritten;
        if control.is_stopped() || done.unwritten.is_some() {
            break;
        }
    }
    Reused::default().merge(done, prepared, true)
}

fn job(
    prepared: &Prepared,
    lanes: Vec<ScenarioName>,
    fail_fast: bool,
    session: &Session,
    control: &Control,
) -> Job {
    let execution = &session.request.execution;
    let is_altered = |lane: &ScenarioName| {
        let scenario = prepared.context.profile.scenarios.get(lane);
        scenario.is_some_and(|scenario| scenario.alteration.original.is_some())
    };
    // Under --fail-fast the declared order decides which lanes are left out,
    // and with a worker for every lane there is no order.
    let order = if fail_fast || lanes.len() <= execution.jobs {
        (0..lanes.len()).collect()
    } else {
        let history = History::new(session.lock.path());
        longest_first(&lanes, &history, &session.context.gate)
    };
    // Only lanes of the contract are repeated.
    let repeat = if lanes.iter().any(is_altered) {
        1
    } else {
        execution.repeat
    };
    Job {
        context: Arc::clone(&prepared.context),
        repetitions: repetitions(prepared, repeat),
        lanes,
        order,
        jobs: execution.jobs,
        slots: Slots::new(execution.jobs),
        retries: execution.retries,
        fail_fast,
        control: control.clone(),
        shared_setup: Arc::clone(&prepared.shared),
    }
}

/// The context of each repetition beyond the first.
fn repetitions(prepared: &Prepared, count: usize) -> Vec<Arc<LaneContext>> {
    let context = |repetition| {
        Arc::new(LaneContext {
            repetition,
            ..(*prepared.context).clone()
        })
    };
    (2..=count).map(context).collect()
}
