//! Creates and writes files and folders.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use super::digest::digest_each;
use super::fault;
use super::read::{open, regular};
use crate::sys::shortage::noting;

/// Returns the folder that contains a file.
#[must_use]
pub fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

/// Creates a folder and its parents.
///
/// # Errors
/// If one cannot be created.
pub fn create_folder(path: &Path) -> io::Result<()> {
    noting(fault::check("mkdir", path).and_then(|()| fs::create_dir_all(path)))
}

/// Moves a folder to a place where nothing is.
///
/// # Errors
/// If it cannot be moved.
pub fn move_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// Creates an empty file, and its folder if there is none.
///
/// # Errors
/// If one of them cannot be created.
pub fn create_in_new_folder(path: &Path) -> io::Result<File> {
    noting(fault::check("create", path))?;
    match noting(File::create(path)) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            create_folder(parent(path))?;
            File::create(path)
        }
        created => created,
    }
}

/// Appends to a log.
///
/// # Errors
/// If the write fails.
pub fn write_log(file: &mut File, path: &Path, bytes: &[u8]) -> io::Result<()> {
    noting(fault::check("write", path).and_then(|()| file.write_all(bytes)))
}

/// Writes a file without syncing it.
///
/// For files that no reader waits for and that may be lost in a crash of the
/// machine.
///
/// # Errors
/// If it cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create_in_new_folder(path)?;
    write_log(&mut file, path, bytes)
}

/// Sets the modification time of a file to the year 2000.
///
/// # Errors
/// If it does not exist, or belongs to another user.
pub fn date_back(path: &Path) -> io::Result<()> {
    let then = std::time::UNIX_EPOCH + std::time::Duration::from_secs(946_684_800);
    open(path)?.set_modified(then)
}

/// Replaces the content of a file and keeps its permissions.
///
/// # Errors
/// If it does not exist, or cannot be written.
pub fn overwrite(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).truncate(true).open(path)?;
    noting(file.write_all(bytes))
}

/// Appends to a file, which is created if there is none; at once, whatever stands there.
///
/// # Errors
/// If it is no regular file, or cannot be written.
pub fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    match path.metadata() {
        Ok(found) => regular(found.file_type())?,
        Err(_) => drop(options.create_new(true)),
    }
    let nonblock = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, nonblock);
    let mut file = noting(options.append(true).open(path))?;
    noting(file.write_all(bytes))
}

/// Writes a new file; it is executable if it begins with `#!`.
///
/// # Errors
/// If it exists already, or cannot be written.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    create_folder(parent(path))?;
    let mode = if bytes.starts_with(b"#!") {
        0o777
    } else {
        0o666
    };
    let mut options = fs::OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    options
        .write(true)
        .create_new(true)
        .open(path)?
        .write_all(bytes)
}

/// Syncs a folder, so that renames and removals in it survive a crash.
///
/// # Errors
/// If the folder cannot be synced.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    fault::check("sync_folder", path)?;
    File::open(path)?.sync_all()
}

/// Links a finished file to a second path, or copies it if it cannot be linked.
/// Returns digest and size.
///
/// # Errors
/// If one cannot be read or the other cannot be written.
pub fn share_digested(from: &Path, to: &Path) -> io::Result<(String, u64)> {
    let mut source = open(from)?;
    fault::check("create", to)?;
    let linked = fs::hard_link(from, to).or_else(|_| {
        create_folder(parent(to))?;
        fs::hard_link(from, to)
    });
    if linked.is_ok() {
        return digest_each(&mut source, |_| Ok(()));
    }
    let mut target = create_in_new_folder(to)?;
    digest_each(&mut source, |bytes| write_log(&mut target, to, bytes))
}
