//! The folders of a lane in which an installer may have put the package.

use std::path::{Component, Path, PathBuf};

use crate::model::Vars;
use crate::model::command::CommandTemplate;

use super::super::workspace::Workspace;

/// The depth to which a clone is searched for a folder with dependencies.
const DEPTH: usize = 4;
/// The number of folders of a clone that are looked at.
const MAX_FOLDERS: usize = 2000;

/// The folders and files in which a record may be.
pub(super) struct Places {
    /// Files and folders that the installer's words and variables name.
    pub(super) named: Vec<PathBuf>,
    /// The folders that the installer ran in.
    pub(super) working: Vec<PathBuf>,
    /// The folders of the clone, nearest to its root first.
    pub(super) clone: Vec<PathBuf>,
    /// The folders for tools, of the lane and of its home.
    pub(super) tools: Vec<PathBuf>,
}

impl Places {
    pub(super) fn of(lane: &Workspace, vars: &Vars, install: &[&CommandTemplate]) -> Self {
        let clone = lane.clone_dir();
        // The last command that was told of a place is the one that counts.
        let mut named = Vec::new();
        let mut working = Vec::new();
        for command in install.iter().rev() {
            let folder = command.folder(&clone);
            let variables = command.expand_env(vars).into_values();
            let words = command.expand(vars).into_iter().chain(variables);
            let paths = words.flat_map(|word| paths_in(&word, &folder));
            named.extend(paths.filter(|path| path.starts_with(lane.host()) && path.exists()));
            working.push(folder);
        }
        Self {
            named,
            working,
            clone: folders_of(&clone),
            tools: vec![
                lane.tool_dir(),
                lane.home().join(".local"),
                lane.home().join("pipx"),
            ],
        }
    }
}

/// Returns the paths that a word may stand for: itself, or the value of its option.
fn paths_in(word: &str, folder: &Path) -> Vec<PathBuf> {
    let value = word.split_once('=').map(|(_, value)| value);
    let texts = value.into_iter().chain([word]);
    texts
        .filter(|text| !text.is_empty() && !text.starts_with('-') && !text.contains('\n'))
        .map(|text| normalise(&folder.join(text)))
        .collect()
}

/// Removes `.` and `..` by the text alone.
fn normalise(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// Returns a clone and the folders in it, without those of installed packages.
fn folders_of(clone: &Path) -> Vec<PathBuf> {
    let mut all = vec![clone.to_owned()];
    let mut level = all.clone();
    for _ in 0..DEPTH {
        let mut next: Vec<PathBuf> = level.iter().flat_map(|folder| children(folder)).collect();
        next.sort();
        next.truncate(MAX_FOLDERS - all.len().min(MAX_FOLDERS));
        all.extend(next.iter().cloned());
        level = next;
    }
    all
}

fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let is_own = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        !name.starts_with('.') && name != "node_modules"
    };
    folders.map(|entry| entry.path()).filter(is_own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_names_a_folder_by_itself_or_behind_its_option() {
        let folder = Path::new("/lane/clone");
        for (word, path) in [
            ("frontend", "/lane/clone/frontend"),
            ("--prefix=frontend", "/lane/clone/frontend"),
            ("./web/", "/lane/clone/web"),
            ("/lane/tools/venv", "/lane/tools/venv"),
            ("../../outside", "/outside"),
        ] {
            assert_eq!(paths_in(word, folder)[0], Path::new(path), "{word}");
        }
        assert!(paths_in("--save-exact", folder).is_empty());
        assert!(paths_in("", folder).is_empty());
    }
}
