//! Temporary folders.

use std::io;
use std::path::Path;

/// The longest path of a socket: its address ends with a zero byte.
pub const SOCKET_PATH: usize = 107;

/// A folder with a short path, removed with this value.
pub struct TemporaryFolder(tempfile::TempDir);

impl TemporaryFolder {
    /// Creates a folder that only this user can access.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn new() -> io::Result<Self> {
        tempfile::Builder::new()
            .prefix("matrix-")
            .tempdir_in("/tmp")
            .map(Self)
    }

    /// Returns the path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}
