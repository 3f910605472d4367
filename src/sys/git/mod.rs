//! Reading the consumer.
//!
//! libgit2 reads it in this process and runs no hook, filter or monitor of
//! it. Only where libgit2 does not say "clean" is the `git` binary asked,
//! with everything switched off that a repository could make it run.

mod dirt;
mod hunks;
mod identity;
mod lane;
mod refs;

use std::path::{Path, PathBuf};

use git2::{ErrorClass, ErrorCode, Repository};

pub use dirt::Dirt;
pub use hunks::{Rest, without};
pub use identity::{fixed_identity, make_repository, set_remote, write_lane_config};
pub use lane::{changed, index_tree, publish};
pub use refs::{HooksFolder, Refs};

use crate::model::plan::Source;
use crate::model::text::{plain, shell, shown};

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

/// The consumer, opened for reading.
pub struct Consumer {
    repo: Repository,
    root: PathBuf,
}

impl Consumer {
    /// Opens the repository around a folder.
    ///
    /// # Errors
    /// If there is none, or it is bare, unborn, corrupt or somebody else's.
    pub fn open(start: &Path) -> Result<Self, Unsupported> {
        let repo = Repository::discover(start).map_err(|e| cannot_open(start, &e))?;
        let Some(root) = repo.workdir().map(Path::to_owned) else {
            return Err(Unsupported::new(
                format!("{} is a bare repository", shown(repo.path())),
                "give --repo a work tree: git clone the bare repository and use the clone",
            ));
        };
        let root = root.canonicalize().unwrap_or(root);
        let consumer = Self { repo, root };
        consumer.source()?;
        Ok(consumer)
    }

    /// The top of the work tree, without links in its path.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The commit and branch that are checked out.
    ///
    /// # Errors
    /// If there is no commit yet, or it cannot be read.
    pub fn source(&self) -> Result<Source, Unsupported> {
        let head = self.repo.head().map_err(|e| self.cannot_read(&e))?;
        let commit = head.peel_to_commit().map_err(|e| self.cannot_read(&e))?;
        commit.tree().map_err(|e| self.cannot_read(&e))?;
        let branch = head
            .is_branch()
            .then(|| String::from_utf8_lossy(head.shorthand_bytes()));
        Ok(Source {
            head: commit.id().to_string(),
            branch: branch.map(std::borrow::Cow::into_owned),
        })
    }

    /// Seconds since 1970 at which a commit was made; lanes commit at that
    /// moment too, so that their commit ids repeat.
    #[must_use]
    pub fn commit_time(&self, commit: &str) -> i64 {
        let id = git2::Oid::from_str(commit);
        let commit = id.and_then(|id| self.repo.find_commit(id));
        commit.map_or(0, |commit| commit.time().seconds().max(0))
    }

    /// Whether the commit is still there.
    #[must_use]
    pub fn has_commit(&self, commit: &str) -> bool {
        let id = git2::Oid::from_str(commit);
        id.is_ok_and(|id| self.repo.find_commit(id).is_ok())
    }

    /// Whether git ignores a path below the work tree.
    #[must_use]
    pub fn ignores(&self, path: &Path) -> bool {
        let tracked = self
            .repo
            .index()
            .is_ok_and(|index| index.get_path(path, 0).is_some());
        !tracked && self.repo.is_path_ignored(path).unwrap_or(false)
    }

    /// Whether a path below the work tree is a file that git tracks, and no
    /// link.
    #[must_use]
    pub fn tracks_file(&self, path: &Path) -> bool {
        let regular = [0o100_644, 0o100_755];
        let index = self.repo.index().ok();
        let entry = index.and_then(|index| index.get_path(path, 0));
        entry.is_some_and(|entry| regular.contains(&entry.mode))
    }

    /// The folders that the user's own settings call safe although somebody
    /// else owns them.
    #[must_use]
    pub fn trusted_folders(&self) -> Vec<String> {
        let mut folders = Vec::new();
        if let Ok(config) = git2::Config::open_default()
            && let Ok(entries) = config.multivar("safe.directory", None)
        {
            let _ = entries.for_each(|entry| {
                folders.extend(entry.value().ok().map(ToOwned::to_owned));
            });
        }
        // Who trusts the work tree trusts its `.git`: that is what a clone asks for.
        if folders.iter().any(|folder| Path::new(folder) == self.root) {
            folders.push(
                self.repo
                    .commondir()
                    .to_string_lossy()
                    .trim_end_matches('/')
                    .to_owned(),
            );
        }
        folders
    }

    fn cannot_read(&self, error: &git2::Error) -> Unsupported {
        if error.code() == ErrorCode::UnbornBranch {
            return Unsupported::new(
                format!("{} has no commit yet", shown(&self.root)),
                "commit what is to be tried: the lanes clone the commit that HEAD names",
            )
            .at(&self.root);
        }
        Unsupported::new(
            format!(
                "{} cannot be read: {}",
                shown(&self.root),
                plain(error.message())
            ),
            format!("run: git -C {} fsck", shell(&self.root)),
        )
        .at(&self.root)
    }
}

fn cannot_open(start: &Path, error: &git2::Error) -> Unsupported {
    if error.code() == ErrorCode::Owner {
        let top = work_tree_above(start).unwrap_or_else(|| start.to_owned());
        return Unsupported::new(
            format!("{} belongs to somebody else", shown(&top)),
            format!(
                "run as its owner, or if you trust it: git config --global --add safe.directory {}",
                shell(&top)
            ),
        );
    }
    let not_found = error.code() == ErrorCode::NotFound && error.class() == ErrorClass::Repository;
    let is_newer = ["unsupported extension", "unknown object format"];
    let is_newer = is_newer.iter().any(|text| error.message().contains(text));
    match work_tree_above(start) {
        Some(root) if is_newer => Unsupported::new(
            format!(
                "{} has a format that matrix cannot read yet: {}",
                shown(&root),
                plain(error.message())
            ),
            "try the gate in a clone with SHA-1 objects and refs as files: git clone makes one",
        )
        .at(&root),
        Some(root) => Unsupported::new(
            format!(
                "{} cannot be opened: {}",
                shown(&root),
                plain(error.message())
            ),
            format!("run: git -C {} fsck", shell(&root)),
        )
        .at(&root),
        None if not_found => Unsupported::new(
            format!("{} is not in a git repository", shown(start)),
            "give --repo the consumer, or run matrix inside of it",
        ),
        None => Unsupported::new(
            format!(
                "{} cannot be opened: {}",
                shown(start),
                plain(error.message())
            ),
            "give --repo a readable work tree",
        ),
    }
}

/// The nearest folder above with a `.git` in it.
fn work_tree_above(start: &Path) -> Option<PathBuf> {
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
