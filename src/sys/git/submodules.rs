//! Submodules of the consumer that are checked out.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::consumer::Consumer;
use super::program::Program;

/// The mode of an index entry that is a submodule.
pub(super) const SUBMODULE: u32 = 0o160_000;

impl Consumer {
    /// Returns the folder from which lanes take what a clone leaves out: submodules
    /// and objects of Git LFS. A copy of the consumer has none of its own.
    #[must_use]
    pub fn lender(&self) -> &Path {
        &self.lender
    }

    /// Returns the files that git does not track, ignored ones too, relative to the work
    /// tree; a folder for all that it holds.
    #[must_use]
    pub fn untracked(&self) -> Vec<PathBuf> {
        let words = ["ls-files", "-z", "--others", "--directory"];
        let asked = self.program.as_ref().and_then(|git| git.ask(&words).ok());
        let listed = asked.unwrap_or_default();
        let paths = listed.split(|&b| b == 0).filter(|path| !path.is_empty());
        paths
            .map(|path| PathBuf::from(OsStr::from_bytes(path)))
            .collect()
    }

    /// Returns the paths of the submodules that are checked out, each after the
    /// one around it.
    #[must_use]
    pub fn submodules(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        if let Some(program) = &self.program {
            collect(program, &self.lender, Path::new(""), &mut found);
        }
        found
    }
}

fn collect(program: &Program, root: &Path, around: &Path, found: &mut Vec<PathBuf>) {
    let folder = root.join(around);
    if !folder.join(".gitmodules").is_file() {
        return;
    }
    let program = program.at(folder);
    let named = names(&program);
    let entries = program.entries().unwrap_or_default();
    let submodules = entries.into_iter().filter(|(mode, _)| *mode == SUBMODULE);
    for (_, path) in submodules.filter(|(_, path)| named.contains(path)) {
        let path = around.join(OsStr::from_bytes(&path));
        let inside = root.join(&path);
        let is_folder = inside.symlink_metadata().is_ok_and(|meta| meta.is_dir());
        // Commands are text: other paths cannot be an argument of one.
        if is_folder && inside.join(".git").exists() && path.to_str().is_some() {
            found.push(path.clone());
            collect(&program, root, &path, found);
        }
    }
}

/// The paths that `.gitmodules` names: git leaves other repositories alone.
fn names(program: &Program) -> Vec<Vec<u8>> {
    let ask = ["config", "--file", ".gitmodules", "-z", "--get-regexp"];
    let answer = program.ask(&[&ask[..], &[r"^submodule\..*\.path$"]].concat());
    let answer = answer.unwrap_or_default();
    let values = answer
        .split(|&b| b == 0)
        .filter_map(|entry| entry.splitn(2, |&b| b == b'\n').nth(1));
    values.map(<[u8]>::to_vec).collect()
}
