//! The rules for overlays.

use std::io;
use std::path::{Component, Path, PathBuf};

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

/// Returns the real folder of an overlay that a fetched repository brings.
///
/// Its files are copied into lanes, so it must not lead to other files of the machine:
/// neither the folder itself, nor a link in it.
///
/// # Errors
/// A sentence that names what leads out.
pub(super) fn within(folder: &Path, repository: &Path) -> Result<PathBuf, String> {
    let unread = |e: io::Error| format!("{}: {e}", shown(folder));
    let real = folder.canonicalize().map_err(unread)?;
    if !real.starts_with(repository) {
        let link = folder.strip_prefix(repository).unwrap_or(folder);
        return Err(format!("{} leads out of its repository", shown(link)));
    }
    for file in fs::list_tree(&real).map_err(unread)? {
        // What is no link cannot be read as one.
        let Ok(target) = std::fs::read_link(real.join(&file)) else {
            continue;
        };
        if !stays_below(&file, &target) {
            let text = format!("{} is a link out of it: {}", shown(&file), shown(&target));
            return Err(text);
        }
    }
    Ok(real)
}

/// True if a link below a folder cannot lead out of it, wherever the folder is laid.
fn stays_below(link: &Path, target: &Path) -> bool {
    let mut above = link.components().count() - 1;
    let mut is_down = false;
    target.components().all(|part| match part {
        Component::CurDir => true,
        Component::Normal(_) => {
            is_down = true;
            true
        }
        // Behind another link it could be the folder above any other.
        Component::ParentDir if !is_down && above > 0 => {
            above -= 1;
            true
        }
        _ => false,
    })
}

fn is_git_folder(part: Component<'_>) -> bool {
    part.as_os_str().eq_ignore_ascii_case(".git")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_stays_below_the_folder_that_has_it() {
        for (link, target, expected) in [
            ("a", "b", true),
            ("deep/a", "../b/c", true),
            ("deep/a", "./b", true),
            ("a", "../b", false),
            ("deep/a", "../../b", false),
            ("deep/a", "b/../c", false),
            ("a", "/etc/passwd", false),
        ] {
            let stays = stays_below(Path::new(link), Path::new(target));
            assert_eq!(stays, expected, "{link} -> {target}");
        }
    }
}
