//! Playing a stage: a real commit, a real push, or the stage's own program.

use std::collections::BTreeMap;
use std::ffi::OsString;

use indexmap::IndexMap;

use super::done::Done;
use super::judge::Attempt;
use super::script::{Step, stage_command};
use super::seed::literal;
use super::session::{Session, SessionError};
use super::{Lane, trace2};
use crate::model::command::CommandTemplate;
use crate::model::event::EventKind;
use crate::model::evidence::{CellVerdict, ReasonEvidence, StepEvidence};
use crate::model::failure::step as id;
use crate::model::profile::{Drive, Stage};
use crate::model::{CellEvidence, SCHEMA_VERSION, StageName, Vars};

impl Lane<'_> {
    pub(super) fn stage_vars(&self, name: &StageName) -> Vars {
        Vars {
            stage: name.to_string(),
            ..self.vars.clone()
        }
    }

    pub(super) fn stage_command(&self, stage: &Stage) -> CommandTemplate {
        let vacuous = self.seeded.as_ref().is_some_and(|seeded| seeded.vacuous);
        stage_command(stage, &self.scenario.message, &self.cx.branch, vacuous)
    }

    /// Plays a stage. There is no cell where the lane could not be put in
    /// the state that the stage needs.
    pub(super) fn stage(
        &mut self,
        step: &Step,
        name: &StageName,
        stage: &Stage,
    ) -> (Done, Option<CellEvidence>) {
        let head = match self.prepare(step, stage) {
            Ok(head) => head,
            Err(done) => return (*done, None),
        };
        let vars = self.stage_vars(name);
        let command = self.stage_command(stage);
        let mut delta = BTreeMap::new();
        let trace = self.workspace.trace(name.as_str());
        if !matches!(stage.drive, Drive::Command) {
            let seen: OsString = self.workspace.seen(&trace).into();
            delta.insert(OsString::from("GIT_TRACE2_EVENT"), seen);
        }
        let expected = self.scenario.expect[name].clone();
        let reason = self
            .scenario
            .reason
            .clone()
            .filter(|_| expected.exit.is_blocking());
        let ran = self.command(step, &command, &vars, &delta, reason.clone());
        let (outcome, captured) = match ran {
            Ok(ran) => ran,
            Err(e) => return (Done::not_run(&e), None),
        };
        self.pushed |= matches!(stage.drive, Drive::Push);
        let hook_exit = trace2::hook_exit(&trace, name.as_str());
        let found = reason
            .as_ref()
            .map(|reason| (reason.as_str(), captured.reason_found));
        let attempt = Attempt {
            stage: name,
            drive: &stage.drive,
            ending: &outcome.ending,
            hook_exit,
            expected: &expected,
            reason: found,
            vacuous: self.is_vacuous(),
            strict: self.cx.strict,
            limit: step.limit,
        };
        let problem = attempt.problem();
        if problem.is_none() && hook_exit.is_none() && attempt.is_a_hook() {
            let message = format!(
                "git launched no {name} hook in {}: the cell proves nothing (`hooks` and --strict make that a failure)",
                self.name
            );
            self.emit.event(EventKind::Warning { message });
        }
        let cell = CellEvidence {
            schema_version: SCHEMA_VERSION,
            run_id: self.cx.run_id.clone(),
            scenario: self.name.clone(),
            stage: name.clone(),
            verdict: problem
                .as_ref()
                .map_or(CellVerdict::PASS, |p| CellVerdict::Failed(p.class)),
            problem: None,
            exit: outcome.ending.code(),
            hook_exit,
            vacuous: self.is_vacuous(),
            reason: found.map(|(wanted, found)| ReasonEvidence {
                wanted: wanted.to_owned(),
                found,
            }),
            argv: command.expand(&vars),
            env_delta: env_delta(&delta, command.expand_env(&vars)),
            head,
            run: nothing_yet(),
            expected,
        };
        let done = Done {
            problem,
            ..Done::of_run(command.render(&vars), &outcome, captured)
        };
        (done, Some(cell))
    }

    fn is_vacuous(&self) -> bool {
        self.seeded.as_ref().is_some_and(|seeded| seeded.vacuous)
    }

    /// Puts the lane in the state that a stage needs and tells its commit.
    /// What goes wrong here is a fault of the seed, in the seed's log.
    fn prepare(&mut self, step: &Step, stage: &Stage) -> Result<String, Box<Done>> {
        let mut head = String::new();
        let preparing = Step {
            id: format!("{}_{}", id::SEED_SCENARIO, step.id),
            ..step.clone()
        };
        let mut done = self.session(&preparing, |lane, session| {
            head = lane.bring_about(stage, session)?;
            Ok(())
        });
        if done.problem.is_none() {
            return Ok(head);
        }
        done.log_name = Some(preparing.id);
        done.blamed_step = Some(id::SEED_SCENARIO.to_owned());
        Err(Box::new(done))
    }

    /// Tells the commit that the stage will find.
    fn bring_about(
        &mut self,
        stage: &Stage,
        session: &mut Session<'_>,
    ) -> Result<String, SessionError> {
        let Some(seeded) = self.seeded.clone() else {
            return Err(SessionError::Problem("the lane was not seeded".to_owned()));
        };
        if stage.before_commit {
            if self.moved_on {
                self.seeder().put_back(session, &seeded)?;
            }
            self.moved_on = true;
            return Ok(seeded.base);
        }
        let head = self.seeder().commit_change(session, &seeded)?;
        self.moved_on = true;
        if self.pushed && matches!(stage.drive, Drive::Push) {
            // A push of what is there already would give the hook no refs.
            let branch = literal(&format!("refs/heads/{}", self.cx.branch));
            session.git(&["-C", "../origin.git", "update-ref", "-d", &branch])?;
        }
        Ok(head)
    }
}

fn env_delta(
    delta: &BTreeMap<OsString, OsString>,
    own: IndexMap<String, String>,
) -> IndexMap<String, String> {
    let text = |text: &OsString| text.to_string_lossy().into_owned();
    let ours = delta.iter().map(|(name, value)| (text(name), text(value)));
    ours.chain(own).collect()
}

/// Stands in for the step's evidence until the step is over.
fn nothing_yet() -> StepEvidence {
    StepEvidence {
        step: String::new(),
        command: None,
        ending: None,
        leaked: false,
        started_at_utc: String::new(),
        duration_ms: 0,
        log: None,
        problem: None,
    }
}
