//! The lanes of a plan as documents show them.

use indexmap::IndexMap;

use crate::lane::steps::Step;
use crate::model::plan::PlannedLane;
use crate::model::{Plan, Profile, ScenarioName};

/// The lanes as plans and `matrix list` show them.
#[must_use]
pub fn planned_lanes(
    profile: &Profile,
    plan: &Plan,
    steps: impl Fn(&ScenarioName) -> Vec<Step>,
    branch: &str,
) -> IndexMap<ScenarioName, PlannedLane> {
    let lane = |name: &ScenarioName| PlannedLane {
        steps: steps(name)
            .iter()
            .map(|step| step.planned(profile, name, branch))
            .collect(),
        expect: profile.scenarios[name].expect.clone(),
    };
    plan.selected_scenarios()
        .map(|name| (name.clone(), lane(name)))
        .collect()
}
