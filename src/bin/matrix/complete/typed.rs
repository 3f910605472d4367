//! The words that stand on the command line before the one that is completed.

use std::ffi::OsString;
use std::path::PathBuf;

use gate_matrix::artifact::reader::History;
use gate_matrix::config::{self, ConfigSource};
use gate_matrix::model::{PackageSpec, Profile};
use gate_matrix::sys::git;

use crate::settings::Settings;

/// The words of the command line, as far as they are typed.
pub(super) struct Typed {
    words: Vec<OsString>,
    pub(super) settings: Settings,
}

impl Typed {
    /// Returns the words that the shell passed behind `--`.
    pub(super) fn new() -> Option<Self> {
        let words = std::env::args_os().skip_while(|word| word != "--").skip(1);
        Some(Self {
            words: words.collect(),
            settings: Settings::new().ok()?,
        })
    }

    /// The verb.
    pub(super) fn verb(&self) -> &str {
        let verb = self.words.get(1).and_then(|word| word.to_str());
        verb.unwrap_or_default()
    }

    /// True if the word stands on the line.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|one| one == word)
    }

    /// The words that may name a run: those that no flag begins.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().skip(2).filter_map(|word| word.to_str())
    }

    /// The value of a flag, as `--flag VALUE`, `--flag=VALUE`, or parted by bash.
    fn value(&self, flag: &str) -> Option<OsString> {
        let prefix = format!("{flag}=");
        let mut words = self.words.iter().map(|word| word.to_string_lossy());
        while let Some(word) = words.next() {
            if let Some(value) = word.strip_prefix(&prefix) {
                return Some(value.into());
            }
            if word == flag {
                let value = words.find(|word| word != "=")?;
                return Some(value.as_ref().into());
            }
        }
        None
    }

    fn path(&self, flag: &str) -> Option<PathBuf> {
        self.value(flag).map(PathBuf::from)
    }

    /// The runs of the artifacts folder.
    pub(super) fn history(&self) -> History {
        let of_repo = || {
            let repo = self.settings.repo(Some(&self.path("--repo")?))?;
            Some(git::work_tree_above(&repo)?.join("artifacts"))
        };
        let folder = self.path("--artifacts").or_else(of_repo);
        History::new(&self.settings.artifacts(folder.as_deref()))
    }

    /// The profile of the consumer.
    ///
    /// # Errors
    /// True if there is a configuration, which cannot be used.
    pub(super) fn profile(&self) -> Result<Profile, bool> {
        let repo = self.settings.repo(self.path("--repo").as_deref());
        let start = repo.unwrap_or_else(|| self.settings.cwd.clone());
        let root = git::work_tree_above(&start).ok_or(false)?;
        let file = self.settings.config(self.path("--config").as_deref());
        let package = self
            .value("--package")
            .and_then(|text| PackageSpec::parse(text.to_str()?).ok());
        let source = ConfigSource {
            repo_root: &root,
            file: file.as_deref(),
            package: package.as_ref(),
            package_base: &self.settings.cwd,
            remote: None,
        };
        config::load(&source).map_err(|_| config::find_file(&source).is_some())
    }
}
