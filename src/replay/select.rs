//! The lanes of a recorded run that a replay shows or runs.

use crate::artifact::reader::StoredRun;
use crate::artifact::run_folder::LaneRecord;
use crate::model::{ScenarioName, StepId};
use crate::planner::Selection;

use super::recorded::Recorded;

/// Lanes of a recorded run, as the user chose them.
#[derive(Debug, Clone, Default)]
pub struct Lanes {
    /// The names of lanes, in any order.
    pub named: Vec<ScenarioName>,
    /// True for all lanes.
    pub all: bool,
}

impl Lanes {
    /// The lanes to execute: those that were named, else those that failed.
    #[must_use]
    pub fn to_run(&self, stored: &StoredRun) -> Vec<ScenarioName> {
        let is_chosen = |name: &ScenarioName, lane: &LaneRecord| {
            self.all || self.named.contains(name) || (self.named.is_empty() && !is_green(lane))
        };
        let lanes = stored.run().lanes.iter();
        lanes
            .filter(|(name, lane)| is_chosen(name, lane))
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// The first name that is not a lane of the run.
    #[must_use]
    pub fn unknown(&self, stored: &StoredRun) -> Option<&ScenarioName> {
        self.named.iter().find(|name| stored.lane(name).is_none())
    }
}

/// True if a lane ran to its end and kept its contract.
#[must_use]
pub fn is_green(lane: &LaneRecord) -> bool {
    lane.failure.is_none() && !lane.cancelled
}

/// The reason why a selection of lanes leaves nothing to run.
#[derive(Debug, thiserror::Error)]
#[error("there is nothing to replay: every cell that ran in run {id} passed")]
pub struct NothingFailed {
    id: crate::model::RunId,
    has_outstanding: bool,
}

impl NothingFailed {
    /// The remedy.
    #[must_use]
    pub fn next(&self) -> String {
        if self.has_outstanding {
            format!(
                "run the cells that did not run: matrix run --rerun-from {}",
                self.id
            )
        } else {
            "choose lanes: --lane NAME, or all of them: --all".to_owned()
        }
    }
}

/// The scenarios and stages that a replay runs.
///
/// # Errors
/// If no lane was chosen and every lane of the run is green.
pub fn selection(
    stored: &StoredRun,
    recorded: &Recorded,
    lanes: &Lanes,
) -> Result<Selection, NothingFailed> {
    let run = stored.run();
    let Some(plan) = &recorded.plan else {
        return Ok(Selection {
            scenarios: run.asked.scenarios.clone(),
            stages: run.asked.stages.clone(),
        });
    };
    let mut scenarios = lanes.to_run(stored);
    // A run that was stopped before its first lane has all of them to run.
    if run.lanes.is_empty() {
        scenarios.extend(plan.lanes.keys().cloned());
    }
    if scenarios.is_empty() {
        return Err(NothingFailed {
            id: run.run_id.clone(),
            has_outstanding: run
                .outstanding
                .as_ref()
                .is_some_and(|cells| !cells.is_empty()),
        });
    }
    Ok(Selection {
        scenarios: scenarios.iter().map(ToString::to_string).collect(),
        stages: plan.stages.iter().map(ToString::to_string).collect(),
    })
}

/// The first of these lanes that failed, and the step at which it did.
#[must_use]
pub fn failed_step(stored: &StoredRun, lanes: &[String]) -> Option<(ScenarioName, StepId)> {
    let mut all = stored.run().lanes.iter();
    all.find_map(|(name, lane)| {
        let failure = lane.failure.as_ref()?;
        let is_chosen = lanes.iter().any(|chosen| chosen == name.as_str());
        is_chosen.then(|| (name.clone(), failure.step.clone()))
    })
}
