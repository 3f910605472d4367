//! The patterns of files that the consumer's own configuration names, with their lines.
//!
//! Those of a profile are made for any consumer: most match nothing in the one at hand.

use std::path::{Path, PathBuf};

use super::error::nearest;
use super::or_false::OrFalse;
use super::raw::RawFile;
use super::spanned::Spanned;
use super::text::Text;
use crate::model::Profile;
use crate::model::file_patterns::{bare, fits};
use crate::model::text::{plain, shown};
use crate::sys::fs;
use crate::sys::git::Consumer;

/// A pattern with its place.
#[derive(Debug, Clone)]
pub struct OwnPattern {
    /// The pattern, as it is written.
    pub text: String,
    /// File and line.
    pub place: String,
}

/// A pattern of `configuration` that no tracked file matches.
#[derive(Debug, Clone)]
pub struct Unmatched {
    /// The pattern.
    pub pattern: OwnPattern,
    /// True if a file that git does not track matches it.
    pub is_untracked: bool,
    /// A tracked file that may be meant.
    pub near: Option<String>,
}

impl Unmatched {
    /// The remedy.
    #[must_use]
    pub fn next(&self) -> String {
        match &self.near {
            _ if self.is_untracked => {
                "commit what matches it: a lane has no other files".to_owned()
            }
            Some(near) => format!("did you mean `{}`?", plain(near)),
            None => "correct the pattern, or remove it".to_owned(),
        }
    }
}

/// Returns the patterns of `configuration` that no tracked file matches.
#[must_use]
pub fn unmatched_configuration(profile: &Profile, consumer: &Consumer) -> Vec<Unmatched> {
    let tracked = consumer.tracked_files();
    let files: Vec<_> = tracked.iter().filter_map(|file| file.to_str()).collect();
    let unmatched = |pattern: OwnPattern| {
        let text = bare(&pattern.text);
        if tracked.iter().any(|file| fits(text, file)) {
            return None;
        }
        let is_untracked = !on_disk(consumer.root(), text).is_empty();
        let same_name = || {
            let name = Path::new(text).file_name()?;
            let mut same = tracked.iter().filter(|file| file.file_name() == Some(name));
            same.next()?.to_str().filter(|_| same.next().is_none())
        };
        let near = nearest(text, files.iter().copied()).or_else(same_name);
        Some(Unmatched {
            pattern,
            is_untracked,
            near: near.map(ToOwned::to_owned),
        })
    };
    let all = read(profile, consumer.root(), |raw| {
        raw.configuration.unwrap_or_default()
    });
    all.into_iter().filter_map(unmatched).collect()
}

/// Returns the patterns of `programs`, also those of stages.
#[must_use]
pub fn programs(profile: &Profile, root: &Path) -> Vec<OwnPattern> {
    read(profile, root, |raw| {
        let mut all = raw.programs.unwrap_or_default();
        for stage in raw.stage.into_values() {
            if let OrFalse::Value(stage) = stage {
                all.extend(stage.programs.unwrap_or_default());
            }
        }
        all
    })
}

/// Returns what a pattern matches below a folder.
#[must_use]
pub fn on_disk(folder: &Path, pattern: &str) -> Vec<PathBuf> {
    let base = glob::Pattern::escape(&folder.to_string_lossy());
    let found = glob::glob(&format!("{base}/{pattern}"));
    found.into_iter().flatten().flatten().collect()
}

fn read(
    profile: &Profile,
    root: &Path,
    list: impl FnOnce(RawFile) -> Vec<Spanned<String>>,
) -> Vec<OwnPattern> {
    let Some(file) = &profile.file else {
        return Vec::new();
    };
    let text = Text {
        name: shown(file.strip_prefix(root).unwrap_or(file)),
        content: fs::read_text(file).unwrap_or_default(),
    };
    let Ok(raw) = toml::from_str(&text.content) else {
        return Vec::new();
    };
    let pattern = |pattern: Spanned<String>| {
        let location = text.location(&pattern.span());
        OwnPattern {
            place: format!("{}:{}", location.file, location.line),
            text: pattern.into_inner(),
        }
    };
    list(raw).into_iter().map(pattern).collect()
}
