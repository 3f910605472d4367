//! Reads files that another process could have written or replaced.
//!
//! What stands at a path may be a named pipe without a writer, a socket, a
//! device, a file that never ends (`/proc`), or one of a terabyte of nothing. None of
//! them may hold up a run, or take its memory: a file is opened without waiting, must be
//! a regular one, and is read up to a limit.

use std::fs::{File, FileType, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;

use crate::sys::shortage::noting;

/// The most that is read of one file into memory, in bytes. Logs end at 10 MiB; the
/// largest documents that the tool writes have a few.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Opens a regular file for reading, at once. Links are followed.
///
/// # Errors
/// If there is none, it cannot be opened, or it is something else, which the error names.
pub fn open(path: impl AsRef<Path>) -> io::Result<File> {
    open_with(path.as_ref(), OFlags::empty())
}

/// Opens the device that holds nothing and takes everything.
///
/// # Errors
/// If it cannot be opened.
pub fn open_null() -> io::Result<File> {
    File::open("/dev/null")
}

/// Opens a regular file that must not be a link.
///
/// # Errors
/// As [`open`], and if it is a link.
pub fn open_no_follow(path: impl AsRef<Path>) -> io::Result<File> {
    let is_link = path.as_ref().symlink_metadata()?.is_symlink();
    if is_link {
        return Err(io::Error::other("is a link, not a file"));
    }
    open_with(path.as_ref(), OFlags::NOFOLLOW)
}

fn open_with(path: &Path, flags: OFlags) -> io::Result<File> {
    // Looked at first: opening a device can do something.
    regular(noting(path.metadata())?.file_type())?;
    let flags = (flags | OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(flags.cast_signed());
    let file = noting(options.open(path))?;
    regular(file.metadata()?.file_type())?;
    Ok(file)
}

/// Fails if this is the type of anything but a regular file.
pub(super) fn regular(kind: FileType) -> io::Result<()> {
    let found = match kind {
        kind if kind.is_file() => return Ok(()),
        kind if kind.is_dir() => "is a folder, not a file",
        kind if kind.is_fifo() => "is a named pipe, not a file",
        kind if kind.is_socket() => "is a socket, not a file",
        _ => "is a device, not a file",
    };
    Err(io::Error::other(found))
}

/// Reads a file of at most 64 MiB.
///
/// # Errors
/// As [`open`]; if it is larger, or cannot be read.
pub fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    read_opened(&open(path)?)
}

/// Reads a file of at most 64 MiB that must not be a link.
///
/// # Errors
/// As [`open_no_follow`]; if it is larger, or cannot be read.
pub fn read_no_follow(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    read_opened(&open_no_follow(path)?)
}

/// Reads a file of at most 64 MiB as text.
///
/// # Errors
/// As [`read`], and if it is not UTF-8.
pub fn read_text(path: impl AsRef<Path>) -> io::Result<String> {
    let not_text = |_| io::Error::new(io::ErrorKind::InvalidData, "is not UTF-8");
    String::from_utf8(read(path)?).map_err(not_text)
}

/// Reads an open file of at most 64 MiB.
///
/// # Errors
/// If it is larger, or cannot be read.
pub fn read_opened(file: &File) -> io::Result<Vec<u8>> {
    read_all(file, MAX_BYTES)
}

/// Copies a regular file with its permissions, over what a file at the target holds.
///
/// # Errors
/// As [`open`]; if it cannot be written.
pub fn copy(from: &Path, to: &Path) -> io::Result<u64> {
    let mut source = open(from)?;
    let meta = source.metadata()?;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    let mode = meta.permissions().mode();
    let mut target = options.mode(mode).open(to)?;
    // Not by its path: a link could stand there by now.
    target.set_permissions(meta.permissions())?;
    io::copy(&mut source, &mut target)
}

fn read_all(file: &File, limit: u64) -> io::Result<Vec<u8>> {
    let size = file.metadata()?.len();
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(limit)).unwrap_or_default());
    // Not by its size alone: a file below /proc has none, and may not end.
    if size <= limit {
        file.take(limit + 1).read_to_end(&mut bytes)?;
    }
    if size > limit || bytes.len() as u64 > limit {
        let mebibytes = limit / 1024 / 1024;
        return Err(io::Error::other(format!(
            "is larger than {mebibytes} MiB, the most that is read"
        )));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use rustix::fs::{CWD, FileType as Kind, Mode, mknodat};

    use super::*;

    fn why(path: &Path) -> String {
        read(path).unwrap_err().to_string()
    }

    #[test]
    fn only_a_regular_file_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        mknodat(CWD, at("pipe"), Kind::Fifo, Mode::RUSR, 0).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        symlink(at("pipe"), at("link")).unwrap();
        assert_eq!(why(&at("pipe")), "is a named pipe, not a file");
        assert_eq!(why(&at("link")), "is a named pipe, not a file");
        assert_eq!(why(&at("socket")), "is a socket, not a file");
        assert_eq!(why(folder.path()), "is a folder, not a file");
        assert_eq!(why(Path::new("/dev/zero")), "is a device, not a file");
        assert_eq!(
            read(at("none")).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
    }

    #[test]
    fn a_link_is_followed_only_where_it_may_be() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("file"), "text").unwrap();
        symlink(at("file"), at("link")).unwrap();
        assert_eq!(read_text(at("link")).unwrap(), "text");
        assert_eq!(read_no_follow(at("file")).unwrap(), b"text");
        let refused = read_no_follow(at("link")).unwrap_err();
        assert_eq!(refused.to_string(), "is a link, not a file");
    }

    #[test]
    fn a_file_of_a_terabyte_takes_no_memory() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(1 << 40).unwrap();
        assert_eq!(
            why(file.path()),
            "is larger than 64 MiB, the most that is read"
        );
    }

    #[test]
    fn a_file_may_be_as_large_as_the_limit() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(8).unwrap();
        assert_eq!(read_all(&file, 8).unwrap().len(), 8);
        assert!(read_all(&file, 7).is_err());
    }
}
