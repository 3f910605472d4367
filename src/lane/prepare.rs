//! Built-in steps: sessions of git commands that bring the lane into the state
//! that the gate is tested in.

use std::rc::Rc;

use super::cell_failure::CellFailure;
use super::session::{Failed, Session, SessionError};
use super::state::Lane;
use super::step_result::StepResult;
use super::steps::{Action, Step};
use crate::model::BuiltinStep;
use crate::model::FailureClass;
use crate::model::event::EventKind;
use crate::model::evidence::Ending;
use crate::sys::git::Consumer;
use crate::sys::process::{Capture, RunError};

impl Lane<'_> {
    pub(super) fn clone_step(&mut self, step: &Step) -> StepResult {
        let mut clashing = Vec::new();
        let mut done = self.session(step, |lane, session| {
            clashing = lane.seeder().clone_consumer(session)?;
            Ok(())
        });
        if !clashing.is_empty() {
            let message = format!(
                "lanes do not have {} of the consumer: git could take it for one of theirs",
                clashing.join(", ")
            );
            self.events.event(EventKind::Warning { message });
        }
        let failed = done
            .problem
            .as_ref()
            .is_some_and(|problem| problem.class == FailureClass::Seed);
        if let Some(problem) = done.problem.as_mut().filter(|_| failed) {
            problem.class = FailureClass::Infra;
            let head = &self.cx.source.head;
            let consumer = Consumer::open(&self.cx.repo_folder, &self.cx.terms);
            let gone = consumer.is_ok_and(|repo| !repo.has_commit(head));
            if gone {
                problem.message = format!("the commit {head} that preflight saw is gone");
                done.blamed_step = Some(BuiltinStep::SourceMoved.into());
            }
        }
        done
    }

    pub(super) fn seed_step(&mut self, step: &Step) -> StepResult {
        let done = self.session(step, |lane, session| {
            let seeded = lane.seeder().scenario(session)?;
            lane.evidence.taken_out.clone_from(&seeded.taken_out);
            lane.evidence.nothing_left = seeded.nothing_left;
            lane.evidence.change = lane.change(session, &seeded);
            lane.seeded = Some(seeded);
            Ok(())
        });
        let stages = self.cx.profile.stages.iter();
        let mut own = stages.filter(|(stage, _)| self.scenario.expect.contains_key(*stage));
        let is_needed = !own.all(|(_, stage)| stage.needs_no_change());
        if is_needed && self.seeded.as_ref().is_some_and(|seeded| seeded.vacuous) {
            let name = self.name;
            let message = if self.evidence.nothing_left.is_some() {
                format!("{name} is empty: nothing is left of its change")
            } else {
                format!("the scenario {name} changes nothing: its cells prove nothing")
            };
            self.events.event(EventKind::Warning { message });
        }
        done
    }

    /// Runs built-in commands, with their output in the step's log.
    pub(super) fn session(
        &mut self,
        step: &Step,
        work: impl FnOnce(&mut Self, &mut Session<'_>) -> Result<(), SessionError>,
    ) -> StepResult {
        let path = self.log_file(step.id.as_str());
        let log_error = |source| {
            StepResult::not_run(&RunError::Log {
                path: path.clone(),
                source,
            })
        };
        let mut capture = match Capture::create(&path, None) {
            Ok(capture) => capture,
            Err(e) => return log_error(e),
        };
        let vars = self.vars.clone();
        let own = self.workspace.own_settings();
        if let Err(e) = own.refresh(&self.workspace.git_config()) {
            let text = format!("the settings of the lane cannot be written: {e}");
            return StepResult::problem(FailureClass::Infra, text);
        }
        let mut session = Session {
            supervisor: Rc::clone(self.supervisors.with_reach(step.reach)),
            capture: &mut capture,
            env: self.env.clone(),
            own,
            cwd: self.workspace.clone_dir(),
            limit: step.limit,
            vars: &vars,
        };
        let result = work(self, &mut session);
        if let Err(SessionError::Problem(text) | SessionError::NotCommitted(text)) = &result {
            let _ = capture.write(format!("matrix: {text}\n").as_bytes());
        }
        let captured = match capture.finish() {
            Ok(captured) => captured,
            Err(e) => return log_error(e),
        };
        let mut done = match result {
            Ok(()) => StepResult::default(),
            Err(e) => Self::session_failed(e, step),
        };
        done.captured = Some(captured);
        done
    }

    fn session_failed(error: SessionError, step: &Step) -> StepResult {
        let class = match step.action {
            Action::Hooks => FailureClass::Infra,
            _ => FailureClass::Seed,
        };
        match error {
            SessionError::NotRun(e) => StepResult::not_run(&e),
            SessionError::Problem(text) => StepResult::problem(class, text),
            SessionError::NotCommitted(text) => StepResult {
                problem: Some(CellFailure::not_committed(class, text)),
                ..StepResult::default()
            },
            SessionError::Failed(failed) => {
                let Failed {
                    command,
                    ending,
                    leaked,
                } = *failed;
                let mut problem = Self::common_problem(step, &ending);
                if let (Some(problem), Ending::Exited(_) | Ending::NotStarted(_)) =
                    (&mut problem, &ending)
                {
                    problem.class = class;
                }
                StepResult {
                    command: Some(command),
                    ending: Some(ending),
                    leaked,
                    problem,
                    ..StepResult::default()
                }
            }
        }
    }
}
