//! Profile and selection become a [`Plan`]: what was asked, in declared
//! order. Nothing outside is looked at.

use crate::config::nearest;
use crate::model::{Plan, PlannedScenario, Profile, ScenarioName, StageName};

/// Which part of a profile is to be played; empty for all of it.
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
    Ok(Plan {
        scenarios: profile
            .scenarios
            .keys()
            .map(|name| PlannedScenario {
                name: name.clone(),
                selected: chosen(&selection.scenarios, name.as_str()),
            })
            .collect(),
        stages: profile
            .stages
            .keys()
            .map(|name| (name.clone(), chosen(&selection.stages, name.as_str())))
            .collect(),
    })
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
