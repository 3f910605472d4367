//! Reverts parts of the change from one tree to another, in this process.
//!
//! A hunk is a run of changed lines with no unchanged one between them. The
//! lines are put back here: `apply_to_tree` of libgit2 cannot place a hunk
//! that only deletes if there are no lines around it.

use std::ffi::OsStr;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::rc::Rc;

use git2::build::TreeUpdateBuilder;
use git2::{Delta, Diff, DiffDelta, DiffHunk, DiffOptions, Error, Oid, Patch, Repository};

use super::guard::open_for_writing;
use super::libgit2::is_beyond_libgit2;
use crate::model::text::plain;
use crate::sys::fs;

/// The parts of a change to revert.
pub enum Parts<'a> {
    /// Whole files, chosen by path.
    Files(&'a dyn Fn(&Path) -> bool),
    /// Hunks that add a line which is chosen by its content, without its end.
    Hunks(&'a dyn Fn(&[u8]) -> bool),
}

/// A part of a change that was reverted.
#[derive(Debug)]
pub struct RevertedPart {
    /// The file, relative to the root of the tree.
    pub path: String,
    /// The first and last line of the change, counted from 1; `None` if the
    /// whole file was reverted.
    pub lines: Option<[u32; 2]>,
}

/// A change without the parts that were reverted.
#[derive(Debug)]
pub struct Stripped {
    /// The tree, written into the repository.
    pub tree: String,
    /// The reverted parts, in the order of their paths.
    pub parts: Vec<RevertedPart>,
    /// True if the rest of the change adds or changes a file, if only its mode.
    pub keeps_files: bool,
}

/// Reverts parts of the change from the tree `base` to the tree `change`.
///
/// An added file of which every hunk goes is not added at all. Deletions and
/// modes of files stay as the change has them, and binary files have no hunks.
///
/// # Errors
/// If the repository cannot be read or written.
pub fn revert_parts(
    repository: &Path,
    base: &str,
    change: &str,
    parts: &Parts<'_>,
) -> Result<Stripped, String> {
    strip(repository, base, change, parts).map_err(|e| plain(e.message()))
}

fn strip(
    repository: &Path,
    base: &str,
    change: &str,
    parts: &Parts<'_>,
) -> Result<Stripped, Error> {
    let objects = fs::TemporaryFolder::new().map_err(|e| Error::from_str(&e.to_string()))?;
    let repository = match open_for_writing(repository) {
        Err(e) if is_beyond_libgit2(&e) => Rc::new(objects_alone(repository, objects.path())?),
        opened => opened?,
    };
    let base = repository.find_tree(Oid::from_str(base)?)?;
    let change = repository.find_tree(Oid::from_str(change)?)?;
    let diff = repository.diff_tree_to_tree(Some(&base), Some(&change), Some(&mut options()))?;
    let mut stripper = Stripper {
        repository: &repository,
        diff: &diff,
        update: TreeUpdateBuilder::new(),
        parts: Vec::new(),
    };
    for (at, delta) in diff.deltas().enumerate() {
        match parts {
            Parts::Files(is_chosen)
                if is_chosen(Path::new(OsStr::from_bytes(&path_of(&delta)))) =>
            {
                stripper.revert_file(&delta);
            }
            Parts::Files(_) => {}
            Parts::Hunks(is_chosen) => stripper.revert_hunks(at, &delta, is_chosen)?,
        }
    }
    let Stripper {
        mut update, parts, ..
    } = stripper;
    let tree = update.create_updated(&repository, &change)?;
    let rest = repository.find_tree(tree)?;
    let left = repository.diff_tree_to_tree(Some(&base), Some(&rest), None)?;
    let keeps_files = left.deltas().any(|delta| delta.status() != Delta::Deleted);
    Ok(Stripped {
        tree: tree.to_string(),
        parts,
        keeps_files,
    })
}

/// Opens the objects of a clone whose refs libgit2 cannot read, as those of a
/// new repository in an empty folder.
pub(super) fn objects_alone(clone: &Path, folder: &Path) -> Result<Repository, Error> {
    let repository = Repository::init_bare(folder)?;
    let objects = folder.join("objects");
    fs::remove_folder(&objects)
        .and_then(|_| symlink(clone.join(".git/objects"), &objects))
        .map_err(|e| Error::from_str(&e.to_string()))?;
    Ok(repository)
}

struct Stripper<'a> {
    repository: &'a Repository,
    diff: &'a Diff<'a>,
    update: TreeUpdateBuilder,
    parts: Vec<RevertedPart>,
}

impl Stripper<'_> {
    fn revert_file(&mut self, delta: &DiffDelta<'_>) {
        let path = path_of(delta);
        self.note(&path, None);
        let old = delta.old_file();
        if delta.status() == Delta::Added {
            self.update.remove(path);
        } else {
            self.update.upsert(path, old.id(), old.mode());
        }
    }

    fn revert_hunks(
        &mut self,
        at: usize,
        delta: &DiffDelta<'_>,
        is_chosen: &dyn Fn(&[u8]) -> bool,
    ) -> Result<(), Error> {
        if delta.status() == Delta::Deleted {
            return Ok(());
        }
        let Some(patch) = Patch::from_diff(self.diff, at)? else {
            return Ok(());
        };
        let hunks = chosen_hunks(&patch, is_chosen)?;
        if hunks.is_empty() {
            return Ok(());
        }
        let file = path_of(delta);
        // Nothing of an added file is left: an empty one would still be added.
        if delta.status() == Delta::Added && hunks.len() == patch.num_hunks() {
            self.note(&file, None);
            self.update.remove(file);
            return Ok(());
        }
        for hunk in &hunks {
            self.note(&file, Some(hunk.lines()));
        }
        let (old, new) = (self.blob(delta.old_file().id())?, delta.new_file());
        let content = put_back(&old, &self.blob(new.id())?, &hunks);
        let blob = self.repository.blob(&content)?;
        self.update.upsert(file, blob, new.mode());
        Ok(())
    }

    /// Returns the content of a blob; nothing for the side of a diff that
    /// does not exist.
    fn blob(&self, id: Oid) -> Result<Vec<u8>, Error> {
        if id.is_zero() {
            return Ok(Vec::new());
        }
        Ok(self.repository.find_blob(id)?.content().to_vec())
    }

    fn note(&mut self, path: &[u8], lines: Option<[u32; 2]>) {
        let path = String::from_utf8_lossy(path).into_owned();
        self.parts.push(RevertedPart { path, lines });
    }
}

/// Returns the lines that a change of a file adds, without their ends, as git sees it: of lines
/// that change places, the fewer ones are moved.
///
/// # Errors
/// If the change is beyond libgit2.
pub fn added_lines(old: &[u8], new: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let added = || -> Result<_, Error> {
        let patch = Patch::from_buffers(old, None, new, None, Some(options().force_text(true)))?;
        let mut all = Vec::new();
        for hunk in 0..patch.num_hunks() {
            for at in 0..patch.num_lines_in_hunk(hunk)? {
                let line = patch.line_in_hunk(hunk, at)?;
                if line.origin() == '+' {
                    all.push(without_end(line.content()).to_vec());
                }
            }
        }
        Ok(all)
    };
    added().map_err(|e| plain(e.message()))
}

pub(super) fn options() -> DiffOptions {
    let mut options = DiffOptions::new();
    options.context_lines(0).interhunk_lines(0);
    options.indent_heuristic(true);
    options
}

fn without_end(line: &[u8]) -> &[u8] {
    let unix = line.strip_suffix(b"\n").unwrap_or(line);
    unix.strip_suffix(b"\r").unwrap_or(unix)
}

/// Returns a text without the hunks that add a chosen line to an older one.
///
/// # Errors
/// If the change is beyond libgit2.
#[cfg(feature = "fuzzing")]
pub(super) fn without_chosen(
    old: &[u8],
    new: &[u8],
    is_chosen: &dyn Fn(&[u8]) -> bool,
) -> Result<Vec<u8>, Error> {
    let patch = Patch::from_buffers(old, None, new, None, Some(options().force_text(true)))?;
    Ok(put_back(old, new, &chosen_hunks(&patch, is_chosen)?))
}

/// Returns the hunks that add a chosen line.
pub(super) fn chosen_hunks(
    patch: &Patch<'_>,
    is_chosen: &dyn Fn(&[u8]) -> bool,
) -> Result<Vec<Ranges>, Error> {
    let mut hunks = Vec::new();
    for at in 0..patch.num_hunks() {
        if adds_chosen_line(patch, at, is_chosen)? {
            hunks.push(Ranges::new(&patch.hunk(at)?.0));
        }
    }
    Ok(hunks)
}

fn adds_chosen_line(
    patch: &Patch<'_>,
    hunk: usize,
    is_chosen: &dyn Fn(&[u8]) -> bool,
) -> Result<bool, Error> {
    for at in 0..patch.num_lines_in_hunk(hunk)? {
        let line = patch.line_in_hunk(hunk, at)?;
        if line.origin() == '+' && is_chosen(without_end(line.content())) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The lines of a hunk, counted from 0.
pub(super) struct Ranges {
    old: Range<usize>,
    new: Range<usize>,
}

impl Ranges {
    fn new(hunk: &DiffHunk<'_>) -> Self {
        // A side without lines is empty wherever it begins.
        let range = |start: u32, lines: u32| {
            let from = start.saturating_sub(1) as usize;
            from..from + lines as usize
        };
        Self {
            old: range(hunk.old_start(), hunk.old_lines()),
            new: range(hunk.new_start(), hunk.new_lines()),
        }
    }

    /// Returns the first and last line of the new side, counted from 1.
    pub(super) fn lines(&self) -> [u32; 2] {
        let line = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        [line(self.new.start + 1), line(self.new.end)]
    }
}

/// Returns the new text with the old lines of these hunks.
fn put_back(old: &[u8], new: &[u8], hunks: &[Ranges]) -> Vec<u8> {
    let lines = |text| <[u8]>::split_inclusive(text, |&b| b == b'\n').collect::<Vec<_>>();
    let (old_lines, new_lines) = (lines(old), lines(new));
    let mut content: Vec<&[u8]> = Vec::new();
    let mut at = 0;
    for hunk in hunks {
        content.extend(new_lines.get(at..hunk.new.start).unwrap_or_default());
        content.extend(old_lines.get(hunk.old.clone()).unwrap_or_default());
        at = hunk.new.end;
    }
    content.extend(new_lines.get(at..).unwrap_or_default());
    content.concat()
}

pub(super) fn path_of(delta: &DiffDelta<'_>) -> Vec<u8> {
    let file = delta
        .new_file()
        .path_bytes()
        .or(delta.old_file().path_bytes());
    file.unwrap_or_default().to_vec()
}
