//! Turns profile and selection into a [`Plan`] in declared order, without I/O.

use indexmap::IndexMap;

use crate::config::nearest;
use crate::model::scenario::Scenario;
use crate::model::{Plan, PlannedScenario, Profile, ScenarioName, StageName};

/// The selected part of a profile; empty for all of it.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Scenarios by name.
    pub scenarios: Vec<String>,
    /// Stages by name.
    pub stages: Vec<String>,
}

/// A selection that fits nothing that is declared.
#[derive(Debug, Clone, thiserror::Error)]
#[error("there is no {kind} `{name}`{hint}")]
pub struct SelectionError {
    kind: &'static str,
    name: String,
    hint: String,
}

/// Makes the plan.
///
/// # Errors
/// If a name of the selection is not declared.
pub fn plan(profile: &Profile, selection: &Selection) -> Result<Plan, SelectionError> {
    let scenarios: Vec<_> = profile.scenarios.keys().map(ScenarioName::as_str).collect();
    let stages: Vec<_> = profile.stages.keys().map(StageName::as_str).collect();
    check("scenario", &selection.scenarios, &scenarios)?;
    check("stage", &selection.stages, &stages)?;
    let chosen = |list: &[String], name: &str| list.is_empty() || list.iter().any(|n| n == name);
    // A lane without a stage to run would prove nothing.
    let has_stage = |scenario: &Scenario| {
        let mut expected = scenario.expect.keys();
        expected.any(|stage| chosen(&selection.stages, stage.as_str()))
    };
    let planned = |(name, scenario): (&ScenarioName, &Scenario)| PlannedScenario {
        name: name.clone(),
        selected: chosen(&selection.scenarios, name.as_str()) && has_stage(scenario),
        altered: false,
        unexpected: unexpected(profile, scenario),
    };
    let plan = Plan {
        scenarios: profile.scenarios.iter().map(planned).collect(),
        stages: profile
            .stages
            .keys()
            .map(|name| (name.clone(), chosen(&selection.stages, name.as_str())))
            .collect(),
    };
    if plan.selected_scenarios().next().is_none() && !profile.scenarios.is_empty() {
        return Err(SelectionError {
            kind: "expectation of stage",
            name: selection.stages.join(", "),
            hint: " in the selected scenarios".to_owned(),
        });
    }
    Ok(plan)
}

/// Returns the stages that a scenario expects nothing of.
fn unexpected(profile: &Profile, scenario: &Scenario) -> Vec<StageName> {
    let stages = profile.stages.keys();
    let left_out = stages.filter(|stage| !scenario.expect.contains_key(*stage));
    left_out.cloned().collect()
}

/// Adds the altered lanes of a trial to the scenarios of the profile, which
/// run only if the trial needs them.
///
/// # Errors
/// If a lane has the name of a scenario.
pub fn add_altered(
    profile: &mut Profile,
    plan: &mut Plan,
    lanes: IndexMap<ScenarioName, Scenario>,
    needs_contract: bool,
) -> Result<(), SelectionError> {
    for scenario in &mut plan.scenarios {
        scenario.selected &= needs_contract;
    }
    for (name, scenario) in lanes {
        if profile.scenarios.contains_key(&name) {
            return Err(SelectionError {
                kind: "room for the lane",
                name: name.to_string(),
                hint: ": a scenario has that name, give it another".to_owned(),
            });
        }
        plan.scenarios.push(PlannedScenario {
            name: name.clone(),
            selected: true,
            altered: true,
            unexpected: unexpected(profile, &scenario),
        });
        profile.scenarios.insert(name, scenario);
    }
    Ok(())
}

fn check(kind: &'static str, wanted: &[String], known: &[&str]) -> Result<(), SelectionError> {
    let Some(name) = wanted.iter().find(|name| !known.contains(&name.as_str())) else {
        return Ok(());
    };
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => format!("; declared are {}", known.join(", ")),
    };
    Err(SelectionError {
        kind,
        name: name.clone(),
        hint,
    })
}
