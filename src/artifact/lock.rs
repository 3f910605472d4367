//! The lock of an artifacts folder, as a value.

use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::sys::fs;

/// The lock of an artifacts folder.
///
/// Several runs may be recorded under one lock, one after another, each with
/// an id and verdict files of its own. The lock is released when the last
/// clone is dropped, or when the process ends.
#[derive(Debug, Clone)]
pub struct FolderLock {
    path: PathBuf,
    /// Device and inode of the folder when it was locked.
    identity: Option<(u64, u64)>,
    file: Arc<File>,
}

impl FolderLock {
    /// Wraps the locked file of a folder.
    pub(super) fn new(path: PathBuf, file: File) -> Self {
        Self {
            identity: identity(&path),
            path,
            file: Arc::new(file),
        }
    }

    /// Returns the folder, without links in its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// True if the path still leads to the folder that was locked: a process of a lane
    /// may have moved it away and put another, or a link, into its place.
    pub(super) fn is_in_place(&self) -> bool {
        identity(&self.path) == self.identity
    }

    /// Returns the number of the next run in this folder, from 1: the clock may step back
    /// between two runs, and the number does not. 0 if it cannot be kept.
    pub(super) fn next_number(&self) -> u64 {
        fs::count(&self.file).unwrap_or(0)
    }

    /// Returns the folder of all runs.
    #[must_use]
    pub fn runs(&self) -> PathBuf {
        self.path.join("runs")
    }
}

/// Returns device and inode of a folder; None of a link.
fn identity(folder: &Path) -> Option<(u64, u64)> {
    let meta = folder.symlink_metadata().ok()?;
    meta.is_dir().then(|| (meta.dev(), meta.ino()))
}
