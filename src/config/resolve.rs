//! What only the whole can show.

use std::path::PathBuf;

use indexmap::IndexMap;

use super::error::{ConfigError, Result};
use super::layer::{Layer, On, PackageChoice, RetentionLayer, ScenarioLayer, StageLayer};
use super::stages::{expectations, scenario_proofs, stage_proof};
use super::text::Located;
use crate::model::command::{CommandTemplate, Placeholder};
use crate::model::names::base_ref;
use crate::model::profile::{Drive, Profile, ProfileStep, Retention, Scenario, Seed, Stage};
use crate::model::sabotage::Sabotage;
use crate::model::text::shown;
use crate::model::{Alteration, PackageSpec, ScenarioName, StageName, Template, Violation};

pub(super) fn resolve(
    layer: Layer,
    package: Option<&PackageSpec>,
    root: PathBuf,
    file: Option<PathBuf>,
    sha256: String,
) -> Result<Profile> {
    let gate = layer.gate.ok_or_else(|| {
        ConfigError::whole("the configuration names no gate").hint("add: gate = \"NAME\"")
    })?;
    let of_file = layer.package.and_then(|choice| match choice {
        PackageChoice::InConsumer => None,
        PackageChoice::Spec(spec) => Some(spec),
    });
    let package = package.cloned().or(of_file);
    let install = layer.install.unwrap_or_default();
    let activate = layer.activate.unwrap_or_default();
    let steps = install.iter().chain(&activate).map(|step| &step.command);
    let runs = layer
        .stages
        .values()
        .filter_map(|stage| stage.value.run.as_ref());
    let uses = steps.chain(runs).any(uses_package);
    if let (None, true) = (&package, uses) {
        return Err(ConfigError::whole(format!(
            "the gate `{gate}` is installed from a package, and none is named"
        ))
        .hint("add: package = \"NAME@VERSION\", or pass --package"));
    }
    if let (Some(package), false) = (&package, uses) {
        // Else a run would pass in the name of a package that nothing installed.
        return Err(ConfigError::whole(format!(
            "no command of the gate `{gate}` takes the package `{}`",
            package.as_str()
        ))
        .hint("put {package_spec} into the command that installs it, or name no package"));
    }
    unique_ids(install.iter().chain(&activate))?;
    if layer.stages.is_empty() || layer.scenarios.is_empty() {
        let missing = if layer.stages.is_empty() {
            "stage"
        } else {
            "scenario"
        };
        return Err(
            ConfigError::whole(format!("the configuration has no [{missing}.…]"))
                .hint("inherit a built-in profile with `inherits`, or see `matrix init`"),
        );
    }
    if let Some(branch) = &layer.branch
        && layer.scenarios.keys().any(|name| *branch == base_ref(name))
    {
        return Err(
            ConfigError::whole(format!("`{branch}` cannot be the lane's branch"))
                .hint("a scenario's base has that name: choose another branch"),
        );
    }
    let programs = layer.programs.unwrap_or_default();
    let stages = stages(layer.stages, &programs)?;
    let scenarios = scenarios(layer.scenarios, &stages, &root)?;
    let inherits = layer
        .inherits
        .map(|profile| profile.value.name().to_owned());
    Ok(Profile {
        gate,
        inherits,
        sabotages: sabotages(layer.sabotages, &scenarios)?,
        package,
        registry: layer.registry.unwrap_or_default(),
        companions: layer.companions.unwrap_or_default(),
        tools: layer.tools.unwrap_or_default(),
        pass_env: layer.pass_env.unwrap_or_default(),
        branch: layer.branch,
        version: layer.version,
        hooks: layer.hooks.unwrap_or_default(),
        configuration: layer.configuration.unwrap_or_default(),
        install,
        activate,
        baseline: layer.baseline,
        stages,
        scenarios,
        retention: retention(layer.retention),
        package_base: root.clone(),
        root,
        file,
        sha256,
    })
}

fn retention(layer: RetentionLayer) -> Retention {
    let default = Retention::default();
    let runs = layer.runs.and_then(|runs| usize::try_from(runs).ok());
    Retention {
        runs: runs.unwrap_or(default.runs),
        mib: layer.mib.unwrap_or(default.mib),
        days: layer.days.unwrap_or(default.days),
    }
}

/// A step's id names its log too.
fn unique_ids<'a>(steps: impl Iterator<Item = &'a ProfileStep>) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    for step in steps {
        if !seen.insert(&step.id) {
            return Err(
                ConfigError::whole(format!("two steps have the id `{}`", step.id))
                    .hint("give each [[install]] and [[activate]] a `step` of its own"),
            );
        }
    }
    Ok(())
}

/// The lane of a sabotage has its id for a name, as that of a scenario has.
fn sabotages(
    all: Vec<Located<Sabotage>>,
    scenarios: &IndexMap<ScenarioName, Scenario>,
) -> Result<Vec<Sabotage>> {
    if let Some(one) = all.iter().find(|one| scenarios.contains_key(&one.value.id)) {
        let text = format!("`{}` is the name of a scenario", one.value.id);
        return Err(
            ConfigError::at(one.location.clone(), text).hint("give the sabotage another id")
        );
    }
    Ok(all.into_iter().map(|one| one.value).collect())
}

fn uses_package(command: &CommandTemplate) -> bool {
    command.uses(Placeholder::PackageSpec)
}

/// A stage that names no programs has those of the whole profile.
fn stages(
    layers: IndexMap<StageName, Located<StageLayer>>,
    programs: &[Template],
) -> Result<IndexMap<StageName, Stage>> {
    let stage = |(name, mut layer): (StageName, Located<StageLayer>)| {
        let own = layer.value.programs.take();
        let mut stage = stage(&name, layer)?;
        stage.programs = own.unwrap_or_else(|| programs.to_vec());
        Ok((name, stage))
    };
    layers.into_iter().map(stage).collect()
}

fn stage(name: &StageName, layer: Located<StageLayer>) -> Result<Stage> {
    let Located { value, location } = layer;
    let wrong =
        |message: String, hint: &str| Err(ConfigError::at(location.clone(), message).hint(hint));
    let default_on = match name.as_str() {
        "pre-commit" | "prepare-commit-msg" | "commit-msg" | "post-commit" => Some(On::Commit),
        "pre-push" => Some(On::Push),
        _ => None,
    };
    let on = value.on.or(default_on);
    let (drive, mut command) = match (value.by_git, value.run) {
        (Some(false), Some(command)) => (Drive::Command, command),
        (Some(false), None) => {
            return wrong(
                format!("stage `{name}` has no command"),
                "add: run = [\"PROGRAM\", …]",
            );
        }
        (Some(true), Some(_)) => {
            return wrong(
                format!("stage `{name}` is played by git and has a command too"),
                "take `run` out, or write drive = \"command\"",
            );
        }
        (Some(true), None) => match on {
            Some(On::Commit) => (Drive::Commit, CommandTemplate::own(&[])),
            Some(On::Push) => (Drive::Push, CommandTemplate::own(&[])),
            None => {
                return wrong(
                    format!("stage `{name}`: does git commit or push?"),
                    "add: on = \"commit\" or on = \"push\"",
                );
            }
        },
        (None, _) => {
            return wrong(
                format!("stage `{name}` has no drive"),
                "add: drive = \"git\" or drive = \"command\"",
            );
        }
    };
    let proof = stage_proof(name, value.proof, &location)?;
    command.env = value.env;
    command.timeout = value.timeout;
    command.weight = value.weight.unwrap_or(1);
    let before_commit = on == Some(On::Commit);
    Ok(Stage {
        drive,
        before_commit,
        command,
        network: value.network.unwrap_or_default(),
        programs: Vec::new(),
        proof,
    })
}

fn scenarios(
    layers: IndexMap<ScenarioName, Located<ScenarioLayer>>,
    stages: &IndexMap<StageName, Stage>,
    root: &std::path::Path,
) -> Result<IndexMap<ScenarioName, Scenario>> {
    let mut scenarios = IndexMap::new();
    for (name, Located { value, location }) in layers {
        if let Some(seed) = &value.seed
            && let Some(folder) = seed.overlay(root)
            && !folder.is_dir()
        {
            let error = format!(
                "the overlay of scenario `{name}` is missing: {}",
                shown(folder)
            );
            return Err(ConfigError::at(seed.location.clone(), error)
                .hint("make the folder, with the files to lay over the consumer; `matrix init` writes an example"));
        }
        let expect = expectations(&name, value.expect, stages, &location)?;
        let proofs = scenario_proofs(value.proofs, stages)?;
        let message = value
            .message
            .unwrap_or_else(|| format!("test: the {name} scenario"));
        if let Some(violation) = &value.violation
            && matches!(&violation.value, Violation::Message(good) if *good == message)
        {
            let error = format!("this is the message of scenario `{name}` itself");
            return Err(ConfigError::at(violation.location.clone(), error)
                .hint("name a message that the gate lets through"));
        }
        let scenario = Scenario {
            seed: value.seed.map_or(Seed::Nothing, |seed| seed.value),
            remove: value.remove.unwrap_or_default(),
            add: value.add,
            message,
            expect,
            reason: value.reason,
            violation: value.violation.map(|violation| violation.value),
            alteration: Alteration::default(),
            proofs,
        };
        scenarios.insert(name, scenario);
    }
    Ok(scenarios)
}
