//! Finds work trees without opening a repository.

use std::path::{Path, PathBuf};

/// Returns the nearest folder at or above `start` with a `.git` in it.
#[must_use]
pub fn work_tree_above(start: &Path) -> Option<PathBuf> {
    let real = start.canonicalize().ok()?;
    real.ancestors()
        .find(|folder| folder.join(".git").exists())
        .map(Path::to_owned)
}

/// True if a folder, which need not exist yet, is inside a work tree.
#[must_use]
pub fn is_inside_work_tree(folder: &Path) -> bool {
    let exists = folder.ancestors().find(|above| above.exists());
    exists.and_then(work_tree_above).is_some()
}
