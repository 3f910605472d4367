//! A change without its violation, made in this process.

use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use git2::build::TreeUpdateBuilder;
use git2::{Delta, Diff, DiffDelta, DiffHunk, DiffOptions, Error, Oid, Patch, Repository};

use crate::model::Violation;
use crate::model::evidence::Hunk;
use crate::model::profile::Reason;
use crate::model::text::plain;

/// What is left of a change.
#[derive(Debug)]
pub struct Stripped {
    /// The tree, written into the repository.
    pub tree: String,
    /// What was taken out, in the order of the paths.
    pub taken_out: Vec<Hunk>,
}

/// Takes the violation out of the change from one tree to another. A hunk is
/// a run of changed lines with no unchanged one between them; it goes back to
/// what it was. Whoever adds a file that holds nothing else adds no file;
/// what is deleted and what may be executed stay as the change has them, and
/// binary files say nothing. Files that are named go back as a whole.
///
/// # Errors
/// If the repository cannot be read or written.
pub fn without(
    repository: &Path,
    base: &str,
    change: &str,
    violation: &Violation,
) -> Result<Stripped, String> {
    taken_out(repository, base, change, violation).map_err(|e| plain(e.message()))
}

fn taken_out(
    repository: &Path,
    base: &str,
    change: &str,
    violation: &Violation,
) -> Result<Stripped, Error> {
    let repository = Repository::open(repository)?;
    let base = repository.find_tree(Oid::from_str(base)?)?;
    let change = repository.find_tree(Oid::from_str(change)?)?;
    let mut options = DiffOptions::new();
    options.context_lines(0).interhunk_lines(0);
    options.indent_heuristic(true);
    let diff = repository.diff_tree_to_tree(Some(&base), Some(&change), Some(&mut options))?;
    let mut rest = Stripper {
        repository: &repository,
        diff: &diff,
        update: TreeUpdateBuilder::new(),
        taken_out: Vec::new(),
    };
    for (at, delta) in diff.deltas().enumerate() {
        match violation {
            Violation::Files(files) if names(files, &delta) => rest.file(&delta),
            Violation::Lines(reason) => rest.lines(at, &delta, reason)?,
            Violation::Files(_) | Violation::Message(_) => {}
        }
    }
    let Stripper {
        mut update,
        taken_out,
        ..
    } = rest;
    let tree = update.create_updated(&repository, &change)?.to_string();
    Ok(Stripped { tree, taken_out })
}

struct Stripper<'a> {
    repository: &'a Repository,
    diff: &'a Diff<'a>,
    update: TreeUpdateBuilder,
    taken_out: Vec<Hunk>,
}

impl Stripper<'_> {
    /// Puts a whole file back.
    fn file(&mut self, delta: &DiffDelta<'_>) {
        let path = path(delta);
        self.note(&path, None);
        let old = delta.old_file();
        if delta.status() == Delta::Added {
            self.update.remove(path);
        } else {
            self.update.upsert(path, old.id(), old.mode());
        }
    }

    /// Puts back the hunks of a file that add a line which says it.
    fn lines(&mut self, at: usize, delta: &DiffDelta<'_>, wanted: &Reason) -> Result<(), Error> {
        if delta.status() == Delta::Deleted {
            return Ok(());
        }
        let Some(text) = Patch::from_diff(self.diff, at)? else {
            return Ok(());
        };
        let mut hunks = Vec::new();
        for at in 0..text.num_hunks() {
            if says(&text, at, wanted)? {
                hunks.push(Ranges::of(&text.hunk(at)?.0));
            }
        }
        if hunks.is_empty() {
            return Ok(());
        }
        let path = path(delta);
        if delta.status() == Delta::Added && hunks.len() == text.num_hunks() {
            self.note(&path, None);
            self.update.remove(path);
            return Ok(());
        }
        for hunk in &hunks {
            self.note(&path, Some(hunk.shown()));
        }
        let (old, new) = (self.blob(delta.old_file().id())?, delta.new_file());
        let content = put_back(&old, &self.blob(new.id())?, &hunks);
        let blob = self.repository.blob(&content)?;
        self.update.upsert(path, blob, new.mode());
        Ok(())
    }

    fn blob(&self, id: Oid) -> Result<Vec<u8>, Error> {
        if id.is_zero() {
            return Ok(Vec::new());
        }
        Ok(self.repository.find_blob(id)?.content().to_vec())
    }

    fn note(&mut self, path: &[u8], lines: Option<[u32; 2]>) {
        let path = String::from_utf8_lossy(path).into_owned();
        self.taken_out.push(Hunk { path, lines });
    }
}

/// Whether a hunk adds a line that says it.
fn says(patch: &Patch<'_>, hunk: usize, wanted: &Reason) -> Result<bool, Error> {
    for at in 0..patch.num_lines_in_hunk(hunk)? {
        let line = patch.line_in_hunk(hunk, at)?;
        let content = line.content();
        let content = content.strip_suffix(b"\n").unwrap_or(content);
        let content = content.strip_suffix(b"\r").unwrap_or(content);
        if line.origin() == '+' && wanted.matches(content) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The lines of a hunk, counted from 0.
struct Ranges {
    old: Range<usize>,
    new: Range<usize>,
}

impl Ranges {
    fn of(hunk: &DiffHunk<'_>) -> Self {
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

    /// First and last line of the new side, as people count.
    fn shown(&self) -> [u32; 2] {
        let line = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        [line(self.new.start + 1), line(self.new.end)]
    }
}

/// The new text with the old lines of these hunks.
fn put_back(old: &[u8], new: &[u8], hunks: &[Ranges]) -> Vec<u8> {
    let lines = |text| <[u8]>::split_inclusive(text, |&b| b == b'\n').collect::<Vec<_>>();
    let (old, new) = (lines(old), lines(new));
    let mut content: Vec<&[u8]> = Vec::new();
    let mut at = 0;
    for hunk in hunks {
        content.extend(new.get(at..hunk.new.start).unwrap_or_default());
        content.extend(old.get(hunk.old.clone()).unwrap_or_default());
        at = hunk.new.end;
    }
    content.extend(new.get(at..).unwrap_or_default());
    content.concat()
}

fn path(delta: &DiffDelta<'_>) -> Vec<u8> {
    let file = delta
        .new_file()
        .path_bytes()
        .or(delta.old_file().path_bytes());
    file.unwrap_or_default().to_vec()
}

/// Whether a file, or a folder above it, is one of these.
fn names(files: &[String], delta: &DiffDelta<'_>) -> bool {
    let path = path(delta);
    let path = Path::new(std::ffi::OsStr::from_bytes(&path));
    files.iter().any(|file| path.starts_with(file))
}
