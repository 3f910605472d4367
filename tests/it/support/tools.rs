//! The programs that the tests use as a user would.

use std::path::PathBuf;
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

/// The names of browsers that speak the protocol of Chromium.
const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Installs what is missing, once for all tests, if this is a Debian machine
/// and the tests run as root. Elsewhere the test that needs a program fails
/// and names it.
pub fn install_missing() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let missing = NEEDED.iter().filter(|(program, _)| find(program).is_none());
        install(&missing.map(|(_, package)| *package).collect::<Vec<_>>());
    });
}

/// Returns a browser of the machine; the first test that needs one installs Debian's.
#[track_caller]
pub fn browser() -> PathBuf {
    static ONCE: Once = Once::new();
    let found = || BROWSERS.iter().find_map(|name| find(name));
    ONCE.call_once(|| {
        if found().is_none() {
            install(&["chromium"]);
        }
    });
    found().expect("a browser is needed: apt-get install chromium")
}

fn install(packages: &[&str]) {
    let can = find("apt-get").is_some() && rustix::process::geteuid().is_root();
    if packages.is_empty() || !can {
        return;
    }
    for args in [&["update"][..], &[&["install", "--yes"], packages].concat()] {
        let mut apt = Command::new("apt-get");
        apt.args(["-qq", "-o", "DPkg::Lock::Timeout=300"])
            .args(args)
            .stdin(Stdio::null());
        let _ = apt.env("DEBIAN_FRONTEND", "noninteractive").output();
    }
}

/// Returns the program of this name on PATH.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut files = std::env::split_paths(&path).map(|folder| folder.join(program));
    files.find(|file| file.is_file())
}
