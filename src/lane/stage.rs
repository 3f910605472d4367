//! Playing a stage: a real commit, a real push, or the stage's own program.

use std::collections::BTreeMap;
use std::ffi::OsString;

use indexmap::IndexMap;

use super::done::Done;
use super::judge::{Attempt, Commit, Problem};
use super::script::{Step, stage_command};
use super::seed::literal;
use super::session::{Session, SessionError};
use super::{Lane, More};
use crate::model::command::CommandTemplate;
use crate::model::event::EventKind;
use crate::model::evidence::{CellVerdict, ReasonEvidence, StepEvidence};
use crate::model::profile::{Drive, Stage};
use crate::model::{BuiltinStep, CellName, StepId};
use crate::model::{CellEvidence, FailureClass, SCHEMA_VERSION, StageName, Vars, Witness};
use crate::sys::git::Refs;
use crate::sys::process::Wanted;
use crate::sys::sandbox::Reach;

impl Lane<'_> {
    pub(super) fn stage_vars(&self, name: &StageName) -> Vars {
        Vars {
            stage: name.to_string(),
            ..self.vars.clone()
        }
    }

    pub(super) fn stage_command(&self, stage: &Stage) -> CommandTemplate {
        let vacuous = self.seeded.as_ref().is_some_and(|seeded| seeded.vacuous);
        stage_command(stage, self.scenario, &self.cx.branch, vacuous)
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
        let command = self.stage_command(stage);
        let pending = self.before_stage(name, stage);
        let watching = match self.watch(name, stage, &command, &head) {
            Ok(watching) => watching,
            Err(e) => {
                let text = format!("the stage cannot be watched: {e}");
                return (Done::problem(FailureClass::Infra, text), None);
            }
        };
        let vacuous = self.vacuous(name, stage, &command, watching.noted());
        if let Some(why) = &vacuous {
            self.warn_vacuous(name, why);
        }
        let vars = self.stage_vars(name);
        let expected = self.scenario.expect[name].clone();
        let reason = self.scenario.reason.clone();
        let reason = reason.filter(|_| expected.exit.is_blocking());
        let more = More {
            env: watching.env.clone(),
            wanted: Wanted {
                reason: reason.clone(),
                marker: pending.marker(),
            },
            watch: watching.watch.clone(),
        };
        let (mut outcome, captured) = match self.command(step, &command, &vars, more) {
            Ok(ran) => ran,
            Err(e) => return (Done::not_run(&e), None),
        };
        self.pushed |= matches!(stage.drive, Drive::Push);
        let env_delta = env_delta(&watching.shown_env, command.expand_env(&vars));
        let seen = std::mem::take(&mut outcome.seen);
        let (witness, processes) = self.witnessed(watching, name, stage, seen);
        let proof = match self.after_stage(name, pending, &mut outcome.ending, &captured) {
            Ok(proof) => proof,
            Err(e) => return (Done::not_run(&e), None),
        };
        let found = reason.as_ref();
        let found = found.map(|reason| (reason.as_str(), captured.reason_found));
        let argv = command.expand(&vars);
        let attempt = Attempt {
            name,
            stage,
            ending: &outcome.ending,
            witness: &witness,
            expected: &expected,
            commit: self.made(&witness),
            from_package: self.cx.profile.package.is_some(),
            tools: &self.cx.profile.tools,
            reason: found,
            proof: proof.as_ref(),
            vacuous: vacuous.as_deref(),
            strict: self.cx.strict,
            limit: step.limit,
        };
        let problem = attempt.problem(|| self.why_no_hook(name, &argv));
        let problem = problem.map(|problem| self.unless_green_before(name, problem));
        let cell = CellEvidence {
            schema_version: SCHEMA_VERSION,
            run_id: self.cx.run_id.clone(),
            reused: None,
            scenario: self.name.clone(),
            stage: name.clone(),
            verdict: problem
                .as_ref()
                .map_or(CellVerdict::PASS, |p| CellVerdict::Failed(p.class)),
            problem: None,
            exit: outcome.ending.code(),
            hook_exit: witness.hook(name.as_str()).and_then(|hook| hook.exit),
            vacuous: vacuous.is_some(),
            vacuous_because: vacuous,
            reason: found.map(|(wanted, found)| ReasonEvidence {
                wanted: wanted.to_owned(),
                found,
            }),
            proof,
            witness,
            processes,
            argv,
            env_delta,
            network: step.reach != Reach::Nothing || !self.cx.keeps_network_away(),
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

    /// That the whole scenario changes nothing was told when it was seeded.
    fn warn_vacuous(&mut self, name: &StageName, why: &str) {
        if !self.seeded.as_ref().is_some_and(|seeded| seeded.vacuous) {
            let message = format!("{} at {name} proves nothing: {why}", self.name);
            self.emit.event(EventKind::Warning { message });
        }
    }

    /// What was green and is not any more, on the same inputs, is flaky; not
    /// where the machine failed.
    fn unless_green_before(&self, stage: &StageName, problem: Problem) -> Problem {
        let cell = CellName::new(self.name, stage);
        let earlier = self.cx.earlier.as_ref();
        match earlier.filter(|earlier| earlier.green.contains(&cell)) {
            _ if problem.class.is_of_machine() => problem,
            None => problem,
            Some(earlier) => Problem {
                class: FailureClass::Flaky,
                message: format!(
                    "it was green in run {} on the same inputs, now: {}",
                    earlier.run_id, problem.message
                ),
                ..problem
            },
        }
    }

    /// What the commit is like that a stage made.
    fn made(&self, witness: &Witness) -> Option<Commit> {
        let moved = witness.moved.as_ref()?;
        let (before, after) = (moved.before.as_ref()?, moved.after.as_ref()?);
        let refs = Refs::open(&self.workspace.clone_dir(), &self.env)?;
        Some(if !refs.stands_on(after, before) {
            Commit::Elsewhere
        } else if refs.tree(after) == refs.tree(before) {
            Commit::Empty
        } else {
            Commit::Change
        })
    }

    /// Puts the lane in the state that a stage needs and tells its commit.
    /// What goes wrong here is a fault of the seed, in the seed's log.
    pub(super) fn prepare(&mut self, step: &Step, stage: &Stage) -> Result<String, Box<Done>> {
        let mut head = String::new();
        let preparing = Step {
            id: format!("{}_{}", BuiltinStep::SeedScenario.as_str(), step.id).into(),
            ..step.clone()
        };
        let mut done = self.session(&preparing, |lane, session| {
            head = lane.bring_about(stage, session)?;
            Ok(())
        });
        if done.problem.is_none() {
            return Ok(head);
        }
        done.log_name = Some(preparing.id.to_string());
        done.blamed_step = Some(BuiltinStep::SeedScenario.into());
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
        step: StepId::default(),
        command: None,
        ending: None,
        leaked: false,
        started_at_utc: String::new(),
        duration_ms: 0,
        log: None,
        problem: None,
    }
}
