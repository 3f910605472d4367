//! A git that runs hooks from its configuration, beside that of the machine.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

/// The PATH of the machine, and one with a git that knows configured hooks.
pub fn both_gits() -> [OsString; 2] {
    [std::env::var_os("PATH").unwrap(), path_with_new_git()]
}

/// PATH with a git of 2.54 or later first: the machine's, or one that is made
/// once below the target folder.
pub fn path_with_new_git() -> OsString {
    static PATH: OnceLock<OsString> = OnceLock::new();
    let path = std::env::var_os("PATH").unwrap();
    let made = || {
        if has_configured_hooks(&path) {
            return path.clone();
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-git");
        if !folder.exists() {
            let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/new-git.sh");
            let made = Command::new("sh")
                .arg(script)
                .arg(&folder)
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&made.stderr);
            assert!(made.status.success(), "no new git can be made: {said}");
        }
        let folders = std::env::split_paths(&path);
        std::env::join_paths([folder.join("bin")].into_iter().chain(folders)).unwrap()
    };
    PATH.get_or_init(made).clone()
}

/// True if the first git of a PATH knows hooks of its configuration.
pub fn has_configured_hooks(path: &OsString) -> bool {
    let list = ["-c", "hook.a.event=pre-commit", "-c", "hook.a.command=true"];
    let words = ["hook", "list", "pre-commit"];
    let mut git = Command::new("git");
    let listed = git.args(list).args(words).env("PATH", path).output();
    listed.unwrap().status.success()
}
