//! Commits the work tree as it is, in a copy of the repository.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::checkout::check_out;
use super::consumer::Consumer;
use super::identity::fixed_identity;
use super::program::Program;
use super::status::Status;
use super::unsupported::Unsupported;
use crate::model::plan::Source;
use crate::model::text::{plain, shell, shown, some_of};
use crate::sys::fs;

/// The message of the commit, which no repository of the user has.
const MESSAGE: &str = "The work tree, as it is";

impl Consumer {
    /// Returns a consumer whose HEAD has everything that is in the work tree: what is
    /// staged, edited, deleted and untracked, but not what is ignored.
    ///
    /// If that differs from HEAD, it is a copy in the folder `to`, with one more commit.
    /// This repository stays as it is: index, refs and objects.
    ///
    /// # Errors
    /// If filters would have to run, or the work tree cannot be copied.
    pub fn with_work_tree(self, artifacts: &Path, to: &Path) -> Result<Self, Unsupported> {
        let source = self.source()?;
        let worktree_on = Some(source.head.clone());
        // It also refuses what would have to run a filter.
        if self.dirt(artifacts)?.is_empty() {
            return Ok(Self {
                worktree_on,
                ..self
            });
        }
        self.copy_at(&source, to)?;
        let settings = self.settings()?;
        let wrong = |text: String| self.not_committed(&text);
        let Some(program) = &self.program else {
            return Err(wrong("git is not on PATH".to_owned()));
        };
        let status = Status::new(&self, program, settings);
        let changed = status.changed_paths().map_err(wrong)?;
        if !changed.submodules.is_empty() {
            return Err(self.dirty_submodules(&changed.submodules));
        }
        let own = self.artifacts_folders(artifacts);
        let is_own = |path: &&PathBuf| own.iter().any(|own| path.starts_with(own));
        let others = changed.repositories.iter().filter(|path| !is_own(path));
        let others: Vec<&PathBuf> = others.collect();
        if !others.is_empty() {
            return Err(self.nested_repositories(&others));
        }
        let hidden = self.reader.hidden(&self.root);
        let mut paths = hidden.map_err(|e| self.cannot_read(e))?;
        let untracked = changed.untracked.iter().filter(|path| !is_own(path));
        let named = changed.tracked.iter().chain(untracked);
        paths.extend(named.map(|path| path.as_os_str().as_bytes().to_vec()));
        let commit = self
            .commit_paths(status.into_program(), &source, &paths, to)
            .map_err(wrong)?;
        let (at, branch) = (program.at(to.to_owned()), source.branch.as_deref());
        check_out(&at, &commit, branch).map_err(wrong)?;
        let copy = Self::open(to, &self.options)?;
        Ok(Self {
            lender: self.lender.clone(),
            lent_lfs: Some(self.lfs_folders()),
            worktree_on,
            ..copy
        })
    }

    /// Commits the present content of these paths on top of HEAD, with index and objects
    /// of the copy, and returns the commit.
    fn commit_paths(
        &self,
        mut program: Program,
        source: &Source,
        paths: &[Vec<u8>],
        copy: &Path,
    ) -> Result<String, String> {
        let git_dir = copy.join(".git");
        for (variable, place) in [
            ("GIT_INDEX_FILE", git_dir.join("work-tree-index")),
            ("GIT_OBJECT_DIRECTORY", git_dir.join("objects")),
        ] {
            program.env.insert(variable.into(), place.into());
        }
        // Git would write the other half of a split index into the consumer.
        program.settings.push("core.splitIndex=false".into());
        let head = &source.head;
        program.ask_slowly(&["read-tree", head])?;
        let words = [
            "update-index",
            "--add",
            "--remove",
            "--replace",
            "-z",
            "--stdin",
        ];
        program.ask_with(&words, &paths.join(&0))?;
        let tree = program.line(&["write-tree"])?;
        let tree = tree.to_string_lossy();
        for (variable, value) in fixed_identity(self.commit_time(head)) {
            program.env.insert(variable.into(), value.into());
        }
        let commit = program.line(&["commit-tree", &tree, "-p", head, "-m", MESSAGE])?;
        let _ = fs::remove_file(&git_dir.join("work-tree-index"));
        Ok(commit.to_string_lossy().into_owned())
    }

    fn not_committed(&self, text: &str) -> Unsupported {
        let root = shell(&self.root);
        let reason = format!("the work tree of {root} cannot be copied: {}", plain(text));
        let remedy = "commit what is to be tried, and run without --worktree";
        Unsupported::new(reason, remedy).at(&self.root)
    }

    /// Git adds no files of another repository, so a lane would not have the folder.
    fn nested_repositories(&self, folders: &[&PathBuf]) -> Unsupported {
        let names: Vec<String> = folders.iter().map(shown).collect();
        let reason = format!(
            "a lane cannot have untracked folders that are repositories of their own: {}",
            some_of(&names, 5)
        );
        let root = shell(&self.root);
        let first = shell(folders[0]);
        let remedy = format!(
            "add it as a submodule (git -C {root} submodule add URL {first}), or have git ignore it"
        );
        Unsupported::new(reason, remedy).at(&self.root)
    }

    fn dirty_submodules(&self, submodules: &[PathBuf]) -> Unsupported {
        let names: Vec<String> = submodules.iter().map(shown).collect();
        let reason = format!(
            "a lane cannot have what is uncommitted in submodules: {}",
            some_of(&names, 5)
        );
        let remedy = format!(
            "commit it there: git -C {} commit",
            shell(self.root.join(&submodules[0]))
        );
        Unsupported::new(reason, remedy).at(&self.root)
    }
}
