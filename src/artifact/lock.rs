//! The lock of an artifacts folder, as a value.

use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
    _file: Arc<File>,
}

impl FolderLock {
    /// Wraps the locked file of a folder.
    pub(super) fn new(path: PathBuf, file: File) -> Self {
        Self {
            identity: identity(&path),
            path,
            _file: Arc::new(file),
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
