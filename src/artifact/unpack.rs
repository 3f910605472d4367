//! Unpacks an artifact as CI engines hand it out: a zip.
//!
//! Invariant: nothing is written before every entry of the archive is known to be a plain
//! file or folder below the folder of the archive, and what is written has a limit.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;
use zip::read::ZipFile;

use crate::model::text::{plain, shown};
use crate::sys::fs;

/// The most entries of an archive: a run of 300 cells has about 2,000 files.
const MAX_ENTRIES: usize = 100_000;
/// The most bytes of all files: twice what retention keeps.
const MAX_BYTES: u64 = 2 << 30;
/// The most archives that stay unpacked.
const MAX_KEPT: usize = 8;
/// The length of a folder's name, a part of the archive's digest.
const NAME: usize = 32;
/// The first bytes of an archive, and those of an empty one.
const MAGIC: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];

/// The reason why an archive is not unpacked.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be unpacked: {}", shown(archive), plain(why))]
pub struct UnpackError {
    archive: PathBuf,
    why: String,
}

/// True if a file begins as a zip.
#[must_use]
pub fn is_zip(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = |file: File| file.take(4).read_to_end(&mut head);
    fs::open(path).and_then(read).is_ok() && MAGIC.contains(&&*head)
}

/// Unpacks an archive into a folder of its own below `cache`, and returns that. The same
/// bytes are unpacked once.
///
/// # Errors
/// If it is damaged, encrypted or too large, or an entry is a link, has a name twice, or
/// leads out of the folder; if there is no room.
pub fn unpack(archive: &Path, cache: &Path) -> Result<PathBuf, UnpackError> {
    let failed = |why: String| UnpackError {
        archive: archive.to_owned(),
        why,
    };
    let digest = fs::digest_file(archive).map_err(|e| failed(e.to_string()))?;
    let folder = cache.join(&digest[..NAME]);
    if folder.is_dir() {
        return Ok(folder);
    }
    let write = || -> Result<(), String> {
        let file = fs::open(archive).map_err(|e| e.to_string())?;
        let mut zip = ZipArchive::new(file).map_err(|e| e.to_string())?;
        check(&mut zip)?;
        let text = |e: io::Error| e.to_string();
        fs::create_folder(cache).map_err(text)?;
        let part = tempfile::tempdir_in(cache).map_err(text)?;
        let content = part.path().join("content");
        fs::create_folder(&content).map_err(text)?;
        extract(&mut zip, &content)?;
        forget_old(cache);
        // Beside another process that unpacks the same, the first one wins.
        match fs::move_folder(&content, &folder) {
            Err(e) if !folder.is_dir() => Err(e.to_string()),
            _ => Ok(()),
        }
    };
    write().map_err(failed)?;
    Ok(folder)
}

/// Checks every entry before the first is written.
fn check(zip: &mut ZipArchive<File>) -> Result<(), String> {
    if zip.len() > MAX_ENTRIES {
        return Err(format!(
            "it has {} entries, {MAX_ENTRIES} at most",
            zip.len()
        ));
    }
    let (mut names, mut bytes) = (BTreeSet::new(), 0_u64);
    for at in 0..zip.len() {
        let entry = zip.by_index_raw(at).map_err(|e| e.to_string())?;
        let name = name_of(&entry)?;
        let wrong = |why: &str| Err(format!("its entry `{name}` {why}"));
        if entry.encrypted() {
            return wrong("is encrypted");
        }
        if !(entry.is_file() || entry.is_dir()) {
            return wrong("is no file");
        }
        if path_of(&name).is_none() {
            return wrong("leads out of its folder");
        }
        bytes = bytes.saturating_add(entry.size());
        if bytes > MAX_BYTES {
            return wrong("makes it larger than 2 GiB");
        }
        if !names.insert(name.trim_end_matches('/').to_owned()) {
            return wrong("is there twice");
        }
    }
    Ok(())
}

/// Removes what was unpacked first, if there is much.
fn forget_old(cache: &Path) {
    let entries = std::fs::read_dir(cache).into_iter().flatten().flatten();
    let mut folders: Vec<_> = entries
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .filter(|(_, path)| path.file_name().is_some_and(|name| name.len() == NAME))
        .collect();
    folders.sort();
    let too_many = (folders.len() + 1).saturating_sub(MAX_KEPT);
    for (_, folder) in folders.into_iter().take(too_many) {
        let _ = fs::remove_folder(&folder);
    }
}

fn extract(zip: &mut ZipArchive<File>, to: &Path) -> Result<(), String> {
    let mut left = MAX_BYTES;
    for at in 0..zip.len() {
        let mut entry = zip.by_index(at).map_err(|e| e.to_string())?;
        let name = name_of(&entry)?;
        let path = to.join(path_of(&name).ok_or("an entry leads out of its folder")?);
        if entry.is_dir() {
            fs::create_folder(&path).map_err(|e| e.to_string())?;
            continue;
        }
        let mut content = Vec::new();
        // What an entry says of its size may be wrong.
        let read = entry.by_ref().take(left + 1).read_to_end(&mut content);
        read.map_err(|e| format!("`{name}`: {e}"))?;
        left = left
            .checked_sub(content.len() as u64)
            .ok_or("it is larger than 2 GiB")?;
        let written = fs::create_folder(fs::parent(&path));
        let written = written.and_then(|()| fs::write(&path, &content));
        written.map_err(|e| e.to_string())?;
    }
    Ok(())
}

fn name_of<R: io::Read + ?Sized>(entry: &ZipFile<'_, R>) -> Result<String, String> {
    let name = entry.name().map_err(|e| e.to_string())?;
    Ok(name.into_owned())
}

/// The path of an entry, if all its parts are names.
fn path_of(name: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    let is_name = |part| matches!(part, Component::Normal(_));
    let is_plain =
        !name.is_empty() && !name.contains(['\\', '\0']) && path.components().all(is_name);
    is_plain.then(|| path.to_owned())
}
