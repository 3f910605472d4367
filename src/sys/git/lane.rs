//! What a lane's clone needs done that libgit2 can do in this process: no
//! program is started for it, and none of the clone's own. Where libgit2
//! does not know the clone's format there is no answer, and git is asked.

use std::path::{Path, PathBuf};

use git2::{Delta, Oid, Repository};

/// The tree that the index of a clone stands for.
#[must_use]
pub fn index_tree(clone: &Path) -> Option<String> {
    let repository = Repository::open(clone).ok()?;
    let tree = repository.index().and_then(|mut index| index.write_tree());
    tree.ok().map(|id| id.to_string())
}

/// What changed from one tree to another: what is there then, and what is
/// not any more.
#[must_use]
pub fn changed(clone: &Path, from: &str, to: &str) -> Option<(Vec<PathBuf>, Vec<PathBuf>)> {
    let repository = Repository::open(clone).ok()?;
    let tree = |id: &str| repository.find_tree(Oid::from_str(id).ok()?).ok();
    let diff = repository
        .diff_tree_to_tree(Some(&tree(from)?), Some(&tree(to)?), None)
        .ok()?;
    let (mut there, mut gone) = (Vec::new(), Vec::new());
    for delta in diff.deltas() {
        match delta.status() {
            Delta::Deleted => gone.push(delta.old_file().path()?.to_owned()),
            _ => there.push(delta.new_file().path()?.to_owned()),
        }
    }
    Some((there, gone))
}

/// Has a branch of a clone stand at HEAD, in the clone and in its remote,
/// and the branch that is checked out track it. False where that is not
/// done.
#[must_use]
pub fn publish(clone: &Path, base: &str) -> bool {
    let publish = || -> Result<(), git2::Error> {
        let repository = Repository::open(clone)?;
        let head = repository.head()?;
        let commit = head.peel_to_commit()?;
        repository.branch(base, &commit, true)?;
        let name = format!("refs/heads/{base}");
        let mut remote = repository.find_remote("origin")?;
        remote.push(&[format!("+{name}:{name}")], None)?;
        let tracking = format!("refs/remotes/origin/{base}");
        let text = "matrix: the baseline";
        repository.reference(&tracking, commit.id(), true, text)?;
        let mut config = repository.config()?.open_level(git2::ConfigLevel::Local)?;
        if let Ok(branch) = head.shorthand() {
            config.set_str(&format!("branch.{branch}.remote"), "origin")?;
            config.set_str(&format!("branch.{branch}.merge"), &name)?;
        }
        Ok(())
    };
    publish().is_ok()
}
