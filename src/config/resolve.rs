//! Turns the merged layer into a profile, and checks what only the whole can show.

use std::path::PathBuf;

use indexmap::IndexMap;

use super::error::{ConfigError, Result};
use super::layer::{Layer, RetentionLayer, ScenarioLayer, StageLayer, VersionCheck};
use super::package::{self, Given, commands};
use super::stages::{
    expectations, expected_at, hook_is_launched, scenario_proofs, stage_proof, untried,
};
use super::text::Located;
use super::workdir;
use crate::model::command::CommandTemplate;
use crate::model::names::base_ref;
use crate::model::profile::{Profile, Retention};
use crate::model::sabotage::Sabotage;
use crate::model::scenario::{Scenario, Seed};
use crate::model::stage::{Drive, Stage};
use crate::model::step::ProfileStep;
use crate::model::text::shown;
use crate::model::{Alteration, On, ScenarioName, StageName, Template, Violation};

pub(super) fn resolve(
    layer: Layer,
    given: &Given<'_>,
    root: PathBuf,
    file: Option<PathBuf>,
    sha256: String,
) -> Result<Profile> {
    let gate = layer.gate.clone().ok_or_else(|| {
        ConfigError::whole("the configuration names no gate").hint("add: gate = \"NAME\"")
    })?;
    // In this order errors are reported, the most basic first.
    let workdir = layer.workdir.as_ref().map(|folder| folder.value.clone());
    let layer = workdir::fill(layer)?;
    let (package, package_from) = package::chosen(&gate, given, &layer)?;
    let (companions, companions_from) = package::companions(given, &layer).into_iter().unzip();
    let unread_locks = package::unread_locks(given, &layer);
    unique_ids(commands(&layer))?;
    check_shape(&layer)?;
    let programs = layer.programs.unwrap_or_default();
    let place =
        |(name, stage): (&StageName, &Located<StageLayer>)| (name.clone(), stage.location.clone());
    let places: Vec<_> = layer.stages.iter().map(place).collect();
    let stages = stages(layer.stages, &programs)?;
    for (name, place) in &places {
        hook_is_launched(name, &stages[name], place)?;
    }
    let scenarios = scenarios(layer.scenarios, &stages, &root)?;
    let is_tried = |stage| scenarios.values().any(|one| one.expect.contains_key(stage));
    if let Some((stage, place)) = places.iter().find(|(stage, _)| !is_tried(stage)) {
        return Err(untried(stage, place));
    }
    Ok(Profile {
        gate,
        inherits: None,
        inherited: Vec::new(),
        inherited_files: Vec::new(),
        sabotages: sabotages(layer.sabotages, &scenarios)?,
        package,
        package_from,
        registry: layer.registry.unwrap_or_default(),
        companions,
        companions_from,
        unread_locks,
        tools: layer.tools.unwrap_or_default(),
        pass_env: layer.pass_env.unwrap_or_default(),
        branch: layer.branch,
        workdir: workdir.filter(|folder| folder != "."),
        version: match layer.version {
            Some(VersionCheck::By(command)) => Some(command),
            Some(VersionCheck::Off) | None => None,
        },
        hooks: layer.hooks.unwrap_or_default(),
        server_hooks: layer.server_hooks.map(|folder| folder.value),
        configuration: layer.configuration.unwrap_or_default(),
        install: layer.install.unwrap_or_default(),
        activate: layer.activate.unwrap_or_default(),
        baseline: layer.baseline,
        commits_installation: layer.commits_installation.unwrap_or(true),
        stages,
        scenarios,
        retention: retention(layer.retention),
        fresh_clone: layer.fresh_clone.unwrap_or(true),
        requires_sandbox: layer.requires_sandbox.unwrap_or(false),
        package_base: root.clone(),
        root,
        file,
        sha256,
    })
}

/// Checks that there is something to run, on a branch that no scenario needs.
fn check_shape(layer: &Layer) -> Result<()> {
    let missing = match (layer.stages.is_empty(), layer.scenarios.is_empty()) {
        (true, _) => Some("stage"),
        (false, true) => Some("scenario"),
        (false, false) => None,
    };
    if let Some(missing) = missing {
        return Err(
            ConfigError::whole(format!("the configuration has no [{missing}.…]"))
                .hint("inherit a built-in profile with `inherits`, or see `matrix init`"),
        );
    }
    let is_base = |branch: &&String| {
        layer
            .scenarios
            .keys()
            .any(|name| **branch == base_ref(name))
    };
    match layer.branch.as_ref().filter(is_base) {
        Some(branch) => Err(
            ConfigError::whole(format!("`{branch}` cannot be the lane's branch"))
                .hint("a scenario's base has that name: choose another branch"),
        ),
        None => Ok(()),
    }
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

/// Checks that no two steps share an id: it names the step's log too.
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

/// Checks the names of sabotages: their lanes have them, as those of scenarios do.
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

/// Resolves the stages. A stage that names no programs has those of the whole profile.
fn stages(
    layers: IndexMap<StageName, Located<StageLayer>>,
    programs: &[Template],
) -> Result<IndexMap<StageName, Stage>> {
    let resolved = |(name, mut layer): (StageName, Located<StageLayer>)| {
        let own = layer.value.programs.take();
        let programs = own.unwrap_or_else(|| programs.to_vec());
        Ok((name.clone(), stage(&name, layer, programs)?))
    };
    layers.into_iter().map(resolved).collect()
}

fn stage(name: &StageName, layer: Located<StageLayer>, programs: Vec<Template>) -> Result<Stage> {
    let Located { value, location } = layer;
    let wrong =
        |message: String, hint: &str| Err(ConfigError::at(location.clone(), message).hint(hint));
    // A stage with the name of a hook runs at the moment of that hook.
    let on = value.on.or(On::of_hook(name.as_str()));
    if value.by_git == Some(false) && value.args.is_some() {
        return wrong(
            format!("stage `{name}` has `args`, which are words for git"),
            "put them into `run`, or write drive = \"git\"",
        );
    }
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
                format!("stage `{name}` is driven by git and has a command too"),
                "remove `run`, or write drive = \"command\"",
            );
        }
        (Some(true), None) => match on {
            Some(on) => (Drive::Git(on), CommandTemplate::from_words(&[])),
            None => {
                return wrong(
                    format!("stage `{name}` does not say if git commits or pushes"),
                    "add: on = \"commit\", \"push\" or another of git's commands (docs/configuration.md, Stages)",
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
    // Also for a command: it may stand in for a hook of `git commit`.
    let before_commit = on.is_some_and(On::is_staged);
    Ok(Stage {
        drive,
        before_commit,
        command,
        args: value.args.unwrap_or_default(),
        network: value.network.unwrap_or_default(),
        programs,
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
                .hint("create the folder, with the files to copy over the consumer; `matrix init` writes an example"));
        }
        // Demands of stages that are not declared are errors, not ignored.
        let expected_at = expected_at(&value.expect);
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
                .hint("name a message that the gate accepts"));
        }
        let scenario = Scenario {
            seed: value.seed.map_or(Seed::Nothing, |seed| seed.value),
            remove: value.remove.unwrap_or_default(),
            add: value.add,
            message,
            tag: value.tag.unwrap_or_else(|| format!("matrix-{name}")),
            delete: value.delete.unwrap_or_else(|| format!("matrix-{name}")),
            expect,
            expected_at,
            reason: value.reason,
            violation: value.violation.map(|violation| violation.value),
            alteration: Alteration::default(),
            proofs,
        };
        scenarios.insert(name, scenario);
    }
    Ok(scenarios)
}
