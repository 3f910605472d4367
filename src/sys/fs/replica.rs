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
/// change; sockets and pipes are left out. Folders are shared out over as
/// many threads as there are cores. A file system that can share the blocks
/// of two files until one of them is written does so.
///
/// # Errors
/// If something cannot be read or written.
pub fn replicate(from: &Path, to: &Path) -> io::Result<()> {
    create_folder(to)?;
    let queue = Mutex::new(Queue {
        open: vec![(from.to_owned(), to.to_owned())],
        at_work: 0,
        made: Vec::new(),
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
    if let Some(e) = queue.failed {
        return Err(e);
    }
    // What is written into a folder changes its time, and may need a
    // permission that the folder does not give: so the deepest come last.
    for (folder, meta) in queue.made.iter().rev() {
        dress(folder, meta)?;
    }
    dress(to, &from.symlink_metadata()?)
}

struct Queue {
    open: Vec<(PathBuf, PathBuf)>,
    at_work: usize,
    /// Folders that were made, those above before those below.
    made: Vec<(PathBuf, Metadata)>,
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
                    held.made.push((to.join(&name), meta));
                    held.open.push((from.join(&name), to.join(&name)));
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
            folders.push((name, meta));
        } else if meta.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&source)?, &target)?;
            set_times(&target, &meta)?;
        } else if meta.is_file() {
            fs::copy(&source, &target)?;
            set_times(&target, &meta)?;
        }
    }
    Ok(folders)
}

fn dress(folder: &Path, meta: &Metadata) -> io::Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(meta.mode()))?;
    set_times(folder, meta)
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
