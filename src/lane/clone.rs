//! The clone of the consumer and the remote that it pushes to.

use super::seed::{Seeder, literal};
use super::session::{Session, SessionError};
use crate::model::names::base_ref;
use crate::sys::fs;

type Result<T> = std::result::Result<T, SessionError>;

impl Seeder<'_> {
    /// Makes a bare copy of the consumer that shares no file with it, then
    /// clones that copy, so that every path in the clone is the lane's own.
    pub(super) fn clone_consumer(&self, session: &mut Session<'_>) -> Result<()> {
        self.lane.host().clone_into(&mut session.cwd);
        let from = if self.cx.repo_folder == self.cx.repo_root {
            "{repo_root}".to_owned()
        } else {
            literal(&self.cx.repo_folder.to_string_lossy())
        };
        let copy = [
            "clone",
            "--quiet",
            "--bare",
            "--no-hardlinks",
            &from,
            "origin.git",
        ];
        session.git_outside(&copy)?;
        let alternates = self.lane.host().join("origin.git/objects/info/alternates");
        if alternates.exists() {
            session.git_outside(&["-C", "origin.git", "repack", "--quiet", "-a", "-d"])?;
            fs::remove_file(&alternates)?;
        }
        let forget = [
            "-C",
            "origin.git",
            "config",
            "--remove-section",
            "remote.origin",
        ];
        session.git_outside(&forget)?;
        self.delete_clashing_refs(session)?;
        session.git_outside(&["clone", "--quiet", "--no-checkout", "origin.git", "clone"])?;
        session.cwd = self.lane.clone_dir();
        session.own.keep()?;
        let branch = literal(&self.cx.branch);
        let head = &self.cx.source.head;
        session.git(&["checkout", "--quiet", "--no-track", "-B", &branch, head])?;
        Ok(())
    }

    /// Deletes refs of the consumer that clash with those of the lane: git
    /// would refuse the lane's, or resolve the base to a tag.
    fn delete_clashing_refs(&self, session: &mut Session<'_>) -> Result<()> {
        let format = "--format=%(objectname) %(refname)";
        let listed = session.git_outside(&["-C", "origin.git", "for-each-ref", format])?;
        let refs = String::from_utf8_lossy(&listed);
        for (id, name) in refs.lines().filter_map(|line| line.split_once(' ')) {
            if self.is_clashing(id, name) {
                session.git_outside(&["-C", "origin.git", "update-ref", "-d", &literal(name)])?;
            }
        }
        Ok(())
    }

    /// True if a ref clashes with that of any lane: the clone may be shared.
    fn is_clashing(&self, id: &str, name: &str) -> bool {
        let branch = &self.cx.branch;
        let bases: Vec<String> = self.cx.profile.scenarios.keys().map(base_ref).collect();
        if let Some(tag) = name.strip_prefix("refs/tags/") {
            return tag == branch || bases.iter().any(|base| tag == base);
        }
        let Some(head) = name.strip_prefix("refs/heads/") else {
            return false;
        };
        // A ref is a file or a folder, never both.
        let clash = |ours: &str| {
            head.strip_prefix(ours)
                .is_some_and(|rest| rest.starts_with('/'))
                || ours
                    .strip_prefix(head)
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        // The lane's branch is fine if it is at the commit to start from.
        let moved_on = head == branch && id != self.cx.source.head;
        let is_base = bases.iter().any(|base| head == base || clash(base));
        moved_on || is_base || clash(branch)
    }
}
