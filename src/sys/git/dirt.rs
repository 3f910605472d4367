//! Finds what makes the consumer dirty.

use std::path::{Path, PathBuf};

use super::consumer::Consumer;
use super::reader::Dirt;
use super::settings::Settings;
use super::status::Status;
use super::unsupported::{TRUST, Unsupported};
use crate::model::text::{plain, shell, shown};
use crate::sys::fs;

impl Consumer {
    /// Returns everything that makes the consumer dirty. Untracked files below
    /// `artifacts` do not count.
    ///
    /// # Errors
    /// If the repository has filters of its own that the user does not trust,
    /// or the status cannot be read without running a filter.
    pub fn dirt(&self, artifacts: &Path) -> Result<Vec<Dirt>, Unsupported> {
        let settings = self.settings()?;
        if let Some(name) = settings.own_filters().next().filter(|_| !self.trusts()) {
            return Err(self.own_filter(&self.root, name));
        }
        let cannot_read = |e| self.cannot_read(e);
        let seen = self.reader.dirt().transpose().map_err(cannot_read)?;
        let hidden = self.reader.hidden(&self.root).map_err(cannot_read)?;
        let own = self.artifacts_folders(artifacts);
        let is_own = |dirt: &Dirt| {
            dirt.kinds == ["untracked"] && own.iter().any(|own| dirt.path.starts_with(own))
        };
        // libgit2 may report too much (it does not run filters), never too
        // little: only "clean" is final.
        if let Some(seen) = &seen
            && hidden.is_empty()
            && seen.iter().all(is_own)
        {
            return Ok(Vec::new());
        }
        let mut dirt = match &self.program {
            Some(program) => {
                let status = Status::new(self, program, settings);
                status.dirt(&hidden)?
            }
            None => seen.unwrap_or_default(),
        };
        dirt.retain(|dirt| !is_own(dirt));
        Ok(dirt)
    }

    /// Returns the artifacts folder of this run, and the default one if an
    /// earlier run wrote there; relative to the consumer.
    pub(super) fn artifacts_folders(&self, artifacts: &Path) -> Vec<PathBuf> {
        let default =
            Some(self.root.join("artifacts")).filter(|folder| folder.join(fs::LOCK).exists());
        std::iter::once(artifacts.to_owned())
            .chain(default)
            .filter_map(|folder| folder.strip_prefix(&self.root).ok().map(Path::to_owned))
            .collect()
    }

    /// Returns the configuration as git reads it; empty without git on PATH.
    pub(super) fn settings(&self) -> Result<&Settings, Unsupported> {
        let Some(program) = self
            .program
            .as_ref()
            .filter(|_| self.settings.get().is_none())
        else {
            return Ok(self.settings.get_or_init(Settings::default));
        };
        let read = Settings::read(program, &self.options.env).map_err(|text| {
            let reason = format!(
                "the git configuration of {} cannot be read: {text}",
                shown(&self.root)
            );
            let root = shell(&self.root);
            Unsupported::new(
                reason,
                format!("run: git -C {root} config --list --show-origin"),
            )
            .at(&self.root)
        });
        read.map(|settings| self.settings.get_or_init(|| settings))
    }

    pub(super) fn own_filter(&self, folder: &Path, name: &str) -> Unsupported {
        let name_of_folder = shown(folder);
        let reason = format!(
            "{name_of_folder} brings a filter of its own, {}, which looking at its files would run",
            plain(name)
        );
        let quoted = shell(folder);
        let remedy = format!(
            "see what it is: git -C {quoted} config --show-origin --get-regexp '^filter[.]'; if you trust it: {TRUST}"
        );
        Unsupported::new(reason, remedy).at(&self.root)
    }
}
