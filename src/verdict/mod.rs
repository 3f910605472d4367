//! The verdict of a run, from its evidence alone.
//!
//! [`judge`] is pure: the same lanes give the same verdict, whether they have
//! just run or were read from the folder of an earlier run
//! ([`crate::artifact::reader::StoredRun::evidence`]).
//!
//! Invariants: a pass is a green cell for every selected lane and stage, not
//! the absence of failures; a signal outranks an artifact that could not be
//! written, which outranks the first failed lane in declared order.

pub mod outstanding;
mod package;
#[cfg(test)]
mod samples;
mod terms;
#[cfg(test)]
mod tests;

pub use terms::Terms;

use self::outstanding::{planned, ran};
use crate::artifact::summary::FinalVerdict;
use crate::artifact::write_error::WriteError;
use crate::model::evidence::Ending;
use crate::model::failure::PREFLIGHT;
use crate::model::package::PackageResolved;
use crate::model::text::some_of;
use crate::model::{
    BuiltinStep, CellEvidence, CellName, ExitCode, Failure, FailureClass, LaneEvidence, Plan,
    StepId,
};

/// The maximum number of cells named in a sentence.
const MAX_NAMED: usize = 10;

/// The verdict of a run, with the evidence that it rests on.
#[derive(Debug)]
pub struct Verdict {
    /// The verdict in a word.
    pub word: FinalVerdict,
    /// The code that `matrix` exits with, if the verdict can be written.
    pub exit: ExitCode,
    /// The failure that decided.
    pub failure: Option<Failure>,
    /// The first artifact that could not be written.
    pub unwritten: Option<WriteError>,
    /// The lanes that ran, in declared order.
    pub lanes: Vec<LaneEvidence>,
    /// The cells that a rerun still has to run; None if they are not counted.
    pub outstanding: Option<Vec<CellName>>,
}

/// Judges the lanes of the contract.
#[must_use]
pub fn judge(
    terms: &Terms<'_>,
    mut lanes: Vec<LaneEvidence>,
    unwritten: Option<WriteError>,
) -> Verdict {
    package::blame_other_packages(terms, &mut lanes);
    let failure = match terms.signal {
        Some(code) => Some(interrupted(code, &lanes)),
        None => first_failure(&lanes).or_else(|| missing(terms.plan, &lanes)),
    };
    let mut verdict = Verdict {
        word: word(failure.as_ref(), terms),
        exit: failure.as_ref().map_or(ExitCode::Pass, |f| f.exit),
        failure,
        unwritten: None,
        lanes,
        outstanding: None,
    };
    verdict.note_unwritten(unwritten);
    if terms.counts_outstanding {
        verdict.count_outstanding(terms);
    }
    verdict
}

impl Verdict {
    /// The verdict of a run that ended before its first lane.
    #[must_use]
    pub fn halted(failure: Failure) -> Self {
        Self {
            word: FinalVerdict::Fail,
            exit: failure.exit,
            failure: Some(failure),
            unwritten: None,
            lanes: Vec::new(),
            outstanding: None,
        }
    }

    /// The verdict of a run that could not write its plan.
    #[must_use]
    pub fn unwritten(error: WriteError) -> Self {
        Self {
            word: FinalVerdict::Fail,
            exit: ExitCode::Artifact,
            failure: None,
            unwritten: Some(error),
            lanes: Vec::new(),
            outstanding: None,
        }
    }

    /// Adds the altered lanes of a trial, and what the trial made of them.
    pub fn add_altered(
        &mut self,
        lanes: Vec<LaneEvidence>,
        failure: Option<Failure>,
        if_good: FinalVerdict,
    ) {
        self.lanes.extend(lanes);
        self.exit = failure.as_ref().map_or(ExitCode::Pass, |f| f.exit);
        self.word = match &failure {
            Some(_) => FinalVerdict::Fail,
            None => if_good,
        };
        self.failure = failure;
    }

    /// Notes a failure outside of the lanes, which decides if nothing else went wrong.
    pub fn note_failure(&mut self, failure: Option<Failure>) {
        if let Some(failure) = failure.filter(|_| self.passes()) {
            self.word = FinalVerdict::Fail;
            self.exit = failure.exit;
            self.failure = Some(failure);
        }
    }

    /// True if nothing went wrong so far.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.failure.is_none() && self.unwritten.is_none()
    }

    /// Notes an artifact that could not be written, which fails the run.
    pub fn note_unwritten(&mut self, error: Option<WriteError>) {
        let Some(error) = error else {
            return;
        };
        self.word = FinalVerdict::Fail;
        let class = self.failure.as_ref().map(|failure| failure.class);
        if class != Some(FailureClass::Interrupted) {
            self.exit = ExitCode::Artifact;
        }
        self.unwritten.get_or_insert(error);
    }

    /// The package that was installed, as far as a lane recorded it.
    #[must_use]
    pub fn package(&self) -> Option<PackageResolved> {
        package::installed(&self.lanes)
    }

    /// The names of the cells that a rerun still has to run. If evidence
    /// could not be written, no cell of the plan has any to show.
    #[must_use]
    pub fn outstanding_names(&self, plan: Option<&Plan>) -> Vec<CellName> {
        let Some(cells) = &self.outstanding else {
            return Vec::new();
        };
        let unproven = plan.filter(|_| self.unwritten.is_some());
        unproven.map_or_else(|| cells.clone(), planned)
    }

    /// Records the outstanding cells. A rerun does not pass while there are
    /// any.
    fn count_outstanding(&mut self, terms: &Terms<'_>) {
        let before = terms.before.cloned().unwrap_or_default();
        let ran = self.lanes.iter().flat_map(|lane| ran(lane, terms.plan));
        let cells = before.and(ran).outstanding(planned(terms.plan));
        if let (Some(_), Some(first), true) = (terms.before, cells.first(), self.passes()) {
            let failure = still_outstanding(first, &cells);
            self.exit = failure.exit;
            self.word = FinalVerdict::Fail;
            self.failure = Some(failure);
        }
        self.outstanding = Some(cells);
    }
}

fn word(failure: Option<&Failure>, terms: &Terms<'_>) -> FinalVerdict {
    match failure {
        Some(_) => FinalVerdict::Fail,
        None if terms.plan.is_whole() && terms.uncommitted => FinalVerdict::Uncommitted,
        None if terms.plan.is_whole() => FinalVerdict::Pass,
        None => FinalVerdict::Partial,
    }
}

/// Evidence that could not be written comes first, then the first failed
/// lane in declared order.
fn first_failure(lanes: &[LaneEvidence]) -> Option<Failure> {
    let failures = || lanes.iter().filter_map(|lane| lane.failure.as_ref());
    let unwritten = failures().find(|failure| failure.exit == ExitCode::Artifact);
    unwritten.or_else(|| failures().next()).cloned()
}

/// The first selected cell without a green verdict.
fn missing(plan: &Plan, lanes: &[LaneEvidence]) -> Option<Failure> {
    for lane in lanes {
        for stage in plan.stages_of(&lane.scenario) {
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

/// The failure of a run that a signal stopped: its phase is the first lane
/// that did not end, its log that of the step that was running there.
#[must_use]
pub fn interrupted(code: ExitCode, lanes: &[LaneEvidence]) -> Failure {
    let unfinished = lanes.iter().find(|lane| lane.cancelled);
    let running = unfinished
        .and_then(|lane| lane.steps.last())
        .filter(|step| step.ending == Some(Ending::Cancelled));
    let log = running.and_then(|step| step.log.as_ref());
    let message = code.stop_message();
    Failure::new(FailureClass::Interrupted, BuiltinStep::Interrupted, message)
        .exit(code)
        .phase(unfinished.map_or(PREFLIGHT, |lane| lane.scenario.as_str()))
        .log(log.map(|log| log.path.clone()))
}

fn still_outstanding(first: &CellName, cells: &[CellName]) -> Failure {
    let names: Vec<String> = cells.iter().map(ToString::to_string).collect();
    let (count, verb) = match cells.len() {
        1 => ("1 cell".to_owned(), "is"),
        n => (format!("{n} cells"), "are"),
    };
    let message = format!(
        "all that ran kept the contract; {count} {verb} still outstanding: {}",
        some_of(&names, MAX_NAMED)
    );
    Failure::new(FailureClass::Missing, BuiltinStep::Outstanding, message)
        .exit(ExitCode::Outstanding)
        .phase(&first.lane)
}
