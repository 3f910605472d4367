//! The clone of the consumer and the remote that it pushes to.

use super::clashes::LaneRefs;
use super::remote::ref_format;
use super::seed::{Result, Seeder, literal};
use super::session::Session;
use crate::model::names::base_ref;

impl Seeder<'_> {
    /// Makes a bare copy of the consumer that shares no file with it, then
    /// clones that copy, so that every path in the clone is the lane's own.
    ///
    /// Returns the refs of the consumer that the lane does not have, since they
    /// clash with its own.
    pub(super) fn clone_consumer(&self, session: &mut Session<'_>) -> Result<Vec<String>> {
        self.lane.host().clone_into(&mut session.cwd);
        let from = if self.cx.repo_folder == self.cx.repo_root {
            "{repo_root}".to_owned()
        } else {
            literal(&self.cx.repo_folder.to_string_lossy())
        };
        let listed = self.copy_consumer(session, &from)?;
        let clashing = self.delete_clashing_refs(session)?;
        let format = ref_format(session, &self.lane.origin())?;
        let clone = ["--no-checkout", "origin.git", "clone"];
        session.git_outside(&[&["clone", "--quiet"][..], &format, &clone].concat())?;
        session.cwd = self.lane.clone_dir();
        session.own.keep()?;
        if listed.has_others() {
            Self::fetch_other_remotes(session)?;
        }
        Self::point_origin_head(session, &from, &listed)?;
        self.cx.lfs.copy(&self.lane.clone_dir())?;
        let branch = literal(&self.cx.branch);
        let head = &self.cx.source.head;
        session.git(&["checkout", "--quiet", "--no-track", "-B", &branch, head])?;
        self.clone_submodules(session)?;
        Ok(clashing)
    }

    /// Deletes refs of the consumer that clash with those of a lane, and an old
    /// state of the lane's branch. Returns those that clash.
    fn delete_clashing_refs(&self, session: &mut Session<'_>) -> Result<Vec<String>> {
        let own = LaneRefs {
            branch: &self.cx.branch,
            bases: self.cx.profile.scenarios.keys().map(base_ref).collect(),
        };
        let branch = format!("refs/heads/{}", self.cx.branch);
        let format = "--format=%(objectname) %(refname)";
        let listed = session.git_outside(&["-C", "origin.git", "for-each-ref", format])?;
        let refs = String::from_utf8_lossy(&listed);
        let mut clashing = Vec::new();
        for (id, name) in refs.lines().filter_map(|line| line.split_once(' ')) {
            let clashes = own.clashes_with(name);
            if clashes || (name == branch && id != self.cx.source.head) {
                session.git_outside(&["-C", "origin.git", "update-ref", "-d", &literal(name)])?;
            }
            clashing.extend(clashes.then(|| name.to_owned()));
        }
        Ok(clashing)
    }
}
