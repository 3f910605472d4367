//! Copying a folder with all that is in it, as it is.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, utimensat};

use super::create_folder;

/// Copies a folder: files, links and folders, with permissions and times of
/// change; sockets and pipes are left out. What its owner took the right to
/// read from is opened for as long as it is copied. Folders are shared out
/// over as many threads as there are cores. A file system that can share the blocks
/// of two files until one of them is written does so.
///
/// # Errors
/// If something cannot be read or written.
pub fn replicate(from: &Path, to: &Path) -> io::Result<()> {
    create_folder(to)?;
    let queue = Mutex::new(Queue {
        open: vec![(from.to_owned(), to.to_owned())],
        at_work: 0,
        made: vec![(from.to_owned(), to.to_owned(), from.symlink_metadata()?)],
        failed: None,
    });
    let ready = std::sync::Condvar::new();
    thread::scope(|scope| {
        for _ in 0..crate::sys::env::cores() {
            scope.spawn(|| work(&queue, &ready));
        }
    });
    let queue = queue
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    // What is written into a folder changes its time, and may need a
    // permission that the folder does not give: so those above come last.
    let mut failed = queue.failed;
    for (from, to, meta) in queue.made.iter().rev() {
        let closed = close(from, meta).and_then(|()| dress(to, meta));
        failed = failed.or(closed.err());
    }
    failed.map_or(Ok(()), Err)
}

struct Queue {
    open: Vec<(PathBuf, PathBuf)>,
    at_work: usize,
    /// Folders, what was made of them and what they were like, those above
    /// before those below.
    made: Vec<(PathBuf, PathBuf, Metadata)>,
    failed: Option<io::Error>,
}

fn work(queue: &Mutex<Queue>, ready: &std::sync::Condvar) {
    let lock = || {
        queue
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    };
    let mut held = lock();
    loop {
        let Some((from, to)) = held.open.pop() else {
            if held.at_work == 0 || held.failed.is_some() {
                return;
            }
            held = ready
                .wait(held)
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            continue;
        };
        held.at_work += 1;
        drop(held);
        let below = copy_folder(&from, &to);
        held = lock();
        held.at_work -= 1;
        match below {
            Ok(folders) => {
                for (name, meta) in folders {
                    let (from, to) = (from.join(&name), to.join(&name));
                    held.made.push((from.clone(), to.clone(), meta));
                    held.open.push((from, to));
                }
            }
            Err(e) => {
                held.failed.get_or_insert(e);
                held.open.clear();
            }
        }
        ready.notify_all();
    }
}

/// Copies what stands directly in a folder; the folders in it are made, and
/// told.
fn copy_folder(from: &Path, to: &Path) -> io::Result<Vec<(PathBuf, Metadata)>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = PathBuf::from(entry.file_name());
        let (source, target) = (from.join(&name), to.join(&name));
        let meta = entry.metadata()?;
        if meta.is_dir() {
            fs::create_dir(&target)?;
            open(&source, &meta, 0o700)?;
            folders.push((name, meta));
        } else if meta.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&source)?, &target)?;
            set_times(&target, &meta)?;
        } else if meta.is_file() {
            open(&source, &meta, 0o400)?;
            let copied = fs::copy(&source, &target);
            close(&source, &meta)?;
            copied?;
            close(&target, &meta)?;
            set_times(&target, &meta)?;
        }
    }
    Ok(folders)
}

fn dress(path: &Path, meta: &Metadata) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(meta.mode()))?;
    set_times(path, meta)
}

/// Gives the owner what copying takes, where it is not there.
fn open(path: &Path, meta: &Metadata, rights: u32) -> io::Result<()> {
    let mode = meta.mode();
    if mode & rights & 0o500 == rights & 0o500 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode | rights))
}

/// Takes away again what [`open`] gave.
fn close(path: &Path, meta: &Metadata) -> io::Result<()> {
    if meta.mode() & 0o400 != 0 && (meta.is_file() || meta.mode() & 0o100 != 0) {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(meta.mode()))
}

fn set_times(path: &Path, meta: &Metadata) -> io::Result<()> {
    let moment = |seconds, nanoseconds| Timespec {
        tv_sec: seconds,
        tv_nsec: nanoseconds,
    };
    let times = Timestamps {
        last_access: moment(meta.atime(), meta.atime_nsec()),
        last_modification: moment(meta.mtime(), meta.mtime_nsec()),
    };
    Ok(utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replica_has_all_that_its_original_has() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("from");
        fs::create_dir_all(from.join("a/b/empty")).unwrap();
        super::super::write(&from.join("a/run"), b"#!/bin/sh").unwrap();
        fs::set_permissions(from.join("a/run"), fs::Permissions::from_mode(0o755)).unwrap();
        super::super::date_back(&from.join("a/run")).unwrap();
        std::os::unix::fs::symlink("../nowhere", from.join("a/b/link")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(from.join("socket")).unwrap();
        fs::set_permissions(from.join("a/b"), fs::Permissions::from_mode(0o555)).unwrap();
        let to = folder.path().join("to");
        replicate(&from, &to).unwrap();
        for path in ["a", "a/b", "a/b/empty", "a/run", "a/b/link"] {
            let [one, other] = [&from, &to].map(|at| at.join(path).symlink_metadata().unwrap());
            assert_eq!(one.mode(), other.mode(), "{path}");
            assert_eq!(one.mtime_nsec(), other.mtime_nsec(), "{path}");
            assert_ne!(one.ino(), other.ino(), "{path}");
        }
        assert_eq!(fs::read(to.join("a/run")).unwrap(), b"#!/bin/sh");
        assert_eq!(
            fs::read_link(to.join("a/b/link")).unwrap(),
            Path::new("../nowhere")
        );
        assert!(!to.join("socket").exists());
    }
}
