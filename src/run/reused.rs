//! `--reuse`: copies the results of lanes whose inputs have not changed since
//! an earlier run.

use super::session::Session;
use crate::artifact::reader::{History, StoredRun};
use crate::artifact::write_error::WriteError;
use crate::model::event::Event;
use crate::model::{LaneEvidence, RunId, ScenarioName};
use crate::prepare::{Prepared, Request};
use crate::report::notice::Notice;
use crate::report::reporter::Reporter;
use crate::reuse::{self, CopiedLane, CopyError, Package, Reuse, ReuseQuery};
use crate::runner::Executed;
use crate::runner::cancel;
use crate::sys::process::Control;

/// The lanes that were reused.
#[derive(Default)]
pub(super) struct Reused {
    lanes: Vec<LaneEvidence>,
    unwritten: Option<WriteError>,
}

impl Reused {
    pub(super) fn has(&self, lane: &ScenarioName) -> bool {
        self.lanes.iter().any(|reused| reused.scenario == *lane)
    }

    /// Puts these lanes and those that ran in declared order.
    pub(super) fn merge(
        mut self,
        played: Executed,
        prepared: &Prepared,
        altered: bool,
    ) -> Executed {
        let order = prepared.lanes(altered);
        self.lanes.extend(played.lanes);
        self.lanes
            .sort_by_key(|lane| order.iter().position(|name| *name == lane.scenario));
        for lane in &mut self.lanes {
            lane.inputs_sha256 = prepared.inputs.digest(&lane.scenario);
        }
        Executed {
            lanes: self.lanes,
            flaky: played.flaky,
            unwritten: self.unwritten.or(played.unwritten),
        }
    }

    /// Records and reports what happened in a lane when it really ran.
    fn add(&mut self, lane: CopiedLane, session: &mut Session, reporter: &mut dyn Reporter) {
        for event in &lane.events {
            if let Err(e) = session.writer.event(event) {
                self.unwritten.get_or_insert(e);
            }
            reporter.event(event);
        }
        self.lanes.push(lane.evidence);
    }
}

/// Reuses the lanes of the contract that may be, and reports which.
pub(super) fn reuse_lanes(
    prepared: &Prepared,
    control: &Control,
    session: &mut Session,
    reporter: &mut dyn Reporter,
) -> Reused {
    let lanes = prepared.lanes(false);
    let mut reused = Reused::default();
    if lanes.is_empty() || !is_possible(&session.request, reporter) {
        return reused;
    }
    let context = &prepared.context;
    let decision = reuse::decide(&ReuseQuery {
        history: &History::new(session.lock.path()),
        gate: &session.context.gate,
        inputs: &prepared.inputs,
        lanes: &lanes,
        package: &Package::from_profile(
            &context.profile,
            &context.package,
            &context.repo_root,
            &session.request.env,
        ),
    });
    reporter.notice(&Notice::Reuse(&decision));
    let mut past = Past::default();
    for (lane, stored) in &decision.from {
        match past.copy(stored, lane, prepared, session) {
            Ok(lane) => reused.add(lane, session, reporter),
            Err(CopyError::Source(error)) => reporter.notice(&Notice::NotReused {
                lane,
                error: &error,
            }),
            Err(CopyError::Target(e)) => {
                reused.unwritten.get_or_insert(e);
            }
        }
    }
    if reused.unwritten.is_some() {
        // A run folder that cannot be written ends the run.
        cancel::cancel_all(control);
    }
    reused
}

fn is_possible(request: &Request, reporter: &mut dyn Reporter) -> bool {
    match request.execution.reuse {
        Reuse::No => false,
        Reuse::IgnoredInCi => {
            reporter.notice(&Notice::ReuseInCi);
            false
        }
        Reuse::Yes if request.execution.repeat > 1 => {
            reporter.notice(&Notice::ReuseUnderRepeat);
            false
        }
        Reuse::Yes => true,
    }
}

/// The events of earlier runs, each read once.
#[derive(Default)]
struct Past {
    runs: Vec<(RunId, Vec<Event>)>,
}

impl Past {
    fn copy(
        &mut self,
        stored: &StoredRun,
        lane: &ScenarioName,
        prepared: &Prepared,
        session: &Session,
    ) -> Result<CopiedLane, CopyError> {
        let events = self.events(stored)?;
        let run_id = &session.context.run_id;
        reuse::copy_lane(
            stored,
            events,
            lane,
            run_id,
            &prepared.inputs,
            &session.writer,
        )
    }

    fn events(&mut self, stored: &StoredRun) -> Result<&[Event], CopyError> {
        let is_it = |(id, _): &(RunId, Vec<Event>)| id == stored.id();
        if !self.runs.iter().any(is_it) {
            self.runs.push((stored.id().clone(), stored.events()?));
        }
        let known = self.runs.iter().find(|run| is_it(run));
        Ok(known.map_or(&[], |(_, events)| events))
    }
}
