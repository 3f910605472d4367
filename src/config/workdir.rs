//! The folder that the commands of a profile run in.

use std::path::Path;

use super::error::{ConfigError, Result};
use super::layer::{Layer, VersionCheck};
use crate::model::command::CommandTemplate;
use crate::model::scenario::Seed;

/// Checks that the folders which the whole configuration names are those of the consumer.
///
/// # Errors
/// If one is not.
pub(super) fn check(layer: &Layer, repo_root: &Path) -> Result<()> {
    let named = layer.workdir.iter().chain(&layer.server_hooks);
    for folder in named {
        if !repo_root.join(&folder.value).is_dir() {
            let text = format!("there is no folder `{}` in the consumer", folder.value);
            return Err(ConfigError::at(folder.location.clone(), text)
                .hint("name a folder that is committed, relative to the root of the repository"));
        }
    }
    Ok(())
}

/// Gives every command its folder: its own, else that of the whole configuration.
///
/// # Errors
/// If a stage that git drives has one: `git commit` and `git push` are run in the root.
pub(super) fn fill(mut layer: Layer) -> Result<Layer> {
    let whole = layer.workdir.take().map(|folder| folder.value);
    let set = |command: &mut CommandTemplate, own: Option<String>| {
        let folder = own.or_else(|| whole.clone());
        command.workdir = folder.filter(|folder| folder != ".");
    };
    let steps = layer.install.iter_mut().chain(&mut layer.activate);
    for step in steps.flatten() {
        let own = step.command.workdir.take();
        set(&mut step.command, own);
    }
    if let Some(VersionCheck::By(command)) = &mut layer.version {
        set(command, None);
    }
    if let Some(seed) = &mut layer.baseline {
        set(seed, None);
    }
    for scenario in layer.scenarios.values_mut() {
        if let Some(Seed::Command(command)) =
            scenario.value.seed.as_mut().map(|seed| &mut seed.value)
        {
            set(command, None);
        }
    }
    for (name, stage) in &mut layer.stages {
        let own = stage.value.workdir.take();
        if own.is_some() && stage.value.by_git == Some(true) {
            let text = format!("stage `{name}` is driven by git and has a `workdir`");
            return Err(ConfigError::at(stage.location.clone(), text)
                .hint("remove it: git commits and pushes in the root of the repository"));
        }
        if let Some(run) = &mut stage.value.run {
            set(run, own);
        }
    }
    Ok(layer)
}
