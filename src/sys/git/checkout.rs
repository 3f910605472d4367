//! Copies the consumer with one of its commits checked out.

use std::path::Path;

use super::consumer::Consumer;
use super::program::Program;
use super::unsupported::Unsupported;
use crate::model::Shortage;
use crate::model::plan::Source;
use crate::model::text::{plain, shell};
use crate::sys::fs;

impl Consumer {
    /// Copies the repository into a new folder, with this commit checked out on
    /// this branch.
    ///
    /// The copy has all refs as they are now. It has no uncommitted changes, and
    /// later changes to the consumer do not reach it.
    ///
    /// # Errors
    /// If the commit does not exist, or the copy fails.
    pub fn copy_at(&self, source: &Source, to: &Path) -> Result<Self, Unsupported> {
        if !self.has_commit(&source.head) {
            return Err(self.lacks(&source.head));
        }
        self.copy(source, to)
            .map_err(|text| self.not_copied(&text))?;
        let copy = Self::open(to, &self.options)?;
        Ok(Self {
            lender: self.lender.clone(),
            lent_lfs: Some(self.lfs_folders()),
            ..copy
        })
    }

    /// Returns the error for a commit that does not exist.
    #[must_use]
    pub fn lacks(&self, commit: &str) -> Unsupported {
        let root = shell(&self.root);
        Unsupported::new(
            format!("{root} does not have the commit {commit}"),
            format!("fetch it: git -C {root} fetch origin {commit}; or name a clone that has it: --repo DIR"),
        )
        .at(&self.root)
    }

    fn not_copied(&self, text: &str) -> Unsupported {
        let reason = format!("{} cannot be copied: {}", shell(&self.root), plain(text));
        let remedy = "see that the work folder has room, or use another one: --work-dir DIR";
        Unsupported {
            shortage: Shortage::named_in(text),
            ..Unsupported::new(reason, remedy).at(&self.root)
        }
    }

    fn copy(&self, source: &Source, to: &Path) -> Result<(), String> {
        let program = self.program.as_ref().ok_or("git is not on PATH")?;
        fs::create_folder(to).map_err(|e| e.to_string())?;
        let (from, git_dir) = (self.folder.to_string_lossy(), to.join(".git"));
        let git_dir = git_dir.to_string_lossy();
        let mut local = program.clone();
        local.env.insert("GIT_ALLOW_PROTOCOL".into(), "file".into());
        let format = program.line(&[
            "config",
            "--default",
            "files",
            "--get",
            "extensions.refStorage",
        ])?;
        let format = ["--ref-format=reftable"]
            .into_iter()
            .filter(|_| format == "reftable");
        let words = ["clone", "--quiet", "--mirror"].into_iter().chain(format);
        let words: Vec<&str> = words.chain([&*from, &git_dir]).collect();
        local.ask_slowly(&words)?;
        let copy = program.at(to.to_owned());
        copy.ask(&["config", "core.bare", "false"])?;
        copy.ask(&["config", "--remove-section", "remote.origin"])?;
        // A mirror has these as plain refs: lanes ask for the remote's HEAD.
        let listed = program.ask(&[
            "for-each-ref",
            "--format=%(refname) %(symref)",
            "refs/remotes",
        ])?;
        let listed = String::from_utf8_lossy(&listed);
        let symbolic = listed.lines().filter_map(|line| line.split_once(' '));
        for (name, target) in symbolic.filter(|(_, target)| !target.is_empty()) {
            copy.ask(&["symbolic-ref", name, target])?;
        }
        // The branch may have moved on since the commit was chosen.
        check_out(&copy, &source.head, source.branch.as_deref())
    }
}

/// Checks a commit out, on a branch that is moved to it.
pub(super) fn check_out(copy: &Program, commit: &str, branch: Option<&str>) -> Result<(), String> {
    let place = branch.map_or(vec!["--detach"], |branch| vec!["-B", branch]);
    // Git prefers a branch whose name is the id to the commit itself.
    let commit = format!("{commit}^0");
    let words = [&["checkout", "--quiet", "--force"], &place[..], &[&commit]].concat();
    copy.ask_slowly(&words).map(drop)
}
