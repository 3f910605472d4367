//! The folders of objects that a repository borrows from.

use std::path::{Path, PathBuf};

use crate::sys::fs;

/// The maximum length of a chain of alternates; git's own limit.
pub(super) const MAX_ALTERNATES: usize = 5;

/// The folders of objects that another one borrows from.
pub(super) fn alternates(objects: &Path) -> Vec<PathBuf> {
    let list = fs::read_text(objects.join("info/alternates"));
    list.unwrap_or_default()
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter_map(|line| objects.join(line).canonicalize().ok())
        .collect()
}
