//! Runs the steps of a lane, one after the other, and records their evidence.
//!
//! Invariants: every step that started has evidence, an event for its start
//! and one for its end; a cancelled step gives no cell and no failure; the
//! first failure of a lane stays its failure, unless evidence could not be
//! written.

use std::io;
use std::time::Instant;

use super::cell_failure::CellFailure;
use super::context::LaneContext;
use super::events::EventSink;
use super::state::Lane;
use super::step_result::StepResult;
use super::steps::{Action, Step};
use super::supervisors::Supervisors;
use super::workspace::Workspace;
use crate::model::command::Rendered;
use crate::model::event::EventKind;
use crate::model::evidence::Ending;
use crate::model::{
    BuiltinStep, CellEvidence, ExitCode, Failure, FailureClass, LaneEvidence, ScenarioName,
    Shortage, StepEvidence, StepId,
};
use crate::sys::namespace::{self, View};
use crate::sys::process::{self, Control};
use crate::sys::slots::Share;
use crate::sys::{fs, git, shortage};

/// Consecutive steps of a lane, and the state in which they start.
pub struct Segment<'a> {
    /// The content of the lanes' common path, for the thread that runs the
    /// segment; None if the lane has a path of its own.
    pub view: Option<View>,
    /// Set if the lane's directories still have to be created.
    pub is_first: bool,
    /// Set if the lane ends with this segment.
    pub is_last: bool,
    /// The start of the segment's setup.
    pub started: Instant,
    /// The steps.
    pub steps: &'a [Step],
    /// The evidence of earlier segments.
    pub evidence: LaneEvidence,
    /// The value of `{package_spec}`, if it is not as typed.
    pub package: Option<String>,
}

/// Runs a segment of a lane, acquiring as many slots as each step weighs.
///
/// The view is entered by the calling thread, which must not be used for
/// anything else.
pub fn run_segment(
    cx: &LaneContext,
    name: &ScenarioName,
    segment: Segment<'_>,
    control: &Control,
    share: &mut Share,
    events: &mut dyn EventSink,
) -> LaneEvidence {
    let workspace = cx.workspace(name);
    let mut vars = cx.vars(&workspace, name);
    if let Some(package) = segment.package {
        vars.package_spec = package;
    }
    let mut lane = Lane {
        env: cx.environment(&workspace),
        vars,
        scenario: &cx.profile.scenarios[name],
        evidence: segment.evidence,
        seeded: None,
        last_act: None,
        to_push: None,
        moved_on: false,
        cx,
        name,
        control,
        supervisors: Supervisors::new(cx, &workspace, control),
        share,
        events,
        workspace,
    };
    if cx.sandbox.is_some() {
        process::count_turns();
    }
    let view = segment.view.as_ref();
    // Without its view the thread would see, and write to, another folder.
    let entered = view.map_or(Ok(()), |view| namespace::enter(view, &cx.root));
    if let Err(e) = &entered {
        lane.fail_setup(e);
        return lane.evidence;
    }
    let created = if segment.is_first {
        lane.workspace.create(&cx.trusted)
    } else {
        Ok(())
    };
    if let Err(e) = created {
        lane.fail_setup(&e);
    } else {
        lane.evidence.set_up.duration_ms += millis(segment.started);
        lane.run_steps(segment.steps);
    }
    // Even a failed lane has a view to leave, and may be kept for the user.
    lane.leave(view, segment.is_last);
    lane.evidence
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

impl Lane<'_> {
    fn run_steps(&mut self, steps: &[Step]) {
        for step in steps {
            let stop = || self.control.is_stopped();
            if !self.share.acquire(step.weight, stop) || stop() {
                self.evidence.cancelled = true;
                return;
            }
            if !self.run_step(step) {
                return;
            }
        }
    }

    /// Runs a step and records it; false if the lane ends with it.
    fn run_step(&mut self, step: &Step) -> bool {
        let command = self.rendered(step);
        let shown = command.as_ref().map(|command| command.command.clone());
        self.events.event(EventKind::StepStarted {
            step: step.id.clone(),
            command: shown.clone(),
        });
        let started = Instant::now();
        let started_at_utc = self.cx.clock.now_utc();
        shortage::forget();
        let (mut result, cell) = self.perform(step);
        self.blame_machine(step, &mut result);
        let cancelled = result.ending == Some(Ending::Cancelled);
        // A step that failed before its command names the log of the command
        // that did fail.
        let log_name = result.log_name.as_deref().unwrap_or(step.id.as_str());
        let captured = result.captured.take();
        let log = captured.map(|captured| self.log_ref(log_name, captured));
        if let Some(problem) = &mut result.problem
            && let Some(why) = self.why_off_path(log.as_ref())
        {
            problem.message = format!("{}; {why}", problem.message);
        }
        let own_command = result.command.as_ref();
        let evidence = StepEvidence {
            step: step.id.clone(),
            command: own_command.map(|own| own.command.clone()).or(shown),
            ending: result.ending.clone(),
            leaked: result.leaked,
            started_at_utc,
            duration_ms: millis(started),
            log,
            problem: result.problem.as_ref().map(|p| p.message.clone()),
        };
        self.events.event(EventKind::StepFinished {
            step: step.id.clone(),
            ending: evidence.ending.clone(),
            duration_ms: evidence.duration_ms,
            // A signal is not the step's problem.
            problem: evidence.problem.clone().filter(|_| !cancelled),
        });
        self.close_cell(cell, &evidence, cancelled);
        let log = evidence.log.as_ref().map(|log| log.path.clone());
        self.evidence.steps.push(evidence);
        if cancelled {
            self.evidence.cancelled = true;
            return false;
        }
        self.conclude(step, result, command, log)
    }

    /// Performs the action of a step. A stage gives a cell, unless the lane
    /// could not be prepared for it.
    fn perform(&mut self, step: &Step) -> (StepResult, Option<CellEvidence>) {
        let result = match &step.action {
            Action::Stage(name, stage) => return self.stage(step, name, stage),
            Action::Clone => self.clone_step(step),
            Action::Run(command) => self.command_step(step, command),
            Action::Alter(command) => self.alter_step(step, command),
            Action::Replace(files) => {
                self.session(step, |lane, session| lane.seeder().replace(session, files))
            }
            Action::Version(command) => self.version_step(step, command),
            Action::Shell(before) => self.shell_step(before),
            Action::Hooks => self.session(step, Self::check_hooks),
            Action::SeedBaseline => {
                self.note_hooks_folder();
                self.session(step, |lane, session| lane.seeder().baseline(session))
            }
            Action::SeedScenario => self.seed_step(step),
        };
        (result, None)
    }

    /// Notes where git looks for hooks after the activation.
    fn note_hooks_folder(&mut self) {
        let folder = self.workspace.hooks_folder().path;
        let clone = self.workspace.clone_dir();
        let below = folder.strip_prefix(&clone).unwrap_or(&folder);
        self.evidence.hooks_folder = Some(below.to_owned());
    }

    /// Records the failure of a step, if any; false if the lane ends with it.
    fn conclude(
        &mut self,
        step: &Step,
        result: StepResult,
        command: Option<Rendered>,
        log: Option<String>,
    ) -> bool {
        let Some(failure) = result.problem else {
            return true;
        };
        // A red stage says nothing about the next one, unless there may be no
        // time or disk left to run it.
        let ends_lane = !matches!(step.action, Action::Stage(..))
            || matches!(failure.class, FailureClass::Timeout | FailureClass::Io);
        let blamed = result.blamed_step.unwrap_or_else(|| step.id.clone());
        self.fail(blamed, failure, result.command.or(command), log);
        !ends_lane
    }

    /// Completes the evidence of a cell with that of its step.
    fn close_cell(&mut self, cell: Option<CellEvidence>, step: &StepEvidence, cancelled: bool) {
        let Some(mut cell) = cell.filter(|_| !cancelled) else {
            return;
        };
        cell.run = step.clone();
        cell.problem.clone_from(&step.problem);
        self.events.cell(&cell);
        self.events.event(EventKind::CellFinished {
            stage: cell.stage.clone(),
            exit: cell.exit,
            hook_exit: cell.hook_exit,
            verdict: cell.verdict,
            problem: cell.problem.clone(),
        });
        self.evidence.cells.push(cell);
    }

    fn fail_setup(&mut self, e: &io::Error) {
        let failure = CellFailure::new(FailureClass::Infra, format!("cannot make the lane: {e}"));
        let failure = match Shortage::of_error(e) {
            Some(shortage) => CellFailure::short(shortage, &failure),
            None => failure,
        };
        self.fail(BuiltinStep::GitClone.into(), failure, None, None);
    }

    fn fail(
        &mut self,
        step: StepId,
        failure: CellFailure,
        command: Option<Rendered>,
        log: Option<String>,
    ) {
        // A failed evidence write takes precedence over any verdict.
        if failure.exit == ExitCode::Artifact {
            self.evidence.failure = None;
        }
        self.evidence.failure.get_or_insert_with(|| {
            Failure::new(failure.class, step, failure.message)
                .exit(failure.exit)
                .detail(failure.detail)
                .phase(self.name)
                .command(command)
                .log(log)
        });
    }

    /// Leaves the lane's view, so that other lanes can start from its layers.
    fn leave(&mut self, view: Option<&View>, is_last: bool) {
        // Processes that still run, and files that are open, would keep the layers busy.
        git::close_repositories();
        self.supervisors = Supervisors::new(self.cx, &self.workspace, self.control);
        let is_over = is_last || self.evidence.failure.is_some();
        let kept = match view {
            Some(view) if is_over && self.cx.keep => self.keep(view),
            _ => Ok(()),
        };
        let left = view.map_or(Ok(()), |_| namespace::leave());
        let Err(e) = kept.and(left) else {
            return;
        };
        if is_over {
            let message = format!("the lane {} cannot be left as it should: {e}", self.name);
            self.events.event(EventKind::Warning { message });
        } else {
            // No lane may start from layers that are still in use.
            self.fail_setup(&e);
        }
    }

    /// Copies a lane from the lanes' common path to the folder where the user
    /// finds it, with a remote that exists there.
    fn keep(&self, view: &View) -> io::Result<()> {
        let folder = self.cx.lane_folder(self.name);
        if !matches!(view, View::Folder(own) if *own == folder) {
            fs::replicate(self.workspace.host(), &folder)?;
        }
        let kept = Workspace::new(folder);
        if kept.clone_dir().is_dir() {
            kept.own_remote()?;
        }
        Ok(())
    }
}
