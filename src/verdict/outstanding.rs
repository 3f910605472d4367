//! Which cells a rerun still owes: a pure function of what was known, what is
//! declared and what ran.
//!
//! What must stay true: a cell that never ran green is outstanding, a cell
//! that is declared no longer is not, and what is known to be green can be
//! told from `run.json` alone, as what is declared there and not outstanding.

use std::collections::BTreeSet;

use crate::artifact::run_folder::Run;
use crate::model::evidence::LaneEvidence;
use crate::model::{CellName, FailureClass, Plan, Profile, ScenarioName, StageName, StepId};

/// Cells that ran green in a run, or in one before it, and not red since.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Green(BTreeSet<CellName>);

impl Green {
    /// What a run knows: what it declares and does not owe. None for a run
    /// that says nothing of its cells.
    pub fn of(run: &Run) -> Option<Self> {
        let outstanding = run.outstanding.as_ref()?;
        let is_green = |cell: &CellName| !outstanding.contains(cell);
        let lanes = run.scenarios.iter();
        let stages: Vec<_> = run.stages().collect();
        let cells = cells(
            lanes.map(|(lane, _)| lane),
            &stages.iter().collect::<Vec<_>>(),
        );
        let cells = cells.into_iter();
        Some(Self(cells.filter(is_green).collect()))
    }

    /// What is known once these cells ran, with or without a green verdict.
    /// What did not run is as it was.
    pub fn and(mut self, ran: impl IntoIterator<Item = (CellName, bool)>) -> Self {
        for (cell, green) in ran {
            if green {
                self.0.insert(cell);
            } else {
                self.0.remove(&cell);
            }
        }
        self
    }

    /// The declared cells that are not known to be green, in their order.
    pub fn outstanding(&self, declared: impl IntoIterator<Item = CellName>) -> Vec<CellName> {
        let cells = declared.into_iter();
        cells.filter(|cell| !self.0.contains(cell)).collect()
    }

    /// Leaves out of a plan the lanes that have nothing outstanding at a
    /// selected stage. The others are run whole.
    pub fn narrow(&self, plan: &mut Plan) {
        let outstanding = self.outstanding(planned(plan));
        let stages: Vec<_> = plan.selected_stages().cloned().collect();
        for lane in &mut plan.scenarios {
            let owes = |cell: &CellName| cell.lane == lane.name && stages.contains(&cell.stage);
            lane.selected &= outstanding.iter().any(owes);
        }
    }
}

/// Every cell of a profile, in declared order.
pub fn declared(profile: &Profile) -> Vec<CellName> {
    let stages: Vec<_> = profile.stages.keys().collect();
    cells(profile.scenarios.keys(), &stages)
}

/// Every cell that a plan declares, selected or not, but altered ones.
pub fn planned(plan: &Plan) -> Vec<CellName> {
    let stages: Vec<_> = plan.stages.iter().map(|(name, _)| name).collect();
    let lanes = plan.scenarios.iter().filter(|lane| !lane.altered);
    cells(lanes.map(|lane| &lane.name), &stages)
}

fn cells<'a>(
    lanes: impl Iterator<Item = &'a ScenarioName>,
    stages: &[&StageName],
) -> Vec<CellName> {
    let of = |lane: &ScenarioName| {
        let cell = |stage: &&StageName| CellName::new(lane, stage);
        stages.iter().map(cell).collect::<Vec<_>>()
    };
    lanes.flat_map(of).collect()
}

/// What ran of a lane, and whether it was green. A cell that was begun and
/// has no verdict is not; a lane that was refused although each of its cells
/// is green (it had another package) vouches for none of them.
pub fn ran(lane: &LaneEvidence, plan: &Plan) -> Vec<(CellName, bool)> {
    let mut ran = Vec::new();
    // The first repetition may not have come to a stage at which others did.
    let class = lane.failure.as_ref().map(|failure| failure.class);
    let flaky = class == Some(FailureClass::Flaky);
    for stage in plan.selected_stages() {
        let step = StepId::stage(stage);
        let cell = lane.cells.iter().find(|cell| cell.stage == *stage);
        let begun = flaky || lane.steps.iter().any(|one| one.step == step);
        if cell.is_some() || begun {
            let green = cell.is_some_and(|cell| cell.verdict.is_pass());
            ran.push((CellName::new(&lane.scenario, stage), green));
        }
    }
    let refused = lane.failure.is_some() && ran.iter().all(|(_, green)| *green);
    let whole = ran.len() == plan.selected_stages().count();
    if refused && whole {
        for (_, green) in &mut ran {
            *green = false;
        }
    }
    ran
}

#[cfg(test)]
mod tests;
