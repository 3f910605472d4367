//! Changes of the installation in tracked files, which become part of the baseline.
//!
//! Installers change `package.json` and lock files, or make a hook executable. A
//! colleague finds those committed, and a gate may demand a clean work tree.
//! Files that are new stay out: what the consumer neither tracks nor ignores
//! would be untracked in its own work tree too, and it may be `node_modules`.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::seed::{Result, Seeder, literal};
use super::session::Session;
use crate::sys::fs;

impl Seeder<'_> {
    /// Stages the tracked files that the installation changed.
    pub(super) fn stage_installed_changes(&self, session: &mut Session<'_>) -> Result<()> {
        session.refresh_index()?;
        // Not from its output, in which the errors of a filter would be paths.
        let file = self.lane.host().join("differing.paths");
        let output = literal(&format!("--output={}", file.to_string_lossy()));
        let differ = ["diff-files", "--name-only", "-z", "--ignore-submodules=all"];
        session.git(&[&differ[..], &[&output]].concat())?;
        let listed = fs::read(file)?;
        if listed.is_empty() {
            return Ok(());
        }
        // Git also names files that it would store in another form (`text=auto`),
        // if they are as young as the index. Those are as the checkout made them.
        let list = self.write_list("changed", &listed)?;
        let fresh = self.lane.host().join("as-checked-out");
        fs::create_folder(&fresh)?;
        let tree = self.index_tree(session)?;
        self.with_own_index(session, |session| {
            session.git(&["read-tree", &tree])?;
            let to = literal(&format!("--work-tree={}", fresh.to_string_lossy()));
            let from = format!("--pathspec-from-file={list}");
            let checkout = ["checkout", "--quiet", &from, "--pathspec-file-nul"];
            session.git(&[&[&*to][..], &checkout].concat())
        })?;
        let clone = self.lane.clone_dir();
        let is_changed = |path: &&[u8]| {
            let path = Path::new(OsStr::from_bytes(path));
            !is_same_file(&clone.join(path), &fresh.join(path))
        };
        let paths = listed.split(|&b| b == 0).filter(|path| !path.is_empty());
        let (changed, others): (Vec<_>, Vec<_>) = paths.partition(is_changed);
        fs::remove_folder(&fresh)?;
        if others.is_empty() {
            // Also files below a folder that has become a link.
            return session.git(&["add", "--update"]).map(drop);
        }
        if changed.is_empty() {
            return Ok(());
        }
        let list = self.write_list("changed", &changed.join(&0))?;
        Self::add_list(session, &list)
    }
}

/// True if both are files with the same content, executable or not.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let form = |path: &Path| {
        let meta = path.symlink_metadata().ok().filter(Metadata::is_file)?;
        Some((meta.permissions().mode() & 0o100, meta.len()))
    };
    let content = |path: &Path| fs::read(path).ok();
    form(one).is_some() && form(one) == form(other) && content(one) == content(other)
}
