//! One lane: a scenario from clone to last stage.
//!
//! A lane is a list of steps ([`script::Step`]). A step that fails before
//! the stages ends its lane; a stage that blocks does not. What happens is
//! emitted as events and kept as evidence; nothing is printed here.

mod context;
mod installed;
mod judge;
pub mod script;
mod seed;
mod session;
mod stage;
mod trace2;
mod workspace;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Instant;

pub use context::{LaneContext, base_ref};
pub use workspace::Workspace;

use crate::model::command::{CommandTemplate, Rendered};
use crate::model::event::EventKind;
use crate::model::evidence::{Ending, LogRef, log_path};
use crate::model::failure::step as id;
use crate::model::profile::{Reason, Scenario};
use crate::model::{
    CellEvidence, ExitCode, Failure, FailureClass, LaneEvidence, ScenarioName, StepEvidence, Vars,
};
use crate::sys::fs;
use crate::sys::git::Consumer;
use crate::sys::process::{self, Capture, Captured, Cmd, Control, Outcome, RunError};
use judge::Problem;
use script::{Action, Step};
use seed::{Seeded, Seeder};
use session::{Session, SessionError};

/// Where a lane's events and cells go.
pub trait Emit {
    /// Something happened.
    fn event(&mut self, kind: EventKind);
    /// A cell has its verdict.
    fn cell(&mut self, cell: &CellEvidence);
}

/// Plays one lane.
pub fn run(
    cx: &LaneContext,
    name: &ScenarioName,
    control: &Control,
    emit: &mut dyn Emit,
) -> LaneEvidence {
    let begun = Instant::now();
    emit.event(EventKind::LaneStarted);
    let workspace = Workspace::new(&cx.lanes, name);
    let mut lane = Lane {
        env: cx.environment(&workspace),
        vars: cx.vars(&workspace, name),
        scenario: &cx.profile.scenarios[name],
        evidence: LaneEvidence {
            cancelled: false,
            ..LaneEvidence::not_run(name.clone())
        },
        seeded: None,
        pushed: false,
        committing_stage_ran: false,
        cx,
        name,
        control,
        emit,
        workspace,
    };
    lane.play();
    let evidence = lane.evidence;
    emit.event(EventKind::LaneFinished {
        pass: evidence.is_pass(),
        cancelled: evidence.cancelled,
        duration_ms: millis(begun),
    });
    evidence
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

struct Lane<'a> {
    cx: &'a LaneContext,
    name: &'a ScenarioName,
    scenario: &'a Scenario,
    control: &'a Control,
    emit: &'a mut dyn Emit,
    workspace: Workspace,
    env: BTreeMap<OsString, OsString>,
    vars: Vars,
    evidence: LaneEvidence,
    seeded: Option<Seeded>,
    /// Whether the lane's branch was pushed already.
    pushed: bool,
    /// Whether a `git commit` was tried since the lane was seeded.
    committing_stage_ran: bool,
}

/// What came of a step.
#[derive(Default)]
struct Done {
    command: Option<Rendered>,
    ending: Option<Ending>,
    leaked: bool,
    captured: Option<Captured>,
    /// The log's name, where it is not the step's id.
    log_name: Option<String>,
    problem: Option<Problem>,
    /// Where the problem is not this step's own.
    blamed_step: Option<String>,
}

impl Done {
    fn problem(class: FailureClass, message: impl Into<String>) -> Self {
        Self {
            problem: Some(Problem::new(class, message)),
            ..Self::default()
        }
    }

    fn of_run(command: Rendered, outcome: &Outcome, captured: Captured) -> Self {
        Self {
            command: Some(command),
            ending: Some(outcome.ending.clone()),
            leaked: outcome.leaked,
            captured: Some(captured),
            ..Self::default()
        }
    }
}

impl Lane<'_> {
    fn play(&mut self) {
        if let Err(e) = self.workspace.create(&self.cx.trusted) {
            let problem = Problem::new(FailureClass::Infra, format!("cannot make the lane: {e}"));
            self.fail(id::GIT_CLONE, problem, None, None);
            return;
        }
        for step in &self.cx.steps {
            if self.control.stop().is_some() {
                self.evidence.cancelled = true;
                return;
            }
            if !self.step(step) {
                return;
            }
        }
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
            Action::Run(command) => self.run_step(step, command),
            Action::Version(command) => self.version_step(step, command),
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
                self.log_ref(done.log_name.as_deref().unwrap_or(&step.id), captured)
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
        self.fail(&blamed, problem, command, log);
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
        step: &str,
        problem: Problem,
        command: Option<Rendered>,
        log: Option<String>,
    ) {
        self.evidence.failure.get_or_insert_with(|| Failure {
            exit: problem.exit,
            phase: Some(self.name.to_string()),
            step: step.to_owned(),
            class: problem.class,
            command,
            log,
            message: problem.message,
        });
    }

    fn rendered(&self, step: &Step) -> Option<Rendered> {
        match &step.action {
            Action::Run(command) | Action::Version(command) => Some(command.render(&self.vars)),
            Action::Stage(name, stage) => {
                Some(self.stage_command(stage).render(&self.stage_vars(name)))
            }
            _ => None,
        }
    }

    fn log_file(&self, step: &str) -> PathBuf {
        self.cx.run_folder.join(log_path(self.name, step))
    }

    fn log_ref(&self, step: &str, captured: Captured) -> LogRef {
        LogRef {
            path: log_path(self.name, step),
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

    /// Runs one command of a profile, its output in the step's log.
    fn command(
        &self,
        step: &Step,
        command: &CommandTemplate,
        vars: &Vars,
        more_env: &BTreeMap<OsString, OsString>,
        reason: Option<Reason>,
    ) -> Result<(Outcome, Captured), RunError> {
        let path = self.log_file(&step.id);
        let log_error = |source| RunError::Log {
            path: path.clone(),
            source,
        };
        let mut capture = Capture::create(&path, reason).map_err(log_error)?;
        let mut env = self.env.clone();
        env.extend(more_env.clone());
        let own = command.expand_env(vars);
        env.extend(
            own.into_iter()
                .map(|(name, value)| (name.into(), value.into())),
        );
        let cmd = Cmd {
            argv: command.expand(vars).into_iter().map(Into::into).collect(),
            env: env.into_iter().collect(),
            cwd: self.workspace.clone_dir(),
            limit: Some(step.limit),
        };
        let outcome = process::run(self.control, &cmd, &mut capture)?;
        let captured = capture.finish().map_err(log_error)?;
        Ok((outcome, captured))
    }

    /// A command that installs or activates the gate.
    fn run_step(&mut self, step: &Step, command: &CommandTemplate) -> Done {
        let network = if step.network {
            &self.cx.network_env
        } else {
            &BTreeMap::new()
        };
        let done = match self.command(step, command, &self.vars, network, None) {
            Ok((outcome, captured)) => {
                let problem = self.install_problem(&outcome.ending);
                Done {
                    problem,
                    ..Done::of_run(command.render(&self.vars), &outcome, captured)
                }
            }
            Err(e) => not_run(&e),
        };
        let is_last_install = self
            .cx
            .profile
            .install
            .last()
            .is_some_and(|last| last.id == step.id);
        if done.problem.is_none() && is_last_install {
            self.note_package();
        }
        done
    }

    fn install_problem(&self, ending: &Ending) -> Option<Problem> {
        let problem = |class, text: String| Some(Problem::new(class, text));
        match ending {
            Ending::Exited(0) => None,
            Ending::Exited(_) | Ending::NotStarted(_) if self.is_disk_full() => problem(
                FailureClass::Infra,
                "the disk of the work folder is full".to_owned(),
            ),
            Ending::Exited(code) => problem(FailureClass::Install, format!("it exited {code}")),
            Ending::NotStarted(text) => problem(
                FailureClass::Install,
                format!("it could not be started: {text}"),
            ),
            other => self.common_problem(other),
        }
    }

    /// What the end of a command means wherever it stands.
    fn common_problem(&self, ending: &Ending) -> Option<Problem> {
        let (class, text) = match ending {
            Ending::Signaled(signal) => {
                (FailureClass::Infra, format!("it died of signal {signal}"))
            }
            Ending::TimedOut => (
                FailureClass::Timeout,
                "it ran past its time limit".to_owned(),
            ),
            Ending::Lost => (FailureClass::Infra, "its supervisor was killed".to_owned()),
            Ending::Cancelled => (FailureClass::Interrupted, "it was stopped".to_owned()),
            Ending::NotStarted(text) => (
                FailureClass::Infra,
                format!("it could not be started: {text}"),
            ),
            Ending::Exited(0) => return None,
            Ending::Exited(code) => (FailureClass::Infra, format!("it exited {code}")),
        };
        Some(Problem::new(class, text))
    }

    fn is_disk_full(&self) -> bool {
        fs::is_full(self.workspace.host())
    }

    fn note_package(&mut self) {
        let Some(spec) = &self.cx.profile.package else {
            return;
        };
        self.evidence.package = installed::resolved(spec, &self.workspace);
        if self.evidence.package.is_none() {
            let message = format!(
                "the installer left no record of `{}`: package_resolved stays null",
                spec.as_str()
            );
            self.emit.event(EventKind::Warning { message });
        }
    }

    /// The version that the gate tells must be the one that was installed.
    fn version_step(&mut self, step: &Step, command: &CommandTemplate) -> Done {
        let wanted = self
            .evidence
            .package
            .as_ref()
            .map(|package| package.version.clone());
        let reason = wanted.as_deref().map(version_pattern);
        match self.command(step, command, &self.vars, &BTreeMap::new(), reason) {
            Err(e) => not_run(&e),
            Ok((outcome, captured)) => {
                let told = captured.reason_found;
                let mut problem = self.common_problem(&outcome.ending);
                if let (None, Some(wanted), false) = (&problem, &wanted, told) {
                    let text = format!("what runs does not say {wanted}, which was installed");
                    problem = Some(Problem::new(FailureClass::Infra, text));
                }
                Done {
                    problem,
                    ..Done::of_run(command.render(&self.vars), &outcome, captured)
                }
            }
        }
    }

    /// Each hook of the profile must stand, executable, where git looks.
    fn check_hooks(&mut self, session: &mut Session<'_>) -> Result<(), SessionError> {
        let where_ = CommandTemplate::own(&["git", "rev-parse", "--git-path", "hooks"]);
        let answer = session.run(&where_)?;
        let folder = String::from_utf8_lossy(&answer).trim_end().to_owned();
        let folder = self.workspace.clone_dir().join(folder);
        for hook in &self.cx.profile.hooks {
            let path = folder.join(hook);
            let text = match path.metadata() {
                Err(_) => format!("there is no {hook} hook: {} does not exist", path.display()),
                Ok(_) if !crate::sys::env::is_executable(&path) => {
                    format!(
                        "git will not run the {hook} hook: {} is not executable",
                        path.display()
                    )
                }
                Ok(_) => continue,
            };
            return Err(SessionError::Problem(text));
        }
        Ok(())
    }

    fn clone_step(&mut self, step: &Step) -> Done {
        let mut done = self.session(step, |lane, session| lane.seeder().clone_consumer(session));
        let failed = done
            .problem
            .as_ref()
            .is_some_and(|problem| problem.class == FailureClass::Seed);
        if let Some(problem) = done.problem.as_mut().filter(|_| failed) {
            problem.class = FailureClass::Infra;
            let head = &self.cx.source.head;
            let gone = Consumer::open(&self.cx.repo_root).is_ok_and(|repo| !repo.has_commit(head));
            if gone {
                problem.message = format!("the commit {head} that preflight saw is gone");
                done.blamed_step = Some(id::SOURCE_MOVED.to_owned());
            }
        }
        done
    }

    fn seed_step(&mut self, step: &Step) -> Done {
        let done = self.session(step, |lane, session| {
            lane.seeded = Some(lane.seeder().scenario(session)?);
            Ok(())
        });
        if self.seeded.as_ref().is_some_and(|seeded| seeded.vacuous) {
            let message = format!(
                "the scenario {} changes nothing: its cells prove nothing",
                self.name
            );
            self.emit.event(EventKind::Warning { message });
        }
        done
    }

    /// Runs commands of our own, their log that of the step.
    fn session(
        &mut self,
        step: &Step,
        work: impl FnOnce(&mut Self, &mut Session<'_>) -> Result<(), SessionError>,
    ) -> Done {
        let path = self.log_file(&step.id);
        let log_error = |source| {
            not_run(&RunError::Log {
                path: path.clone(),
                source,
            })
        };
        let mut capture = match Capture::create(&path, None) {
            Ok(capture) => capture,
            Err(e) => return log_error(e),
        };
        let vars = self.vars.clone();
        let mut session = Session {
            control: self.control,
            capture: &mut capture,
            env: self.env.clone(),
            cwd: self.workspace.clone_dir(),
            limit: step.limit,
            vars: &vars,
        };
        let result = work(self, &mut session);
        if let Err(SessionError::Problem(text)) = &result {
            let _ = capture.write(format!("matrix: {text}\n").as_bytes());
        }
        let captured = match capture.finish() {
            Ok(captured) => captured,
            Err(e) => return log_error(e),
        };
        let mut done = match result {
            Ok(()) => Done::default(),
            Err(e) => self.session_failed(e, &step.action),
        };
        done.captured = Some(captured);
        done
    }

    fn session_failed(&self, error: SessionError, action: &Action) -> Done {
        let class = match action {
            _ if self.is_disk_full() => FailureClass::Infra,
            Action::Hooks => FailureClass::Infra,
            _ => FailureClass::Seed,
        };
        match error {
            SessionError::NotRun(e) => not_run(&e),
            SessionError::Problem(text) => Done::problem(class, text),
            SessionError::Failed {
                command,
                ending,
                leaked,
            } => {
                let mut problem = self.common_problem(&ending);
                if let (Some(problem), Ending::Exited(_) | Ending::NotStarted(_)) =
                    (&mut problem, &ending)
                {
                    problem.class = class;
                }
                Done {
                    command: Some(command),
                    ending: Some(ending),
                    leaked,
                    problem,
                    ..Done::default()
                }
            }
        }
    }
}

/// A step whose command did not even run.
fn not_run(error: &RunError) -> Done {
    let class = match error {
        RunError::Supervisor { .. } => FailureClass::Infra,
        RunError::Log { .. } => FailureClass::Io,
    };
    let mut done = Done::problem(class, error.to_string());
    if let (Some(problem), FailureClass::Io) = (&mut done.problem, class) {
        problem.exit = ExitCode::Artifact;
    }
    done
}

/// The version as a word of its own: 2.2.2 is not said by 12.2.20.
fn version_pattern(version: &str) -> Reason {
    let pattern = format!(
        r"(^|[^0-9A-Za-z.]|[^0-9]v){}($|[^0-9A-Za-z.-])",
        regex::escape(version)
    );
    let pattern = pattern.replace("(^|", "(^v?|");
    match regex::bytes::Regex::new(&pattern) {
        Ok(regex) => Reason::Regex(regex),
        Err(_) => Reason::Text(version.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_word() {
        let pattern = version_pattern("2.2.2");
        for said in [
            "2.2.2",
            "v2.2.2",
            "lefthook version 2.2.2",
            "lefthook  v2.2.2\r",
            "x (2.2.2)",
        ] {
            assert!(pattern.matches(said.as_bytes()), "{said}");
        }
        for other in [
            "12.2.2",
            "2.2.20",
            "2.2.2.1",
            "2.2.2-rc.1",
            "1.2.2.2",
            "2x2.2",
        ] {
            assert!(!pattern.matches(other.as_bytes()), "{other}");
        }
    }
}
