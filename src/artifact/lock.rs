//! The lock of an artifacts folder, as a value.

use std::fs::File;
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
    _file: Arc<File>,
}

impl FolderLock {
    /// Wraps the locked file of a folder.
    pub(super) fn new(path: PathBuf, file: File) -> Self {
        Self {
            path,
            _file: Arc::new(file),
        }
    }

    /// Returns the folder, without links in its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the folder of all runs.
    #[must_use]
    pub fn runs(&self) -> PathBuf {
        self.path.join("runs")
    }
}
