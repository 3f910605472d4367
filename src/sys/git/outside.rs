//! The folders of a repository outside of its work tree.

use std::path::PathBuf;

use super::Consumer;
use super::alternates::{MAX_ALTERNATES, alternates};
use super::guard::open_repository;
use super::safe_directory::common_dir;

impl Consumer {
    /// Returns the folders outside of the work tree that git needs to read the
    /// repository: the git folder of a linked worktree or a submodule, the one
    /// that worktrees share, and the objects that a clone or a submodule borrows
    /// (`clone --shared`, `--reference`).
    #[must_use]
    pub fn outside_folders(&self) -> Vec<PathBuf> {
        let common = common_dir(&self.git_dir);
        let mut folders = vec![self.git_dir.clone(), common.clone()];
        let mut borrowed = vec![common.join("objects")];
        if self.lender != self.root {
            folders.push(self.lender.clone());
        }
        for submodule in self.submodules() {
            let opened = open_repository(&self.lender.join(submodule));
            let git_dir = opened.map(|repo| repo.path().to_owned());
            if let Ok(git_dir) = git_dir {
                borrowed.push(git_dir.join("objects"));
                folders.push(git_dir);
            }
        }
        for _ in 0..MAX_ALTERNATES {
            borrowed = borrowed
                .iter()
                .flat_map(|objects| alternates(objects))
                .collect();
            borrowed.retain(|folder| !folders.contains(folder));
            folders.extend(borrowed.iter().cloned());
        }
        folders.retain(|folder| !folder.starts_with(&self.root) && folder.is_dir());
        folders.sort();
        folders.dedup();
        folders
    }
}
