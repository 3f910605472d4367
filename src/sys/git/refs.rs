//! What a lane's repositories say of refs and hooks, read without running anything.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use git2::{Config, ConfigLevel, ObjectType, Repository};

/// Where git looks for the hooks of a clone, as its own configuration and
/// the global one say.
#[must_use]
pub fn hooks_folder(clone: &Path, global: &Path) -> PathBuf {
    let setting = || {
        let mut config = Config::new().ok()?;
        let own = clone.join(".git/config");
        config.add_file(global, ConfigLevel::Global, false).ok()?;
        config.add_file(&own, ConfigLevel::Local, false).ok()?;
        let value = config.get_entry("core.hooksPath").ok()?;
        Some(PathBuf::from(OsStr::from_bytes(value.value_bytes())))
    };
    clone.join(setting().unwrap_or_else(|| ".git/hooks".into()))
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

    /// Whether a commit has no other parent than this one.
    #[must_use]
    pub fn is_child(&self, commit: &str, parent: &str) -> bool {
        let commit = self.repository.revparse_single(commit);
        let commit = commit.and_then(|object| object.peel_to_commit());
        commit.is_ok_and(|commit| {
            let mut parents = commit.parent_ids().map(|id| id.to_string());
            parents.next().as_deref() == Some(parent) && parents.next().is_none()
        })
    }
}
