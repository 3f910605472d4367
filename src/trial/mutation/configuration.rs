//! The files of the consumer that configure its gate.

use std::path::{Path, PathBuf};

use crate::config::ConfigError;
use crate::model::Profile;
use crate::model::scenario::{Scenario, Seed};
use crate::model::text::shown;
use crate::mutation::{Unread, gate_of};
use crate::sys::git::Consumer;

/// Before a pattern of files that are left as they are.
const NOT: char = '!';

/// A tracked configuration of a known gate that no pattern covers.
pub(super) struct Uncovered {
    pub(super) file: PathBuf,
    /// The gate that it configures.
    pub(super) gate: &'static str,
}

/// Returns the tracked files that configure a gate we know, and that no pattern covers, in
/// git's order. Those of overlays belong to scenarios.
pub(super) fn uncovered(profile: &Profile, consumer: &Consumer) -> Vec<Uncovered> {
    let is_covered = |file: &Path| {
        let mut patterns = profile.configuration.iter();
        patterns.any(|pattern| fits(pattern.strip_prefix(NOT).unwrap_or(pattern), file))
    };
    let is_laid_over = |file: &Path| {
        let mut seeds = profile.scenarios.values().map(|scenario| &scenario.seed);
        seeds.any(|seed| matches!(seed, Seed::Overlay(folder) if file.starts_with(folder)))
    };
    let files = consumer.tracked_files().into_iter();
    let known = files.filter_map(|file| {
        let text = || std::fs::read_to_string(consumer.root().join(&file)).unwrap_or_default();
        let gate = gate_of(&file, text)?;
        Some(Uncovered { file, gate })
    });
    known
        .filter(|one| !is_covered(&one.file) && !is_laid_over(&one.file))
        .collect()
}

/// True if a pattern of the profile matches a file, as it would below the consumer.
fn fits(pattern: &str, file: &Path) -> bool {
    let options = glob::MatchOptions {
        require_literal_separator: true,
        ..glob::MatchOptions::new()
    };
    glob::Pattern::new(pattern).is_ok_and(|pattern| pattern.matches_path_with(file, options))
}

/// Files with their content, and what is not among them.
pub(super) type Files = (Vec<(PathBuf, Vec<u8>)>, Vec<Unread>);

/// The files of the consumer that configure its gate, in the order of the
/// profile's patterns. A lane has none but those that git tracks, and what a
/// link leads to may lie outside of it; what the scenario lays over or removes
/// would be no weaker.
pub(super) fn read(
    profile: &Profile,
    replayed: &[&Scenario],
    consumer: &Consumer,
) -> Result<Files, ConfigError> {
    let root = consumer.root();
    let (mut files, mut left_out): Files = Default::default();
    let escaped = glob::Pattern::escape(&root.to_string_lossy());
    let patterns = || {
        let all = profile.configuration.iter();
        all.map(|pattern| pattern.strip_prefix(NOT).ok_or(pattern))
    };
    let left_alone: Vec<_> = patterns().filter_map(Result::ok).collect();
    for pattern in patterns().filter_map(Result::err) {
        let found = glob::glob(&format!("{escaped}/{pattern}")).into_iter();
        for path in found.flatten().flatten().filter(|path| path.is_file()) {
            let Ok(name) = path.strip_prefix(root) else {
                continue;
            };
            let taken = files.iter().map(|(known, _)| known);
            let mut known = taken.chain(left_out.iter().map(|unread| &unread.file));
            if known.any(|known| known == name) || left_alone.iter().any(|left| fits(left, name)) {
                continue;
            }
            if !consumer.tracks_file(name) {
                left_out.push(Unread {
                    file: name.to_owned(),
                    why: "it is not a file that git tracks".to_owned(),
                });
                continue;
            }
            if replayed
                .iter()
                .all(|scenario| is_replaced(name, scenario, &profile.root))
            {
                let whose = match replayed.len() {
                    1 => "the scenario that is replayed has",
                    _ => "all scenarios that are replayed have",
                };
                left_out.push(Unread {
                    file: name.to_owned(),
                    why: format!("{whose} one of its own"),
                });
                continue;
            }
            let content = std::fs::read(&path)
                .map_err(|e| ConfigError::whole(format!("{} cannot be read: {e}", shown(&path))))?;
            files.push((name.to_owned(), content));
        }
    }
    if files.is_empty() {
        let text = match left_out.first() {
            Some(one) => format!("{}: {}", shown(&one.file), one.why),
            None => "no file of the consumer configures its gate".to_owned(),
        };
        let hint = match uncovered(profile, consumer).first() {
            Some(one) => format!("name some: configuration = [\"{}\"]", shown(&one.file)),
            None => "name some: configuration = [\"lefthook.yml\", \".husky/*\"]".to_owned(),
        };
        return Err(ConfigError::whole(text).hint(hint));
    }
    Ok((files, left_out))
}

/// True if a scenario replaces a file, or removes it.
pub(super) fn is_replaced(file: &Path, scenario: &Scenario, root: &Path) -> bool {
    let removed = scenario.remove.iter().any(|path| file.starts_with(path));
    let laid_over = match &scenario.seed {
        Seed::Overlay(folder) => root.join(folder).join(file).symlink_metadata().is_ok(),
        Seed::Command(_) | Seed::Nothing => false,
    };
    removed || laid_over
}
