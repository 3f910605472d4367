//! What a lane's repositories say of refs and hooks, read without running anything.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use git2::{Config, ConfigLevel, ObjectType, Repository};

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
    repository: Repository,
}

impl Refs {
    /// Opens a repository; none where it is not one any more.
    #[must_use]
    pub fn open(folder: &Path) -> Option<Self> {
        let repository = Repository::open(folder).ok()?;
        Some(Self { repository })
    }

    /// The commit that a name stands for.
    #[must_use]
    pub fn commit(&self, name: &str) -> Option<String> {
        self.id(name, ObjectType::Commit)
    }

    /// The tree of the commit that a name stands for.
    #[must_use]
    pub fn tree(&self, name: &str) -> Option<String> {
        self.id(name, ObjectType::Tree)
    }

    fn id(&self, name: &str, kind: ObjectType) -> Option<String> {
        let object = self.repository.revparse_single(name).ok()?;
        Some(object.peel(kind).ok()?.id().to_string())
    }

    /// The names of the refs that hold a commit, sorted.
    #[must_use]
    pub fn holding(&self, commit: &str) -> Vec<String> {
        let Ok(wanted) = git2::Oid::from_str(commit) else {
            return Vec::new();
        };
        let repository = &self.repository;
        let holds =
            |at| at == wanted || repository.graph_descendant_of(at, wanted).unwrap_or(false);
        let refs = repository.references().into_iter().flatten().flatten();
        let holding = refs.filter(|one| one.peel_to_commit().is_ok_and(|at| holds(at.id())));
        let names = holding.map(|one| String::from_utf8_lossy(one.name_bytes()).into_owned());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    /// Whether a commit stands on another one, however far above it.
    #[must_use]
    pub fn stands_on(&self, commit: &str, base: &str) -> bool {
        let ids = git2::Oid::from_str(commit).and_then(|c| Ok((c, git2::Oid::from_str(base)?)));
        ids.and_then(|(commit, base)| self.repository.graph_descendant_of(commit, base))
            .unwrap_or(false)
    }
}
