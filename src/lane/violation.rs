//! Removes the violation from a scenario's change.

use std::path::Path;

use crate::model::Violation;
use crate::model::evidence::Hunk;
use crate::sys::git::{self, Parts};

/// A scenario's change without its violation.
pub(super) struct Stripped {
    /// The tree, written into the lane's clone.
    pub(super) tree: String,
    /// The parts of the violation that were taken out, in the order of their
    /// paths.
    pub(super) taken_out: Vec<Hunk>,
}

/// Takes the violation out of the change from the tree `base` to the tree
/// `change`.
///
/// Named files are reverted as a whole, also if a folder above them is named;
/// of files with violating lines only the hunks that add them.
pub(super) fn strip(
    clone: &Path,
    base: &str,
    change: &str,
    violation: &Violation,
) -> Result<Stripped, String> {
    let stripped = match violation {
        Violation::Files(files) => {
            let is_named = |path: &Path| files.iter().any(|file| path.starts_with(file));
            git::revert_parts(clone, base, change, &Parts::Files(&is_named))
        }
        Violation::Lines(reason) => {
            let violates = |line: &[u8]| reason.matches(line);
            git::revert_parts(clone, base, change, &Parts::Hunks(&violates))
        }
        // The tree stays as it is: the message of the commit is replaced.
        Violation::Message(_) => {
            git::revert_parts(clone, base, change, &Parts::Files(&|_: &Path| false))
        }
    }?;
    let hunks = stripped.parts.into_iter().map(|part| Hunk {
        path: part.path,
        lines: part.lines,
    });
    Ok(Stripped {
        tree: stripped.tree,
        taken_out: hunks.collect(),
    })
}
