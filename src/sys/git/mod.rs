//! Reading the consumer.
//!
//! libgit2 reads it in this process and runs no hook, filter or monitor of
//! it. Only where libgit2 does not say "clean", or cannot read it, is the
//! `git` program asked, with everything switched off that a repository could
//! make it run. Who asks need not know which of the two answers.

mod checkout;
mod clone;
mod dirt;
mod identity;
mod open;
mod program;
mod reader;
mod refs;
mod revert;
mod settings;
mod status;
mod tree;

use std::path::{Path, PathBuf};

pub use clone::{changed_paths, index_tree, publish_head};
pub use dirt::Dirt;
pub use identity::{Trusted, fixed_identity, make_repository, set_remote, write_lane_config};
pub use refs::{HooksFolder, Refs};
pub use revert::{Parts, RevertedPart, Stripped, revert_parts};

use crate::model::plan::Source;
use crate::model::text::{shell, shown};
use crate::sys::env::Snapshot;
use program::Program;
use reader::{Object, Reader, Unread};

/// A repository that cannot be used here.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{reason}")]
pub struct Unsupported {
    /// Why.
    pub reason: String,
    /// What the user can do.
    pub remedy: String,
    /// The work tree, where it is the user's own and known.
    pub root: Option<PathBuf>,
}

impl Unsupported {
    fn new(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            remedy: remedy.into(),
            root: None,
        }
    }

    fn at(mut self, root: &Path) -> Self {
        self.root = Some(root.to_owned());
        self
    }
}

/// On what options a consumer is read.
#[derive(Debug, Clone, Default)]
pub struct OpenOptions {
    /// The user's environment.
    pub env: Snapshot,
    /// Whether the filters of the user and of the repository may be run, and
    /// its work tree may be elsewhere.
    pub trust_filters: bool,
}

/// What a user does who trusts them.
const TRUST: &str = "--trust-filters";

/// The consumer, opened for reading.
pub struct Consumer {
    reader: Box<dyn Reader>,
    /// The hardened program, where there is a git.
    program: Option<Program>,
    options: OpenOptions,
    root: PathBuf,
    /// Where git finds it; elsewhere than the root only where that is trusted.
    folder: PathBuf,
    git_dir: PathBuf,
}

impl Consumer {
    /// The top of the work tree, without links in its path.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What git can clone it from.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The options that it was opened on.
    #[must_use]
    pub fn options(&self) -> &OpenOptions {
        &self.options
    }

    fn trusts(&self) -> bool {
        self.options.trust_filters
    }

    /// The commit and branch that are checked out.
    ///
    /// # Errors
    /// If there is no commit yet, or it cannot be read.
    pub fn source(&self) -> Result<Source, Unsupported> {
        self.reader.head().map_err(|e| self.cannot_read(e))
    }

    /// Whether violations can be taken out of its changes.
    ///
    /// # Errors
    /// If its objects are such that libgit2 cannot take them apart.
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

    /// Seconds since 1970 at which a commit was made; lanes commit at that
    /// moment too, so that their commit ids repeat.
    #[must_use]
    pub fn commit_time(&self, commit: &str) -> i64 {
        self.reader.commit_time(commit).unwrap_or(0).max(0)
    }

    /// Whether the commit is still there.
    #[must_use]
    pub fn has_commit(&self, commit: &str) -> bool {
        self.reader.id(commit, Object::Commit).is_some()
    }

    /// Whether git ignores a path below the work tree.
    #[must_use]
    pub fn ignores(&self, path: &Path) -> bool {
        self.reader.ignores(path)
    }

    /// Whether a path below the work tree is a file that git tracks, and no
    /// link.
    #[must_use]
    pub fn tracks_file(&self, path: &Path) -> bool {
        self.reader.tracks_file(path)
    }

    /// What the lanes may trust: the folders that the user calls safe, and
    /// the filters, where they are trusted.
    #[must_use]
    pub fn trusted(&self) -> Trusted {
        let settings = Some(self).filter(|consumer| consumer.trusts());
        let settings = settings.and_then(|consumer| consumer.settings().ok());
        Trusted {
            folders: open::safe_folders(&self.root, &self.git_dir),
            filters: settings.map(|all| all.filters()).unwrap_or_default(),
        }
    }

    fn cannot_read(&self, unread: Unread) -> Unsupported {
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

/// The nearest folder above with a `.git` in it.
#[must_use]
pub fn work_tree_above(start: &Path) -> Option<PathBuf> {
    let start = start.canonicalize().ok()?;
    start
        .ancestors()
        .find(|folder| folder.join(".git").exists())
        .map(Path::to_owned)
}

/// Whether git would take this for the full name of a ref.
#[must_use]
pub fn is_ref_name(name: &str) -> bool {
    git2::Reference::is_valid_name(name)
}

/// Whether a folder, which need not exist yet, is inside of a work tree.
#[must_use]
pub fn is_inside_work_tree(folder: &Path) -> bool {
    let exists = folder.ancestors().find(|above| above.exists());
    exists.and_then(work_tree_above).is_some()
}
