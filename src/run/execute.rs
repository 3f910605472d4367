//! Runs the lanes of a bound plan and collects their evidence.

use std::sync::Arc;

use super::reused::{Reused, reuse_lanes};
use super::session::Session;
use crate::artifact::context::RunContext;
use crate::artifact::reader::History;
use crate::lane::LaneContext;
use crate::model::LaneEvidence;
use crate::model::event::Event;
use crate::prepare::{Mode, Prepared, Request};
use crate::replay::script::Scripts;
use crate::report::reporter::Reporter;
use crate::runner::cancel;
use crate::runner::schedule::longest_first;
use crate::runner::{self, Job, Played};
use crate::sys::process::Control;
use crate::sys::slots::Slots;
use crate::verdict::Terms;

/// The lanes of a run that can be executed.
pub(super) struct Lanes<'a> {
    pub(super) prepared: &'a Prepared,
    pub(super) request: &'a Request,
    pub(super) control: &'a Control,
}

impl Lanes<'_> {
    /// Runs the lanes of the contract, except those that are reused from an
    /// earlier run.
    pub(super) fn of_contract(&self, session: &mut Session, reporter: &mut dyn Reporter) -> Played {
        let reused = reuse_lanes(self.prepared, self.request, self.control, session, reporter);
        self.execute(false, reused, session, reporter)
    }

    /// Runs the altered lanes of a trial, which are never reused.
    pub(super) fn altered(&self, session: &mut Session, reporter: &mut dyn Reporter) -> Played {
        self.execute(true, Reused::default(), session, reporter)
    }

    fn execute(
        &self,
        altered: bool,
        reused: Reused,
        session: &mut Session,
        reporter: &mut dyn Reporter,
    ) -> Played {
        let job = self.job(altered, &reused, session);
        let show = &mut |event: &Event| reporter.event(event);
        let played = runner::play(job, &mut session.writer, show);
        reused.merge(played, self.prepared, altered)
    }

    fn job(&self, altered: bool, reused: &Reused, session: &Session) -> Job {
        let execution = &self.request.execution;
        let mut lanes = self.prepared.lanes(altered);
        lanes.retain(|lane| !reused.has(lane));
        // An altered lane that fails is an answer, which must not cancel the
        // others.
        let fail_fast = execution.fail_fast && !altered;
        // Under --fail-fast the declared order decides which lanes are left
        // out, and with a worker for every lane there is no order.
        let order = if fail_fast || lanes.len() <= execution.jobs {
            (0..lanes.len()).collect()
        } else {
            let history = History::of(session.folder.path());
            longest_first(&lanes, &history, &session.context.gate)
        };
        Job {
            context: Arc::clone(&self.prepared.context),
            repetitions: self.repetitions(altered),
            lanes,
            order,
            jobs: execution.jobs,
            slots: Slots::new(execution.jobs),
            retries: execution.retries,
            fail_fast,
            control: self.control.clone(),
            ground: Arc::clone(&self.prepared.shared),
        }
    }

    /// The context of each repetition beyond the first.
    fn repetitions(&self, altered: bool) -> Vec<Arc<LaneContext>> {
        let count = if altered {
            1
        } else {
            self.request.execution.repeat
        };
        let context = |turn| {
            Arc::new(LaneContext {
                turn,
                ..(*self.prepared.context).clone()
            })
        };
        (2..=count).map(context).collect()
    }
}

/// The terms on which the lanes of the contract are judged.
pub(super) fn terms<'a>(
    prepared: &'a Prepared,
    mode: &Mode<'a>,
    session: &'a Session,
    control: &Control,
) -> Terms<'a> {
    let recorded = mode.recorded();
    let install = prepared.context.profile.install.last();
    Terms {
        plan: &prepared.plan,
        install_step: install.map(|step| &step.id),
        recorded: recorded.and_then(|run| Some((&run.of, run.package.as_ref()?))),
        before: session.parent.as_ref().map(|parent| parent.green()),
        counts_outstanding: mode.counts_outstanding(),
        signal: cancel::exit_code(control),
    }
}

/// A script for each lane that failed, by its place in the run folder.
pub(super) fn scripts(
    prepared: &Prepared,
    request: &Request,
    context: &RunContext,
    lanes: &[LaneEvidence],
) -> Vec<(String, Vec<u8>)> {
    let scripts = Scripts {
        context: &prepared.context,
        plan: &prepared.plan,
        env: &request.env,
        repo: &context.asked.repo,
        package: None,
        timeout: request.execution.timeout,
    };
    lanes.iter().filter_map(|lane| scripts.file(lane)).collect()
}
