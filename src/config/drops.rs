//! Inherited parts that a file drops: stages, scenarios and variables of stages.

use super::error::{ConfigError, Result};
use super::layer::Layer;
use super::text::{Located, Location};
use crate::model::{ScenarioName, StageName};

/// Takes out of `base` what `own` drops, with all that says something of it.
///
/// # Errors
/// If there is nothing to drop, or `own` still uses what it drops.
pub(super) fn apply(own: &Layer, base: &mut Layer) -> Result<()> {
    for drop in &own.drops.scenarios {
        if base.scenarios.shift_remove(&drop.value).is_none() {
            let known = base.scenarios.keys().map(ScenarioName::as_str);
            return Err(not_inherited(
                "scenario",
                &drop.location,
                drop.value.as_str(),
                known,
            ));
        }
    }
    for drop in &own.drops.stages {
        drop_stage(drop, own, base)?;
    }
    for (name, stage) in &own.stages {
        for drop in &stage.value.dropped_env {
            let below = base.stages.get_mut(name).map(|stage| &mut stage.value.env);
            if let Some(below) = below {
                if below.shift_remove(&drop.value).is_some() {
                    continue;
                }
                let known = below.keys().map(String::as_str);
                return Err(not_inherited(
                    "variable",
                    &drop.location,
                    &drop.value,
                    known,
                ));
            }
            return Err(not_inherited("variable", &drop.location, &drop.value, []));
        }
    }
    Ok(())
}

fn drop_stage(drop: &Located<StageName>, own: &Layer, base: &mut Layer) -> Result<()> {
    let stage = &drop.value;
    if base.stages.shift_remove(stage).is_none() {
        let known = base.stages.keys().map(StageName::as_str);
        return Err(not_inherited(
            "stage",
            &drop.location,
            stage.as_str(),
            known,
        ));
    }
    for (name, scenario) in &own.scenarios {
        let expected = scenario.value.expect.get(stage).map(|it| &it.location);
        let proven = || scenario.value.proofs.get(stage).map(|it| &it.location);
        if let Some(place) = expected.or_else(proven) {
            let (at, line) = (&drop.location.file, drop.location.line);
            let text = format!("scenario `{name}` still names stage `{stage}`, which is dropped");
            return Err(ConfigError::at(place.clone(), text).hint(format!(
                "remove it here, or remove `stage.{stage} = false` at {at}:{line}"
            )));
        }
    }
    for (name, scenario) in &mut base.scenarios {
        scenario.value.proofs.shift_remove(stage);
        let expected = scenario.value.expect.shift_remove(stage).is_some();
        let own = own.scenarios.get(name);
        let is_empty =
            scenario.value.expect.is_empty() && own.is_none_or(|own| own.value.expect.is_empty());
        if expected && is_empty {
            let text =
                format!("without stage `{stage}` the inherited scenario `{name}` expects nothing");
            return Err(ConfigError::at(drop.location.clone(), text).hint(format!(
                "drop it too (scenario.{name} = false), or give it an `expect` of another stage"
            )));
        }
    }
    if let Some(hooks) = &mut base.hooks {
        hooks.retain(|hook| hook != stage.as_str());
    }
    Ok(())
}

fn not_inherited<'a>(
    what: &str,
    place: &Location,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> ConfigError {
    let text = format!("there is no inherited {what} `{name}` to drop");
    let error = ConfigError::at(place.clone(), text);
    let known: Vec<&str> = known.into_iter().collect();
    if known.is_empty() {
        return error.hint(format!("remove the line: no {what} is inherited here"));
    }
    error.suggest(name, known, "inherited are")
}
