//! The consumer's repository, opened for reading.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::identity::Trusted;
use super::program::Program;
use super::reader::{Object, Reader, Unread};
use super::safe_directory::safe_folders;
use super::settings::Settings;
use super::unsupported::Unsupported;
use crate::model::plan::Source;
use crate::model::text::{shell, shown};
use crate::sys::env::Snapshot;

/// Options for opening a consumer.
#[derive(Debug, Clone, Default)]
pub struct OpenOptions {
    /// The user's environment.
    pub env: Snapshot,
    /// Set if the filters of the user and of the repository may run, and its
    /// work tree may be elsewhere.
    pub trust_filters: bool,
}

/// The consumer, opened for reading.
pub struct Consumer {
    pub(super) reader: Box<dyn Reader>,
    /// The hardened program; `None` without git on PATH.
    pub(super) program: Option<Program>,
    pub(super) options: OpenOptions,
    pub(super) root: PathBuf,
    /// The folder in which git finds the repository. It differs from the root
    /// only for a trusted work tree that is elsewhere.
    pub(super) folder: PathBuf,
    pub(super) git_dir: PathBuf,
    /// The folder from which lanes take what a clone leaves out.
    pub(super) lender: PathBuf,
    /// The folders with the content of files of Git LFS, for a copy.
    pub(super) lent_lfs: Option<Vec<PathBuf>>,
    /// The commit that was HEAD, if HEAD is the work tree as it was.
    pub(super) worktree_on: Option<String>,
    /// The configuration as git reads it, once it was asked for.
    pub(super) settings: OnceLock<Settings>,
}

impl Consumer {
    /// Returns the top of the work tree, without links in its path.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the folder from which git can clone it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the options that it was opened with.
    #[must_use]
    pub fn options(&self) -> &OpenOptions {
        &self.options
    }

    pub(super) fn trusts(&self) -> bool {
        self.options.trust_filters
    }

    /// Returns the commit and branch that are checked out.
    ///
    /// # Errors
    /// If there is no commit yet, or it cannot be read.
    pub fn source(&self) -> Result<Source, Unsupported> {
        let source = self.reader.head().map_err(|e| self.cannot_read(e))?;
        Ok(Source {
            worktree_on: self.worktree_on.clone(),
            ..source
        })
    }

    /// Checks that parts of its changes can be reverted.
    ///
    /// # Errors
    /// If it has SHA-256 objects, which libgit2 cannot read.
    pub fn can_be_taken_apart(&self) -> Result<(), Unsupported> {
        if self.source()?.head.len() == 40 {
            return Ok(());
        }
        Err(Unsupported::new(
            format!(
                "{} has SHA-256 objects, and violations cannot be taken out of changes to those",
                shown(&self.root)
            ),
            "try the vacuity of its scenarios in a repository with SHA-1 objects",
        )
        .at(&self.root))
    }

    /// Returns the time of a commit in seconds since 1970.
    ///
    /// Lanes commit at that time too, so that their commit ids repeat.
    #[must_use]
    pub fn commit_time(&self, commit: &str) -> i64 {
        self.reader.commit_time(commit).unwrap_or(0).max(0)
    }

    /// True if the commit still exists.
    #[must_use]
    pub fn has_commit(&self, commit: &str) -> bool {
        self.reader.id(commit, Object::Commit).is_some()
    }

    /// True if git ignores a path below the work tree.
    #[must_use]
    pub fn ignores(&self, path: &Path) -> bool {
        self.reader.ignores(path)
    }

    /// True if a path below the work tree is a tracked file, and no link.
    #[must_use]
    pub fn tracks_file(&self, path: &Path) -> bool {
        self.reader.tracks_file(path)
    }

    /// Returns the tracked files without links, relative to the work tree, in git's order.
    #[must_use]
    pub fn tracked_files(&self) -> Vec<PathBuf> {
        self.reader.tracked_files()
    }

    /// Returns what lanes may trust: the folders that the user configured as
    /// safe, and filters if the user trusts them.
    #[must_use]
    pub fn trusted(&self) -> Trusted {
        let filters = Some(self)
            .filter(|consumer| consumer.trusts())
            .and_then(|consumer| consumer.settings().ok())
            .map(Settings::filters);
        Trusted {
            folders: safe_folders(&self.root, &self.git_dir),
            filters: filters.unwrap_or_default(),
        }
    }

    pub(super) fn cannot_read(&self, unread: Unread) -> Unsupported {
        let (reason, remedy) = match unread {
            Unread::Unborn => (
                format!("{} has no commit yet", shown(&self.root)),
                "commit what is to be tried: the lanes clone the commit that HEAD names".to_owned(),
            ),
            Unread::Because(text) => (
                format!("{} cannot be read: {text}", shown(&self.root)),
                format!("run: git -C {} fsck", shell(&self.root)),
            ),
        };
        Unsupported::new(reason, remedy).at(&self.root)
    }
}
