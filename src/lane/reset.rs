//! Restores the seeded state after a stage, and commits the change.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::seed::{Result, Seeded, Seeder};
use super::session::{Session, SessionError};
use crate::sys::{fs, git};

impl Seeder<'_> {
    /// Restores the seeded, staged state: HEAD, the index, and the files of the
    /// change in the work tree.
    ///
    /// Other files that the gate or its installer changed are left alone.
    pub(super) fn reset(&self, session: &mut Session<'_>, seeded: &Seeded) -> Result<()> {
        self.lay(session, seeded, &seeded.tree, true)
    }

    /// Takes the seeded change out of the index and the work tree.
    pub(super) fn put_aside(&self, session: &mut Session<'_>, seeded: &Seeded) -> Result<()> {
        let of_start = self.tree_of(session, &seeded.start)?;
        self.lay(session, seeded, &of_start, false)
    }

    /// Sets HEAD to the start, the index to a tree, and the files of the change in
    /// the work tree to what they are with it or without.
    fn lay(
        &self,
        session: &mut Session<'_>,
        seeded: &Seeded,
        index: &str,
        with_change: bool,
    ) -> Result<()> {
        if self.head(session)? != seeded.start {
            session.git(&["update-ref", "HEAD", &seeded.start])?;
        }
        session.git(&["read-tree", "--reset", index])?;
        let of_start = self.tree_of(session, &seeded.start)?;
        let staged = self.differing(session, &of_start, &seeded.tree)?;
        let mut trees = vec![&*of_start, &*seeded.tree];
        // Files that the seed changed and did not stage belong to the change too.
        let parts = match &seeded.work {
            None => vec![(staged, index)],
            Some((before, after)) => {
                trees.extend([&**before, &**after]);
                let mut seeds = self.differing(session, before, after)?;
                if with_change {
                    seeds.extend(staged);
                    vec![(seeds, &**after)]
                } else {
                    seeds.retain(|path| !staged.contains(path));
                    vec![(staged, index), (seeds, &**before)]
                }
            }
        };
        for (paths, to) in parts {
            self.put(session, &trees, &paths, to)?;
        }
        session.refresh_index()
    }

    /// Puts files into the work tree as they are in a tree. Each of them differs
    /// between two of `trees`, so one of these says if it is there.
    fn put(
        &self,
        session: &mut Session<'_>,
        trees: &[&str],
        paths: &BTreeSet<PathBuf>,
        to: &str,
    ) -> Result<()> {
        let (mut there, mut gone) = (BTreeSet::new(), BTreeSet::new());
        for from in trees.iter().filter(|from| **from != to) {
            let (some, others) = self.changed(session, from, to)?;
            there.extend(some);
            gone.extend(others);
        }
        for path in gone.intersection(paths) {
            fs::remove_below(&self.lane.clone_dir(), path)?;
        }
        let there: Vec<PathBuf> = there.intersection(paths).cloned().collect();
        if there.is_empty() {
            return Ok(());
        }
        let list = self.path_list("changed", &there)?;
        let source = format!("--source={to}");
        let from = format!("--pathspec-from-file={list}");
        let words = [
            "restore",
            &source,
            "--worktree",
            &from,
            "--pathspec-file-nul",
        ];
        session.git(&words).map(drop)
    }

    /// Returns the files in which two trees differ.
    fn differing(
        &self,
        session: &mut Session<'_>,
        from: &str,
        to: &str,
    ) -> Result<BTreeSet<PathBuf>> {
        let (there, gone) = self.changed(session, from, to)?;
        Ok(there.into_iter().chain(gone).collect())
    }

    pub(super) fn tree_of(&self, session: &Session<'_>, commit: &str) -> Result<String> {
        let tree = self.refs(session)?.tree(commit);
        tree.ok_or_else(|| SessionError::Problem(format!("the commit {commit} is gone")))
    }

    /// Returns the files that the second of two trees has beyond or unlike the
    /// first, and those that it lacks.
    fn changed(
        &self,
        session: &mut Session<'_>,
        from: &str,
        to: &str,
    ) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
        if let Some(changed) = git::changed_paths(&self.lane.clone_dir(), from, to) {
            return Ok(changed);
        }
        let diff = ["diff-tree", "-r", "-z", "--no-renames", "--name-status"];
        let listed = session.git(&[&diff[..], &[from, to]].concat())?;
        // Letters and paths alternate; D is a file that only the first has.
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

    /// Commits the staged change past the hooks, unless HEAD has moved on
    /// already. Returns HEAD.
    pub(super) fn commit_change(
        &self,
        session: &mut Session<'_>,
        seeded: &Seeded,
    ) -> Result<String> {
        let head = self.head(session)?;
        if head != seeded.start {
            return Ok(head);
        }
        self.reset(session, seeded)?;
        if seeded.nothing_staged && !seeded.vacuous {
            return Ok(head);
        }
        session.commit(&self.scenario.message, seeded.vacuous)?;
        self.head(session)
    }
}
