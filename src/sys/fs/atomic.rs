//! Atomic writes: a file is written and synced under a temporary name, renamed,
//! and its folder synced.

use std::fs::Permissions;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::digest::digest_each;
use super::fault;
use super::read::open;
use super::write::{parent, sync_folder};

/// The prefix of the names of temporary files.
pub const TEMPORARY_PREFIX: &str = ".matrix-tmp-";

/// A file that is written and synced under a temporary name beside its target.
/// It is removed if it is dropped before [`Staged::publish`].
pub struct Staged {
    file: tempfile::NamedTempFile,
    target: PathBuf,
}

impl Staged {
    /// Writes and syncs the bytes beside `target`.
    ///
    /// # Errors
    /// If the write fails.
    pub fn new(target: &Path, bytes: &[u8]) -> io::Result<Self> {
        let mut staged = Self::empty(target)?;
        staged.write(bytes)?;
        staged.sync()?;
        Ok(staged)
    }

    fn empty(target: &Path) -> io::Result<Self> {
        fault::check("create", target)?;
        let file = tempfile::Builder::new()
            .prefix(TEMPORARY_PREFIX)
            // The umask applies, as to any other file.
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(parent(target))?;
        Ok(Self {
            file,
            target: target.to_owned(),
        })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        fault::check("write", &self.target)?;
        self.file.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        fault::check("sync", &self.target)?;
        self.file.as_file().sync_all()
    }

    /// Renames the file to its target, replacing a file there. The folder is not
    /// synced.
    ///
    /// # Errors
    /// If it cannot be renamed.
    pub fn publish(self) -> io::Result<()> {
        fault::check("rename", &self.target)?;
        self.file.persist(&self.target).map_err(|e| e.error)?;
        Ok(())
    }
}

/// Writes a file so that a reader sees the old or the new content.
///
/// # Errors
/// If the write fails.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    Staged::new(path, bytes)?.publish()?;
    sync_folder(parent(path))
}

/// Copies a file so that a reader sees the whole copy or none. Returns digest
/// and size of the bytes that were written.
///
/// # Errors
/// If one cannot be read or the other cannot be written.
pub fn copy_atomic(from: &Path, to: &Path) -> io::Result<(String, u64)> {
    let mut source = open(from)?;
    let mut staged = Staged::empty(to)?;
    let copied = digest_each(&mut source, |bytes| staged.write(bytes))?;
    staged.sync()?;
    staged.publish()?;
    sync_folder(parent(to))?;
    Ok(copied)
}
