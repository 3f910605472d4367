//! Operations on a clone that libgit2 does in this process, without starting
//! a program of the clone's.
//!
//! Each returns nothing if libgit2 does not know the format of the clone; the
//! caller then runs git instead.

use std::path::{Path, PathBuf};

use git2::{Delta, Oid};

use super::guard::{open_for_writing, open_repository};

/// Writes the index of a clone as a tree and returns its id.
#[must_use]
pub fn index_tree(clone: &Path) -> Option<String> {
    let repository = open_for_writing(clone).ok()?;
    let tree = repository.index().and_then(|mut index| index.write_tree());
    tree.ok().map(|id| id.to_string())
}

/// Compares two trees: the paths that are new or changed, and those that are
/// gone.
#[must_use]
pub fn changed_paths(clone: &Path, from: &str, to: &str) -> Option<(Vec<PathBuf>, Vec<PathBuf>)> {
    let repository = open_repository(clone).ok()?;
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
