//! The cells that a rerun still has to run: a pure function of the cells known
//! to be green, the declared ones and those that ran.
//!
//! Invariants: a cell that never ran green is outstanding, a cell that is no
//! longer declared is not, and the green cells follow from `run.json` alone: they
//! are the declared ones that are not outstanding.

use std::collections::BTreeSet;

use crate::artifact::run_folder::Run;
use crate::model::evidence::LaneEvidence;
use crate::model::{CellName, FailureClass, Plan, Profile, ScenarioName, StageName, StepId};

/// Cells that ran green in a run, or in one before it, and not red since.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Green(BTreeSet<CellName>);

impl Green {
    /// Returns the green cells of a run: those that it declares and that are not
    /// outstanding. None if the run does not record its cells.
    #[must_use]
    pub fn of(run: &Run) -> Option<Self> {
        let outstanding = run.outstanding.as_ref()?;
        let is_green = |cell: &CellName| !outstanding.contains(cell);
        let lanes = run.scenarios.iter();
        let stages: Vec<_> = run.stages().collect();
        let declared = cells(
            lanes.map(|(lane, _)| lane),
            &stages.iter().collect::<Vec<_>>(),
        );
        let is_expected = |cell: &CellName| !run.unexpected.contains(cell);
        let expected = declared.into_iter().filter(is_expected);
        Some(Self(expected.filter(is_green).collect()))
    }

    /// Adds cells that ran, with or without a green verdict. The others stay as
    /// they were.
    #[must_use]
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
    #[must_use]
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

/// Every cell of a profile that expects something, in declared order.
#[must_use]
pub fn declared(profile: &Profile) -> Vec<CellName> {
    let stages: Vec<_> = profile.stages.keys().collect();
    let all = cells(profile.scenarios.keys(), &stages).into_iter();
    all.filter(|cell| {
        profile.scenarios[&cell.lane]
            .expect
            .contains_key(&cell.stage)
    })
    .collect()
}

/// Every cell that a plan declares and expects something of, selected or not, but altered ones.
#[must_use]
pub fn planned(plan: &Plan) -> Vec<CellName> {
    let stages: Vec<_> = plan.stages.iter().map(|(name, _)| name).collect();
    let lanes = plan.scenarios.iter().filter(|lane| !lane.altered);
    let all = cells(lanes.map(|lane| &lane.name), &stages).into_iter();
    all.filter(|cell| plan.is_expected(&cell.lane, &cell.stage))
        .collect()
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

/// Returns the cells of a lane that ran, and whether each is green. A cell that
/// was started and has no verdict is not green; a lane that failed although each
/// of its cells is green (it had another package) has no green cells.
#[must_use]
pub fn ran(lane: &LaneEvidence, plan: &Plan) -> Vec<(CellName, bool)> {
    let mut ran = Vec::new();
    // The first repetition may not have come to a stage at which others did.
    let class = lane.failure.as_ref().map(|failure| failure.class);
    let flaky = class == Some(FailureClass::Flaky);
    for stage in plan.stages_of(&lane.scenario) {
        let step = StepId::stage(stage);
        let cell = lane.cells.iter().find(|cell| cell.stage == *stage);
        let begun = flaky || lane.steps.iter().any(|one| one.step == step);
        if cell.is_some() || begun {
            let green = cell.is_some_and(|cell| cell.verdict.is_pass());
            ran.push((CellName::new(&lane.scenario, stage), green));
        }
    }
    let refused = lane.failure.is_some() && ran.iter().all(|(_, green)| *green);
    let whole = ran.len() == plan.stages_of(&lane.scenario).count();
    if refused && whole {
        for (_, green) in &mut ran {
            *green = false;
        }
    }
    ran
}

#[cfg(test)]
mod tests;
