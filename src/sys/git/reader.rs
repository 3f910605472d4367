//! The questions that are asked of a repository.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::model::plan::Source;

/// One dirty path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dirt {
    /// Relative to the consumer.
    pub path: PathBuf,
    /// `staged`, `unstaged`, `untracked`, `conflicted`; also two of them.
    pub kinds: Vec<&'static str>,
}

/// The kind of object to which a name leads.
#[derive(Debug, Clone, Copy)]
pub(super) enum Object {
    Commit,
    /// The tree of a commit.
    Tree,
}

/// The reason why there is no answer.
#[derive(Debug)]
pub(super) enum Unread {
    /// There is no commit yet.
    Unborn,
    /// Another reason, safe to display.
    Because(String),
}

/// A reader of a repository.
pub(super) trait Reader: Send {
    /// Returns the commit and branch that are checked out. The commit's tree exists.
    fn head(&self) -> Result<Source, Unread>;

    /// Returns the id of the object with a name.
    fn id(&self, name: &str, object: Object) -> Option<String>;

    /// Returns the time of a commit in seconds since 1970.
    fn commit_time(&self, commit: &str) -> Option<i64>;

    /// Returns the refs that contain a commit, in any order.
    fn holding(&self, commit: &str) -> Vec<String>;

    /// Returns the refs that name a commit, without symbolic ones, in any order.
    fn direct_at(&self, commit: &str) -> Vec<String>;

    /// True if `base` is a proper ancestor of a commit.
    fn stands_on(&self, commit: &str, base: &str) -> bool;

    /// True if a path is not tracked and git ignores it.
    fn ignores(&self, path: &Path) -> bool;

    /// True if a path is a tracked file, and no link.
    fn tracks_file(&self, path: &Path) -> bool;

    /// Returns the tracked files without links, in git's order.
    fn tracked_files(&self) -> Vec<PathBuf>;

    /// Returns each entry of the index as text: mode, id, stage, marks and path.
    fn index_entries(&self) -> Vec<Vec<u8>>;

    /// Returns what is dirty as far as that can be decided without a program:
    /// never too little, sometimes too much. `None` if only the program can.
    fn dirt(&self) -> Option<Result<Vec<Dirt>, Unread>>;

    /// Returns entries that a status skips: assumed unchanged, or excluded from
    /// the work tree at `root` although a file exists.
    fn hidden(&self, root: &Path) -> Result<Vec<Vec<u8>>, Unread>;
}

/// The modes of index entries that are files.
pub(super) const FILES: [u32; 2] = [0o100_644, 0o100_755];

/// True if anything exists at the path of an entry.
pub(super) fn is_present(root: &Path, path: &[u8]) -> bool {
    root.join(OsStr::from_bytes(path))
        .symlink_metadata()
        .is_ok()
}
