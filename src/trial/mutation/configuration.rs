//! The files of the consumer that configure its gate.

use std::path::{Path, PathBuf};

use crate::config::ConfigError;
use crate::config::own_patterns::{on_disk, unmatched_configuration};
use crate::model::Profile;
use crate::model::file_patterns::{FilePatterns, fits};
use crate::model::scenario::{Scenario, Seed};
use crate::model::text::shown;
use crate::mutation::{Unread, cannot_be_weakened, extended_by, gate_of};
use crate::sys::fs;
use crate::sys::git::Consumer;

/// Said if there is nothing to read.
const NONE: &str = "no file of the consumer configures its gate";

/// A tracked configuration of a known gate that no pattern covers.
pub(super) struct Uncovered {
    pub(super) file: PathBuf,
    /// The gate that it configures.
    pub(super) gate: &'static str,
}

/// Returns the tracked files that configure a gate we know, and that no pattern covers, in
/// git's order: those that could be weakened, and those that could not. Those of overlays
/// belong to scenarios.
pub(super) fn uncovered(
    profile: &Profile,
    consumer: &Consumer,
    read: &[PathBuf],
) -> (Vec<Uncovered>, Vec<Unread>) {
    let patterns = FilePatterns::new(&profile.configuration);
    let is_covered = |file: &Path| read.iter().any(|known| known == file) || patterns.covers(file);
    let is_laid_over = |file: &Path| {
        let mut seeds = profile.scenarios.values().map(|scenario| &scenario.seed);
        seeds.any(|seed| matches!(seed, Seed::Overlay(folder) if file.starts_with(folder)))
    };
    let files = consumer.tracked_files().into_iter();
    let known = files.filter_map(|file| {
        let text = || fs::read_text(consumer.root().join(&file)).unwrap_or_default();
        let gate = gate_of(&file, text)?;
        Some(Uncovered { file, gate })
    });
    let (mut uncovered, mut unread) = (Vec::new(), Vec::new());
    for one in known.filter(|one| !is_covered(&one.file) && !is_laid_over(&one.file)) {
        let content = fs::read(consumer.root().join(&one.file)).unwrap_or_default();
        match cannot_be_weakened(&one.file, &content) {
            Some(why) => unread.push(Unread {
                file: one.file,
                why,
            }),
            None => uncovered.push(one),
        }
    }
    (uncovered, unread)
}

/// Files with their content, and what is not among them.
pub(super) type Files = (Vec<(PathBuf, Vec<u8>)>, Vec<Unread>);

/// The files of the consumer that configure its gate, in the order of the
/// profile's patterns, and those that lefthook's extend. A lane has none but
/// those that git tracks, and what a link leads to may lie outside of it; what
/// the scenarios lay over or remove would be no weaker.
pub(super) fn read(
    profile: &Profile,
    replayed: &[&Scenario],
    consumer: &Consumer,
) -> Result<Files, ConfigError> {
    let (mut files, mut left_out): Files = Default::default();
    let mut known: Vec<PathBuf> = Vec::new();
    let patterns = FilePatterns::new(&profile.configuration);
    let mut next = matching(&patterns, consumer.root());
    let tracked = consumer.tracked_files();
    while !next.is_empty() {
        for name in std::mem::take(&mut next) {
            if known.contains(&name) || patterns.leaves(&name) {
                continue;
            }
            known.push(name.clone());
            if let Some(why) = no_part_of_a_lane(&name, replayed, profile, consumer) {
                left_out.push(Unread { file: name, why });
                continue;
            }
            let path = consumer.root().join(&name);
            let content = fs::read(&path)
                .map_err(|e| ConfigError::whole(format!("{} cannot be read: {e}", shown(&path))))?;
            files.push((name, content));
        }
        let extended = extended_by(&files);
        let is_new = |file: &&PathBuf| {
            !known.contains(file) && extended.iter().any(|pattern| fits(pattern, file))
        };
        next = tracked.iter().filter(is_new).cloned().collect();
        next.retain(|file| !patterns.leaves(file));
    }
    let unmatched = unmatched_configuration(profile, consumer).into_iter();
    // What is there and not tracked was named already.
    left_out.extend(unmatched.filter(|one| !one.is_untracked).map(|one| Unread {
        why: format!(
            "no file that git tracks matches this pattern ({}): {}",
            one.pattern.place,
            one.next()
        ),
        file: one.pattern.text.into(),
    }));
    if files.is_empty() {
        let (uncovered, programs) = uncovered(profile, consumer, &known);
        let text = match left_out.first().or(programs.first()) {
            Some(one) => format!("{NONE}; {}: {}", shown(&one.file), one.why),
            None => NONE.to_owned(),
        };
        let hint = match uncovered.first() {
            Some(one) => format!("name some: configuration = [\"{}\"]", shown(&one.file)),
            None => "name some: configuration = [\"lefthook.yml\", \".husky/*\"]".to_owned(),
        };
        return Err(ConfigError::whole(text).hint(hint));
    }
    Ok((files, left_out))
}

/// The files below the consumer that a pattern matches, in the order of the patterns.
fn matching(patterns: &FilePatterns, root: &Path) -> Vec<PathBuf> {
    let named = patterns.named().iter();
    let found = named.flat_map(|pattern| on_disk(root, pattern));
    let files = found.filter(|path| path.is_file());
    files
        .filter_map(|path| Some(path.strip_prefix(root).ok()?.to_owned()))
        .collect()
}

/// Returns the reason why a weakened file would show in no lane, if there is one.
fn no_part_of_a_lane(
    name: &Path,
    replayed: &[&Scenario],
    profile: &Profile,
    consumer: &Consumer,
) -> Option<String> {
    if !consumer.tracks_file(name) {
        return Some("it is not a file that git tracks".to_owned());
    }
    let mut scenarios = replayed.iter();
    let is_replaced = scenarios.all(|scenario| is_replaced(name, scenario, &profile.root));
    is_replaced.then(|| {
        let whose = match replayed.len() {
            1 => "the scenario that is replayed has",
            _ => "all scenarios that are replayed have",
        };
        format!("{whose} one of its own")
    })
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
