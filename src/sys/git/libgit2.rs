//! The reader that uses libgit2: in this process, without running anything of
//! the repository.

use std::collections::{BTreeMap, HashMap};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::{panic, thread};

use git2::{
    ErrorClass, ErrorCode, ObjectType, Oid, Reference, Repository, Status, StatusOptions,
    StatusShow,
};

use super::guard::open_repository;
use super::reader::{Dirt, FILES, Object, Reader, Unread, is_present};
use crate::model::plan::Source;
use crate::model::text::plain;
use crate::sys::shortage::note_message;

/// True if libgit2 does not know the format, which git may know.
///
/// libgit2 has no error code for it.
pub(super) fn is_beyond_libgit2(error: &git2::Error) -> bool {
    let messages = [
        "unsupported extension",
        "unknown object format",
        "unsupported mandatory extension",
    ];
    messages.iter().any(|text| error.message().contains(text))
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
            worktree_on: None,
        })
    }

    fn id(&self, name: &str, object: Object) -> Option<String> {
        let kind = match object {
            Object::Commit => ObjectType::Commit,
            Object::Tree => ObjectType::Tree,
        };
        let found = self.revparse_single(name);
        let found = found.and_then(|object| object.peel(kind));
        // Other messages quote the name.
        let noted = found.inspect_err(|e| {
            if e.class() == ErrorClass::Os {
                note_message(e.message());
            }
        });
        Some(noted.ok()?.id().to_string())
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
        let peeled = |one: &Reference<'_>| one.peel_to_commit().is_ok_and(|at| holds(at.id()));
        // Thousands of refs may name the same few commits.
        let mut known = HashMap::new();
        self.references()
            .into_iter()
            .flatten()
            .flatten()
            .filter(|one| match one.target() {
                Some(target) => *known.entry(target).or_insert_with(|| peeled(one)),
                None => peeled(one),
            })
            .map(|one| String::from_utf8_lossy(one.name_bytes()).into_owned())
            .collect()
    }

    fn direct_at(&self, commit: &str) -> Vec<String> {
        let Ok(wanted) = Oid::from_str(commit) else {
            return Vec::new();
        };
        self.references()
            .into_iter()
            .flatten()
            .flatten()
            .filter(|one| one.target() == Some(wanted))
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

    fn tracked_files(&self) -> Vec<PathBuf> {
        let Ok(index) = self.index() else {
            return Vec::new();
        };
        let files = index.iter().filter(|entry| FILES.contains(&entry.mode));
        files
            .map(|entry| PathBuf::from(OsString::from_vec(entry.path)))
            .collect()
    }

    fn index_entries(&self) -> Vec<Vec<u8>> {
        // Only the marks that a user sets: the others are git's own notes.
        const ASSUMED_UNCHANGED: u16 = 0x8000;
        const STAGE: u16 = 0x3000;
        let Ok(index) = self.index() else {
            return Vec::new();
        };
        let text = |entry: git2::IndexEntry| {
            let flags = entry.flags & (ASSUMED_UNCHANGED | STAGE);
            let head = format!(
                "{:o} {} {flags} {} ",
                entry.mode, entry.id, entry.flags_extended
            );
            [head.into_bytes(), entry.path].concat()
        };
        index.iter().map(text).collect()
    }

    /// Compares index and work tree in parallel: reading the files is slow, and
    /// libgit2 does it one after the other.
    fn dirt(&self) -> Option<Result<Vec<Dirt>, Unread>> {
        let git_dir = self.path();
        let (staged, unstaged) = thread::scope(|scope| {
            let index = || statuses(&*open_repository(git_dir)?, StatusShow::Index);
            let beside = thread::Builder::new().spawn_scoped(scope, index);
            let unstaged = statuses(self, StatusShow::Workdir);
            let staged = match beside {
                Ok(index) => index.join().unwrap_or_else(|e| panic::resume_unwind(e)),
                // No thread is left: one after the other.
                Err(_) => index(),
            };
            (staged, unstaged)
        });
        Some(
            staged
                .and_then(|staged| Ok(merge(staged, unstaged?)))
                .map_err(Into::into),
        )
    }

    fn hidden(&self, root: &Path) -> Result<Vec<Vec<u8>>, Unread> {
        let index = self.index()?;
        let hidden = index.iter().filter(|entry| {
            let assumed = entry.flags & git2::IndexEntryFlag::VALID.bits() != 0;
            let skipped =
                entry.flags_extended & git2::IndexEntryExtendedFlag::SKIP_WORKTREE.bits() != 0;
            assumed || (skipped && is_present(root, &entry.path))
        });
        Ok(hidden.map(|entry| entry.path).collect())
    }
}

type Statuses = BTreeMap<PathBuf, Status>;

fn merge(mut staged: Statuses, unstaged: Statuses) -> Vec<Dirt> {
    for (path, status) in unstaged {
        *staged.entry(path).or_insert(Status::CURRENT) |= status;
    }
    staged
        .into_iter()
        .map(|(path, status)| Dirt {
            path,
            kinds: kinds_of(status),
        })
        .collect()
}

fn statuses(repo: &Repository, show: StatusShow) -> Result<Statuses, git2::Error> {
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
