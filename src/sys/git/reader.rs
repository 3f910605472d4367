//! What is asked of a repository, and how libgit2 answers: in this process,
//! running nothing of the repository's.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::{panic, thread};

use git2::{ErrorCode, ObjectType, Oid, Repository, Status, StatusOptions, StatusShow};

use super::Dirt;
use crate::model::plan::Source;
use crate::model::text::plain;

/// What a name is to lead to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Object {
    Commit,
    /// The tree of a commit.
    Tree,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Unread {
    /// There is no commit yet.
    Unborn,
    /// In words that may be shown.
    Because(String),
}

/// Somebody who can read a repository.
pub(super) trait Reader: Send {
    /// The commit and branch that are checked out; the commit's tree is there.
    fn head(&self) -> Result<Source, Unread>;

    /// The id of what a name stands for.
    fn id(&self, name: &str, object: Object) -> Option<String>;

    /// Seconds since 1970 at which a commit was made.
    fn commit_time(&self, commit: &str) -> Option<i64>;

    /// The refs that hold a commit, in any order.
    fn holding(&self, commit: &str) -> Vec<String>;

    /// Whether a commit stands on another one, however far above it.
    fn stands_on(&self, commit: &str, base: &str) -> bool;

    /// Whether git ignores a path that it does not track.
    fn ignores(&self, path: &Path) -> bool;

    /// Whether a path is a file that git tracks, and no link.
    fn tracks_file(&self, path: &Path) -> bool;

    /// What is dirty as far as can be told without a program: never too
    /// little, sometimes too much. None where only the program can tell.
    fn dirt(&self) -> Option<Result<Vec<Dirt>, Unread>>;

    /// Entries that a status passes over: assumed unchanged, or left out of
    /// the work tree at `root` although a file is there.
    fn hidden(&self, root: &Path) -> Result<Vec<Vec<u8>>, Unread>;
}

/// The modes of an index entry that is a file.
pub(super) const FILES: [u32; 2] = [0o100_644, 0o100_755];

/// Whether this is about a format that libgit2 does not know, and git may.
pub(super) fn is_beyond_libgit2(error: &git2::Error) -> bool {
    let unknown = [
        "unsupported extension",
        "unknown object format",
        "unsupported mandatory extension",
    ];
    unknown.iter().any(|text| error.message().contains(text))
}

impl From<git2::Error> for Unread {
    fn from(error: git2::Error) -> Self {
        match error.code() {
            ErrorCode::UnbornBranch => Self::Unborn,
            _ => Self::Because(plain(error.message())),
        }
    }
}

impl Reader for Repository {
    fn head(&self) -> Result<Source, Unread> {
        let head = self.head()?;
        let commit = head.peel_to_commit()?;
        commit.tree()?;
        let branch = head
            .is_branch()
            .then(|| String::from_utf8_lossy(head.shorthand_bytes()));
        Ok(Source {
            head: commit.id().to_string(),
            branch: branch.map(std::borrow::Cow::into_owned),
        })
    }

    fn id(&self, name: &str, object: Object) -> Option<String> {
        let kind = match object {
            Object::Commit => ObjectType::Commit,
            Object::Tree => ObjectType::Tree,
        };
        let object = self.revparse_single(name).ok()?;
        Some(object.peel(kind).ok()?.id().to_string())
    }

    fn commit_time(&self, commit: &str) -> Option<i64> {
        let commit = Oid::from_str(commit).and_then(|id| self.find_commit(id));
        commit.ok().map(|commit| commit.time().seconds())
    }

    fn holding(&self, commit: &str) -> Vec<String> {
        let Ok(wanted) = Oid::from_str(commit) else {
            return Vec::new();
        };
        let holds = |at| at == wanted || self.graph_descendant_of(at, wanted).unwrap_or(false);
        let refs = self.references().into_iter().flatten().flatten();
        let holding = refs.filter(|one| one.peel_to_commit().is_ok_and(|at| holds(at.id())));
        holding
            .map(|one| String::from_utf8_lossy(one.name_bytes()).into_owned())
            .collect()
    }

    fn stands_on(&self, commit: &str, base: &str) -> bool {
        let ids = Oid::from_str(commit).and_then(|c| Ok((c, Oid::from_str(base)?)));
        ids.and_then(|(commit, base)| self.graph_descendant_of(commit, base))
            .unwrap_or(false)
    }

    fn ignores(&self, path: &Path) -> bool {
        let index = self.index();
        let tracked = index.is_ok_and(|index| index.get_path(path, 0).is_some());
        !tracked && self.is_path_ignored(path).unwrap_or(false)
    }

    fn tracks_file(&self, path: &Path) -> bool {
        let index = self.index().ok();
        let entry = index.and_then(|index| index.get_path(path, 0));
        entry.is_some_and(|entry| FILES.contains(&entry.mode))
    }

    /// What is staged and what is not are looked for side by side: reading
    /// the files is slow, and libgit2 does it one after the other.
    fn dirt(&self) -> Option<Result<Vec<Dirt>, Unread>> {
        let git_dir = self.path();
        let (staged, unstaged) = thread::scope(|scope| {
            let staged = scope.spawn(|| look(&Repository::open(git_dir)?, StatusShow::Index));
            let unstaged = look(self, StatusShow::Workdir);
            let staged = staged.join();
            (staged.unwrap_or_else(|e| panic::resume_unwind(e)), unstaged)
        });
        Some(
            staged
                .and_then(|staged| Ok(together(staged, unstaged?)))
                .map_err(Into::into),
        )
    }

    fn hidden(&self, root: &Path) -> Result<Vec<Vec<u8>>, Unread> {
        let hidden = self.index()?;
        let hidden = hidden.iter().filter(|entry| {
            let assumed = entry.flags & git2::IndexEntryFlag::VALID.bits() != 0;
            let skipped =
                entry.flags_extended & git2::IndexEntryExtendedFlag::SKIP_WORKTREE.bits() != 0;
            assumed || (skipped && is_there(root, &entry.path))
        });
        Ok(hidden.map(|entry| entry.path).collect())
    }
}

/// Whether anything stands at an entry's path.
pub(super) fn is_there(root: &Path, path: &[u8]) -> bool {
    root.join(OsStr::from_bytes(path))
        .symlink_metadata()
        .is_ok()
}

type Statuses = BTreeMap<PathBuf, Status>;

fn together(mut staged: Statuses, unstaged: Statuses) -> Vec<Dirt> {
    for (path, status) in unstaged {
        *staged.entry(path).or_insert(Status::CURRENT) |= status;
    }
    let dirt = staged.into_iter().map(|(path, status)| Dirt {
        path,
        kinds: kinds_of(status),
    });
    dirt.collect()
}

fn look(repo: &Repository, show: StatusShow) -> Result<Statuses, git2::Error> {
    let mut options = StatusOptions::new();
    options
        .show(show)
        .include_untracked(true)
        .recurse_untracked_dirs(true);
    let statuses = repo.statuses(Some(&mut options))?;
    let seen = statuses.iter().map(|entry| {
        let path = PathBuf::from(OsStr::from_bytes(entry.path_bytes()));
        (path, entry.status())
    });
    Ok(seen.collect())
}

fn kinds_of(status: Status) -> Vec<&'static str> {
    if status.is_conflicted() {
        return vec!["conflicted"];
    }
    let mut kinds = Vec::new();
    if status.intersects(
        Status::INDEX_NEW
            | Status::INDEX_MODIFIED
            | Status::INDEX_DELETED
            | Status::INDEX_RENAMED
            | Status::INDEX_TYPECHANGE,
    ) {
        kinds.push("staged");
    }
    if status.intersects(
        Status::WT_MODIFIED | Status::WT_DELETED | Status::WT_TYPECHANGE | Status::WT_RENAMED,
    ) {
        kinds.push("unstaged");
    }
    if status.is_wt_new() {
        kinds.push("untracked");
    }
    kinds
}
