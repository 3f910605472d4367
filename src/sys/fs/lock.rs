//! Lock files.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use super::fault;

/// The name of the lock of an artifacts folder.
pub const LOCK: &str = ".matrix.lock";

/// The longest time that a reader waits for a lock: retention holds one for a moment only.
const MOMENT: Duration = Duration::from_secs(1);
/// The time between two tries.
const POLL: Duration = Duration::from_millis(10);

/// The length of the longest number.
const MAX_DIGITS: u64 = 20;

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

/// Waits for a shared lock of an open file, but not longer than a moment; false if another
/// process holds the file for itself all that time.
///
/// # Errors
/// If the system has no locks for it.
pub fn share(file: &File) -> io::Result<bool> {
    let begun = Instant::now();
    loop {
        match file.try_lock_shared() {
            Ok(()) => return Ok(true),
            Err(fs::TryLockError::WouldBlock) if begun.elapsed() < MOMENT => {
                std::thread::park_timeout(POLL);
            }
            Err(fs::TryLockError::WouldBlock) => return Ok(false),
            Err(fs::TryLockError::Error(e)) => return Err(e),
        }
    }
}

/// Returns the number that a lock file holds, if another process has the lock.
#[must_use]
pub fn number_held(path: &Path) -> Option<u64> {
    let file = super::open(path).ok()?;
    let Err(fs::TryLockError::WouldBlock) = file.try_lock_shared() else {
        return None;
    };
    let mut text = String::new();
    file.take(MAX_DIGITS).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn open_lock(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    fault::check("lock", path)?;
    let mut options = fs::OpenOptions::new();
    // Nor is a pipe in its place waited for: it is opened for both ends.
    // A link could lead to a file of another user.
    options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .and_then(|file| {
            if file.metadata()?.is_file() {
                Ok(file)
            } else {
                Err(io::Error::other("is not a file"))
            }
        })
}

/// Adds one to the number that a locked file holds, and returns it. A file without one
/// holds 0.
///
/// # Errors
/// If it cannot be read or written.
pub fn count(mut file: &File) -> io::Result<u64> {
    let mut text = String::new();
    file.rewind()?;
    // Any other text is no number.
    let _ = file.take(MAX_DIGITS).read_to_string(&mut text);
    let number = text.trim().parse::<u64>().unwrap_or(0).saturating_add(1);
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(format!("{number}\n").as_bytes())?;
    Ok(number)
}
