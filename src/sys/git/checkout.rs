//! A commit of the consumer, checked out somewhere else.

use std::path::Path;

use super::{Consumer, Unsupported};
use crate::model::plan::Source;
use crate::model::text::{plain, shell};
use crate::sys::fs;

impl Consumer {
    /// A copy of the repository in a folder that is not there yet, with this
    /// commit checked out on this branch. What happens to the consumer
    /// meanwhile, and what is not committed in it, is not in the copy; all
    /// its refs are, as they are now.
    ///
    /// # Errors
    /// If the commit is not there, or the copy cannot be made.
    pub fn copy_at(&self, source: &Source, to: &Path) -> Result<Self, Unsupported> {
        if !self.has_commit(&source.head) {
            return Err(self.lacks(&source.head));
        }
        self.copy(source, to)
            .map_err(|text| self.not_copied(&text))?;
        Self::open(to, &self.options)
    }

    /// Says that a commit is not there.
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
        Unsupported::new(reason, remedy).at(&self.root)
    }

    fn copy(&self, source: &Source, to: &Path) -> Result<(), String> {
        let program = self.program.as_ref().ok_or("git is not on PATH")?;
        fs::create_folder(to).map_err(|e| e.to_string())?;
        let (from, git_dir) = (self.folder.to_string_lossy(), to.join(".git"));
        let git_dir = git_dir.to_string_lossy();
        let mut local = program.clone();
        local.env.insert("GIT_ALLOW_PROTOCOL".into(), "file".into());
        local.ask_slowly(&["clone", "--quiet", "--mirror", &from, &git_dir])?;
        let copy = program.at(to.to_owned());
        copy.ask(&["config", "core.bare", "false"])?;
        copy.ask(&["config", "--remove-section", "remote.origin"])?;
        // The refs come as they are now; the branch goes back to the commit.
        let branch = source.branch.as_deref();
        let place = branch.map_or(vec!["--detach"], |branch| vec!["-B", branch]);
        let words = [
            &["checkout", "--quiet", "--force"],
            &place[..],
            &[&source.head],
        ]
        .concat();
        copy.ask_slowly(&words).map(drop)
    }
}
