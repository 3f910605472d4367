//! Whether the consumer is clean, and if not, what makes it dirty.

use std::path::{Path, PathBuf};

use super::settings::Settings;
use super::status::Status;
use super::{Consumer, TRUST, Unsupported};
use crate::model::text::{plain, shell, shown};
use crate::sys::fs;

/// One dirty path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dirt {
    /// Relative to the consumer.
    pub path: PathBuf,
    /// `staged`, `unstaged`, `untracked`, `conflicted`; also two of them.
    pub kinds: Vec<&'static str>,
}

impl Consumer {
    /// Everything that makes the consumer dirty. What is untracked below
    /// `artifacts` does not count.
    ///
    /// # Errors
    /// If the repository brings filters of its own that nobody trusts, or
    /// the status cannot be read, or not without running a filter.
    pub fn dirt(&self, artifacts: &Path) -> Result<Vec<Dirt>, Unsupported> {
        let settings = self.settings()?;
        if let Some(name) = settings.own_filters().next().filter(|_| !self.trusts()) {
            return Err(self.own_filter(&self.root, name));
        }
        let seen = self.reader.dirt().transpose();
        let seen = seen.map_err(|e| self.cannot_read(e))?;
        let hidden = self.reader.hidden(&self.root);
        let hidden = hidden.map_err(|e| self.cannot_read(e))?;
        let ours = self.folders_of_ours(artifacts);
        let is_ours = |dirt: &Dirt| {
            dirt.kinds == ["untracked"] && ours.iter().any(|ours| dirt.path.starts_with(ours))
        };
        if let Some(seen) = &seen
            && hidden.is_empty()
            && seen.iter().all(is_ours)
        {
            return Ok(Vec::new());
        }
        let mut dirt = match &self.program {
            Some(program) => {
                let status = Status::new(self, program, &settings);
                status.dirt(&hidden)?
            }
            None => seen.unwrap_or_default(),
        };
        dirt.retain(|dirt| !is_ours(dirt));
        Ok(dirt)
    }

    /// Where this run writes, and where an earlier one did without a word
    /// from the user; relative to the consumer.
    fn folders_of_ours(&self, artifacts: &Path) -> Vec<PathBuf> {
        let default = self.root.join("artifacts");
        let default = Some(default).filter(|folder| folder.join(fs::LOCK).exists());
        std::iter::once(artifacts.to_owned())
            .chain(default)
            .filter_map(|folder| folder.strip_prefix(&self.root).ok().map(Path::to_owned))
            .collect()
    }

    /// The configuration as git reads it; empty where there is no git.
    pub(super) fn settings(&self) -> Result<Settings, Unsupported> {
        let Some(program) = &self.program else {
            return Ok(Settings::default());
        };
        Settings::ask(program, &self.options.env).map_err(|text| {
            let text = format!(
                "the git configuration of {} cannot be read: {text}",
                shown(&self.root)
            );
            let root = shell(&self.root);
            Unsupported::new(
                text,
                format!("run: git -C {root} config --list --show-origin"),
            )
            .at(&self.root)
        })
    }

    pub(super) fn own_filter(&self, folder: &Path, name: &str) -> Unsupported {
        let folder_named = shown(folder);
        let reason = format!(
            "{folder_named} brings a filter of its own, {}, which looking at its files would run",
            plain(name)
        );
        let folder = shell(folder);
        let remedy = format!(
            "see what it is: git -C {folder} config --show-origin --get-regexp '^filter[.]'; if you trust it: {TRUST}"
        );
        Unsupported::new(reason, remedy).at(&self.root)
    }
}
