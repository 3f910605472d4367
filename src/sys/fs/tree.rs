//! Copies, lists and digests trees of files.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::digest::hex;
use super::read::{copy, read};
use super::remove::remove_any;
use super::write::{create_folder, parent};
use crate::model::text::shown;

/// Copies a tree: files with their permissions, links as links. Returns the
/// relative paths of files and links, sorted.
///
/// # Errors
/// If something cannot be read, written, or is neither file, folder nor
/// link.
pub fn copy_tree(from: &Path, to: &Path) -> io::Result<Vec<PathBuf>> {
    let files = list_tree(from)?;
    create_folder(to)?;
    for file in &files {
        let (source, target) = (from.join(file), to.join(file));
        refuse_links_above(to, file)?;
        create_folder(parent(&target))?;
        clear_way(&target)?;
        if source.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&source)?, &target)?;
        } else {
            copy(&source, &target)?;
        }
    }
    Ok(files)
}

/// Copies a file into a folder that need not exist yet.
///
/// # Errors
/// If it cannot be read or written.
pub fn copy_new(from: &Path, to: &Path) -> io::Result<()> {
    create_folder(parent(to))?;
    copy(from, to).map(drop)
}

/// Fails if a folder above a file is a link, which could lead out of the tree.
fn refuse_links_above(root: &Path, file: &Path) -> io::Result<()> {
    let link = file
        .ancestors()
        .skip(1)
        .filter(|above| !above.as_os_str().is_empty())
        .map(|above| root.join(above))
        .find(|path| path.is_symlink());
    match link {
        None => Ok(()),
        Some(link) => {
            let text = format!("{} is a link: nothing is written through it", shown(link));
            Err(io::Error::other(text))
        }
    }
}

/// Removes what exists at a target: a link is replaced, never written through.
fn clear_way(target: &Path) -> io::Result<()> {
    remove_any(target).map(drop)
}

/// Lists the relative paths of all files and links below a folder, sorted.
///
/// # Errors
/// If a folder cannot be read, or something is neither file, folder nor
/// link.
pub fn list_tree(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(folder.join(&below))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() || kind.is_symlink() {
                files.push(path);
            } else {
                let text = format!("{} is neither a file nor a folder", shown(path));
                return Err(io::Error::other(text));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Returns the digest of a tree: names, kinds, permissions and contents.
///
/// # Errors
/// If something cannot be read.
pub fn digest_tree(folder: &Path) -> io::Result<String> {
    use std::os::unix::ffi::OsStrExt;
    let mut digest = Sha256::new();
    for file in list_tree(folder)? {
        let path = folder.join(&file);
        let meta = path.symlink_metadata()?;
        let content = if meta.is_symlink() {
            fs::read_link(&path)?.as_os_str().as_bytes().to_vec()
        } else {
            read(&path)?
        };
        let executable = meta.permissions().mode() & 0o111 != 0;
        let header = format!("{} {} {executable} ", content.len(), meta.is_symlink());
        digest.update(header.as_bytes());
        digest.update(file.as_os_str().as_bytes());
        digest.update([0]);
        digest.update(content);
    }
    Ok(hex(&digest.finalize()))
}
