//! Reads facts about files and file systems.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use rustix::fs::StatVfsMountFlags;

use super::read::open;
use crate::model::Shortage;

/// The size of a small file, in bytes.
const SMALL_FILE: u64 = 8 * 1024;

/// Returns size and modification time (seconds since 1970 and nanoseconds) of a
/// file, to recognise a replaced one; `None` if there is no file.
#[must_use]
pub fn stamp(path: &Path) -> Option<(u64, i64, i64)> {
    use std::os::unix::fs::MetadataExt;
    let meta = path.metadata().ok()?;
    Some((meta.len(), meta.mtime(), meta.mtime_nsec()))
}

/// Returns the last bytes of a file; none if it cannot be read.
#[must_use]
pub fn tail(path: &Path, bytes: u64) -> Vec<u8> {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = open(path)?;
        let size = file.metadata()?.len();
        file.seek(SeekFrom::Start(size.saturating_sub(bytes)))?;
        let mut tail = Vec::new();
        file.take(bytes).read_to_end(&mut tail)?;
        Ok(tail)
    };
    read().unwrap_or_default()
}

/// Returns the number of bytes that may be written to the file system of a path.
#[must_use]
pub fn free_bytes(path: &Path) -> Option<u64> {
    let mut above = path.ancestors();
    let found = above.find_map(|path| rustix::fs::statvfs(path).ok())?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

/// True if this process may create files in a folder.
#[must_use]
pub fn is_writable(folder: &Path) -> bool {
    rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok()
}

/// Returns what the file system of a path lacks for this many bytes to be written in small
/// files, if anything.
#[must_use]
pub fn shortage_at(path: &Path, bytes: u64) -> Option<Shortage> {
    let found = rustix::fs::statvfs(path).ok()?;
    // Some file systems do not count files.
    let has_files = found.f_files == 0 || found.f_favail >= bytes / SMALL_FILE;
    if found.f_flag.contains(StatVfsMountFlags::RDONLY) {
        Some(Shortage::ReadOnly)
    } else if found.f_bavail.saturating_mul(found.f_frsize) < bytes || !has_files {
        Some(Shortage::Space)
    } else {
        None
    }
}
