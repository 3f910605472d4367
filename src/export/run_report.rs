//! A recorded run with everything that its documents say.

use std::collections::BTreeSet;

use chrono::DateTime;
use serde_json::Value;

pub use super::case::{Case, Outcome};

use super::altered::altered_lanes;
use super::detail::Detail;
use crate::artifact::bundle::ReplayBundle;
use crate::artifact::reader::{ReadError, StoredRun};
use crate::artifact::run_folder::{FailureRecord, LaneRecord, Run};
use crate::artifact::summary::FinalVerdict;
use crate::model::evidence::{CellVerdict, StepEvidence};
use crate::model::package::PackageResolved;
use crate::model::text::{last_lines, plain};
use crate::model::{
    BoundPlan, CellEvidence, Cluster, FailureClass, Kind, RunId, ScenarioName, StageName, StepId,
};

/// The number of lines that a document shows of the log of a case.
const LOG_LINES: usize = 40;

/// The reason for which a lane that was altered on purpose has no outcome.
pub(super) const ALTERED: &str = "altered on purpose: the verdict of the trial tells of it";

/// A recorded run.
#[derive(Debug, Clone)]
pub struct RunReport {
    /// The run's id.
    pub run_id: RunId,
    /// The purpose of the run.
    pub kind: Kind,
    /// The gate's name; the id's beginning for a run that died before it was known.
    pub gate: String,
    /// The package as installed, `lefthook 2.1.9`; as typed if none was; the gate's name if
    /// it has no package.
    pub package: String,
    /// The commit of the lanes, if the run had one.
    pub commit: Option<String>,
    /// The sandbox of the lanes, in words.
    pub sandbox: String,
    /// The version of `matrix`, if it is known.
    pub matrix_version: Option<String>,
    /// When the run ended, UTC, RFC 3339; none if it died.
    pub ended_at: Option<String>,
    /// The verdict.
    pub verdict: FinalVerdict,
    /// The declared stages, in order.
    pub stages: Vec<StageName>,
    /// The lanes, in declared order; those of a trial after those of the contract.
    pub lanes: Vec<LaneReport>,
    /// The failure that belongs to no cell, if there is one.
    pub beside: Option<Case>,
    /// The causes, the largest first.
    pub clusters: Vec<Cluster>,
    /// The command that shows or runs it again, for a shell.
    pub command: String,
    /// Everything else that a page shows.
    pub detail: Detail,
}

/// One lane.
#[derive(Debug, Clone)]
pub struct LaneReport {
    /// The scenario, or the alteration of a trial.
    pub name: ScenarioName,
    /// One case for each declared stage, in order.
    pub cases: Vec<Case>,
    /// Number of earlier attempts that the machine failed.
    pub attempts: usize,
    /// The steps that ran in this run, those of earlier attempts first; none of a lane that
    /// was reused.
    pub steps: Vec<LaneStep>,
}

/// A step that ran.
#[derive(Debug, Clone)]
pub struct LaneStep {
    /// The attempt in which it ran, from 1.
    pub attempt: usize,
    /// Its evidence.
    pub evidence: StepEvidence,
}

impl RunReport {
    /// Reads a run.
    ///
    /// # Errors
    /// If a part of it is not what it was.
    pub fn new(stored: &StoredRun) -> Result<Self, ReadError> {
        let run = stored.run();
        let bundle = stored.bundle()?;
        let plan = stored.has_plan().then(|| stored.plan()).transpose()?;
        let maker = Maker {
            stored,
            run,
            bundle: &bundle,
            plan: plan.as_ref(),
            stages: run.stages().collect(),
            altered: altered_lanes(stored)?,
        };
        let own = run.scenarios.keys().filter(|name| maker.is_own(name));
        let altered = run.lanes.keys().filter(|name| !maker.is_own(name));
        let lanes: Vec<LaneReport> = own
            .chain(altered)
            .map(|name| maker.lane(name))
            .collect::<Result<_, _>>()?;
        let beside = match &run.failure {
            Some(failure) if !is_told(failure, &lanes) => Some(maker.beside(failure)?),
            None if run.final_verdict == FinalVerdict::Fail => Some(unwritten()),
            _ => None,
        };
        Ok(Self {
            run_id: run.run_id.clone(),
            kind: run.kind,
            gate: run.gate.to_string(),
            package: package(run),
            commit: run.source.as_ref().map(|source| source.head.clone()),
            sandbox: plan.as_ref().map_or_else(
                || "no sandbox: the run ended before it was tried".to_owned(),
                |plan| without_word(&plan.isolation.sandbox.describe()),
            ),
            matrix_version: Some(plain(&run.matrix_version)),
            ended_at: Some(run.generated_at_utc.clone()),
            verdict: run.final_verdict,
            lanes,
            beside,
            stages: maker.stages,
            command: plain(&bundle.one_command_replay),
            detail: Detail::new(stored, &bundle)?,
            clusters: bundle.clusters,
        })
    }

    /// Compares it with an earlier run, by the document of the comparison, instead of with
    /// its baseline or the last pass.
    #[must_use]
    pub fn compared(mut self, document: Value) -> Self {
        self.detail.base = Some(document);
        self
    }

    /// Reports a run that died before its end: nothing of it counts.
    #[must_use]
    pub fn died(run_id: &RunId, command: String) -> Self {
        let text = "the run died before it had a verdict; nothing of it counts";
        Self {
            run_id: run_id.clone(),
            kind: Kind::Matrix,
            gate: plain(run_id.as_str()),
            package: plain(run_id.as_str()),
            commit: None,
            sandbox: "no sandbox is recorded".to_owned(),
            matrix_version: None,
            ended_at: None,
            verdict: FinalVerdict::Fail,
            stages: Vec::new(),
            lanes: Vec::new(),
            beside: Some(Case {
                outcome: Outcome::Error(FailureClass::Incomplete, text.to_owned()),
                ..Case::named("run/run_incomplete".to_owned())
            }),
            clusters: Vec::new(),
            command,
            detail: Detail::default(),
        }
    }

    /// Returns every case, in order: what failed outside of the cells first.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        let of_lanes = self.lanes.iter().flat_map(|lane| &lane.cases);
        self.beside.iter().chain(of_lanes)
    }

    /// Returns when its first step began, in milliseconds since 1970; none if nothing ran.
    #[must_use]
    pub fn began_ms(&self) -> Option<i64> {
        let steps = self.lanes.iter().flat_map(|lane| &lane.steps);
        let times = steps.map(|step| step.evidence.started_at_utc.as_str());
        times.filter_map(epoch_ms).min()
    }

    /// Returns how many cases have an outcome for which `is_it` is true.
    pub fn count(&self, is_it: impl Fn(&Outcome) -> bool) -> usize {
        self.cases().filter(|case| is_it(&case.outcome)).count()
    }

    /// Returns the lines of its head: what was tried, where and how, and by which run.
    #[must_use]
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let version = |version: &String| ("matrix", version.clone());
        let mut facts = vec![
            ("verdict", self.verdict.as_str().to_owned()),
            ("gate", self.gate.clone()),
            ("package", self.package.clone()),
        ];
        facts.extend(self.commit.clone().map(|commit| ("commit", commit)));
        facts.push(("sandbox", self.sandbox.clone()));
        facts.push(("run", self.run_id.to_string()));
        facts.extend(self.matrix_version.as_ref().map(version));
        facts.push(("again", self.command.clone()));
        facts
    }
}

/// Returns a time of RFC 3339 in milliseconds since 1970.
pub(super) fn epoch_ms(time: &str) -> Option<i64> {
    let time = DateTime::parse_from_rfc3339(time).ok()?;
    Some(time.timestamp_millis())
}

/// The sandbox in words, without the word that names it.
fn without_word(text: &str) -> String {
    text.strip_prefix("sandbox: ").unwrap_or(text).to_owned()
}

/// The case of a run that failed although nothing in it did.
fn unwritten() -> Case {
    let text = "a part of the run's record could not be written, so nothing of it counts";
    Case {
        outcome: Outcome::Error(FailureClass::Io, text.to_owned()),
        ..Case::named("run/record".to_owned())
    }
}

/// The case of a lane that was altered on purpose.
fn altered(name: String) -> Case {
    Case {
        outcome: Outcome::Skipped(ALTERED),
        ..Case::named(name)
    }
}

/// The package in words.
fn package(run: &Run) -> String {
    let resolved = |package: &PackageResolved| format!("{} {}", package.name, package.version);
    let text = match (&run.package_resolved, &run.package_spec) {
        (Some(package), _) => resolved(package),
        (None, Some(typed)) => format!("{typed} (as typed)"),
        (None, None) => run.gate.to_string(),
    };
    plain(&text)
}

/// True if a case of a lane tells of the failure.
fn is_told(failure: &FailureRecord, lanes: &[LaneReport]) -> bool {
    let phase = failure.phase.as_deref();
    let of_phase = lanes
        .iter()
        .filter(|lane| phase == Some(lane.name.as_str()));
    let mut cases = of_phase.flat_map(|lane| &lane.cases);
    cases.any(Case::is_red)
}

/// The steps of a lane in this run, in order.
fn steps(lane: &LaneRecord) -> Vec<LaneStep> {
    if lane.reused.is_some() {
        return Vec::new();
    }
    let earlier = lane.attempts.iter().map(|attempt| &attempt.steps);
    let attempts = earlier.chain([&lane.steps]).enumerate();
    let step = |at: usize, evidence: &StepEvidence| LaneStep {
        attempt: at + 1,
        evidence: evidence.clone(),
    };
    attempts
        .flat_map(|(at, steps)| steps.iter().map(move |evidence| step(at, evidence)))
        .collect()
}

/// The parts of a run from which a report is made.
struct Maker<'a> {
    stored: &'a StoredRun,
    run: &'a Run,
    bundle: &'a ReplayBundle,
    plan: Option<&'a BoundPlan>,
    stages: Vec<StageName>,
    altered: BTreeSet<ScenarioName>,
}

impl Maker<'_> {
    /// True for a scenario of the contract.
    fn is_own(&self, name: &ScenarioName) -> bool {
        self.run.scenarios.contains_key(name) && !self.altered.contains(name)
    }

    fn lane(&self, name: &ScenarioName) -> Result<LaneReport, ReadError> {
        let lane = self.stored.lane(name);
        let cells = match lane {
            Some(lane) => self.stored.cells(lane)?,
            None => Vec::new(),
        };
        let case = |stage: &StageName| {
            let cell = cells.iter().find(|cell| cell.stage == *stage);
            match cell {
                Some(cell) => self.ran(name, cell),
                None => self.did_not_run(name, stage, lane),
            }
        };
        let cases = if self.is_own(name) {
            let mut cases: Vec<Case> = self.stages.iter().map(case).collect::<Result<_, _>>()?;
            if let Some(failure) = lane.and_then(|lane| lane.failure.as_ref()) {
                self.tell(failure, name, &mut cases);
            }
            cases
        } else {
            // It may fail on purpose: the trial's own document says what was found.
            let names = self.stages.iter().map(|stage| format!("{name}/{stage}"));
            names.map(altered).collect()
        };
        Ok(LaneReport {
            name: name.clone(),
            cases,
            attempts: lane.map_or(0, |lane| lane.attempts.len()),
            steps: lane.map(steps).unwrap_or_default(),
        })
    }

    /// Tells of a failure of a lane that no cell of it shows: of a later repetition, whose
    /// cells are not the lane's. It takes the place of the stage that failed, or of the
    /// first that ran.
    fn tell(&self, failure: &FailureRecord, lane: &ScenarioName, cases: &mut [Case]) {
        if cases.iter().any(Case::is_red) {
            return;
        }
        let failed = self.stages.iter();
        let mut failed = failed.map(|stage| StepId::stage(stage) == failure.step);
        let first_ran = || {
            cases
                .iter()
                .position(|case| case.outcome == Outcome::Passed)
        };
        if let Some(at) = failed.position(|is_it| is_it).or_else(first_ran) {
            let case = &mut cases[at];
            case.outcome = Outcome::of(failure.class, plain(&failure.message));
            let digest = self.bundle.digest(Some(lane.as_str()), &failure.step);
            case.digest = digest.cloned();
        }
    }

    /// The case of a cell.
    fn ran(&self, lane: &ScenarioName, cell: &CellEvidence) -> Result<Case, ReadError> {
        let digest = self
            .bundle
            .digest(Some(lane.as_str()), &StepId::stage(&cell.stage));
        let outcome = match cell.verdict {
            CellVerdict::Pass(_) => Outcome::Passed,
            CellVerdict::Failed(class) => {
                let text = cell.problem.as_deref().unwrap_or("not green");
                Outcome::of(class, plain(text))
            }
        };
        let has_failed = outcome != Outcome::Passed;
        Ok(Case {
            log: self.end_of_log(&cell.run, has_failed)?,
            outcome,
            expected: Some(cell.expected.exit.describe()),
            exit: cell.exit,
            started_at: Some(cell.run.started_at_utc.clone()),
            duration_ms: cell.run.duration_ms,
            digest: digest.filter(|_| has_failed).cloned(),
            ..Case::named(format!("{lane}/{}", cell.stage))
        })
    }

    /// The case of a cell that has no evidence.
    fn did_not_run(
        &self,
        name: &ScenarioName,
        stage: &StageName,
        lane: Option<&LaneRecord>,
    ) -> Result<Case, ReadError> {
        let mut case = Case::named(format!("{name}/{stage}"));
        let mut unexpected = self.run.unexpected.iter();
        let is_unexpected = unexpected.any(|cell| cell.lane == *name && cell.stage == *stage);
        let is_selected = self
            .plan
            .is_none_or(|plan| plan.stages.contains(stage) && plan.lanes.contains_key(name));
        let failure = lane.and_then(|lane| lane.failure.as_ref());
        case.outcome = if is_unexpected {
            Outcome::Skipped("the scenario expects nothing of this stage")
        } else if let Some(failure) = failure.filter(|_| is_selected) {
            let text = format!(
                "no exit, since {} failed: {}",
                failure.step, failure.message
            );
            case.digest = self
                .bundle
                .digest(Some(name.as_str()), &failure.step)
                .cloned();
            let steps = lane.iter().flat_map(|lane| &lane.steps);
            let step = steps.clone().find(|step| step.step == failure.step);
            case.log = step.map_or(Ok(Vec::new()), |step| self.end_of_log(step, true))?;
            Outcome::of(failure.class, plain(&text))
        } else if lane.is_some_and(|lane| lane.cancelled) {
            Outcome::Skipped("the lane was stopped before")
        } else if lane.is_none() && self.run.failure.is_some() && is_selected {
            Outcome::Skipped("the run ended before")
        } else {
            Outcome::Skipped("not selected")
        };
        Ok(case)
    }

    /// The case of what failed outside of every cell.
    fn beside(&self, failure: &FailureRecord) -> Result<Case, ReadError> {
        let phase = failure.phase.as_deref().unwrap_or("run");
        let digest = self.bundle.digest(failure.phase.as_deref(), &failure.step);
        let log = match &failure.log {
            Some(log) => last_lines(&self.stored.file(log)?, LOG_LINES),
            None => Vec::new(),
        };
        Ok(Case {
            outcome: Outcome::of(failure.class, plain(&failure.message)),
            digest: digest.cloned(),
            log,
            ..Case::named(plain(&format!("{phase}/{}", failure.step)))
        })
    }

    fn end_of_log(&self, step: &StepEvidence, is_wanted: bool) -> Result<Vec<String>, ReadError> {
        match step.log.as_ref().filter(|_| is_wanted) {
            Some(log) => Ok(last_lines(&self.stored.log(log)?, LOG_LINES)),
            None => Ok(Vec::new()),
        }
    }
}
