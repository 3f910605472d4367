//! The events of a run that belong to no lane, and the notices around them.

use super::session::Session;
use crate::artifact::write_error::WriteError;
use crate::model::SCHEMA_VERSION;
use crate::model::event::{AlteredLanes, Event, EventKind};
use crate::prepare::{Mode, Prepared};
use crate::report::notice::{Notice, unread_lock};
use crate::report::reporter::Reporter;
use crate::verdict::Verdict;

/// Reports everything that is to be known before the first lane, and
/// records that the lanes begin.
pub(super) fn start(
    session: &mut Session,
    prepared: &Prepared,
    mode: &Mode<'_>,
    reporter: &mut dyn Reporter,
) -> Result<(), WriteError> {
    if let Some(recorded) = mode.recorded() {
        let profile = &prepared.context.profile;
        for what in recorded.not_pinned(&prepared.record, profile) {
            reporter.notice(&Notice::NotPinned(&what));
        }
    }
    let execution = &session.request.execution;
    if mode.shows_grid() {
        reporter.plan(&prepared.plan, execution.fail_fast);
    }
    let source = &prepared.context.source;
    if source.worktree_on.is_some() {
        reporter.notice(&Notice::WorkTree(source));
    }
    if let Some(parent) = &session.parent {
        let left = &parent.left_out(&prepared.plan, &prepared.record);
        let parent = parent.id();
        reporter.notice(&Notice::LeftOut { left, parent });
    }
    if execution.repeat > 1 {
        reporter.notice(&Notice::Repeats(execution.repeat));
    }
    let record = &prepared.record;
    let package = record.package_spec.clone();
    let kind = EventKind::RunStarted {
        schema_version: SCHEMA_VERSION,
        run_id: record.run_id.clone(),
        package: package.unwrap_or_else(|| record.gate.clone()),
        lanes: prepared.plan.selected_scenarios().cloned().collect(),
        altered: mode.trial().map(|trial| {
            let all = prepared.lanes(true);
            AlteredLanes {
                at_least: trial.next(&all, &[]).len(),
                at_most: all.len(),
            }
        }),
        stages: record.stages.clone(),
        jobs: execution.jobs,
        package_from: prepared.context.profile.package_from.lock_file(),
        sandbox: Some(Box::new(record.isolation.sandbox.clone())),
    };
    event(session, kind, reporter)?;
    if mode.shows_grid() {
        let cells = prepared.plan.selected_unexpected();
        reporter.notice(&Notice::Unexpected(&cells));
    }
    for (file, why) in &prepared.context.profile.unread_locks {
        let message = unread_lock(file, why);
        event(session, EventKind::Warning { message }, reporter)?;
    }
    match prepared.context.lfs.warning() {
        Some(message) => event(session, EventKind::Warning { message }, reporter),
        None => Ok(()),
    }
}

/// Records and reports that the run has a verdict.
pub(super) fn finish(session: &mut Session, verdict: &mut Verdict, reporter: &mut dyn Reporter) {
    let elapsed = session.begun.elapsed().as_millis();
    let kind = EventKind::RunFinished {
        final_verdict: verdict.word.as_str().to_owned(),
        exit_code: verdict.exit.number(),
        duration_ms: u64::try_from(elapsed).unwrap_or(u64::MAX),
    };
    verdict.note_unwritten(event(session, kind, reporter).err());
}

/// Records and reports an event that belongs to no lane.
fn event(
    session: &mut Session,
    kind: EventKind,
    reporter: &mut dyn Reporter,
) -> Result<(), WriteError> {
    session.seq += 1;
    let event = Event {
        seq: session.seq,
        at: session.context.clock.now_utc(),
        lane: None,
        kind,
    };
    let written = session.writer.event(&event);
    reporter.event(&event);
    written
}
