//! The clone of the consumer and the remote that it pushes to.

use super::remote::clash;
use super::seed::{Seeder, literal};
use super::session::{Session, SessionError};
use crate::model::names::base_ref;

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
        let listed = self.copy_consumer(session, &from)?;
        self.delete_clashing_refs(session)?;
        session.git_outside(&["clone", "--quiet", "--no-checkout", "origin.git", "clone"])?;
        session.cwd = self.lane.clone_dir();
        session.own.keep()?;
        if listed.has_others() {
            Self::fetch_other_remotes(session)?;
        }
        Self::point_origin_head(session, &from, &listed)?;
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
        // The lane's branch is fine if it is at the commit to start from.
        let moved_on = head == branch && id != self.cx.source.head;
        let is_base = bases.iter().any(|base| head == base || clash(head, base));
        moved_on || is_base || clash(head, branch)
    }
}
