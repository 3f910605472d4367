//! The records of Python installers: `NAME-VERSION.dist-info` in `site-packages`.
//!
//! pip, uv and pipx all write them, each below an environment of its own.

use std::path::{Path, PathBuf};

use super::package::package;
use super::wanted::Wanted;
use crate::lockfile::json::{read_json, read_text};
use crate::lockfile::python::canonical;
use crate::model::package::PackageResolved;

/// The depth to which environments are looked for: pipx has `venvs/NAME/lib/pythonX/…`
/// below its own folder.
const DEPTH: usize = 8;
/// The number of folders that are looked at.
const MAX_FOLDERS: usize = 4000;

/// Reads the packages that were installed in environments below a folder.
pub(super) fn read(wanted: &Wanted<'_>, below: &Path) -> Vec<PackageResolved> {
    let mut left = MAX_FOLDERS;
    let mut environments = Vec::new();
    collect(below, DEPTH, &mut left, &mut environments);
    let found = environments.iter().flat_map(|folder| children(folder));
    found
        .filter_map(|record| of_record(wanted, &record))
        .collect()
}

fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn collect(folder: &Path, depth: usize, left: &mut usize, into: &mut Vec<PathBuf>) {
    let is_folder = |path: &PathBuf| path.symlink_metadata().is_ok_and(|m| m.is_dir());
    for path in children(folder).into_iter().filter(is_folder) {
        let name = path.file_name().unwrap_or_default();
        if *left == 0 || name == "node_modules" || name == ".git" {
            continue;
        }
        *left -= 1;
        if name == "site-packages" {
            into.push(path);
        } else if depth > 1 {
            collect(&path, depth - 1, left, into);
        }
    }
}

fn of_record(wanted: &Wanted<'_>, record: &Path) -> Option<PackageResolved> {
    let folder = record.file_name()?.to_str()?.strip_suffix(".dist-info")?;
    let (own_name, version) = folder.rsplit_once('-')?;
    let name = canonical(own_name);
    // A file or a folder has no name of its own: it is known by its address.
    let from = read_json(&record.join("direct_url.json"));
    let url = from.as_ref().and_then(|from| from["url"].as_str());
    let is_it = match wanted.name() {
        Some(named) => canonical(named) == name,
        None => url.is_some_and(|url| wanted.is_local(url)),
    };
    // Without its list of files an installation was not finished.
    read_text(&record.join("RECORD")).filter(|_| is_it)?;
    let archive = from.as_ref().map(|from| &from["archive_info"]);
    let digest = archive.and_then(|archive| archive["hashes"]["sha256"].as_str());
    let integrity = digest.map(|digest| format!("sha256:{digest}"));
    package(&name, version, integrity, record)
}
