//! Submodules that are checked out in the consumer are so in the lane: at the
//! commit that the lane's own commit names, without network.
//!
//! Git would clone them from their addresses. Here their objects come from the
//! consumer's, and the addresses are those of `.gitmodules`.

use super::remote::ref_format;
use super::seed::{Result, Seeder, literal};
use super::session::Session;
use crate::sys::fs;

impl Seeder<'_> {
    /// Checks out the submodules in the clone, each after the one around it.
    pub(super) fn clone_submodules(&self, session: &mut Session<'_>) -> Result<()> {
        let all = &self.cx.submodules;
        for path in all {
            let above = all.iter().rev().find_map(|around| {
                let below = path.strip_prefix(around.as_str())?.strip_prefix('/')?;
                Some((around.as_str(), below))
            });
            let (around, below) = above.unwrap_or((".", path));
            self.clone_submodule(session, path, around, below)?;
        }
        Ok(())
    }

    fn clone_submodule(
        &self,
        session: &mut Session<'_>,
        path: &str,
        around: &str,
        below: &str,
    ) -> Result<()> {
        let (place, around, below) = (literal(path), literal(around), literal(below));
        let in_parent = ["-C", &*around];
        let listed = session.git_outside(&[&in_parent[..], &["ls-tree", "HEAD", &below]].concat());
        let listed = listed?;
        let listed = String::from_utf8_lossy(&listed);
        let mut entries = listed.lines().map(|line| line.split([' ', '\t']));
        // The consumer may have moved on, and the commit may have no such submodule.
        let Some(commit) = entries.find_map(|mut entry| match entry.next() {
            Some("160000") => entry.nth(1),
            _ => None,
        }) else {
            return Ok(());
        };
        let from = self.cx.lender.join(path);
        let format = ref_format(session, &from)?;
        let from = literal(&from.to_string_lossy());
        // The reflog would tell of the consumer.
        let clone = ["-c", "core.logAllRefUpdates=false", "clone", "--quiet"];
        let whole = ["--no-checkout", "--no-hardlinks", &from, &place];
        session.git_outside(&[&clone[..], &format, &whole].concat())?;
        let in_place = ["-C", &*place];
        let alternates = self.lane.clone_dir().join(path);
        let alternates = alternates.join(".git/objects/info/alternates");
        if alternates.exists() {
            let repack = ["repack", "--quiet", "-a", "-d"];
            session.git_outside(&[&in_place[..], &repack].concat())?;
            fs::remove_file(&alternates)?;
        }
        let checkout = ["checkout", "--quiet", "--detach", commit];
        session.git_outside(&[&in_place[..], &checkout].concat())?;
        // The addresses are set anew, and the repository moves into that around it.
        for verb in ["init", "sync", "absorbgitdirs"] {
            let submodule = ["submodule", "--quiet", verb, "--", &below];
            session.git_outside(&[&in_parent[..], &submodule].concat())?;
        }
        Ok(())
    }
}
