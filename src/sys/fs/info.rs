//! Reads facts about files and file systems.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::read::open;

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

/// True if the file system of a path has no room left.
#[must_use]
pub fn is_full(path: &Path) -> bool {
    rustix::fs::statvfs(path).is_ok_and(|fs| fs.f_bavail * fs.f_frsize < 64 * 1024)
}
