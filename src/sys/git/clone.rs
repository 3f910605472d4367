//! Operations on a clone that libgit2 does in this process, without starting
//! a program of the clone's.
//!
//! Each returns nothing if libgit2 does not know the format of the clone; the
//! caller then runs git instead.

use std::path::{Path, PathBuf};

use git2::{Delta, Oid, Repository};

/// Writes the index of a clone as a tree and returns its id.
#[must_use]
pub fn index_tree(clone: &Path) -> Option<String> {
    let repository = Repository::open(clone).ok()?;
    let tree = repository.index().and_then(|mut index| index.write_tree());
    tree.ok().map(|id| id.to_string())
}

/// Compares two trees: the paths that are new or changed, and those that are
/// gone.
#[must_use]
pub fn changed_paths(clone: &Path, from: &str, to: &str) -> Option<(Vec<PathBuf>, Vec<PathBuf>)> {
    let repository = Repository::open(clone).ok()?;
    let tree = |id: &str| repository.find_tree(Oid::from_str(id).ok()?).ok();
    let diff = repository
        .diff_tree_to_tree(Some(&tree(from)?), Some(&tree(to)?), None)
        .ok()?;
    let (mut present, mut gone) = (Vec::new(), Vec::new());
    for delta in diff.deltas() {
        match delta.status() {
            Delta::Deleted => gone.push(delta.old_file().path()?.to_owned()),
            _ => present.push(delta.new_file().path()?.to_owned()),
        }
    }
    Some((present, gone))
}

/// Points a branch at HEAD, in the clone and in its remote, and makes the
/// checked-out branch track it; false if libgit2 cannot.
///
/// `reflog` is the message for the reflog of the tracking branch.
#[must_use]
pub fn publish_head(clone: &Path, branch: &str, reflog: &str) -> bool {
    let publish = || -> Result<(), git2::Error> {
        let repository = Repository::open(clone)?;
        let head = repository.head()?;
        let commit = head.peel_to_commit()?;
        repository.branch(branch, &commit, true)?;
        let name = format!("refs/heads/{branch}");
        let mut remote = repository.find_remote("origin")?;
        remote.push(&[format!("+{name}:{name}")], None)?;
        let tracking = format!("refs/remotes/origin/{branch}");
        repository.reference(&tracking, commit.id(), true, reflog)?;
        let mut config = repository.config()?.open_level(git2::ConfigLevel::Local)?;
        if let Ok(current) = head.shorthand() {
            config.set_str(&format!("branch.{current}.remote"), "origin")?;
            config.set_str(&format!("branch.{current}.merge"), &name)?;
        }
        Ok(())
    };
    publish().is_ok()
}
