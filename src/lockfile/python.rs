//! The versions that Python projects pin: lock files, and requirements.

use std::path::{Path, PathBuf};

use super::json::{read_json, read_text};
use super::lines::bare;

/// The lock files that are lists of packages in TOML.
const LOCKS: [&str; 4] = ["uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"];

/// All lock files.
pub(super) const FILES: [&str; 5] = [
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "pylock.toml",
    "Pipfile.lock",
];

/// Returns a name as the registry compares it.
pub(crate) fn canonical(name: &str) -> String {
    name.to_lowercase().replace(['_', '.'], "-")
}

/// Returns the file of a folder that pins a package, and the version.
pub(super) fn pinned(folder: &Path, name: &str) -> Option<(PathBuf, String)> {
    let name = canonical(name);
    let of_lock = |file: &&str| {
        let version = in_lock(&read_text(&folder.join(file))?, &name)?;
        Some((PathBuf::from(file), version))
    };
    let of_pipfile = || {
        let version = in_pipfile(&folder.join("Pipfile.lock"), &name)?;
        Some(("Pipfile.lock".into(), version))
    };
    let of_requirements = || {
        requirements(folder).into_iter().find_map(|file| {
            let version = in_requirements(&read_text(&folder.join(&file))?, &name)?;
            Some((file, version))
        })
    };
    LOCKS
        .iter()
        .find_map(of_lock)
        .or_else(of_pipfile)
        .or_else(of_requirements)
}

fn in_lock(text: &str, name: &str) -> Option<String> {
    let mut blocks = text.split("[[package").skip(1);
    blocks.find_map(|block| {
        // What belongs to the package itself ends where a table of it begins.
        let own = block.split("\n[").next().unwrap_or_default();
        let value = |key: &str| {
            let mut pairs = own.lines().filter_map(|line| line.split_once('='));
            let found = pairs.find(|(found, _)| found.trim() == key);
            found.map(|(_, value)| bare(value))
        };
        let is_it = value("name").map(canonical).as_deref() == Some(name);
        value("version").filter(|_| is_it).map(ToOwned::to_owned)
    })
}

fn in_pipfile(file: &Path, name: &str) -> Option<String> {
    let lock = read_json(file)?;
    let mut kinds = ["default", "develop"].iter();
    kinds.find_map(|kind| {
        let packages = lock[kind].as_object()?;
        let (_, entry) = packages.iter().find(|(key, _)| canonical(key) == name)?;
        Some(entry["version"].as_str()?.strip_prefix("==")?.to_owned())
    })
}

/// Returns the files of requirements, `requirements.txt` first.
fn requirements(folder: &Path) -> Vec<PathBuf> {
    let files = |below: &str| {
        let entries = std::fs::read_dir(folder.join(below)).into_iter().flatten();
        let names = entries.flatten().map(|entry| entry.file_name());
        let texts = names.filter(|name| Path::new(name).extension().is_some_and(|e| e == "txt"));
        let mut files: Vec<_> = texts.map(|name| Path::new(below).join(name)).collect();
        files.sort_by_key(|file| (!file.ends_with("requirements.txt"), file.clone()));
        files
    };
    let mut all = files("");
    all.retain(|file| file.to_string_lossy().contains("requirements"));
    all.extend(files("requirements"));
    all
}

fn in_requirements(text: &str, name: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let line = line.split(['#', ';', '\\']).next().unwrap_or_default();
        let (own, version) = line.split_once("==")?;
        let own = own.split('[').next().unwrap_or_default();
        let version = version.split_whitespace().next()?;
        (canonical(own.trim()) == name).then(|| version.to_owned())
    })
}
