//! Whether the consumer is clean, and if not, what makes it dirty.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::{panic, thread};

use git2::{Repository, Status, StatusOptions, StatusShow};

use super::{Consumer, Unsupported};
use crate::model::text::{shell, shown};
use crate::sys::env::Snapshot;
use crate::sys::fs;
use crate::sys::process::query;

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
    /// If the status cannot be read.
    pub fn dirt(&self, artifacts: &Path, env: &Snapshot) -> Result<Vec<Dirt>, Unsupported> {
        let seen = self.dirt_by_libgit2()?;
        // Where this run writes, and where an earlier one did without a word
        // from the user.
        let default = self.root.join("artifacts");
        let default = Some(default).filter(|folder| folder.join(fs::LOCK).exists());
        let ours: Vec<_> = std::iter::once(artifacts.to_owned())
            .chain(default)
            .filter_map(|folder| folder.strip_prefix(&self.root).ok().map(Path::to_owned))
            .collect();
        let is_ours = |dirt: &Dirt| {
            dirt.kinds == ["untracked"] && ours.iter().any(|ours| dirt.path.starts_with(ours))
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

    /// What is staged and what is not are looked for side by side: reading
    /// the files is slow, and libgit2 does it one after the other.
    fn dirt_by_libgit2(&self) -> Result<Vec<Dirt>, Unsupported> {
        let git_dir = self.repo.path();
        let (staged, unstaged) = thread::scope(|scope| {
            let staged = scope.spawn(|| look(&Repository::open(git_dir)?, StatusShow::Index));
            let unstaged = look(&self.repo, StatusShow::Workdir);
            let staged = staged.join();
            (staged.unwrap_or_else(|e| panic::resume_unwind(e)), unstaged)
        });
        let mut statuses = staged.map_err(|e| self.cannot_read(&e))?;
        for (path, status) in unstaged.map_err(|e| self.cannot_read(&e))? {
            *statuses.entry(path).or_insert(Status::CURRENT) |= status;
        }
        let dirt = statuses.into_iter().map(|(path, status)| Dirt {
            path,
            kinds: kinds_of(status),
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
        let mut args = self.hardened_args(env);
        let unveiled = if hidden.is_empty() {
            None
        } else {
            match self.unveil(&git, &args, hidden, &mut child_env) {
                Ok(index) => Some(index),
                Err(e) => return Some(Err(e)),
            }
        };
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
                    shown(&self.root)
                ),
                format!("run: git -C {} fsck", shell(&self.root)),
            )
            .at(&self.root)),
        })
    }

    /// A copy of the index in which nothing is hidden.
    fn unveil(
        &self,
        git: &Path,
        hardened: &[OsString],
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
            let mut args = hardened.to_vec();
            args.extend(["update-index", flag, "-z", "--stdin"].map(Into::into));
            let input = hidden.join(&0);
            query(git, &args, env, &self.root, &input).map_err(failed)?;
        }
        Ok(copy.into_temp_path())
    }

    fn hardened_args(&self, env: &Snapshot) -> Vec<OsString> {
        let mut settings: Vec<OsString> = vec![
            "core.fsmonitor=false".into(),
            "core.hooksPath=/dev/null".into(),
        ];
        let user = git2::Config::open_default().ok();
        let of_user = |name: &str| user.as_ref()?.get_string(name).ok();
        // Of all levels: which file names what is ignored is the
        // repository's to say too, and reading it runs nothing.
        let config = self.repo.config();
        let excludes = config.and_then(|config| config.get_path("core.excludesfile"));
        let excludes = excludes.ok();
        let excludes = excludes.or_else(|| {
            let config = env.folder("XDG_CONFIG_HOME");
            let config = config.or_else(|| Some(env.folder("HOME")?.join(".config")));
            Some(config?.join("git/ignore"))
        });
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
}

fn look(repo: &Repository, show: StatusShow) -> Result<BTreeMap<PathBuf, Status>, git2::Error> {
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

pub(super) fn hardened_env(env: &Snapshot) -> BTreeMap<OsString, OsString> {
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
