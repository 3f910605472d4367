//! Claims on folders: a lock file beside each says that a process of this program uses it.
//!
//! Invariants: a folder is made after its claim was taken and removed before the claim is
//! given up, so a folder of a process that was killed has a lock file without a lock.

use std::fs::File;
use std::io;
use std::mem::ManuallyDrop;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::lock::try_lock;
use super::remove::{remove_any, remove_file};

/// The end of the name of a lock file.
const END: &str = ".lock";
/// The number of attempts to claim a folder whose lock file a sweep is just removing.
const ATTEMPTS: usize = 8;

/// A claim on a folder, given up with this value.
#[derive(Debug)]
pub struct Claim {
    lock: PathBuf,
    _file: File,
}

impl Claim {
    /// Claims a folder, which need not exist; the folder above must. None if another
    /// process holds a claim on it.
    ///
    /// # Errors
    /// If the lock file cannot be created, or the system has no locks for it.
    pub fn take(folder: &Path) -> io::Result<Option<Self>> {
        let mut lock = folder.to_owned().into_os_string();
        lock.push(END);
        Self::of(lock.into())
    }

    fn of(lock: PathBuf) -> io::Result<Option<Self>> {
        for _ in 0..ATTEMPTS {
            let Some(file) = try_lock(&lock)? else {
                return Ok(None);
            };
            let own = file.metadata()?;
            let is_in_place = lock
                .symlink_metadata()
                .is_ok_and(|found| (found.dev(), found.ino()) == (own.dev(), own.ino()));
            if is_in_place {
                return Ok(Some(Self { lock, _file: file }));
            }
        }
        Ok(None)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let _ = remove_file(&self.lock);
    }
}

/// Removes the folders that processes of this user claimed and left when they were killed.
///
/// `is_own` says which names are those of such folders.
pub fn sweep_claimed(above: &Path, is_own: impl Fn(&str) -> bool) {
    let user = rustix::process::geteuid().as_raw();
    for entry in std::fs::read_dir(above).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let own = name.to_str().and_then(|name| name.strip_suffix(END));
        let Some(folder) = own.filter(|name| is_own(name)) else {
            continue;
        };
        let is_mine = entry
            .metadata()
            .is_ok_and(|found| found.is_file() && found.uid() == user);
        if !is_mine {
            continue;
        }
        if let Ok(Some(claim)) = Claim::of(entry.path()) {
            let claim = ManuallyDrop::new(claim);
            if remove_any(&above.join(folder)).is_ok() {
                drop(ManuallyDrop::into_inner(claim));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::fs;

    #[test]
    fn what_is_claimed_is_never_swept() {
        let above = fs::TemporaryFolder::new().unwrap();
        let place = |name: &str| above.path().join(name);
        for name in ["held", "left", "other", "unclaimed"] {
            fs::write(&place(name).join("file"), b"").unwrap();
        }
        let held = Claim::take(&place("held")).unwrap().unwrap();
        for name in ["left", "other"] {
            fs::write(&place(&format!("{name}.lock")), b"").unwrap();
        }
        assert!(Claim::take(&place("held")).unwrap().is_none());
        sweep_claimed(above.path(), |name| name != "other");
        for (name, stays) in [
            ("held", true),
            ("held.lock", true),
            ("left", false),
            ("left.lock", false),
            ("other", true),
            ("unclaimed", true),
        ] {
            assert_eq!(place(name).exists(), stays, "{name}");
        }
        drop(held);
        assert!(!place("held.lock").exists());
    }
}
