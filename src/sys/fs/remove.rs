//! Removes files and folders.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::fault;

/// Removes a file; true if there was one.
///
/// # Errors
/// If it exists and cannot be removed.
pub fn remove_file(path: &Path) -> io::Result<bool> {
    fault::check("unlink", path)?;
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

/// Removes a folder with its content, read-only folders too; true if there was
/// one.
///
/// # Errors
/// If it exists and cannot be removed.
pub fn remove_folder(path: &Path) -> io::Result<bool> {
    match fs::remove_dir_all(path) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) if e.kind() == io::ErrorKind::PermissionDenied => {
            make_writable(path);
            fs::remove_dir_all(path).map(|()| true)
        }
        Err(e) => Err(e),
    }
}

/// Makes folders writable: some tools leave read-only ones.
fn make_writable(folder: &Path) {
    let _ = fs::set_permissions(folder, Permissions::from_mode(0o700));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_writable(&entry.path());
        }
    }
}

/// Removes what a path below a folder names; true if there was something.
///
/// Behind a link nothing is removed: it could lead out of the folder.
///
/// # Errors
/// If it exists and cannot be removed.
pub fn remove_below(folder: &Path, path: &Path) -> io::Result<bool> {
    let mut above = path.ancestors().skip(1);
    if above.any(|above| !above.as_os_str().is_empty() && folder.join(above).is_symlink()) {
        return Ok(false);
    }
    remove_any(&folder.join(path))
}

/// Removes a file, a link, or a folder with its content; true if there was one.
///
/// # Errors
/// If it exists and cannot be removed.
pub fn remove_any(path: &Path) -> io::Result<bool> {
    match path.symlink_metadata() {
        Ok(meta) if meta.is_dir() => remove_folder(path),
        Ok(_) => remove_file(path),
        Err(_) => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::fs;

    #[test]
    fn nothing_is_removed_behind_a_link() {
        let (lane, outside) = (
            fs::TemporaryFolder::new().unwrap(),
            fs::TemporaryFolder::new().unwrap(),
        );
        fs::write(&outside.path().join("deep/own.txt"), b"own").unwrap();
        fs::write(&lane.path().join("src/a/b.txt"), b"b").unwrap();
        std::os::unix::fs::symlink(outside.path(), lane.path().join("link")).unwrap();
        let remove = |path: &str| remove_below(lane.path(), Path::new(path)).unwrap();
        assert!(!remove("link/deep/own.txt") && !remove("link/deep"));
        assert!(outside.path().join("deep/own.txt").exists());
        assert!(remove("src/a/b.txt") && !remove("src/a/b.txt"));
        assert!(remove("link") && outside.path().exists());
    }
}
