//! Readers of our files by others: packages of named versions from PyPI and npm, installed once
//! below the target folder.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use serde_json::Value;

/// Runs a script of `tests/it/fixtures/reports` with packages of PyPI; the JSON that it prints.
#[track_caller]
pub fn python(packages: &[&str], script: &str, args: &[&Path]) -> Value {
    let python = installed("pypi", packages).join("venv/bin/python");
    printed(Command::new(python).arg(fixture(script)).args(args))
}

/// Runs a script of `tests/it/fixtures/reports` with packages of npm, whose folder is its first
/// argument; the JSON that it prints.
#[track_caller]
pub fn node(packages: &[&str], script: &str, args: &[&Path]) -> Value {
    let modules = installed("npm", packages).join("node_modules");
    let mut node = Command::new("node");
    printed(node.arg(fixture(script)).arg(modules).args(args))
}

/// A file of `tests/it/fixtures/reports`.
pub fn fixture(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("tests/it/fixtures/reports").join(name)
}

#[track_caller]
fn printed(command: &mut Command) -> Value {
    let ran = command.output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{command:?}: {said}");
    serde_json::from_slice(&ran.stdout).unwrap()
}

/// The folder that has these packages. Others see it whole or not at all.
#[track_caller]
fn installed(registry: &str, packages: &[&str]) -> PathBuf {
    // Several at a time would fetch the same.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    super::tools::install_missing();
    let readers = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readers");
    let folder = readers.join(registry).join(packages.join("+"));
    if !folder.exists() {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/readers.sh");
        let mut sh = Command::new("sh");
        sh.arg(script).arg(&folder).arg(registry).args(packages);
        let made = sh.output().unwrap();
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(
            made.status.success(),
            "{packages:?} of {registry} cannot be installed: {said}"
        );
    }
    folder
}
