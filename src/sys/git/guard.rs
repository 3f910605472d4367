//! Looks at the files of a repository before libgit2 reads them.
//!
//! libgit2 opens what stands at a path and waits. A gate, its installer or the owner of a
//! repository can leave a named pipe, a device or a file without an end where a ref, a
//! setting or an object is expected. This module opens repositories and configurations
//! for the rest of `sys::git`, and refuses those, so that the caller gets an error
//! instead of a wait.
//!
//! Nothing of a lane runs while it is looked at, so nothing changes between the look and
//! the read. For the same reason one look is enough until a command of the lane runs.
#![expect(clippy::disallowed_methods, reason = "here libgit2 opens files")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::Metadata;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::SystemTime;

use git2::{Config, ConfigLevel, Error, Repository};

use super::alternates::{MAX_ALTERNATES, alternates};
use super::config_files::{NOTHING, check_config};
use super::look::{Links, Look, open_once};
use super::safe_directory::common_dir;
use super::unchanged::{self, As, Entry};
use crate::model::text::shown;
use crate::sys::fs;

/// The size from which a file outside of `objects` is refused, in bytes. The index of a
/// repository with ten million files has about one GiB.
const MAX_BYTES: u64 = 2 << 30;

/// Folders whose files may have no end.
const ENDLESS: [&str; 2] = ["/proc", "/sys"];

/// The beginning of a file that is a symbolic ref.
const SYMBOLIC: &[u8] = b"ref:";
/// The size up to which a file can be a symbolic ref, in bytes: far more than a path has.
const MAX_SYMBOLIC: usize = 16 * 1024;

/// Opens a repository by its work tree or its git folder.
///
/// # Errors
/// As libgit2; if something that it would read is not a file, which the error names.
pub(super) fn open_repository(folder: &Path) -> Result<Rc<Repository>, Error> {
    check(folder, Links::Follow).map_err(|text| Error::from_str(&text))?;
    open_once(folder)
}

/// Fails if libgit2 cannot read a git folder without waiting.
pub(super) fn check_git_folder(git_dir: &Path) -> Result<(), String> {
    check(git_dir, Links::Follow)
}

/// Opens a repository of a lane for writing.
///
/// # Errors
/// As [`open_repository`]; if there is a link in it, which libgit2 would write through.
pub(super) fn open_for_writing(folder: &Path) -> Result<Rc<Repository>, Error> {
    check_without_links(folder).map_err(|text| Error::from_str(&text))?;
    open_once(folder)
}

/// Fails as [`open_for_writing`] does, for a repository that libgit2 opens by itself.
pub(super) fn check_without_links(folder: &Path) -> Result<(), String> {
    check(folder, Links::Refuse)
}

/// Opens a configuration for writing.
///
/// # Errors
/// As [`open_repository`]; if it is a link, which libgit2 would write through.
pub(super) fn open_config_for_writing(path: &Path) -> Result<Config, Error> {
    if path.is_symlink() {
        let text = format!("{} is a link: nothing is written through it", shown(path));
        return Err(Error::from_str(&text));
    }
    open_config(path)
}

/// Opens a configuration.
///
/// # Errors
/// As [`open_repository`].
pub(super) fn open_config(path: &Path) -> Result<Config, Error> {
    check_config(path).map_err(|text| Error::from_str(&text))?;
    Config::open(path)
}

/// Adds a file to a configuration.
///
/// # Errors
/// As [`open_repository`].
pub(super) fn add_config(
    config: &mut Config,
    path: &Path,
    level: ConfigLevel,
) -> Result<(), Error> {
    check_config(path).map_err(|text| Error::from_str(&text))?;
    config.add_file(path, level, false)
}

/// Fails if the files of a repository could hold up who reads them.
fn check(folder: &Path, links: Links) -> Result<(), String> {
    let dot_git = folder.join(".git");
    let git_dir = match dot_git.metadata() {
        Err(_) => folder.to_owned(),
        Ok(meta) if meta.is_dir() => dot_git,
        // A file that names the folder.
        Ok(_) => {
            let text = fs::read_text(&dot_git).map_err(|e| is_wrong(&dot_git, &e))?;
            let target = text.trim_end().strip_prefix("gitdir: ");
            folder.join(target.unwrap_or_default())
        }
    };
    let look = Look::of(&git_dir, links);
    if look.is_known() {
        return Ok(());
    }
    let common = common_dir(&git_dir);
    let mut walk = Walk {
        links,
        seen: BTreeSet::new(),
        tops: [git_dir.clone(), common.clone()],
    };
    for dir in BTreeSet::from([&git_dir, &common]) {
        walk.folder(dir, false)?;
        for config in ["config", "config.worktree"] {
            check_config(&dir.join(config))?;
        }
    }
    for objects in borrowed(&common.join("objects")) {
        walk.folder(&objects, true)?;
    }
    look.remember();
    Ok(())
}

/// A walk through a git folder.
struct Walk {
    links: Links,
    /// The git folder, and the one that it shares. Their `hooks` are left out: libgit2
    /// neither reads nor writes there.
    tops: [PathBuf; 2],
    /// The folders that were visited, by device and inode.
    seen: BTreeSet<(u64, u64)>,
}

impl Walk {
    /// Checks a folder and those in it, once each.
    fn folder(&mut self, folder: &Path, is_objects: bool) -> Result<(), String> {
        let Ok(meta) = folder.metadata() else {
            return Ok(());
        };
        if !self.seen.insert((meta.dev(), meta.ino())) {
            return Ok(());
        }
        let as_what = if is_objects { As::Objects } else { As::Folder };
        let entries = match unchanged::recall(&meta, as_what) {
            Some(entries) => entries,
            None => entries_of(folder, &meta, as_what).map_err(|e| is_wrong(folder, &e))?,
        };
        for Entry { name, kind } in entries.iter() {
            let path = &folder.join(name);
            if self.tops.iter().any(|top| *path == top.join("hooks")) {
                continue;
            }
            if kind.is_dir() {
                let is_objects = is_objects || self.holds_objects(path);
                self.folder(path, is_objects)?;
            } else if kind.is_symlink() {
                self.link(path, is_objects)?;
            } else if !kind.is_file() {
                return Err(format!("{} is not a file", shown(path)));
            } else {
                check_file(path)?;
            }
        }
        Ok(())
    }

    /// True of the folder of a repository's objects, and of those of its submodules. A
    /// branch may have the same name.
    fn holds_objects(&self, folder: &Path) -> bool {
        let is_named = folder.file_name() == Some(OsStr::new("objects"));
        is_named
            && self
                .tops
                .iter()
                .any(|top| folder.parent() == Some(top) || folder.starts_with(top.join("modules")))
    }

    /// Checks where a link leads, if anywhere.
    fn link(&mut self, link: &Path, is_objects: bool) -> Result<(), String> {
        if self.links == Links::Refuse {
            let text = "is a link: nothing is written through it";
            return Err(format!("{} {text}", shown(link)));
        }
        let Ok(target) = link.canonicalize() else {
            return Ok(());
        };
        let is_endless = ENDLESS.iter().any(|above| target.starts_with(above));
        if is_endless {
            return Err(format!("{} leads to {}", shown(link), shown(target)));
        }
        match target.metadata() {
            Ok(meta) if meta.is_dir() => self.folder(&target, is_objects),
            Ok(meta) if meta.is_file() => check_size(&target, &meta),
            Ok(_) if target == Path::new(NOTHING) => Ok(()),
            Ok(_) => Err(format!("{} does not lead to a file", shown(link))),
            Err(_) => Ok(()),
        }
    }
}

/// Returns the entries of a folder that are to be looked at: of objects, all but the files.
fn entries_of(folder: &Path, meta: &Metadata, as_what: As) -> io::Result<Arc<[Entry]>> {
    let looked_at = SystemTime::now();
    let mut entries = Vec::new();
    for entry in folder.read_dir()? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if as_what != As::Objects || !kind.is_file() {
            let name = entry.file_name();
            entries.push(Entry { name, kind });
        }
    }
    let entries = Arc::from(entries);
    unchanged::remember(meta, as_what, looked_at, &entries);
    Ok(entries)
}

/// Checks a file outside of `objects`.
fn check_file(path: &Path) -> Result<(), String> {
    let Ok(meta) = path.symlink_metadata() else {
        return Ok(());
    };
    check_size(path, &meta)?;
    if !is_ref(path) || unchanged::recall(&meta, As::Ref).is_some() {
        return Ok(());
    }
    let looked_at = SystemTime::now();
    check_symbolic(path)?;
    unchanged::remember(&meta, As::Ref, looked_at, &Arc::from([]));
    Ok(())
}

fn check_size(path: &Path, meta: &Metadata) -> Result<(), String> {
    if meta.len() > MAX_BYTES {
        return Err(format!("{} is larger than 2 GiB", shown(path)));
    }
    Ok(())
}

/// True if a file of a git folder is a ref by its place: below `refs`, or `HEAD` and its kin.
fn is_ref(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let mut parts = path.components();
    name.as_bytes().ends_with(b"HEAD") || parts.any(|part| part.as_os_str() == "refs")
}

/// Fails if a ref is a symbolic one that does not lead to another ref: libgit2 follows it, to
/// what is read as a ref then.
fn check_symbolic(path: &Path) -> Result<(), String> {
    let mut beginning = Vec::new();
    let file = fs::open(path).map_err(|e| is_wrong(path, &e))?;
    file.take(SYMBOLIC.len() as u64)
        .read_to_end(&mut beginning)
        .map_err(|e| is_wrong(path, &e))?;
    if beginning != SYMBOLIC {
        return Ok(());
    }
    let bytes = fs::read(path).map_err(|e| is_wrong(path, &e))?;
    let target = bytes[SYMBOLIC.len()..].trim_ascii();
    let target = Path::new(OsStr::from_bytes(target));
    let mut parts = target.components();
    let is_normal = |part| matches!(part, Component::Normal(_));
    if bytes.len() > MAX_SYMBOLIC || !target.starts_with("refs") || !parts.all(is_normal) {
        let text = "leads to no ref";
        return Err(format!("the symbolic ref {} {text}", shown(path)));
    }
    Ok(())
}

/// Returns the folders of objects that others are borrowed from, directly or not.
fn borrowed(objects: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = Vec::new();
    let mut last = vec![objects.to_owned()];
    for _ in 0..MAX_ALTERNATES {
        last = last.iter().flat_map(|folder| alternates(folder)).collect();
        last.sort();
        last.dedup();
        last.retain(|folder| !all.contains(folder));
        all.extend(last.iter().cloned());
    }
    all
}

fn is_wrong(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", shown(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A git folder whose branch `d/m` was looked at, and is remembered.
    fn looked_at() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let heads = folder.path().join(".git/x/refs/heads/d");
        std::fs::create_dir_all(&heads).unwrap();
        fs::write(&heads.join("m"), b"1234").unwrap();
        while unchanged::recall(&heads.metadata().unwrap(), As::Folder).is_none() {
            check(folder.path(), Links::Follow).unwrap();
        }
        folder
    }

    fn mkfifo(path: &Path) {
        let mode = rustix::fs::Mode::from(0o600);
        rustix::fs::mkfifoat(rustix::fs::CWD, path, mode).unwrap();
    }

    #[test]
    fn what_was_looked_at_is_found_below_another_name() {
        let folder = looked_at();
        let git = folder.path().join(".git");
        std::fs::rename(git.join("x/refs"), git.join("refs")).unwrap();
        fs::write(&git.join("refs/heads/d/m"), b"ref: ../pipe").unwrap();
        let error = check(folder.path(), Links::Follow).unwrap_err();
        let place = git.join("refs/heads/d/m");
        let told = format!("the symbolic ref {} leads to no ref", place.display());
        assert_eq!(error, told);
        fs::write(&place, b"1234").unwrap();
        check(folder.path(), Links::Follow).unwrap();
        mkfifo(&git.join("refs/heads/d/pipe"));
        check(folder.path(), Links::Follow).unwrap_err();
    }

    #[test]
    fn a_branch_called_objects_is_looked_at_as_every_other() {
        let folder = tempfile::tempdir().unwrap();
        let git = folder.path().join(".git");
        let heads = git.join("refs/heads/objects");
        std::fs::create_dir_all(&heads).unwrap();
        fs::write(&heads.join("m"), b"ref: ../pipe").unwrap();
        let error = check(folder.path(), Links::Follow).unwrap_err();
        assert!(error.contains("leads to no ref"), "{error}");
    }

    #[test]
    fn a_pipe_among_objects_is_found_although_its_folder_was_looked_through() {
        let folder = tempfile::tempdir().unwrap();
        let objects = folder.path().join(".git/objects/aa");
        std::fs::create_dir_all(&objects).unwrap();
        if objects.metadata().unwrap().ctime_nsec() == 0 {
            // The file system keeps whole seconds: nothing is remembered on it.
            return;
        }
        // Until the change of the folder is older than a tick, nothing is remembered.
        while unchanged::recall(&objects.metadata().unwrap(), As::Objects).is_none() {
            check(folder.path(), Links::Follow).unwrap();
        }
        std::fs::File::create(objects.join("a")).unwrap();
        assert!(unchanged::recall(&objects.metadata().unwrap(), As::Objects).is_none());
        let pipe = objects.join("pipe");
        let mode = rustix::fs::Mode::from(0o600);
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, mode).unwrap();
        let error = check(folder.path(), Links::Follow).unwrap_err();
        assert_eq!(error, format!("{} is not a file", pipe.display()));
    }
}
