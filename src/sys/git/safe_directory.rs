//! `safe.directory`: folders that the user trusts although another user owns
//! them.

use super::entry::text_of;
use crate::sys::fs;
use std::path::{Path, PathBuf};

/// Returns the folders that the user's own settings call safe although another
/// user owns them.
pub(super) fn safe_folders(root: &Path, git_dir: &Path) -> Vec<String> {
    let mut folders = Vec::new();
    if let Ok(config) = git2::Config::open_default()
        && let Ok(entries) = config.multivar("safe.directory", None)
    {
        let _ = entries.for_each(|entry| {
            folders.extend(text_of(entry).map(ToOwned::to_owned));
        });
    }
    // A trusted work tree includes its `.git`, for which a clone asks.
    if folders.iter().any(|folder| Path::new(folder) == root) {
        let common = common_dir(git_dir).to_string_lossy().into_owned();
        folders.push(common.trim_end_matches('/').to_owned());
    }
    folders
}

/// Returns the folder that all worktrees of a repository share.
pub(super) fn common_dir(git_dir: &Path) -> PathBuf {
    fs::read_text(git_dir.join("commondir"))
        .map(|line| git_dir.join(line.trim_end_matches('\n')))
        .and_then(|common| common.canonicalize())
        .unwrap_or_else(|_| git_dir.to_owned())
}
