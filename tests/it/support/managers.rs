//! Real package managers of named versions, installed once below the target folder.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// PATH with a package manager first, as `NAME@VERSION`.
pub fn path_with(manager: &str) -> OsString {
    // Several at a time would fetch the same.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("managers");
    let folder = folder.join(manager);
    if !folder.exists() {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/managers.sh");
        let mut sh = Command::new("sh");
        let made = sh.arg(script).arg(&folder).arg(manager).output().unwrap();
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(
            made.status.success(),
            "{manager} cannot be installed: {said}"
        );
    }
    let path = std::env::var_os("PATH").unwrap();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    std::env::join_paths([folder.join("bin")].into_iter().chain(folders)).unwrap()
}
