//! What an overlay may hold.

use std::path::{Component, Path};

use super::error::ConfigError;
use crate::model::profile::{Profile, Seed};
use crate::sys::fs;
use crate::sys::git::Consumer;

/// Looks at every overlay of a profile: it belongs to the clean baseline, so
/// none of its files may be ignored, and none may reach into `.git`.
///
/// # Errors
/// If one does, or cannot be read.
pub fn check_overlays(profile: &Profile, consumer: &Consumer) -> Result<(), ConfigError> {
    for (name, scenario) in &profile.scenarios {
        if let Seed::Overlay(folder) = &scenario.seed {
            check_one(&profile.root.join(folder), consumer).map_err(|e| {
                ConfigError::whole(format!("the overlay of scenario `{name}`: {e}"))
            })?;
        }
    }
    Ok(())
}

fn check_one(folder: &Path, consumer: &Consumer) -> Result<(), String> {
    let files = fs::list_tree(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let folder = folder
        .canonicalize()
        .map_err(|e| format!("{}: {e}", folder.display()))?;
    let below = folder.strip_prefix(consumer.root()).ok();
    for file in files {
        if file.components().any(is_git_folder) {
            return Err(format!("{} would write into .git", file.display()));
        }
        if below.is_some_and(|below| consumer.ignores(&below.join(&file))) {
            return Err(format!(
                "git ignores {}, so it is not part of the baseline\n  \
                 add it by force (git add -f), or take the rule out of .gitignore",
                folder.join(&file).display()
            ));
        }
    }
    Ok(())
}

fn is_git_folder(part: Component<'_>) -> bool {
    part.as_os_str().eq_ignore_ascii_case(".git")
}
