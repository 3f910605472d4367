//! Reading the consumer.
//!
//! libgit2 reads it in this process and runs no hook, filter or monitor of
//! it. Only where libgit2 does not say "clean" is the `git` binary asked,
//! with everything switched off that a repository could make it run.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use git2::{ErrorClass, ErrorCode, Repository, Status, StatusOptions, StatusShow};

use crate::model::plan::Source;
use crate::sys::env::Snapshot;
use crate::sys::fs;
use crate::sys::process::query;

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

/// One dirty path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dirt {
    /// Relative to the consumer.
    pub path: PathBuf,
    /// `staged`, `unstaged`, `untracked`, `conflicted`; also two of them.
    pub kinds: Vec<&'static str>,
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
                format!("{} is a bare repository", repo.path().display()),
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
            branch: branch.map(|name| name.into_owned()),
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
        folders
    }

    /// Everything that makes the consumer dirty. What is untracked below
    /// `artifacts` does not count.
    ///
    /// # Errors
    /// If the status cannot be read.
    pub fn dirt(&self, artifacts: &Path, env: &Snapshot) -> Result<Vec<Dirt>, Unsupported> {
        let seen = self.dirt_by_libgit2()?;
        let ours = artifacts.strip_prefix(&self.root).ok();
        let is_ours = |dirt: &Dirt| {
            dirt.kinds == ["untracked"] && ours.is_some_and(|ours| dirt.path.starts_with(ours))
        };
        let hidden = self.hidden_entries()?;
        if hidden.is_empty() && seen.iter().all(is_ours) {
            return Ok(Vec::new());
        }
        let mut dirt = match self.dirt_by_git(&hidden, env) {
            Some(answer) => answer?,
            None => seen,
        };
        dirt.retain(|dirt| !is_ours(dirt));
        Ok(dirt)
    }

    fn dirt_by_libgit2(&self) -> Result<Vec<Dirt>, Unsupported> {
        let mut options = StatusOptions::new();
        options
            .show(StatusShow::IndexAndWorkdir)
            .include_untracked(true)
            .recurse_untracked_dirs(true);
        let statuses = self
            .repo
            .statuses(Some(&mut options))
            .map_err(|e| self.cannot_read(&e))?;
        let dirt = statuses.iter().map(|entry| Dirt {
            path: PathBuf::from(OsStr::from_bytes(entry.path_bytes())),
            kinds: kinds_of(entry.status()),
        });
        Ok(dirt.collect())
    }

    /// Entries that a status passes over: assumed unchanged, or left out of
    /// the work tree although a file is there.
    fn hidden_entries(&self) -> Result<Vec<Vec<u8>>, Unsupported> {
        let index = self.repo.index().map_err(|e| self.cannot_read(&e))?;
        let hidden = index.iter().filter(|entry| {
            let assumed = entry.flags & git2::IndexEntryFlag::VALID.bits() != 0;
            let skipped =
                entry.flags_extended & git2::IndexEntryExtendedFlag::SKIP_WORKTREE.bits() != 0;
            let there = || {
                self.root
                    .join(OsStr::from_bytes(&entry.path))
                    .symlink_metadata()
                    .is_ok()
            };
            assumed || (skipped && there())
        });
        Ok(hidden.map(|entry| entry.path).collect())
    }

    /// The answer of a `git` that runs nothing of the repository's; none
    /// where there is no `git`.
    fn dirt_by_git(
        &self,
        hidden: &[Vec<u8>],
        env: &Snapshot,
    ) -> Option<Result<Vec<Dirt>, Unsupported>> {
        let git = env.find_program("git")?;
        let mut child_env = hardened_env(env);
        let unveiled = if hidden.is_empty() {
            None
        } else {
            match self.unveil(&git, hidden, &mut child_env) {
                Ok(index) => Some(index),
                Err(e) => return Some(Err(e)),
            }
        };
        let mut args = self.hardened_args();
        args.extend(
            [
                "status",
                "--porcelain=v2",
                "-z",
                "-uall",
                "--ignore-submodules=none",
            ]
            .map(Into::into),
        );
        let answer = query(&git, &args, &child_env, &self.root, &[]);
        drop(unveiled);
        Some(match answer {
            Ok(output) => Ok(parse_porcelain(&output)),
            Err(text) => Err(Unsupported::new(
                format!(
                    "git cannot tell the status of {}: {text}",
                    self.root.display()
                ),
                format!("run: git -C \"{}\" fsck", self.root.display()),
            )
            .at(&self.root)),
        })
    }

    /// A copy of the index in which nothing is hidden.
    fn unveil(
        &self,
        git: &Path,
        hidden: &[Vec<u8>],
        env: &mut BTreeMap<OsString, OsString>,
    ) -> Result<tempfile::TempPath, Unsupported> {
        let failed = |text: String| {
            Unsupported::new(
                format!("the hidden entries of the index cannot be looked at: {text}"),
                "run git update-index --really-refresh, or clear the flags that git ls-files -v shows",
            )
            .at(&self.root)
        };
        let copy = tempfile::NamedTempFile::new().map_err(|e| failed(e.to_string()))?;
        std::fs::copy(self.repo.path().join("index"), copy.path())
            .map_err(|e| failed(e.to_string()))?;
        env.insert("GIT_INDEX_FILE".into(), copy.path().into());
        for flag in ["--no-assume-unchanged", "--no-skip-worktree"] {
            let mut args = self.hardened_args();
            args.extend(["update-index", flag, "-z", "--stdin"].map(Into::into));
            let input = hidden.join(&0);
            query(git, &args, env, &self.root, &input).map_err(failed)?;
        }
        Ok(copy.into_temp_path())
    }

    fn hardened_args(&self) -> Vec<OsString> {
        let mut settings: Vec<OsString> = vec![
            "core.fsmonitor=false".into(),
            "core.hooksPath=/dev/null".into(),
        ];
        let user = git2::Config::open_default().ok();
        let of_user = |name: &str| user.as_ref()?.get_string(name).ok();
        let excludes = user
            .as_ref()
            .and_then(|user| user.get_path("core.excludesfile").ok());
        let excludes = excludes.unwrap_or_else(|| PathBuf::from("/dev/null"));
        let mut setting = OsString::from("core.excludesFile=");
        setting.push(excludes);
        settings.push(setting);
        for name in ["core.autocrlf", "core.eol"] {
            settings.extend(of_user(name).map(|value| format!("{name}={value}").into()));
        }
        for folder in self.trusted_folders() {
            settings.push(format!("safe.directory={folder}").into());
        }
        settings
            .into_iter()
            .flat_map(|setting| ["-c".into(), setting])
            .collect()
    }

    fn cannot_read(&self, error: &git2::Error) -> Unsupported {
        if error.code() == ErrorCode::UnbornBranch {
            return Unsupported::new(
                format!("{} has no commit yet", self.root.display()),
                "commit what is to be tried: the lanes clone the commit that HEAD names",
            )
            .at(&self.root);
        }
        Unsupported::new(
            format!(
                "{} cannot be read: {}",
                self.root.display(),
                error.message()
            ),
            format!("run: git -C \"{}\" fsck", self.root.display()),
        )
        .at(&self.root)
    }
}

fn cannot_open(start: &Path, error: &git2::Error) -> Unsupported {
    if error.code() == ErrorCode::Owner {
        let top = work_tree_above(start).unwrap_or_else(|| start.to_owned());
        return Unsupported::new(
            format!("{} belongs to somebody else", top.display()),
            format!(
                "run as its owner, or if you trust it: git config --global --add safe.directory \"{}\"",
                top.display()
            ),
        );
    }
    let not_found = error.code() == ErrorCode::NotFound && error.class() == ErrorClass::Repository;
    match work_tree_above(start) {
        Some(root) => Unsupported::new(
            format!("{} cannot be opened: {}", root.display(), error.message()),
            format!("run: git -C \"{}\" fsck", root.display()),
        )
        .at(&root),
        None if not_found => Unsupported::new(
            format!("{} is not in a git repository", start.display()),
            "give --repo the consumer, or run matrix inside of it",
        ),
        None => Unsupported::new(
            format!("{} cannot be opened: {}", start.display(), error.message()),
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

/// Whether a folder, which need not exist yet, is inside of a work tree.
#[must_use]
pub fn is_inside_work_tree(folder: &Path) -> bool {
    let exists = folder.ancestors().find(|above| above.exists());
    exists.and_then(work_tree_above).is_some()
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

fn hardened_env(env: &Snapshot) -> BTreeMap<OsString, OsString> {
    let mut out = BTreeMap::from([
        ("GIT_CONFIG_GLOBAL".into(), "/dev/null".into()),
        ("GIT_CONFIG_NOSYSTEM".into(), "1".into()),
        ("GIT_OPTIONAL_LOCKS".into(), "0".into()),
        ("LANG".into(), "C.UTF-8".into()),
    ]);
    for name in ["PATH", "HOME"] {
        out.extend(env.get(name).map(|value| (name.into(), value.to_owned())));
    }
    out
}

fn parse_porcelain(output: &[u8]) -> Vec<Dirt> {
    let mut dirt = Vec::new();
    let mut records = output
        .split(|&b| b == 0)
        .filter(|record| !record.is_empty());
    while let Some(record) = records.next() {
        let (fields, kinds) = match record[0] {
            b'1' => (8, changed_kinds(record)),
            b'2' => {
                // The path it was renamed from follows as a record of its own.
                records.next();
                (9, changed_kinds(record))
            }
            b'u' => (10, vec!["conflicted"]),
            b'?' => (1, vec!["untracked"]),
            _ => continue,
        };
        let path = record
            .splitn(fields + 1, |&b| b == b' ')
            .nth(fields)
            .unwrap_or_default();
        dirt.push(Dirt {
            path: OsString::from_vec(path.to_vec()).into(),
            kinds,
        });
    }
    dirt
}

fn changed_kinds(record: &[u8]) -> Vec<&'static str> {
    let named = [(2, "staged"), (3, "unstaged")];
    let changed = named
        .iter()
        .filter(|(at, _)| record.get(*at) != Some(&b'.'));
    changed.map(|(_, kind)| *kind).collect()
}

/// Makes a folder into a repository with one commit of all that is in it,
/// by fixed hands at a fixed time, so that its id repeats.
///
/// # Errors
/// If git cannot do it.
pub fn make_repository(folder: &Path, env: &Snapshot) -> Result<(), String> {
    let git = env.find_program("git").ok_or("git is not on PATH")?;
    let mut child_env = hardened_env(env);
    for (name, value) in fixed_identity(DEMO_TIME) {
        child_env.insert(name.into(), value.into());
    }
    let commands: [&[&str]; 3] = [
        &["init", "--quiet", "--initial-branch=main"],
        &["add", "--all"],
        &[
            "commit",
            "--quiet",
            "--message=chore: a consumer to try the gate in",
        ],
    ];
    for command in commands {
        let args: Vec<OsString> = command.iter().map(Into::into).collect();
        query(&git, &args, &child_env, folder, &[])?;
    }
    Ok(())
}

/// 2026-01-01T00:00:00Z, when every mock consumer was committed.
const DEMO_TIME: i64 = 1_767_225_600;

/// The identity and the time of every commit that a lane makes.
#[must_use]
pub fn fixed_identity(seconds: i64) -> [(&'static str, String); 6] {
    let name = "matrix".to_owned();
    let mail = "matrix@example.invalid".to_owned();
    let date = format!("{seconds} +0000");
    [
        ("GIT_AUTHOR_NAME", name.clone()),
        ("GIT_AUTHOR_EMAIL", mail.clone()),
        ("GIT_AUTHOR_DATE", date.clone()),
        ("GIT_COMMITTER_NAME", name),
        ("GIT_COMMITTER_EMAIL", mail),
        ("GIT_COMMITTER_DATE", date),
    ]
}

/// Git's global configuration of a lane.
///
/// # Errors
/// If it cannot be written.
pub fn write_lane_config(path: &Path, trusted: &[String]) -> std::io::Result<()> {
    let mut text = String::from(
        "[user]\n\tname = matrix\n\temail = matrix@example.invalid\n\
         [init]\n\tdefaultBranch = main\n\
         [gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n\
         [advice]\n\tdetachedHead = false\n",
    );
    for folder in trusted {
        let folder = folder.replace('\\', "\\\\").replace('"', "\\\"");
        text.push_str(&format!("[safe]\n\tdirectory = \"{folder}\"\n"));
    }
    fs::write(path, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn porcelain_tells_every_kind() {
        let output = b"1 M. N... 100644 100644 100644 a a staged file\0\
            1 .M N... 100644 100644 100644 a a un\nstaged\0\
            1 MM N... 100644 100644 100644 a a both\0\
            2 R. N... 100644 100644 100644 a a R100 new\0old\0\
            u UU N... 100644 100644 100644 100644 a b c torn\0? -new\0";
        let dirt = parse_porcelain(output);
        let shown: Vec<_> = dirt
            .iter()
            .map(|d| (d.path.to_str().unwrap(), d.kinds.join("+")))
            .collect();
        assert_eq!(
            shown,
            [
                ("staged file", "staged".to_owned()),
                ("un\nstaged", "unstaged".to_owned()),
                ("both", "staged+unstaged".to_owned()),
                ("new", "staged".to_owned()),
                ("torn", "conflicted".to_owned()),
                ("-new", "untracked".to_owned()),
            ]
        );
    }
}
