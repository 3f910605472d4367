//! What a lane's repositories say of refs and hooks, read without running anything.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use git2::{Config, ConfigLevel, Repository};

use super::program::{Env, Program};
use super::reader::{Object, Reader, is_beyond_libgit2};

/// Where git looks for the hooks of a clone.
pub struct HooksFolder {
    /// The folder.
    pub path: PathBuf,
    /// What sends git there: whether the clone's own configuration does, or
    /// the global one. None where nothing does.
    pub set_by_clone: Option<bool>,
}

impl HooksFolder {
    /// Reads the clone's configuration and the global one, for a user whose
    /// home is this.
    #[must_use]
    pub fn of(clone: &Path, global: &Path, home: &Path) -> Self {
        let setting = || {
            let mut config = Config::new().ok()?;
            let own = clone.join(".git/config");
            config.add_file(global, ConfigLevel::Global, false).ok()?;
            config.add_file(&own, ConfigLevel::Local, false).ok()?;
            let entry = config.get_entry("core.hooksPath").ok()?;
            let value = PathBuf::from(OsStr::from_bytes(entry.value_bytes()));
            let value = value
                .strip_prefix("~")
                .map_or(value.clone(), |rest| home.join(rest));
            Some((value, entry.level() == ConfigLevel::Local))
        };
        let (value, set_by_clone) = match setting() {
            Some((value, by_clone)) => (value, Some(by_clone)),
            None => (".git/hooks".into(), None),
        };
        Self {
            path: clone.join(value),
            set_by_clone,
        }
    }
}

/// The refs of one repository.
pub struct Refs {
    reader: Box<dyn Reader>,
}

impl Refs {
    /// Opens a repository of a lane with these variables; none where it is
    /// not one any more.
    #[must_use]
    pub fn open(folder: &Path, env: &Env) -> Option<Self> {
        let reader: Box<dyn Reader> = match Repository::open(folder) {
            Ok(repository) => Box::new(repository),
            Err(e) if is_beyond_libgit2(&e) => Box::new(Program::of_lane(env, folder)?),
            Err(_) => return None,
        };
        Some(Self { reader })
    }

    /// The commit that a name stands for.
    #[must_use]
    pub fn commit(&self, name: &str) -> Option<String> {
        self.reader.id(name, Object::Commit)
    }

    /// The tree of the commit that a name stands for.
    #[must_use]
    pub fn tree(&self, name: &str) -> Option<String> {
        self.reader.id(name, Object::Tree)
    }

    /// The names of the refs that hold a commit, sorted.
    #[must_use]
    pub fn holding(&self, commit: &str) -> Vec<String> {
        let mut names = self.reader.holding(commit);
        names.sort();
        names
    }

    /// Whether a commit stands on another one, however far above it.
    #[must_use]
    pub fn stands_on(&self, commit: &str, base: &str) -> bool {
        self.reader.stands_on(commit, base)
    }
}
