//! Removes the violation from a scenario's change (`check --vacuity`).
//!
//! If the gate still blocks the remainder, it was blocking for some other
//! reason.

use std::path::Path;

use super::seed::{Result, Seeder};
use super::session::{Session, SessionError};
use crate::model::Violation;
use crate::model::evidence::Hunk;
use crate::model::text::plain;
use crate::sys::git::{self, Parts};

impl Seeder<'_> {
    /// Reverts the violation in index and work tree.
    pub(super) fn strip_violation(
        &self,
        session: &mut Session<'_>,
        violation: &Violation,
        base: &str,
        change: &str,
    ) -> Result<Stripped> {
        let clone = self.lane.clone_dir();
        let rest = strip(&clone, base, change, violation).map_err(|e| {
            SessionError::Problem(format!("the violation cannot be taken out: {e}"))
        })?;
        if rest.taken_out.is_empty() {
            return match violation {
                Violation::Message(_) => Ok(rest),
                _ => Err(SessionError::Problem(nothing_found(violation))),
            };
        }
        session.git(&["read-tree", "-m", "-u", change, &rest.tree])?;
        for hunk in &rest.taken_out {
            session.note(&format!("matrix: taken out: {hunk}\n"))?;
        }
        Ok(rest)
    }
}

fn nothing_found(violation: &Violation) -> String {
    let what = match violation {
        Violation::Lines(wanted) => {
            format!("no line that the change adds says `{}`", wanted.as_str())
        }
        Violation::Files(files) => format!("the change leaves {} as it was", files.join(", ")),
        Violation::Message(_) => "the message is its own".to_owned(),
    };
    format!(
        "{}: name what violates with `violation = …` in the scenario",
        plain(&what)
    )
}

/// A scenario's change without its violation.
pub(super) struct Stripped {
    /// The tree, written into the lane's clone.
    pub(super) tree: String,
    /// The parts of the violation that were reverted, in the order of their
    /// paths.
    pub(super) taken_out: Vec<Hunk>,
    /// The reason for which nothing is left that a gate would look at, if parts were
    /// reverted and nothing is.
    pub(super) nothing_left: Option<&'static str>,
}

/// Removes the violation from the change between the trees `base` and `change`.
///
/// Named files are reverted as a whole, also if a folder above them is named;
/// of files with violating lines only the hunks that add them.
fn strip(
    clone: &Path,
    base: &str,
    change: &str,
    violation: &Violation,
) -> std::result::Result<Stripped, String> {
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
    let taken_out: Vec<Hunk> = hunks.collect();
    let nothing_left = match stripped.keeps_files {
        _ if taken_out.is_empty() => None,
        true => None,
        false if stripped.tree == base => Some("nothing is left of the scenario's change"),
        false => Some("only removed files are left of the scenario's change"),
    };
    Ok(Stripped {
        tree: stripped.tree,
        taken_out,
        nothing_left,
    })
}
