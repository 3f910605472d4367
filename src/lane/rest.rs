//! The change without its violation: what still blocks then blocks for
//! another reason.

use super::seed::{Result, Seeder};
use super::session::{Session, SessionError};
use super::violation;
use crate::model::Violation;
use crate::model::evidence::Hunk;
use crate::model::text::plain;

impl Seeder<'_> {
    /// Puts what is left of the change into index and work tree; its tree,
    /// and what was taken out.
    pub(super) fn take_out(
        &self,
        session: &mut Session<'_>,
        violation: &Violation,
        base: &str,
        change: &str,
    ) -> Result<(String, Vec<Hunk>)> {
        let clone = self.lane.clone_dir();
        let rest = violation::strip(&clone, base, change, violation);
        let rest = rest.map_err(|e| {
            let text = format!("the violation cannot be taken out: {e}");
            SessionError::Problem(text)
        })?;
        if rest.taken_out.is_empty() {
            return match violation {
                Violation::Message(_) => Ok((rest.tree, rest.taken_out)),
                _ => Err(SessionError::Problem(nothing_found(violation))),
            };
        }
        session.git(&["read-tree", "-m", "-u", change, &rest.tree])?;
        for hunk in &rest.taken_out {
            session.note(&format!("matrix: taken out: {hunk}\n"))?;
        }
        Ok((rest.tree, rest.taken_out))
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
