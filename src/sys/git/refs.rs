//! Reads refs and hook settings of a repository, without running anything.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use git2::{Config, ConfigLevel};

use super::entry::value_of;
use super::guard::{add_config, open_repository};
use super::libgit2::is_beyond_libgit2;
use super::program::{Env, Program};
use super::reader::{Object, Reader};
use crate::sys::fs;
use crate::sys::shortage::note_message;

/// The folder in which git looks for the hooks of a clone.
pub struct HooksFolder {
    /// The folder.
    pub path: PathBuf,
    /// The configuration that names it: true for the clone's own, false for the
    /// global one; `None` for the default.
    pub set_by_clone: Option<bool>,
}

impl HooksFolder {
    /// Reads the clone's configuration and the global one of a user with this
    /// home.
    #[must_use]
    pub fn of(clone: &Path, global: &Path, home: &Path) -> Self {
        let (git, common) = git_folders(clone);
        let setting = || {
            let mut config = Config::new().ok()?;
            let own = common.join("config");
            add_config(&mut config, global, ConfigLevel::Global).ok()?;
            add_config(&mut config, &own, ConfigLevel::Local).ok()?;
            if config.get_bool("extensions.worktreeConfig") == Ok(true) {
                let of_work_tree = git.join("config.worktree");
                let level = ConfigLevel::Worktree;
                let _ = add_config(&mut config, &of_work_tree, level);
            }
            let entry = config.get_entry("core.hooksPath").ok()?;
            // A name alone is an error of git.
            let value = PathBuf::from(OsStr::from_bytes(value_of(&entry)?));
            let expanded = value.strip_prefix("~").ok().map(|rest| home.join(rest));
            Some((
                expanded.unwrap_or(value),
                entry.level() != ConfigLevel::Global,
            ))
        };
        let (value, set_by_clone) = match setting() {
            Some((value, by_clone)) => (value, Some(by_clone)),
            None => (common.join("hooks"), None),
        };
        Self {
            path: clone.join(value),
            set_by_clone,
        }
    }
}

/// Returns the git folder of a work tree, and the one that it shares with others linked
/// to the same repository.
fn git_folders(clone: &Path) -> (PathBuf, PathBuf) {
    let read = |path: PathBuf| {
        let text = fs::read_text(path).ok()?;
        Some(PathBuf::from(text.trim_end()))
    };
    let link = read(clone.join(".git"));
    let target = link.and_then(|link| link.to_str()?.strip_prefix("gitdir: ").map(PathBuf::from));
    let git = clone.join(target.unwrap_or_else(|| ".git".into()));
    let common = read(git.join("commondir")).map(|common| git.join(common));
    let common = common.unwrap_or_else(|| git.clone());
    (git, common)
}

/// Returns whether the refs of a repository may have another format than files. Git
/// alone can tell which.
#[must_use]
pub fn may_have_another_ref_format(folder: &Path) -> bool {
    let dot_git = folder.join(".git");
    let (_, common) = if dot_git.exists() {
        git_folders(folder)
    } else {
        (folder.to_owned(), folder.to_owned())
    };
    // An extension counts in the repository's own configuration alone.
    match fs::read(common.join("config")) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            text.to_ascii_lowercase().contains("refstorage")
        }
        Err(_) => true,
    }
}

/// The refs of one repository.
pub struct Refs {
    reader: Rc<dyn Reader>,
}

impl Refs {
    /// Opens a repository of a lane with these variables; `None` if it is no
    /// repository any more.
    #[must_use]
    pub fn open(folder: &Path, env: &Env) -> Option<Self> {
        let reader: Rc<dyn Reader> = match open_repository(folder) {
            Ok(repository) => repository,
            Err(e) if is_beyond_libgit2(&e) => Rc::new(Program::of_lane(env, folder)?),
            Err(e) => {
                note_message(e.message());
                return None;
            }
        };
        Some(Self { reader })
    }

    /// Returns the branch that is checked out, if any.
    #[must_use]
    pub fn branch(&self) -> Option<String> {
        self.reader.head().ok()?.branch
    }

    /// Returns the commit with a name.
    #[must_use]
    pub fn commit(&self, name: &str) -> Option<String> {
        self.reader.id(name, Object::Commit)
    }

    /// Returns the tree of the commit with a name.
    #[must_use]
    pub fn tree(&self, name: &str) -> Option<String> {
        self.reader.id(name, Object::Tree)
    }

    /// Returns the paths of the files in the index, relative to the work tree.
    #[must_use]
    pub fn tracked_files(&self) -> Vec<PathBuf> {
        self.reader.tracked_files()
    }

    /// Returns each entry of the index as text, without what git notes of files' times.
    #[must_use]
    pub fn index_entries(&self) -> Vec<Vec<u8>> {
        self.reader.index_entries()
    }

    /// Returns the names of the refs that contain a commit, sorted.
    #[must_use]
    pub fn holding(&self, commit: &str) -> Vec<String> {
        let mut names = self.reader.holding(commit);
        names.sort();
        names
    }

    /// Returns the refs with these prefixes that name a commit themselves, not
    /// through another ref, sorted.
    #[must_use]
    pub fn direct_at(&self, commit: &str, prefixes: &[&str]) -> Vec<String> {
        let mut names = self.reader.direct_at(commit);
        names.retain(|name| prefixes.iter().any(|prefix| name.starts_with(prefix)));
        names.sort();
        names
    }

    /// True if `base` is a proper ancestor of a commit.
    #[must_use]
    pub fn stands_on(&self, commit: &str, base: &str) -> bool {
        self.reader.stands_on(commit, base)
    }
}

/// True if git accepts this as the full name of a ref.
#[must_use]
pub fn is_ref_name(name: &str) -> bool {
    git2::Reference::is_valid_name(name)
}
