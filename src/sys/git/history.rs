//! The way from one commit to another: commits by subject, and lines that changed.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use git2::{
    Commit, Delta, DiffOptions, ObjectType, Oid, Patch, Repository, TreeWalkMode, TreeWalkResult,
};

use super::guard::open_repository;

/// A file that differs between two commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedFile {
    /// The file, relative to the top folder.
    pub path: PathBuf,
    /// Its removed and added lines, in order, with `-` or `+` in front.
    pub lines: Vec<String>,
}

/// The way from one commit to another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Way {
    /// The first words of the earlier commit's message.
    pub from: String,
    /// The subjects of the commits that only the later one has, the newest first.
    pub subjects: Vec<String>,
    /// The files that were asked for and differ.
    pub files: Vec<ChangedFile>,
}

/// Finds the way between two commits of the repository around a folder.
///
/// `is_asked` is given the path of each file that changed, and its later text.
///
/// # Errors
/// If one of the commits is not there, or an object cannot be read.
pub fn way(
    folder: &Path,
    (base, current): (&str, &str),
    is_asked: &dyn Fn(&Path, &str) -> bool,
) -> Result<Way, String> {
    let repository = Repository::discover(folder).map_err(|e| e.message().to_owned())?;
    let find = |id: &str| {
        let commit = Oid::from_str(id).and_then(|id| repository.find_commit(id));
        commit.map_err(|_| format!("commit {} is not in this repository", short(id)))
    };
    let (base, current) = (find(base)?, find(current)?);
    between(&repository, &base, &current, is_asked).map_err(|e| e.message().to_owned())
}

fn between(
    repository: &Repository,
    base: &Commit<'_>,
    current: &Commit<'_>,
    is_asked: &dyn Fn(&Path, &str) -> bool,
) -> Result<Way, git2::Error> {
    let mut walk = repository.revwalk()?;
    walk.push(current.id())?;
    walk.hide(base.id())?;
    let subject = |commit: &Commit<'_>| {
        let subject = String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default());
        format!("commit {} {subject}", short(&commit.id().to_string()))
    };
    let mut way = Way {
        from: subject(base),
        ..Way::default()
    };
    for id in walk {
        way.subjects.push(subject(&repository.find_commit(id?)?));
    }
    let mut options = DiffOptions::new();
    options.context_lines(0);
    let (before, after) = (base.tree()?, current.tree()?);
    let diff = repository.diff_tree_to_tree(Some(&before), Some(&after), Some(&mut options))?;
    for at in 0..diff.deltas().len() {
        let Some(delta) = diff.get_delta(at) else {
            continue;
        };
        let is_gone = delta.status() == Delta::Deleted;
        let file = if is_gone {
            delta.old_file()
        } else {
            delta.new_file()
        };
        let Some(path) = file.path() else { continue };
        let text = repository.find_blob(file.id());
        let text = text.map(|blob| String::from_utf8_lossy(blob.content()).into_owned());
        if !is_asked(path, &text.unwrap_or_default()) {
            continue;
        }
        let path = path.to_owned();
        let lines = changed_lines(Patch::from_diff(&diff, at)?)?;
        way.files.push(ChangedFile { path, lines });
    }
    Ok(way)
}

/// The number of commits that are searched for a deletion.
const MAX_COMMITS: usize = 50;

/// Returns the subjects of commits, without those that a repository does not have.
#[must_use]
pub fn subjects<'a>(folder: &Path, commits: &[&'a str]) -> BTreeMap<&'a str, String> {
    let Ok(repository) = open_repository(folder) else {
        return BTreeMap::new();
    };
    let subject = |id: &&'a str| {
        let commit = repository.find_commit(Oid::from_str(id).ok()?).ok()?;
        let subject = String::from_utf8_lossy(commit.summary_bytes()?);
        Some((*id, subject.into_owned()))
    };
    commits.iter().filter_map(subject).collect()
}

/// Returns the files of a commit; None if it cannot be read.
#[must_use]
pub fn files_of_commit(folder: &Path, commit: &str) -> Option<Vec<PathBuf>> {
    let repository = open_repository(folder).ok()?;
    let tree = Oid::from_str(commit).and_then(|id| repository.find_commit(id)?.tree());
    let mut files = Vec::new();
    let walked = tree.ok()?.walk(TreeWalkMode::PreOrder, |above, entry| {
        if entry.kind() == Some(ObjectType::Blob) {
            let name = OsStr::from_bytes(entry.name_bytes());
            files.push(Path::new(above).join(name));
        }
        TreeWalkResult::Ok
    });
    walked.ok().map(|()| files)
}

/// Returns the file that was asked for and deleted last, on the way of first parents from a
/// commit.
///
/// None if the last commits deleted none, or cannot be read.
#[must_use]
pub fn deleted_file(
    folder: &Path,
    commit: &str,
    is_asked: &dyn Fn(&Path) -> bool,
) -> Option<PathBuf> {
    let repository = open_repository(folder).ok()?;
    let mut commit = repository.find_commit(Oid::from_str(commit).ok()?).ok()?;
    for _ in 0..MAX_COMMITS {
        let parent = commit.parent(0).ok()?;
        let (before, after) = (parent.tree().ok()?, commit.tree().ok()?);
        let compared = repository.diff_tree_to_tree(Some(&before), Some(&after), None);
        let diff = compared.ok()?;
        let mut deleted = diff.deltas().filter(|it| it.status() == Delta::Deleted);
        let asked = deleted.find_map(|it| it.old_file().path().filter(|path| is_asked(path)));
        if let Some(file) = asked {
            return Some(file.to_owned());
        }
        commit = parent;
    }
    None
}

fn changed_lines(patch: Option<Patch<'_>>) -> Result<Vec<String>, git2::Error> {
    let Some(patch) = patch else {
        return Ok(Vec::new());
    };
    let mut lines = Vec::new();
    for hunk in 0..patch.num_hunks() {
        for at in 0..patch.num_lines_in_hunk(hunk)? {
            let line = patch.line_in_hunk(hunk, at)?;
            if matches!(line.origin(), '+' | '-') {
                let text = String::from_utf8_lossy(line.content());
                lines.push(format!("{}{}", line.origin(), text.trim_end()));
            }
        }
    }
    Ok(lines)
}

fn short(id: &str) -> String {
    id.chars().take(12).collect()
}
