//! The change from one tree to another as text, read in this process.

use std::path::Path;
use std::rc::Rc;

use git2::{Delta, Diff, DiffFormat, DiffOptions, Error, Oid, Patch};

use super::guard::open_for_writing;
use super::libgit2::is_beyond_libgit2;
use super::revert::{Parts, RevertedPart, chosen_hunks, objects_alone, options, path_of};
use crate::model::text::plain;
use crate::sys::fs;

/// The longest text of a change, in bytes.
const LONGEST: usize = 64 * 1024;

/// A change as text.
#[derive(Debug)]
pub struct ChangeText {
    /// The change as `git diff` shows it.
    pub text: String,
    /// True if the end of it is missing.
    pub is_cut: bool,
    /// The chosen parts of it, in the order of their paths.
    pub parts: Vec<RevertedPart>,
}

/// Returns the change from the tree `base` to the tree `change`, and its chosen parts.
///
/// # Errors
/// If the repository cannot be read, or is beyond libgit2.
pub fn change_text(
    repository: &Path,
    base: &str,
    change: &str,
    parts: &Parts<'_>,
) -> Result<ChangeText, String> {
    read(repository, base, change, parts).map_err(|e| plain(e.message()))
}

fn read(
    repository: &Path,
    base: &str,
    change: &str,
    parts: &Parts<'_>,
) -> Result<ChangeText, Error> {
    // It must outlive the repository that is opened in it.
    let folder;
    let repository = match open_for_writing(repository) {
        Err(e) if is_beyond_libgit2(&e) => {
            folder = fs::TemporaryFolder::new().map_err(|e| Error::from_str(&e.to_string()))?;
            Rc::new(objects_alone(repository, folder.path())?)
        }
        opened => opened?,
    };
    let base = repository.find_tree(Oid::from_str(base)?)?;
    let change = repository.find_tree(Oid::from_str(change)?)?;
    let between = |options: &mut DiffOptions| {
        repository.diff_tree_to_tree(Some(&base), Some(&change), Some(options))
    };
    let (text, is_cut) = printed(&between(DiffOptions::new().indent_heuristic(true))?)?;
    let parts = chosen(&between(&mut options())?, parts)?;
    Ok(ChangeText {
        text,
        is_cut,
        parts,
    })
}

/// Returns a diff as text, and whether its end is missing.
fn printed(diff: &Diff<'_>) -> Result<(String, bool), Error> {
    let mut bytes = Vec::new();
    let mut is_cut = false;
    let done = diff.print(DiffFormat::Patch, |_, _, line| {
        is_cut = bytes.len() + line.content().len() > LONGEST;
        if is_cut {
            return false;
        }
        if matches!(line.origin(), '+' | '-' | ' ') {
            bytes.push(u8::try_from(line.origin()).unwrap_or(b' '));
        }
        bytes.extend_from_slice(line.content());
        true
    });
    match done {
        Err(e) if !is_cut => Err(e),
        _ => Ok((String::from_utf8_lossy(&bytes).into_owned(), is_cut)),
    }
}

/// Returns the chosen parts of a diff without unchanged lines.
fn chosen(diff: &Diff<'_>, parts: &Parts<'_>) -> Result<Vec<RevertedPart>, Error> {
    let mut found = Vec::new();
    for (at, delta) in diff.deltas().enumerate() {
        let path = String::from_utf8_lossy(&path_of(&delta)).into_owned();
        let mut add = |lines| {
            let path = path.clone();
            found.push(RevertedPart { path, lines });
        };
        match parts {
            Parts::Files(is_chosen) if is_chosen(Path::new(&path)) => add(None),
            Parts::Hunks(is_chosen) if delta.status() != Delta::Deleted => {
                if let Some(patch) = Patch::from_diff(diff, at)? {
                    for hunk in chosen_hunks(&patch, is_chosen)? {
                        add(Some(hunk.lines()));
                    }
                }
            }
            _ => {}
        }
    }
    Ok(found)
}
