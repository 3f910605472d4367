//! Fetches one revision of a repository into a cache, once.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::program::Program;
use crate::model::text::plain;
use crate::sys::env::Snapshot;
use crate::sys::fs;
use crate::sys::process::helper;

/// A revision that was fetched.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Its commit.
    pub commit: String,
    /// The folder that has its files.
    pub folder: PathBuf,
}

/// The file that says that a folder of the cache is complete.
const COMMIT: &str = "commit";

/// Variables that would lead git to another repository.
const OF_REPOSITORY: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
];

/// Returns the files of a tag, branch or commit, from the cache if it was fetched before.
///
/// The user's git settings and credentials count for the address, and are not stored.
///
/// # Errors
/// A sentence without credentials, if it cannot be fetched.
pub fn fetch_revision(
    env: &Snapshot,
    cache: &Path,
    address: &str,
    revision: &str,
) -> Result<Fetched, String> {
    let key = fs::sha256(format!("{}\n{revision}", without_credentials(address)).as_bytes());
    let place = cache.join(&key[..20]);
    if let Some(fetched) = cached(&place) {
        return Ok(fetched);
    }
    let unwritten = |e: std::io::Error| format!("{}: {e}", place.display());
    let fresh = cache.join(format!(".{}-{}", &key[..20], std::process::id()));
    fs::remove_folder(&fresh).map_err(unwritten)?;
    let tree = fresh.join("tree");
    fs::create_folder(&tree).map_err(unwritten)?;
    let commit = check_out(env, &tree, address, revision);
    let commit = commit.map_err(|text| {
        let _ = fs::remove_folder(&fresh);
        plain(&hide_credentials(&text, address))
    })?;
    fs::write(&fresh.join(COMMIT), commit.as_bytes()).map_err(unwritten)?;
    // Another run may have been faster.
    let moved = fs::move_folder(&fresh, &place);
    let _ = fs::remove_folder(&fresh);
    cached(&place).ok_or_else(|| moved.err().map_or_else(String::new, unwritten))
}

fn cached(place: &Path) -> Option<Fetched> {
    let commit = fs::read_text(place.join(COMMIT)).ok()?;
    let folder = place.join("tree");
    folder.is_dir().then_some(Fetched { commit, folder })
}

fn check_out(env: &Snapshot, tree: &Path, address: &str, revision: &str) -> Result<String, String> {
    let own = Program::of_user(env, tree, &[]).ok_or("git is not on PATH")?;
    own.ask(&["init", "--quiet", "."])?;
    let one = format!("+{revision}:refs/matrix/wanted");
    let shallow = fetch(env, tree, &["--depth=1", "--no-tags", address, &one]);
    let names: &[String] = if shallow.is_ok() {
        &["refs/matrix/wanted".to_owned()]
    } else {
        // An abbreviated commit, or a server that gives no single commits.
        let all = ["+refs/heads/*:refs/matrix/*", "+refs/tags/*:refs/tags/*"];
        fetch(env, tree, &[&[address], &all[..]].concat())?;
        &[
            format!("refs/tags/{revision}"),
            format!("refs/matrix/{revision}"),
            revision.to_owned(),
        ]
    };
    let id = |name: &String| {
        let commit = format!("{name}^{{commit}}");
        own.line(&["rev-parse", "--verify", "--quiet", &commit])
            .ok()
    };
    let found = names.iter().find_map(id);
    let found = found.ok_or_else(|| format!("it has no tag, branch or commit `{revision}`"))?;
    let commit = found.to_string_lossy().into_owned();
    own.ask_slowly(&["checkout", "--quiet", "--detach", &commit])?;
    Ok(commit)
}

/// Fetches with the environment of the user, but for what names another repository.
fn fetch(env: &Snapshot, tree: &Path, words: &[&str]) -> Result<(), String> {
    let is_own = |name: &OsString| !OF_REPOSITORY.iter().any(|other| name == other);
    let mut all: BTreeMap<OsString, OsString> = env
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .filter(|(name, _)| is_own(name))
        .collect();
    all.insert("GIT_TERMINAL_PROMPT".into(), "0".into());
    for (name, value) in [
        ("GIT_SSH_COMMAND", "ssh -o BatchMode=yes"),
        // Not `ext`, which runs what an address says.
        ("GIT_ALLOW_PROTOCOL", "file:git:http:https:ssh"),
    ] {
        all.entry(name.into()).or_insert(value.into());
    }
    let git = env.find_program("git").ok_or("git is not on PATH")?;
    let always = [
        "-c",
        "core.hooksPath=/dev/null",
        "fetch",
        "--quiet",
        "--no-write-fetch-head",
        "--no-recurse-submodules",
    ];
    let args: Vec<OsString> = always.iter().chain(words).map(Into::into).collect();
    helper::run_within(helper::LONG_TIMEOUT, &git, &args, &all, tree, &[]).map(drop)
}

/// Returns an address without the name and password of a user of it.
#[must_use]
pub fn without_credentials(address: &str) -> String {
    match credentials(address) {
        Some(user) => address.replacen(&format!("{user}@"), "", 1),
        None => address.to_owned(),
    }
}

fn hide_credentials(text: &str, address: &str) -> String {
    match credentials(address) {
        Some(user) => text.replace(user, "…"),
        None => text.to_owned(),
    }
}

/// Returns what stands before the `@` of an address with a scheme. `git@` of ssh is no
/// secret.
fn credentials(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let host = rest.split('/').next()?;
    let (user, _) = host.rsplit_once('@')?;
    (user != "git").then_some(user)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_their_credentials() {
        for (address, wanted) in [
            ("https://u:secret@h/r.git", "https://h/r.git"),
            ("https://token@h/r.git", "https://h/r.git"),
            ("https://h/r@2.git", "https://h/r@2.git"),
            ("ssh://git@h/r.git", "ssh://git@h/r.git"),
            ("git@h:r.git", "git@h:r.git"),
            ("/a/b@c", "/a/b@c"),
        ] {
            assert_eq!(without_credentials(address), wanted);
        }
        let said = hide_credentials("fatal: 'https://u:secret@h/r'", "https://u:secret@h/r");
        assert_eq!(said, "fatal: 'https://…@h/r'");
    }
}
