//! Replicates a folder with permissions and times.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, utimensat};

use super::read::copy;
use super::write::create_folder;

/// Copies a folder: files, links and folders, with permissions and modification
/// times, without sockets and pipes.
///
/// Unreadable files and folders are made readable while they are copied.
/// One thread per core copies folders. File systems that can share blocks
/// between files do so.
///
/// # Errors
/// If something cannot be read or written.
pub fn replicate(from: &Path, to: &Path) -> io::Result<()> {
    create_folder(to)?;
    let queue = Mutex::new(Queue {
        open: vec![(from.to_owned(), to.to_owned())],
        active: 0,
        created: vec![(from.to_owned(), to.to_owned(), from.symlink_metadata()?)],
        failed: None,
    });
    let ready = std::sync::Condvar::new();
    thread::scope(|scope| {
        for _ in 1..crate::sys::env::cores() {
            // Fewer threads copy more slowly.
            let _ = thread::Builder::new().spawn_scoped(scope, || work(&queue, &ready));
        }
        work(&queue, &ready);
    });
    let done = queue
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    // Writing into a folder changes its time, and may need a permission that
    // the original lacks: so folders are finished last, children first.
    let mut failed = done.failed;
    for (from, to, meta) in done.created.iter().rev() {
        let closed = restore(from, meta).and_then(|()| set_mode_and_times(to, meta));
        failed = failed.or(closed.err());
    }
    failed.map_or(Ok(()), Err)
}

struct Queue {
    open: Vec<(PathBuf, PathBuf)>,
    /// The number of threads that copy a folder.
    active: usize,
    /// Source, target and metadata of each folder, parents before children.
    created: Vec<(PathBuf, PathBuf, Metadata)>,
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
            if held.active == 0 || held.failed.is_some() {
                return;
            }
            held = ready
                .wait(held)
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            continue;
        };
        held.active += 1;
        drop(held);
        let below = copy_folder(&from, &to);
        held = lock();
        held.active -= 1;
        match below {
            Ok(folders) => {
                for (name, meta) in folders {
                    let (from, to) = (from.join(&name), to.join(&name));
                    held.created.push((from.clone(), to.clone(), meta));
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

/// Copies the files and links of a folder. Creates the folders in it and
/// returns them.
fn copy_folder(from: &Path, to: &Path) -> io::Result<Vec<(PathBuf, Metadata)>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = PathBuf::from(entry.file_name());
        let (source, target) = (from.join(&name), to.join(&name));
        let meta = entry.metadata()?;
        if meta.is_dir() {
            fs::create_dir(&target)?;
            allow(&source, &meta, 0o700)?;
            folders.push((name, meta));
        } else if meta.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&source)?, &target)?;
            set_times(&target, &meta)?;
        } else if meta.is_file() {
            allow(&source, &meta, 0o400)?;
            let copied = copy(&source, &target);
            restore(&source, &meta)?;
            copied?;
            restore(&target, &meta)?;
            set_times(&target, &meta)?;
        }
    }
    Ok(folders)
}

fn set_mode_and_times(path: &Path, meta: &Metadata) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(meta.mode()))?;
    set_times(path, meta)
}

/// Adds the permissions for the owner that copying needs.
fn allow(path: &Path, meta: &Metadata, rights: u32) -> io::Result<()> {
    let mode = meta.mode();
    if mode & rights & 0o500 == rights & 0o500 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode | rights))
}

/// Removes the permissions that [`allow`] added.
fn restore(path: &Path, meta: &Metadata) -> io::Result<()> {
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
    fn a_replica_equals_its_original() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("from");
        fs::create_dir_all(from.join("a/b/empty")).unwrap();
        super::super::write::write(&from.join("a/run"), b"#!/bin/sh").unwrap();
        fs::set_permissions(from.join("a/run"), fs::Permissions::from_mode(0o755)).unwrap();
        super::super::write::date_back(&from.join("a/run")).unwrap();
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
