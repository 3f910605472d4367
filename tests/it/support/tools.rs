//! The programs that the tests use as a user would.

use std::process::{Command, Stdio};
use std::sync::Once;

/// Each program, and the Debian package that has it.
const NEEDED: [(&str, &str); 14] = [
    ("git", "git"),
    ("git-lfs", "git-lfs"),
    ("jq", "jq"),
    ("perl", "perl"),
    ("script", "bsdutils"),
    ("unshare", "util-linux"),
    ("bwrap", "bubblewrap"),
    ("python3", "python3-venv"),
    ("npm", "npm"),
    ("bash", "bash"),
    ("zsh", "zsh"),
    ("fish", "fish"),
    ("man", "man-db"),
    ("mandoc", "mandoc"),
];

/// Installs what is missing, once for all tests, if this is a Debian machine
/// and the tests run as root. Elsewhere the test that needs a program fails
/// and names it.
pub fn install_missing() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let missing: Vec<_> = NEEDED
            .iter()
            .filter(|(program, _)| !is_there(program))
            .map(|(_, package)| *package)
            .collect();
        if missing.is_empty() || !is_there("apt-get") || !rustix::process::geteuid().is_root() {
            return;
        }
        for args in [
            &["update"][..],
            &[&["install", "--yes"], &missing[..]].concat(),
        ] {
            let mut apt = Command::new("apt-get");
            apt.arg("-qq").args(args).stdin(Stdio::null());
            let _ = apt.env("DEBIAN_FRONTEND", "noninteractive").output();
        }
    });
}

fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
