//! One lane: a scenario from clone to last stage.
//!
//! A lane is a list of steps ([`script::Step`]). A step that fails before
//! the stages ends its lane; a stage that blocks does not. What happens is
//! emitted as events and kept as evidence; nothing is printed here.

mod clone;
mod context;
mod diagnosis;
mod done;
mod install;
mod installed;
mod judge;
mod prepare;
mod proof;
mod put_back;
mod rest;
pub mod script;
mod seed;
mod session;
mod shell;
mod stage;
mod vacuity;
mod violation;
mod witness;
mod workspace;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Instant;

pub use context::{Earlier, LaneContext};
pub use workspace::Workspace;

use crate::model::command::{CommandTemplate, Rendered};
use crate::model::event::EventKind;
use crate::model::evidence::{Ending, LogRef, log_path};
use crate::model::profile::Scenario;
use crate::model::{BuiltinStep, StepId};
use crate::model::{
    CellEvidence, ExitCode, Failure, FailureClass, LaneEvidence, ScenarioName, StepEvidence, Vars,
};
use crate::sys::namespace::{self, View};
use crate::sys::process::{
    Capture, Captured, Cmd, Control, Outcome, RunError, SupervisorClient, Wanted, Watch, Wrapper,
};
use crate::sys::sandbox::Reach;
use crate::sys::slots::Share;
use crate::sys::{env, fs};
use judge::Problem;
use script::{Action, Step};
use seed::{Seeded, Seeder};

/// Where a lane's events and cells go.
pub trait Emit {
    /// Something happened.
    fn event(&mut self, kind: EventKind);
    /// A cell has its verdict.
    fn cell(&mut self, cell: &CellEvidence);
}

/// What of a lane is to be played, and on what ground.
pub struct Part<'a> {
    /// What stands at the lanes' common path, for the thread that plays it;
    /// none where the lane has a path of its own.
    pub view: Option<View>,
    /// Whether nothing of the lane stands yet.
    pub is_first: bool,
    /// Whether nothing of the lane is left to play after it.
    pub is_last: bool,
    /// When its setting up began.
    pub begun: Instant,
    /// The steps.
    pub steps: &'a [Step],
    /// What came of those before.
    pub so_far: LaneEvidence,
    /// What `{package_spec}` stands for, where it is not as typed.
    pub package: Option<String>,
}

/// Plays a part of a lane with as many of the run's slots as each step weighs, in a thread that is not used for anything else.
pub fn play(
    cx: &LaneContext,
    name: &ScenarioName,
    part: Part<'_>,
    control: &Control,
    share: &mut Share,
    emit: &mut dyn Emit,
) -> LaneEvidence {
    let workspace = cx.workspace(name);
    let mut vars = cx.vars(&workspace, name);
    if let Some(package) = part.package {
        vars.package_spec = package;
    }
    let mut lane = Lane {
        env: cx.environment(&workspace),
        vars,
        scenario: &cx.profile.scenarios[name],
        evidence: part.so_far,
        seeded: None,
        pushed: false,
        moved_on: false,
        cx,
        name,
        control,
        keepers: Keepers::new(cx, &workspace, control),
        share,
        emit,
        workspace,
    };
    let view = part.view.as_ref();
    let entered = view.map_or(Ok(()), |view| namespace::enter(view, &cx.root));
    if let Err(e) = &entered {
        lane.cannot_stand(e);
        return lane.evidence;
    }
    let stands = if part.is_first {
        lane.workspace.create(&cx.trusted)
    } else {
        Ok(())
    };
    if let Err(e) = stands {
        lane.cannot_stand(&e);
    } else {
        lane.evidence.set_up.duration_ms += millis(part.begun);
        lane.steps(part.steps);
    }
    lane.leave(view, part.is_last);
    lane.evidence
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

struct Lane<'a> {
    cx: &'a LaneContext,
    name: &'a ScenarioName,
    scenario: &'a Scenario,
    control: &'a Control,
    keepers: Keepers,
    share: &'a mut Share,
    emit: &'a mut dyn Emit,
    workspace: Workspace,
    env: BTreeMap<OsString, OsString>,
    vars: Vars,
    evidence: LaneEvidence,
    seeded: Option<Seeded>,
    /// Whether the lane's branch was pushed already.
    pushed: bool,
    /// Whether HEAD or the index may have moved on from the seeded state.
    moved_on: bool,
}

impl Lane<'_> {
    fn steps(&mut self, steps: &[Step]) {
        for step in steps {
            let stop = || self.control.is_stopped();
            if !self.share.acquire(step.weight, stop) || stop() {
                self.evidence.cancelled = true;
                return;
            }
            if !self.step(step) {
                return;
            }
        }
    }

    fn cannot_stand(&mut self, e: &std::io::Error) {
        let problem = Problem::new(FailureClass::Infra, format!("cannot make the lane: {e}"));
        self.fail(BuiltinStep::GitClone.into(), problem, None, None);
    }

    /// Leaves the lane as those after it, or the user, want to find it.
    fn leave(&mut self, view: Option<&View>, is_last: bool) {
        // Whatever still runs would hold the layers.
        self.keepers = Keepers::new(self.cx, &self.workspace, self.control);
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
            self.emit.event(EventKind::Warning { message });
        } else {
            // Nobody may go on from layers that somebody still holds.
            self.cannot_stand(&e);
        }
    }

    /// Leaves a lane that stood at the lanes' common path where the user
    /// finds it, with a remote that is there.
    fn keep(&self, view: &View) -> std::io::Result<()> {
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

    /// Takes a step; false where the lane ends with it.
    fn step(&mut self, step: &Step) -> bool {
        let command = self.rendered(step);
        let shown = command.as_ref().map(|command| command.command.clone());
        self.emit.event(EventKind::StepStarted {
            step: step.id.clone(),
            command: shown.clone(),
        });
        let begun = Instant::now();
        let started_at_utc = self.cx.clock.now_utc();
        let mut cell = None;
        let mut done = match &step.action {
            Action::Stage(name, stage) => {
                let (done, evidence) = self.stage(step, name, stage);
                cell = evidence;
                done
            }
            Action::Clone => self.clone_step(step),
            Action::Run(command) | Action::Alter(command) => self.run_step(step, command),
            Action::Replace(files) => {
                self.session(step, |lane, session| lane.seeder().replace(session, files))
            }
            Action::Version(command) => self.version_step(step, command),
            Action::Shell(before) => self.shell_step(before),
            Action::Hooks => self.session(step, Self::check_hooks),
            Action::SeedBaseline => {
                self.session(step, |lane, session| lane.seeder().baseline(session))
            }
            Action::SeedScenario => self.seed_step(step),
        };
        let cancelled = done.ending == Some(Ending::Cancelled);
        let evidence = StepEvidence {
            step: step.id.clone(),
            command: done
                .command
                .as_ref()
                .map(|command| command.command.clone())
                .or(shown),
            ending: done.ending.clone(),
            leaked: done.leaked,
            started_at_utc,
            duration_ms: millis(begun),
            log: done.captured.take().map(|captured| {
                self.log_ref(
                    done.log_name.as_deref().unwrap_or(step.id.as_str()),
                    captured,
                )
            }),
            problem: done.problem.as_ref().map(|problem| problem.message.clone()),
        };
        self.emit.event(EventKind::StepFinished {
            step: step.id.clone(),
            ending: evidence.ending.clone(),
            duration_ms: evidence.duration_ms,
            problem: evidence.problem.clone().filter(|_| !cancelled),
        });
        self.close_cell(cell, &evidence, cancelled);
        let log = evidence.log.as_ref().map(|log| log.path.clone());
        self.evidence.steps.push(evidence);
        if cancelled {
            self.evidence.cancelled = true;
            return false;
        }
        let Some(problem) = done.problem else {
            return true;
        };
        let ends_lane = !matches!(step.action, Action::Stage(..))
            || matches!(problem.class, FailureClass::Timeout | FailureClass::Io);
        let command = done.command.or(command);
        let blamed = done.blamed_step.unwrap_or_else(|| step.id.clone());
        self.fail(blamed, problem, command, log);
        !ends_lane
    }

    /// Completes the evidence of a cell with that of its step.
    fn close_cell(&mut self, cell: Option<CellEvidence>, step: &StepEvidence, cancelled: bool) {
        let Some(mut cell) = cell.filter(|_| !cancelled) else {
            return;
        };
        cell.run = step.clone();
        cell.problem.clone_from(&step.problem);
        self.emit.cell(&cell);
        self.emit.event(EventKind::CellFinished {
            stage: cell.stage.clone(),
            exit: cell.exit,
            hook_exit: cell.hook_exit,
            verdict: cell.verdict,
            problem: cell.problem.clone(),
        });
        self.evidence.cells.push(cell);
    }

    fn fail(
        &mut self,
        step: StepId,
        problem: Problem,
        command: Option<Rendered>,
        log: Option<String>,
    ) {
        // That evidence could not be written weighs more than what it says.
        if problem.exit == ExitCode::Artifact {
            self.evidence.failure = None;
        }
        self.evidence.failure.get_or_insert_with(|| {
            Failure::new(problem.class, step, problem.message)
                .exit(problem.exit)
                .detail(problem.detail)
                .phase(self.name)
                .command(command)
                .log(log)
        });
    }

    fn rendered(&self, step: &Step) -> Option<Rendered> {
        match &step.action {
            Action::Run(command) | Action::Alter(command) | Action::Version(command) => {
                Some(command.render(&self.vars))
            }
            Action::Shell(before) => self.rendered(before),
            Action::Stage(name, stage) => {
                Some(self.stage_command(stage).render(&self.stage_vars(name)))
            }
            _ => None,
        }
    }

    fn log_file(&self, step: &str) -> PathBuf {
        self.cx.run_folder.join(self.log_path(step))
    }

    /// Relative to the run folder.
    fn log_path(&self, step: &str) -> String {
        format!("{}{}", self.cx.tree(), log_path(self.name, step))
    }

    fn log_ref(&self, step: &str, captured: Captured) -> LogRef {
        LogRef {
            path: self.log_path(step),
            sha256: captured.sha256,
            bytes: captured.bytes,
            bytes_total: captured.bytes_total,
        }
    }

    fn seeder(&self) -> Seeder<'_> {
        Seeder {
            cx: self.cx,
            lane: &self.workspace,
            name: self.name,
            scenario: self.scenario,
        }
    }

    /// The environment of a command: the lane's, what the step adds, and the
    /// command's own.
    fn env_of(
        &self,
        step: &Step,
        command: &CommandTemplate,
        vars: &Vars,
        more: BTreeMap<OsString, OsString>,
    ) -> BTreeMap<OsString, OsString> {
        let mut env = self.env.clone();
        if let Some(folder) = &step.path {
            let path = env::path_after(&folder.expand(vars), env.get(OsStr::new("PATH")));
            env.insert("PATH".into(), path);
        }
        env.extend(more);
        let own = command.expand_env(vars);
        env.extend(
            own.into_iter()
                .map(|(name, value)| (name.into(), value.into())),
        );
        env
    }

    /// Runs one command of a profile, its output in the step's log.
    fn command(
        &self,
        step: &Step,
        command: &CommandTemplate,
        vars: &Vars,
        more: More,
    ) -> Result<(Outcome, Captured), RunError> {
        let path = self.log_file(step.id.as_str());
        let log_error = |source| RunError::Log {
            path: path.clone(),
            source,
        };
        let mut capture = Capture::create(&path, more.wanted).map_err(log_error)?;
        let env = self.env_of(step, command, vars, more.env);
        let cmd = Cmd {
            argv: command.expand(vars).into_iter().map(Into::into).collect(),
            env: env.into_iter().collect(),
            cwd: self.workspace.clone_dir(),
            limit: Some(step.limit),
            watch: more.watch,
        };
        let outcome = self.keepers.of(step.reach).run(&cmd, &mut capture)?;
        let captured = capture.finish().map_err(log_error)?;
        Ok((outcome, captured))
    }
}

/// Who plays the commands of a lane, by what they reach. Where nothing is
/// kept away, one does it all.
struct Keepers(Vec<(Reach, Rc<SupervisorClient>)>);

impl Keepers {
    fn new(cx: &LaneContext, lane: &Workspace, control: &Control) -> Self {
        let Some(sandbox) = &cx.sandbox else {
            let keeper = SupervisorClient::new(control.clone(), Wrapper::default());
            return Self(vec![(Reach::Nothing, Rc::new(keeper))]);
        };
        let keeper = |reach| {
            let wrapper = sandbox.wrapper(lane.host(), reach);
            (
                reach,
                Rc::new(SupervisorClient::new(control.clone(), wrapper)),
            )
        };
        Self(Reach::ALL.map(keeper).to_vec())
    }

    fn of(&self, reach: Reach) -> &Rc<SupervisorClient> {
        let of_reach = self.0.iter().find(|(of, _)| *of == reach);
        &of_reach.unwrap_or(&self.0[0]).1
    }
}

/// What a command gets beyond its own words.
#[derive(Default)]
struct More {
    /// Variables beyond those of the lane.
    env: BTreeMap<OsString, OsString>,
    /// What its output is searched for.
    wanted: Wanted,
    /// What its supervisor looks at.
    watch: Watch,
}
