//! Digests the tree of a commit.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use git2::{ObjectType, Oid, Repository, Tree};

use super::consumer::Consumer;
use super::guard::open_repository;
use crate::sys::fs;

impl Consumer {
    /// Returns the digest of a commit's tree without some paths.
    ///
    /// Only folders above such a path are opened, so that the size of the
    /// repository does not matter.
    ///
    /// # Errors
    /// If an object cannot be read.
    pub fn tree_without(&self, commit: &str, excluded: &[PathBuf]) -> Result<String, String> {
        let left_out: Vec<&Path> = excluded.iter().map(PathBuf::as_path).collect();
        let Ok(repository) = open_repository(&self.folder) else {
            return self.listed_without(commit, &left_out);
        };
        let tree = Oid::from_str(commit)
            .and_then(|id| repository.find_commit(id))
            .and_then(|commit| commit.tree());
        tree.and_then(|tree| listing(&repository, &tree, &left_out))
            .map(|listing| fs::sha256(&listing.unwrap_or_default()))
            .map_err(|e| e.message().to_owned())
    }

    /// Returns the branches, remote-tracking branches and tags, each with the ref that it
    /// stands for and its object; without the object if that is the commit `head`.
    ///
    /// # Errors
    /// If they cannot be listed.
    pub fn other_refs(&self, head: &str) -> Result<Vec<String>, String> {
        let git = self.program.as_ref().ok_or("git is not on PATH")?;
        let format = "--format=%(refname) %(symref) %(objectname)";
        let kinds = ["refs/heads", "refs/remotes", "refs/tags"];
        let all = git.ask(&[&["for-each-ref", format][..], &kinds].concat())?;
        let all = String::from_utf8_lossy(&all);
        let line = |line: &str| line.strip_suffix(head).unwrap_or(line).to_owned();
        Ok(all.lines().map(line).collect())
    }

    /// Returns the digest for a repository that libgit2 cannot read.
    fn listed_without(&self, commit: &str, left_out: &[&Path]) -> Result<String, String> {
        let git = self.program.as_ref().ok_or("git is not on PATH")?;
        let all = git.ask(&["ls-tree", "-r", "-z", commit])?;
        let stays = |entry: &&[u8]| {
            let name = entry.splitn(2, |&b| b == b'\t').nth(1).unwrap_or_default();
            let path = Path::new(std::ffi::OsStr::from_bytes(name));
            !left_out.iter().any(|above| path.starts_with(above))
        };
        let kept: Vec<&[u8]> = all.split(|&b| b == 0).filter(stays).collect();
        Ok(fs::sha256(&kept.join(&0)))
    }
}

/// Lists the entries of a tree; `None` if none is left, as for a folder that
/// git does not know.
fn listing(
    repository: &Repository,
    tree: &Tree<'_>,
    left_out: &[&Path],
) -> Result<Option<Vec<u8>>, git2::Error> {
    let mut out = Vec::new();
    for entry in tree {
        let name = Path::new(std::ffi::OsStr::from_bytes(entry.name_bytes()));
        if left_out.contains(&name) {
            continue;
        }
        let below: Vec<&Path> = left_out
            .iter()
            .filter_map(|path| path.strip_prefix(name).ok())
            .collect();
        let id = if below.is_empty() || entry.kind() != Some(ObjectType::Tree) {
            entry.id().to_string()
        } else {
            let folder = repository.find_tree(entry.id())?;
            match listing(repository, &folder, &below)? {
                Some(listing) => fs::sha256(&listing),
                None => continue,
            }
        };
        out.extend_from_slice(format!("{:o} {id} ", entry.filemode_raw()).as_bytes());
        out.extend_from_slice(entry.name_bytes());
        out.push(0);
    }
    Ok((!out.is_empty()).then_some(out))
}
