//! The fixed identity and configuration of git in a lane, so that commit ids
//! repeat.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use super::guard::open_config_for_writing;
use super::program::hardened_env;
use crate::sys::env::Snapshot;
use crate::sys::fs;
use crate::sys::process::helper;

/// Turns a folder into a repository with one commit of all its files.
///
/// Author and time are fixed, so that the id of the commit repeats.
///
/// # Errors
/// If git fails.
pub fn make_repository(folder: &Path, env: &Snapshot) -> Result<(), String> {
    let git = env.find_program("git").ok_or("git is not on PATH")?;
    let mut child_env = hardened_env(env);
    for (name, value) in fixed_identity(DEMO_TIME) {
        child_env.insert(name.into(), value.into());
    }
    let commands: [&[&str]; 3] = [
        &["init", "--quiet", "--initial-branch=main"],
        &["add", "--all"],
        &[
            "commit",
            "--quiet",
            "--message=chore: a consumer to try the gate in",
        ],
    ];
    for command in commands {
        let args: Vec<OsString> = command.iter().map(Into::into).collect();
        helper::run(&git, &args, &child_env, folder, &[])?;
    }
    Ok(())
}

/// The time of the commit of every mock consumer: 2026-01-01T00:00:00Z.
const DEMO_TIME: i64 = 1_767_225_600;

/// Returns the variables for the identity and time of every commit in a lane.
#[must_use]
pub fn fixed_identity(seconds: i64) -> [(&'static str, String); 6] {
    let name = "matrix".to_owned();
    let mail = "matrix@example.invalid".to_owned();
    // Without the sign, git takes a number of eight digits or fewer for a date of another form.
    let date = format!("@{seconds} +0000");
    [
        ("GIT_AUTHOR_NAME", name.clone()),
        ("GIT_AUTHOR_EMAIL", mail.clone()),
        ("GIT_AUTHOR_DATE", date.clone()),
        ("GIT_COMMITTER_NAME", name),
        ("GIT_COMMITTER_EMAIL", mail),
        ("GIT_COMMITTER_DATE", date),
    ]
}

/// The folders and filters that git may trust in a lane.
#[derive(Debug, Clone, Default)]
pub struct Trusted {
    /// Folders that are safe although another user owns them.
    pub folders: Vec<String>,
    /// Settings of filters, by name: `filter.lfs.clean`.
    pub filters: BTreeMap<String, String>,
}

/// Writes git's global configuration for a lane, with more lines at its end.
///
/// # Errors
/// If it cannot be written.
pub fn write_lane_config(path: &Path, trusted: &Trusted, more: &str) -> std::io::Result<()> {
    let mut text = String::from(
        "[user]\n\tname = matrix\n\temail = matrix@example.invalid\n\
         [init]\n\tdefaultBranch = main\n\tdefaultRefFormat = files\n\
         [gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n\
         [advice]\n\tdetachedHead = false\n",
    );
    for folder in &trusted.folders {
        let _ = write!(text, "[safe]\n\tdirectory = {}\n", quoted(folder));
    }
    for (name, value) in &trusted.filters {
        let filter = name.strip_prefix("filter.");
        if let Some((filter, key)) = filter.and_then(|name| name.rsplit_once('.')) {
            let (filter, value) = (quoted(filter), quoted(value));
            let _ = write!(text, "[filter {filter}]\n\t{key} = {value}\n");
        }
    }
    text += more;
    fs::write(path, text.as_bytes())
}

/// Makes another repository the `origin` of a clone.
///
/// # Errors
/// If the clone's configuration cannot be written.
pub fn set_remote(clone: &Path, origin: &Path) -> io::Result<()> {
    open_config_for_writing(&clone.join(".git/config"))
        .and_then(|mut config| config.set_str("remote.origin.url", &origin.to_string_lossy()))
        .map_err(io::Error::other)
}

/// Quotes a word for git's configuration.
fn quoted(word: &str) -> String {
    let escaped = word
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("\"{escaped}\"")
}
