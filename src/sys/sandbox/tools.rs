//! Finds the folders that tools need inside a sandbox.

use std::path::{Path, PathBuf};

use crate::sys::fs;

/// Returns the folders that a PATH and the tools on it need.
#[must_use]
pub fn tool_folders(path: &std::ffi::OsStr, tools: &[PathBuf]) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::split_paths(path).collect();
    for tool in tools {
        folders.push(fs::parent(tool).to_owned());
        if let Ok(real) = tool.canonicalize() {
            folders.extend(around_tool(fs::parent(&real)));
        }
    }
    folders
        .iter()
        .filter_map(|folder| folder.canonicalize().ok())
        .collect()
}

/// Returns the folders that a tool in `folder` needs: its whole prefix, unless
/// that is a user's home or `~/.local`, which also contains keyrings and other
/// private files.
fn around_tool(folder: &Path) -> Vec<PathBuf> {
    let prefix = fs::parent(folder);
    if !folder.ends_with("bin") {
        vec![folder.to_owned()]
    } else if prefix.ends_with(".local") || fs::parent(prefix) == Path::new("/home") {
        let parts = ["bin", "lib", "lib64", "libexec"];
        parts.iter().map(|part| prefix.join(part)).collect()
    } else {
        vec![prefix.to_owned()]
    }
}
