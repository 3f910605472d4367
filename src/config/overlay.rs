//! The rules for overlays.

use std::io;
use std::path::{Component, Path};

use super::error::ConfigError;
use crate::model::ScenarioName;
use crate::model::profile::Profile;
use crate::model::scenario::Seed;
use crate::model::text::shown;
use crate::sys::fs;
use crate::sys::git::Consumer;

const ADD: &str = "add it by force (git add -f), or remove the rule from .gitignore";

/// Checks every overlay of a profile.
///
/// An overlay belongs to the clean baseline, so none of its files may be ignored, and
/// none may reach into `.git`.
///
/// # Errors
/// If an overlay breaks a rule, or cannot be read.
pub fn check_overlays(profile: &Profile, consumer: &Consumer) -> Result<(), ConfigError> {
    let inherited = profile.inherited_files.iter().map(|file| &**file);
    let mut files = profile.file.as_deref().into_iter().chain(inherited);
    let ignored = files.find_map(|file| {
        let below = file.strip_prefix(consumer.root()).ok()?;
        consumer.ignores(below).then_some(below)
    });
    if let Some(file) = ignored {
        let text = format!(
            "git ignores {}, so it is not part of the baseline",
            shown(file)
        );
        return Err(ConfigError::whole(text).hint(ADD));
    }
    for (name, scenario) in &profile.scenarios {
        if let Seed::Overlay(folder) = &scenario.seed {
            check_one(name, &profile.root.join(folder), consumer)?;
        }
    }
    Ok(())
}

fn check_one(name: &ScenarioName, folder: &Path, consumer: &Consumer) -> Result<(), ConfigError> {
    let wrong =
        |text: String| ConfigError::whole(format!("the overlay of scenario `{name}`: {text}"));
    let unread = |e: io::Error| wrong(format!("{}: {e}", shown(folder)));
    let files = fs::list_tree(folder).map_err(unread)?;
    let real = folder.canonicalize().map_err(unread)?;
    let below = real.strip_prefix(consumer.root()).ok();
    if below.is_none() && folder.starts_with(consumer.root()) {
        return Err(wrong(format!(
            "{} is a link out of the consumer",
            shown(folder)
        )));
    }
    for file in files {
        if file.components().any(is_git_folder) {
            return Err(wrong(format!("{} would write into .git", shown(file))));
        }
        if below.is_some_and(|below| consumer.ignores(&below.join(&file))) {
            let file = shown(real.join(&file));
            let error = wrong(format!(
                "git ignores {file}, so it is not part of the baseline"
            ));
            return Err(error.hint(ADD));
        }
    }
    Ok(())
}

fn is_git_folder(part: Component<'_>) -> bool {
    part.as_os_str().eq_ignore_ascii_case(".git")
}
