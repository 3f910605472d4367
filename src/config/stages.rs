//! Demands of scenarios, checked against the stages that are declared.

use indexmap::IndexMap;

use super::error::{ConfigError, Result};
use super::layer::ProofLayer;
use super::text::{Located, Location};
use crate::model::proof::{EvidenceDemand, FileDemands};
use crate::model::template::Template;
use crate::model::{Expectation, On, Proof, ScenarioName, Stage, StageName};

/// Returns what a scenario expects of the stages, in their order.
///
/// It may leave out a stage, which its lane then does not run, but not all.
pub(super) fn expectations(
    scenario: &ScenarioName,
    mut given: IndexMap<StageName, Located<Expectation>>,
    stages: &IndexMap<StageName, Stage>,
    location: &Location,
) -> Result<IndexMap<StageName, Expectation>> {
    if let Some((unknown, located)) = given.iter().find(|(stage, _)| !stages.contains_key(*stage)) {
        return Err(unknown_stage(unknown, &located.location, stages));
    }
    if let (true, Some(stage)) = (given.is_empty(), stages.keys().next()) {
        let error = format!("scenario `{scenario}` expects nothing of stage `{stage}`");
        return Err(ConfigError::at(location.clone(), error).hint(to_add(stage)));
    }
    let of_stage = |stage: &StageName| Some((stage.clone(), given.shift_remove(stage)?.value));
    Ok(stages.keys().filter_map(of_stage).collect())
}

/// Returns the places where the expectations of a scenario stand, in words.
pub(super) fn expected_at(
    given: &IndexMap<StageName, Located<Expectation>>,
) -> IndexMap<StageName, String> {
    let place = |at: &Location| match at.file.strip_prefix("the built-in profile ") {
        Some(gate) => format!("built-in {gate}"),
        None => format!("{}:{}", at.file, at.line),
    };
    let given = given.iter();
    given
        .map(|(stage, it)| (stage.clone(), place(&it.location)))
        .collect()
}

/// Returns the error of a stage that no scenario expects anything of: it would
/// never run.
pub(super) fn untried(stage: &StageName, location: &Location) -> ConfigError {
    let error = format!("no scenario expects anything of stage `{stage}`");
    ConfigError::at(location.clone(), error).hint(to_add(stage))
}

/// Checks that a stage which is called like a hook launches it: its cells would look like
/// decisions of a hook that never ran.
pub(super) fn hook_is_launched(name: &StageName, stage: &Stage, location: &Location) -> Result<()> {
    let (Some(on), Some(own)) = (stage.on(), On::of_hook(name.as_str())) else {
        return Ok(());
    };
    if stage.launches(name) {
        return Ok(());
    }
    let word = |of: On| {
        On::ALL
            .iter()
            .find(|(on, _)| *on == of)
            .map_or("", |(_, word)| *word)
    };
    let (on, own) = (word(on), word(own));
    let error =
        format!("stage `{name}` is called like a hook that `on = \"{on}\"` does not launch");
    Err(ConfigError::at(location.clone(), error)
        .hint(format!("name the stage otherwise, or set on = \"{own}\"")))
}

fn to_add(stage: &StageName) -> String {
    format!("add: expect = {{ {stage} = 0 }} for a change that must pass, 1 for one that must not")
}

/// Returns the proof that a stage demands of every scenario.
pub(super) fn stage_proof(
    name: &StageName,
    layer: ProofLayer,
    location: &Location,
) -> Result<Proof> {
    proof(layer, None).ok_or_else(|| no_file(name, location))
}

/// Returns the further proofs that a scenario demands, by stage.
pub(super) fn scenario_proofs(
    layers: IndexMap<StageName, Located<ProofLayer>>,
    stages: &IndexMap<StageName, Stage>,
) -> Result<IndexMap<StageName, Proof>> {
    let mut proofs = IndexMap::new();
    for (name, Located { value, location }) in layers {
        let Some(stage) = stages.get(&name) else {
            return Err(unknown_stage(&name, &location, stages));
        };
        let file = stage.proof.evidence.as_ref().map(|demand| &demand.file);
        let proof = proof(value, file).ok_or_else(|| no_file(&name, &location))?;
        proofs.insert(name, proof);
    }
    Ok(proofs)
}

/// Joins the parts of a proof; none if something is asserted of no file.
fn proof(layer: ProofLayer, file_of_stage: Option<&Template>) -> Option<Proof> {
    let asserts = layer.asserts.unwrap_or_default();
    let evidence = match layer.file {
        Some(file) => Some(EvidenceDemand { file, asserts }),
        None if asserts.is_empty() => None,
        None => Some(EvidenceDemand {
            file: file_of_stage?.clone(),
            asserts,
        }),
    };
    Some(Proof {
        marker: layer.marker,
        files: FileDemands {
            exist: layer.exist.unwrap_or_default(),
            new: layer.new.unwrap_or_default(),
            unchanged: layer.unchanged.unwrap_or_default(),
        },
        evidence,
    })
}

fn no_file(stage: &StageName, location: &Location) -> ConfigError {
    let message = format!("the evidence of stage `{stage}` names no file");
    ConfigError::at(location.clone(), message).hint("add: file = \"FILE.json\"")
}

fn unknown_stage(
    unknown: &StageName,
    location: &Location,
    stages: &IndexMap<StageName, Stage>,
) -> ConfigError {
    let known = stages.keys().map(StageName::as_str);
    ConfigError::at(location.clone(), format!("unknown stage `{unknown}`")).suggest(
        unknown.as_str(),
        known,
        "declared are",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expectation_stands_in_a_file_or_in_a_built_in_profile() {
        let at = |file: &str| Located {
            value: Expectation::exit(1),
            location: Location {
                file: file.to_owned(),
                line: 14,
                column: 1,
                source: String::new(),
                indent: 0,
                width: 1,
            },
        };
        let name = |name: &str| name.parse::<StageName>().unwrap();
        let given = IndexMap::from([
            (name("ci"), at("matrix.toml")),
            (name("pre-push"), at("the built-in profile lefthook")),
        ]);
        let places: Vec<_> = expected_at(&given).into_values().collect();
        assert_eq!(places, ["matrix.toml:14", "built-in lefthook"]);
    }
}
