//! Restores the seeded state after a stage, and commits the change.

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::seed::{Result, Seeded, Seeder};
use super::session::Session;
use crate::sys::{fs, git};

impl Seeder<'_> {
    /// Restores the seeded, staged state: HEAD, the index, and the files of the
    /// change in the work tree.
    ///
    /// Other files that the gate or its installer changed are left alone.
    pub(super) fn reset(&self, session: &mut Session<'_>, seeded: &Seeded) -> Result<()> {
        if self.head(session)? != seeded.base {
            session.git(&["update-ref", "HEAD", &seeded.base])?;
        }
        session.git(&["read-tree", "--reset", &seeded.tree])?;
        let (there, gone) = self.changed(session, seeded)?;
        for path in gone {
            fs::remove_any(&self.lane.clone_dir().join(path))?;
        }
        if !there.is_empty() {
            let list = self.path_list("changed", &there)?;
            let source = format!("--source={}", seeded.tree);
            let from = format!("--pathspec-from-file={list}");
            session.git(&[
                "restore",
                &source,
                "--worktree",
                &from,
                "--pathspec-file-nul",
            ])?;
        }
        session.refresh_index()
    }

    /// Returns the files that the scenario adds or changes, and those that it
    /// removes.
    fn changed(
        &self,
        session: &mut Session<'_>,
        seeded: &Seeded,
    ) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
        let (base, tree) = (&*seeded.base, &*seeded.tree);
        let of_base = self.refs(session)?.tree(base).unwrap_or_default();
        if let Some(changed) = git::changed_paths(&self.lane.clone_dir(), &of_base, tree) {
            return Ok(changed);
        }
        let diff = ["diff-tree", "-r", "-z", "--no-renames", "--name-status"];
        let listed = session.git(&[&diff[..], &[base, tree]].concat())?;
        // Letters and paths alternate; D is a file that the scenario removed.
        let mut fields = listed.split(|&b| b == 0);
        let (mut there, mut gone) = (Vec::new(), Vec::new());
        while let (Some(letter), Some(path)) = (fields.next(), fields.next()) {
            let path = PathBuf::from(std::ffi::OsStr::from_bytes(path));
            let list = if letter == b"D" {
                &mut gone
            } else {
                &mut there
            };
            list.push(path);
        }
        Ok((there, gone))
    }

    /// Commits the staged change past the hooks, unless HEAD has moved from the
    /// baseline already. Returns HEAD.
    pub(super) fn commit_change(
        &self,
        session: &mut Session<'_>,
        seeded: &Seeded,
    ) -> Result<String> {
        let head = self.head(session)?;
        if head != seeded.base {
            return Ok(head);
        }
        self.reset(session, seeded)?;
        session.commit(&self.scenario.message, seeded.vacuous)?;
        self.head(session)
    }
}
