//! Runs a stage: a real commit, a real push, or the stage's own program.
//!
//! A stage has five phases: *prepare* the state it needs, *run* its command
//! under observation, *gather* the evidence, *prove* that it left what the
//! profile demands, and *judge* the cell.
//!
//! Invariants: everything that is compared before and after the command is
//! recorded before it starts; the document of a proof is read before any other
//! process of the lane runs; a stage that did not run gives no cell, so that it
//! can never count as green.

use std::collections::BTreeMap;
use std::ffi::OsString;

use indexmap::IndexMap;

use super::cell_failure::CellFailure;
use super::judge::{Commit, StageFacts};
use super::proof::Pending;
use super::session::{Session, SessionError};
use super::state::{CommandExtras, Lane};
use super::step_result::StepResult;
use super::steps::Step;
use super::witness::Watching;
use crate::model::command::CommandTemplate;
use crate::model::event::EventKind;
use crate::model::evidence::{CellVerdict, StepEvidence};
use crate::model::reason::Reason;
use crate::model::reason::ReasonEvidence;
use crate::model::stage::Stage;
use crate::model::witness::ProcessEvidence;
use crate::model::{
    BuiltinStep, CellEvidence, CellName, Expectation, FailureClass, On, ProofEvidence,
    SCHEMA_VERSION, StageName, StepId, Vars, Witness,
};
use crate::sys::git::Refs;
use crate::sys::process::{Captured, CommandOutcome, Patterns, RunError};

/// A stage whose command is about to run.
struct Prepared<'a> {
    step: &'a Step,
    name: &'a StageName,
    stage: &'a Stage,
    command: CommandTemplate,
    vars: Vars,
    expected: Expectation,
    /// The reason that the stage must give for blocking.
    reason: Option<Reason>,
    /// The commit that the stage finds.
    head: String,
    /// The reason why the stage has nothing to check.
    vacuous: Option<String>,
}

/// The evidence of a stage whose command has run.
struct Gathered {
    outcome: CommandOutcome,
    captured: Captured,
    witness: Witness,
    processes: Vec<ProcessEvidence>,
    env_delta: IndexMap<String, String>,
    proof: Option<ProofEvidence>,
}

impl Lane<'_> {
    /// Runs a stage and judges its cell.
    ///
    /// There is no cell if the lane could not be prepared or the command could
    /// not be run.
    pub(super) fn stage(
        &mut self,
        step: &Step,
        name: &StageName,
        stage: &Stage,
    ) -> (StepResult, Option<CellEvidence>) {
        match self.run_stage(step, name, stage) {
            Err(result) => (*result, None),
            Ok((prepared, gathered)) => self.judge_stage(prepared, gathered),
        }
    }

    /// Prepares a stage, runs its command and gathers the evidence.
    fn run_stage<'a>(
        &mut self,
        step: &'a Step,
        name: &'a StageName,
        stage: &'a Stage,
    ) -> Result<(Prepared<'a>, Gathered), Box<StepResult>> {
        let head = self.prepare(step, stage)?;
        let command = self.stage_command(stage);
        // The states before the command come first: whatever runs in the lane
        // from here on could change them.
        let pending = self.before_stage(name, stage);
        let watching = self.watch(name, stage, &command, &head).map_err(|e| {
            let text = format!("the stage cannot be watched: {e}");
            StepResult::problem(FailureClass::Infra, text)
        })?;
        let vacuous = self.vacuous(name, stage, &command, watching.noted());
        if let Some(why) = &vacuous {
            self.warn_vacuous(name, why);
        }
        let expected = self.scenario.expect[name].clone();
        let blocks = expected.exit.is_blocking();
        let prepared = Prepared {
            step,
            name,
            stage,
            command,
            vars: self.stage_vars(name),
            expected,
            // A stage that lets the change through owes no reason.
            reason: self.scenario.reason.clone().filter(|_| blocks),
            head,
            vacuous,
        };
        let (outcome, captured) = self
            .run_stage_command(&prepared, &pending, &watching)
            .map_err(|e| StepResult::not_run(&e))?;
        let gathered = self.gather(&prepared, pending, watching, outcome, captured)?;
        Ok((prepared, gathered))
    }

    fn run_stage_command(
        &mut self,
        prepared: &Prepared<'_>,
        pending: &Pending,
        watching: &Watching,
    ) -> Result<(CommandOutcome, Captured), RunError> {
        let extras = CommandExtras {
            env: watching.env.clone(),
            wanted: Patterns {
                reason: prepared.reason.clone(),
                marker: pending.marker(),
            },
            watch: watching.watch.clone(),
        };
        let ran = self.command(prepared.step, &prepared.command, &prepared.vars, extras)?;
        // Even a command that failed may have left something: a push may have
        // reached the remote.
        self.last_act = prepared.stage.on();
        Ok(ran)
    }

    /// Compares the lane with its state before the command, and evaluates the
    /// proofs.
    fn gather(
        &self,
        prepared: &Prepared<'_>,
        pending: Pending,
        watching: Watching,
        mut outcome: CommandOutcome,
        captured: Captured,
    ) -> Result<Gathered, Box<StepResult>> {
        let Prepared {
            name,
            stage,
            command,
            vars,
            ..
        } = prepared;
        let env_delta = env_delta(&watching.shown_env, command.expand_env(vars));
        let seen = std::mem::take(&mut outcome.seen);
        let (witness, processes) = self.witnessed(watching, name, stage, seen);
        // A signal that comes while assertions are evaluated becomes the
        // ending of the stage.
        let proof = self
            .after_stage(name, pending, &mut outcome.ending, &captured)
            .map_err(|e| StepResult::not_run(&e))?;
        Ok(Gathered {
            outcome,
            captured,
            witness,
            processes,
            env_delta,
            proof,
        })
    }

    fn judge_stage(
        &self,
        prepared: Prepared<'_>,
        gathered: Gathered,
    ) -> (StepResult, Option<CellEvidence>) {
        let problem = self.judge(&prepared, &gathered);
        let rendered = prepared.command.render(&prepared.vars);
        let result = StepResult::of_run(rendered, &gathered.outcome, gathered.captured.clone());
        let cell = self.cell_of(prepared, gathered, problem.as_ref());
        (StepResult { problem, ..result }, Some(cell))
    }

    /// Returns the failure of a cell, None if it is green.
    fn judge(&self, prepared: &Prepared<'_>, gathered: &Gathered) -> Option<CellFailure> {
        let name = prepared.name;
        let facts = StageFacts {
            name,
            stage: prepared.stage,
            ending: &gathered.outcome.ending,
            witness: &gathered.witness,
            expected: &prepared.expected,
            commit: self.commit_made(prepared.stage, &gathered.witness),
            from_package: self.cx.profile.package.is_some(),
            tools: &self.cx.profile.tools,
            reason: given_reason(prepared, gathered),
            proof: gathered.proof.as_ref(),
            vacuous: prepared.vacuous.as_deref(),
            nothing_is_left: self.evidence.nothing_left.is_some(),
            strict: self.cx.strict,
            limit: prepared.step.limit,
        };
        let argv = prepared.command.expand(&prepared.vars);
        let found = facts.problem(|| self.why_no_hook(name, &argv));
        let Some(problem) = found else {
            let is_unfounded = facts.reason.is_none() && prepared.expected.exit.is_blocking();
            return is_unfounded.then(|| self.blocked_by_machine()).flatten();
        };
        let problem = self.blamed_stage(prepared.step, facts.ending, problem);
        Some(self.flaky_if_green_before(name, problem))
    }

    /// Returns the evidence of a cell, except for that of its step, which is
    /// not over yet.
    fn cell_of(
        &self,
        prepared: Prepared<'_>,
        gathered: Gathered,
        problem: Option<&CellFailure>,
    ) -> CellEvidence {
        let name = prepared.name;
        let reason = given_reason(&prepared, &gathered).map(|(wanted, found)| ReasonEvidence {
            wanted: wanted.to_owned(),
            found,
        });
        let has_network = prepared.step.reach.has_network() || !self.cx.keeps_network_away();
        let deciding_hook = prepared.stage.deciding_hook(name, &gathered.witness);
        CellEvidence {
            schema_version: SCHEMA_VERSION,
            run_id: self.cx.run_id.clone(),
            reused: None,
            scenario: self.name.clone(),
            stage: name.clone(),
            verdict: problem.map_or(CellVerdict::PASS, |p| CellVerdict::Failed(p.class)),
            problem: None,
            exit: gathered.outcome.ending.code(),
            hook_exit: deciding_hook.and_then(|hook| hook.exit),
            vacuous: prepared.vacuous.is_some(),
            vacuous_because: prepared.vacuous,
            reason,
            proof: gathered.proof,
            witness: gathered.witness,
            processes: gathered.processes,
            argv: prepared.command.expand(&prepared.vars),
            env_delta: gathered.env_delta,
            network: has_network,
            head: prepared.head,
            run: nothing_yet(),
            expected: prepared.expected,
            expected_at: self.scenario.expected_at.get(name).cloned(),
        }
    }

    /// Warns of a vacuous stage, unless the seed has warned of the scenario.
    fn warn_vacuous(&mut self, name: &StageName, why: &str) {
        if !self.is_vacuous() {
            let message = format!("{} at {name} proves nothing: {why}", self.name);
            self.events.event(EventKind::Warning { message });
        }
    }

    /// Turns the failure of a cell that was green on the same inputs into a
    /// flaky one, unless the machine failed.
    fn flaky_if_green_before(&self, stage: &StageName, problem: CellFailure) -> CellFailure {
        let cell = CellName::new(self.name, stage);
        let earlier = self.cx.earlier.as_ref();
        match earlier.filter(|earlier| earlier.green.contains(&cell)) {
            Some(earlier) if !problem.class.is_infrastructure() => CellFailure {
                class: FailureClass::Flaky,
                message: format!(
                    "it was green in run {} on the same inputs, now: {}",
                    earlier.run_id, problem.message
                ),
                ..problem
            },
            _ => problem,
        }
    }

    /// Classifies the commit that a stage made; None if HEAD did not move.
    fn commit_made(&self, stage: &Stage, witness: &Witness) -> Option<Commit> {
        let after = witness.moved.as_ref().filter(|moved| moved.happened())?;
        let after = after.after.as_ref()?;
        let seeded = self.seeded.as_ref()?;
        // Only a rebase makes new commits of those that the seed made.
        let below = match stage.on() {
            Some(On::Rebase) => &seeded.base,
            _ => &seeded.start,
        };
        let refs = Refs::open(&self.workspace.clone_dir(), &self.env)?;
        Some(if !refs.stands_on(after, below) {
            Commit::Elsewhere
        } else if refs.tree(after) == refs.tree(&seeded.start) {
            Commit::Empty
        } else {
            Commit::Change
        })
    }

    /// Brings the lane into the state that a stage needs and returns its
    /// commit.
    ///
    /// A failure here is one of the seed, in a log of its own.
    pub(super) fn prepare(
        &mut self,
        step: &Step,
        stage: &Stage,
    ) -> Result<String, Box<StepResult>> {
        let mut head = String::new();
        let preparing = Step {
            id: format!("{}_{}", BuiltinStep::SeedScenario.as_str(), step.id).into(),
            ..step.clone()
        };
        let mut result = self.session(&preparing, |lane, session| {
            head = lane.prepare_commit(stage, session)?;
            Ok(())
        });
        if result.problem.is_none() {
            return Ok(head);
        }
        result.log_name = Some(preparing.id.to_string());
        result.blamed_step = Some(BuiltinStep::SeedScenario.into());
        Err(Box::new(result))
    }

    /// Restores or commits the seeded change and returns the commit that the
    /// stage will find.
    fn prepare_commit(
        &mut self,
        stage: &Stage,
        session: &mut Session<'_>,
    ) -> Result<String, SessionError> {
        let Some(seeded) = self.seeded.clone() else {
            return Err(SessionError::Problem("the lane was not seeded".to_owned()));
        };
        let git = self.seeder();
        let mut moved_on = self.moved_on;
        if let Some(last) = self.last_act {
            git.undo_ref(session, last, &seeded)?;
            if last.leaves_state() {
                git.end_act(session, &seeded)?;
                git.reset(session, &seeded)?;
                moved_on = false;
            }
        }
        let is_staged = match stage.on() {
            Some(on) => !on.is_push(),
            None => stage.before_commit,
        };
        let mut head = seeded.start.clone();
        if is_staged {
            if moved_on {
                git.reset(session, &seeded)?;
            }
            if let Some(on) = stage.on() {
                head = git.prepare_act(session, &seeded, on)?;
            }
        } else {
            head = git.commit_change(session, &seeded)?;
        }
        let to_push = match stage.on() {
            Some(on) => git.prepare_ref(session, on, &head)?,
            None => None,
        };
        self.to_push = to_push;
        self.last_act = None;
        self.moved_on = true;
        Ok(head)
    }
}

/// Returns the reason that a stage must give, and whether it did.
fn given_reason<'a>(prepared: &'a Prepared<'_>, gathered: &Gathered) -> Option<(&'a str, bool)> {
    let reason = prepared.reason.as_ref()?;
    Some((reason.as_str(), gathered.captured.reason_found))
}

/// Returns the variables that a stage gets in addition to the lane's.
fn env_delta(
    witness: &BTreeMap<OsString, OsString>,
    own: IndexMap<String, String>,
) -> IndexMap<String, String> {
    let text = |text: &OsString| text.to_string_lossy().into_owned();
    let added = witness
        .iter()
        .map(|(name, value)| (text(name), text(value)));
    added.chain(own).collect()
}

/// Returns a placeholder for the step's evidence, until the step is over.
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
