//! A run as far as comparisons look at it.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use crate::artifact::bundle::ReplayBundle;
use crate::artifact::reader::{ReadError, StoredRun};
use crate::artifact::run_folder::{FailureRecord, LaneRecord, Run};
use crate::artifact::summary::FinalVerdict;
use crate::model::evidence::CellVerdict;
use crate::model::package::PackageResolved;
use crate::model::plan::Source;
use crate::model::{
    CellEvidence, CellName, FailureClass, GateName, Kind, ProofEvidence, RequestRecord, RunId,
    ScenarioName, StageName,
};

/// A recorded run, or one that is about to be recorded.
#[derive(Debug, Clone)]
pub struct RunSnapshot {
    pub(super) run_id: RunId,
    pub(super) kind: Kind,
    pub(super) gate: GateName,
    pub(super) final_verdict: FinalVerdict,
    pub(super) package_spec: Option<String>,
    pub(super) package: Option<PackageResolved>,
    pub(super) source: Option<Source>,
    pub(super) matrix_version: String,
    pub(super) asked: RequestRecord,
    /// Its folder.
    pub(super) folder: PathBuf,
    /// The failure that decided its verdict.
    pub(super) failure: Option<FailureRecord>,
    /// Every declared cell in declared order; empty if the run ended before it was planned.
    pub(super) cells: IndexMap<CellName, CellState>,
}

/// The state of a declared cell.
#[derive(Debug, Clone)]
pub(super) enum CellState {
    /// It was not selected.
    NotSelected,
    /// It was selected and has no verdict, for this reason.
    NotPlayed(String),
    /// It has a verdict.
    Played(Box<CellResult>),
}

/// A cell with a verdict.
#[derive(Debug, Clone)]
pub(super) struct CellResult {
    pub(super) verdict: CellVerdict,
    pub(super) problem: Option<String>,
    pub(super) exit: Option<i32>,
    pub(super) hook_exit: Option<i32>,
    pub(super) reason_found: Option<bool>,
    pub(super) proof: Option<ProofEvidence>,
    /// The fingerprint of its failure.
    pub(super) fingerprint: Option<String>,
}

impl CellState {
    pub(super) fn played(&self) -> Option<&CellResult> {
        match self {
            Self::Played(played) => Some(played),
            _ => None,
        }
    }
}

/// True if a run selected a cell, by lane and stage.
type Selected<'a> = &'a dyn Fn(&ScenarioName, &StageName) -> bool;

impl RunSnapshot {
    /// Reads a recorded run and verifies every file of it.
    ///
    /// # Errors
    /// If a file of it is not what it was.
    pub fn from_stored(stored: &StoredRun) -> Result<Self, ReadError> {
        stored.verify()?;
        let plan = stored.has_plan().then(|| stored.plan()).transpose()?;
        let is_selected = |lane: &ScenarioName, stage: &StageName| {
            let plan = plan.as_ref();
            plan.is_some_and(|plan| {
                let lane = plan.lanes.get(lane);
                let is_expected = lane.is_some_and(|lane| lane.expect.contains_key(stage));
                is_expected && plan.stages.contains(stage)
            })
        };
        let mut cells = Vec::new();
        for lane in stored.run().lanes.values() {
            cells.extend(stored.cells(lane)?);
        }
        let snapshot = Self::new(stored.run(), stored.path(), &is_selected, &cells);
        Ok(snapshot.with_fingerprints(&stored.bundle()?))
    }

    /// Builds a snapshot from a record, its folder, its selection and the cells with a
    /// verdict.
    #[must_use]
    pub fn new<'a>(
        run: &Run,
        folder: &Path,
        is_selected: &dyn Fn(&ScenarioName, &StageName) -> bool,
        cells: impl IntoIterator<Item = &'a CellEvidence>,
    ) -> Self {
        let mut known = declared(run, is_selected);
        for cell in cells {
            let name = CellName {
                lane: cell.scenario.clone(),
                stage: cell.stage.clone(),
            };
            known.insert(
                name,
                CellState::Played(Box::new(CellResult::from_cell(cell))),
            );
        }
        for (name, lane) in &run.lanes {
            blame(name, lane, &mut known);
        }
        Self {
            run_id: run.run_id.clone(),
            kind: run.kind,
            gate: run.gate.clone(),
            final_verdict: run.final_verdict,
            package_spec: run.package_spec.clone(),
            package: run.package_resolved.clone(),
            source: run.source.clone(),
            matrix_version: run.matrix_version.clone(),
            asked: run.asked.clone(),
            folder: folder.to_owned(),
            failure: run.failure.clone(),
            cells: known,
        }
    }

    /// Adds the fingerprints of its failures.
    #[must_use]
    pub fn with_fingerprints(mut self, bundle: &ReplayBundle) -> Self {
        for failed in &bundle.failures {
            let digest = &failed.failure_digest;
            for (cell, state) in &mut self.cells {
                if let CellState::Played(played) = state
                    && digest.impacted_cells.contains(cell)
                {
                    played.fingerprint = Some(digest.fingerprint.clone());
                }
            }
        }
        self
    }

    /// Returns its id.
    #[must_use]
    pub fn id(&self) -> &RunId {
        &self.run_id
    }

    /// True if it selected any cell, as far as is known.
    #[must_use]
    pub fn has_cells(&self) -> bool {
        let mut cells = self.cells.values();
        cells.any(|cell| !matches!(cell, CellState::NotSelected))
    }

    /// Returns its artifacts folder.
    pub(super) fn artifacts(&self) -> &Path {
        let above = self.folder.parent().and_then(Path::parent);
        above.unwrap_or(&self.folder)
    }
}

impl CellResult {
    fn from_cell(cell: &CellEvidence) -> Self {
        Self {
            verdict: cell.verdict,
            problem: cell.problem.clone(),
            exit: cell.exit,
            hook_exit: cell.hook_exit,
            reason_found: cell.reason.as_ref().map(|reason| reason.found),
            proof: cell.proof.clone(),
            fingerprint: None,
        }
    }

    /// Returns the result of a cell whose lane failed before it.
    pub(super) fn missing(why: &str) -> Self {
        Self {
            verdict: CellVerdict::Failed(FailureClass::Missing),
            problem: Some(why.to_owned()),
            exit: None,
            hook_exit: None,
            reason_found: None,
            proof: None,
            fingerprint: None,
        }
    }
}

/// Returns every declared cell, without verdicts.
fn declared(run: &Run, is_selected: Selected<'_>) -> IndexMap<CellName, CellState> {
    let mut cells = IndexMap::new();
    let stages: Vec<StageName> = run.stages().collect();
    for lane in run.scenarios.keys() {
        for stage in stages.clone() {
            let state = if is_selected(lane, &stage) {
                CellState::NotPlayed(why_not_played(run, lane))
            } else {
                CellState::NotSelected
            };
            let lane = lane.clone();
            cells.insert(CellName { lane, stage }, state);
        }
    }
    cells
}

fn why_not_played(run: &Run, lane: &ScenarioName) -> String {
    match run.lanes.get(lane) {
        Some(LaneRecord {
            failure: Some(failure),
            ..
        }) => format!("its lane failed at {} ({})", failure.step, failure.class),
        Some(lane) if lane.cancelled => "its lane was stopped".to_owned(),
        _ => "its lane did not get there".to_owned(),
    }
}

/// Marks cells of a failed lane that have no verdict as failed.
///
/// A lane can also fail although each of its cells was green, as when it
/// installed another package than the others: none of its cells counts as green
/// then.
fn blame(name: &ScenarioName, lane: &LaneRecord, cells: &mut IndexMap<CellName, CellState>) {
    let Some(failure) = lane.failure.as_ref().filter(|_| !lane.cancelled) else {
        return;
    };
    for (_, state) in cells.iter_mut().filter(|(cell, _)| cell.lane == *name) {
        if let CellState::NotPlayed(why) = state {
            *state = CellState::Played(Box::new(CellResult::missing(why)));
        }
    }
    let of_lane = || {
        let of_lane = cells.iter().filter(|(cell, _)| cell.lane == *name);
        of_lane.map(|(_, state)| state)
    };
    let explained = of_lane().any(|state| match state {
        CellState::NotSelected | CellState::NotPlayed(_) => false,
        CellState::Played(played) => !played.verdict.is_pass(),
    });
    if explained {
        return;
    }
    let of_lane = cells.iter_mut().filter(|(cell, _)| cell.lane == *name);
    for (_, state) in of_lane {
        if let CellState::Played(played) = state {
            played.verdict = CellVerdict::Failed(failure.class);
            played.problem = Some(failure.message.clone());
        }
    }
}
