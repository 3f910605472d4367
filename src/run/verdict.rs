//! The verdict, from the evidence alone.

use indexmap::IndexMap;

use super::bind::Bound;
use super::held::Held;
use super::outstanding::planned;
use super::refusal::stopped_by;
use super::{Findings, Trial};
use crate::artifact::MATRIX_VERSION;
use crate::artifact::flakes::FlakyCell;
use crate::artifact::folder::WriteError;
use crate::artifact::run_folder::{AttemptRecord, FailureRecord, LaneRecord, Run, RunWriter};
use crate::artifact::summary::{self, FinalVerdict, Summary};
use crate::model::evidence::{Ending, PackageResolved, cell_path};
use crate::model::failure::PREFLIGHT;
use crate::model::plan::Source;
use crate::model::{
    BoundPlan, CellEvidence, CellName, ExitCode, Failure, FailureClass, LaneEvidence, Plan,
    SCHEMA_VERSION, ScenarioName,
};
use crate::model::{BuiltinStep, StepId};
use crate::runner::Played;

/// How a run ended, with all that its files need.
pub(super) struct Verdict {
    pub(super) word: FinalVerdict,
    pub(super) exit: ExitCode,
    pub(super) failure: Option<Failure>,
    pub(super) unwritten: Option<WriteError>,
    pub(super) lanes: Vec<LaneEvidence>,
    /// What a trial came to.
    pub(super) findings: Option<Findings>,
    /// Scripts of the lanes that failed, for the run folder.
    pub(super) scripts: Vec<(String, Vec<u8>)>,
    /// What differed among repetitions.
    pub(super) flaky: Vec<FlakyCell>,
    /// What a rerun would still owe; none where nothing was planned.
    pub(super) outstanding: Option<Vec<CellName>>,
    pub(super) plan: Option<Plan>,
    pub(super) source: Option<Source>,
    /// The plan as it was written.
    pub(super) record: Option<BoundPlan>,
    plan_sha256: Option<String>,
}

impl Verdict {
    /// A run that ended before its first lane.
    pub(super) fn preflight(failure: Failure) -> Self {
        Self {
            word: FinalVerdict::Fail,
            exit: failure.exit,
            failure: Some(failure),
            ..Self::nothing()
        }
    }

    /// A run that could not write what it was about to do.
    pub(super) fn unwritten(error: WriteError) -> Self {
        let mut verdict = Self::nothing();
        verdict.note_unwritten(Some(error));
        verdict
    }

    fn nothing() -> Self {
        Self {
            word: FinalVerdict::Fail,
            exit: ExitCode::Artifact,
            failure: None,
            unwritten: None,
            lanes: Vec::new(),
            findings: None,
            scripts: Vec::new(),
            flaky: Vec::new(),
            outstanding: None,
            plan: None,
            source: None,
            record: None,
            plan_sha256: None,
        }
    }

    /// A run whose lanes were played: a signal decides, else the first
    /// failed lane in declared order.
    pub(super) fn of(bound: &Bound, played: Played, signal: Option<ExitCode>) -> Self {
        let mut lanes = played.lanes;
        if let Some((at, message)) = disagreement(&lanes) {
            let failure = of_install(bound, &lanes[at], message);
            lanes[at].failure.get_or_insert(failure);
        }
        // Whatever failed with other bytes is no failure of those then.
        if let Some((at, message)) = of_other_bytes(bound, &lanes) {
            lanes[at].failure = Some(of_install(bound, &lanes[at], message));
        }
        let failure = match signal {
            Some(code) => Some(interrupted(code, &lanes)),
            None => first_failure(&lanes).or_else(|| missing(&bound.plan, &lanes)),
        };
        let word = match &failure {
            Some(_) => FinalVerdict::Fail,
            None if bound.plan.is_whole() => FinalVerdict::Pass,
            None => FinalVerdict::Partial,
        };
        let exit = failure
            .as_ref()
            .map_or(ExitCode::Pass, |failure| failure.exit);
        let mut verdict = Self {
            word,
            exit,
            failure,
            unwritten: None,
            lanes,
            findings: None,
            scripts: Vec::new(),
            flaky: played.flaky,
            outstanding: None,
            source: Some(bound.context.source.clone()),
            record: Some(bound.record.clone()),
            plan_sha256: bound.plan_sha256.clone(),
            plan: Some(bound.plan.clone()),
        };
        verdict.note_unwritten(played.unwritten);
        verdict
    }

    /// Whether nothing went wrong so far.
    pub(super) fn passes(&self) -> bool {
        self.failure.is_none() && self.unwritten.is_none()
    }

    /// The same run, once its altered lanes were played too.
    pub(super) fn and_of_trial(
        mut self,
        held: &Held<'_>,
        trial: &dyn Trial,
        bound: &Bound,
        played: Played,
    ) -> Self {
        // The lanes of the contract may not have been played.
        let package = self.package().or_else(|| package(&played.lanes));
        let about = held.about(trial, bound, package);
        if let Some(code) = held.control.signal() {
            self.failure = Some(interrupted(code, &played.lanes));
        } else {
            let findings = trial.conclude(&played.lanes, &about);
            self.failure.clone_from(&findings.failure);
            self.findings = Some(findings);
        }
        self.lanes.extend(played.lanes);
        self.word = match &self.failure {
            Some(_) => FinalVerdict::Fail,
            None => about.if_good,
        };
        let exit = self.failure.as_ref().map(|failure| failure.exit);
        self.exit = exit.unwrap_or(ExitCode::Pass);
        self.note_unwritten(played.unwritten);
        self
    }

    /// Writes what a trial found, and the scripts, into the run folder.
    pub(super) fn write_findings(&self, writer: &RunWriter) -> Result<(), WriteError> {
        let files = self.findings.iter().flat_map(|findings| &findings.files);
        for (name, bytes) in files {
            writer.file(name, bytes)?;
        }
        for (name, bytes) in &self.scripts {
            writer.file(name, bytes)?;
        }
        Ok(())
    }

    /// A run folder that could not be written is a failure of its own.
    pub(super) fn note_unwritten(&mut self, error: Option<WriteError>) {
        let Some(error) = error else {
            return;
        };
        self.word = FinalVerdict::Fail;
        let stopped = self
            .failure
            .as_ref()
            .is_some_and(|f| f.class == FailureClass::Interrupted);
        if !stopped {
            self.exit = ExitCode::Artifact;
        }
        self.unwritten.get_or_insert(error);
    }

    /// What was asked, of a run that got as far.
    pub(super) fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    pub(super) fn left_out(&self) -> String {
        self.plan.as_ref().map(Plan::left_out).unwrap_or_default()
    }

    fn scenarios(&self) -> IndexMap<ScenarioName, summary::ScenarioSummary> {
        let plan = self.plan.as_ref();
        plan.map(|plan| summary::scenarios(plan, &self.lanes))
            .unwrap_or_default()
    }

    fn package(&self) -> Option<PackageResolved> {
        package(&self.lanes)
    }

    pub(super) fn summary(&self, held: &Held<'_>) -> Summary {
        let unknown = Source {
            head: String::new(),
            branch: None,
        };
        Summary {
            schema_version: SCHEMA_VERSION,
            run_id: held.run_id.clone(),
            package_spec: held.marker.package_spec.clone(),
            package_resolved: self.package(),
            generated_at_utc: held.request.clock.now_utc(),
            final_verdict: self.word,
            scenarios: self.scenarios(),
            source: self.source.clone().unwrap_or(unknown),
            matrix_version: MATRIX_VERSION.to_owned(),
        }
    }

    /// The cells that a rerun would still owe, by name. Where evidence could
    /// not be written, none of the cells has any to show.
    pub(super) fn owed(&self) -> Vec<CellName> {
        let Some(cells) = &self.outstanding else {
            return Vec::new();
        };
        let plan = self.plan.as_ref().filter(|_| self.unwritten.is_some());
        plan.map_or_else(|| cells.clone(), planned)
    }

    pub(super) fn run_record(&self, held: &Held<'_>) -> Run {
        Run {
            schema_version: SCHEMA_VERSION,
            run_id: held.run_id.clone(),
            matrix_version: MATRIX_VERSION.to_owned(),
            generated_at_utc: held.request.clock.now_utc(),
            kind: held.kind,
            replay_of: held.request.again.as_ref().map(|again| again.of.clone()),
            asked: held.asked.clone(),
            gate: held.gate.clone(),
            package_spec: held.marker.package_spec.clone(),
            package_resolved: self.package(),
            final_verdict: self.word,
            exit_code: self.exit.number(),
            source: self.source.clone(),
            plan_sha256: self.plan_sha256.clone(),
            scenarios: self.scenarios(),
            lanes: self
                .lanes
                .iter()
                .map(|l| (l.scenario.clone(), lane_record(l)))
                .collect(),
            repeat: (held.request.repeat > 1).then_some(held.request.repeat),
            parent: held.parent.as_ref().map(|parent| parent.id().clone()),
            outstanding: self.outstanding.as_ref().map(|_| self.owed()),
            failure: self.failure.as_ref().map(FailureRecord::from),
        }
    }
}

/// Evidence that could not be written comes first, then the first failed
/// lane in declared order.
fn first_failure(lanes: &[LaneEvidence]) -> Option<Failure> {
    let failures = || lanes.iter().filter_map(|lane| lane.failure.as_ref());
    let unwritten = failures().find(|failure| failure.exit == ExitCode::Artifact);
    unwritten.or_else(|| failures().next()).cloned()
}

/// A pass is a green cell for every lane and stage of the plan, not the
/// absence of failures.
fn missing(plan: &Plan, lanes: &[LaneEvidence]) -> Option<Failure> {
    for lane in lanes {
        for stage in plan.selected_stages() {
            let is_green = |cell: &CellEvidence| cell.stage == *stage && cell.verdict.is_pass();
            if lane.cancelled || !lane.cells.iter().any(is_green) {
                let step = StepId::stage(stage);
                let message = "the cell has no green verdict";
                let failure = Failure::new(FailureClass::Missing, step, message);
                return Some(failure.phase(&lane.scenario));
            }
        }
    }
    None
}

fn lane_record(lane: &LaneEvidence) -> LaneRecord {
    let cell = |stage: &crate::model::StageName| (stage.clone(), cell_path(&lane.scenario, stage));
    LaneRecord {
        cancelled: lane.cancelled,
        set_up: lane.set_up.clone(),
        cells: lane.cells.iter().map(|c| cell(&c.stage)).collect(),
        steps: lane.steps.clone(),
        package_resolved: lane.package.clone(),
        inputs_sha256: lane.inputs_sha256.clone(),
        reused: lane.reused.clone(),
        attempts: lane.attempts.iter().map(attempt_record).collect(),
        failure: lane.failure.as_ref().map(FailureRecord::from),
    }
}

fn attempt_record(attempt: &LaneEvidence) -> AttemptRecord {
    AttemptRecord {
        steps: attempt.steps.clone(),
        failure: attempt.failure.as_ref().map(FailureRecord::from),
    }
}

/// The run was stopped: its phase is the first lane that did not end, its
/// log that of the step that was running there.
fn interrupted(code: ExitCode, lanes: &[LaneEvidence]) -> Failure {
    let unfinished = lanes.iter().find(|lane| lane.cancelled);
    let running = unfinished.and_then(|lane| lane.steps.last());
    let running = running.filter(|step| step.ending == Some(Ending::Cancelled));
    let log = running.and_then(|step| step.log.as_ref());
    Failure::new(
        FailureClass::Interrupted,
        BuiltinStep::Interrupted,
        stopped_by(code),
    )
    .exit(code)
    .phase(unfinished.map_or(PREFLIGHT, |lane| lane.scenario.as_str()))
    .log(log.map(|log| log.path.clone()))
}

/// A package that is not the one it should be: the machine's fault.
fn of_install(bound: &Bound, lane: &LaneEvidence, message: String) -> Failure {
    let last = bound.context.profile.install.last();
    let step = last.map_or_else(StepId::default, |step| step.id.clone());
    Failure::new(FailureClass::Infra, step, message).phase(&lane.scenario)
}

/// The first lane that was not given the package of the run that is made
/// again.
fn of_other_bytes(bound: &Bound, lanes: &[LaneEvidence]) -> Option<(usize, String)> {
    let again = bound.again.as_deref()?;
    let mut lanes = lanes.iter().enumerate();
    lanes.find_map(|(at, lane)| Some((at, again.other_package(lane)?)))
}

/// What was installed, as far as a lane tells.
fn package(lanes: &[LaneEvidence]) -> Option<PackageResolved> {
    lanes.iter().find_map(|lane| lane.package.clone())
}

/// Whether all lanes were given the same package; the first that was not.
fn disagreement(lanes: &[LaneEvidence]) -> Option<(usize, String)> {
    let first = lanes.iter().find_map(|lane| lane.package.as_ref())?;
    // A lane without a cell may have failed before its install.
    let other =
        |lane: &LaneEvidence| !lane.cells.is_empty() && lane.package.as_ref() != Some(first);
    let at = lanes.iter().position(other)?;
    let version = lanes[at]
        .package
        .as_ref()
        .map(|package| package.version.clone());
    let version = version.unwrap_or_else(|| "an unknown version".to_owned());
    Some((
        at,
        format!("it installed {version}, another lane {}", first.version),
    ))
}
