//! Lock files.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::fault;

/// The name of the lock of an artifacts folder.
pub const LOCK: &str = ".matrix.lock";

/// Opens a lock file and locks it; `None` if another process holds the lock.
///
/// # Errors
/// If the file cannot be opened or the system has no locks for it.
pub fn try_lock(path: &Path) -> io::Result<Option<File>> {
    let file = open_lock(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(e)) => Err(e),
    }
}

/// Opens a lock file and waits for its lock.
///
/// # Errors
/// If the file cannot be opened or the system has no locks for it.
pub fn wait_for_lock(path: &Path) -> io::Result<File> {
    let file = open_lock(path)?;
    file.lock()?;
    Ok(file)
}

fn open_lock(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    fault::check("lock", path)?;
    let mut options = fs::OpenOptions::new();
    // A link could lead to a file of another user.
    options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}
