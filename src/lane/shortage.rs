//! Blames the machine for what failed because the machine lacks something.
//!
//! Invariants: a green cell stays green, whatever its log quotes; of a stage that let the
//! change in, the log alone proves nothing.

use super::cell_failure::CellFailure;
use super::state::Lane;
use super::step_result::StepResult;
use super::steps::{Action, Step};
use crate::model::evidence::Ending;
use crate::model::{FailureClass, Shortage};
use crate::sys::{fs, shortage};

/// The end of a log in which a step says why it failed.
const LAST_BYTES: u64 = 64 * 1024;
/// The room on a disk, in bytes, with which no step can do anything.
const NOTHING: u64 = 64 * 1024;
/// The room that a step may have made again that failed for want of more: git removes what
/// it could not complete, and may not say why it could not.
pub(super) const LITTLE: u64 = 512 * 1024;
/// The room of a disk that another lane can have filled until a moment ago, in bytes.
const SMALL: u64 = 64 * 1024 * 1024;
/// Words of git for a remote that could not store what was pushed, without the reason.
const NOT_STORED: [&str; 3] = [
    "unable to migrate objects to permanent storage",
    "unable to create temporary object directory",
    "unpacker error",
];
/// The last lines of a stage that are believed; earlier ones tell what it looked at.
const LAST_LINES: usize = 60;

impl Lane<'_> {
    /// Blames the machine for a step that failed, if it lacks something.
    pub(super) fn blame_machine(&self, step: &Step, result: &mut StepResult) {
        let log = result.log_name.as_deref().unwrap_or(step.id.as_str());
        let is_stage = matches!(step.action, Action::Stage(..)) && result.log_name.is_none();
        let Some(problem) = result.problem.take_if(|problem| {
            // A cell was judged with its stage.
            !is_stage && is_open_to_blame(problem)
        }) else {
            return;
        };
        let said = || Shortage::named_in(&self.end_of_log(log));
        let found = self.seen_shortage(&problem, result.ending.as_ref());
        result.problem = Some(match found.or_else(said) {
            Some(shortage) => CellFailure::short(shortage, &problem),
            None => problem,
        });
    }

    /// Returns the failure of a stage, with the machine blamed if it lacks something.
    pub(super) fn blamed_stage(
        &self,
        step: &Step,
        ending: &Ending,
        problem: CellFailure,
    ) -> CellFailure {
        if !is_open_to_blame(&problem) {
            return problem;
        }
        let found = self.seen_shortage(&problem, Some(ending));
        let said = || {
            let log = self.end_of_log(step.id.as_str());
            let mut lines = log.lines().rev().take(LAST_LINES);
            let complaint = lines.clone().find_map(Shortage::complained_of);
            complaint.or_else(|| {
                let not_stored = lines.any(is_not_stored);
                // Other lanes end meanwhile, and leave room behind.
                let small = || fs::shortage_at(self.workspace.host(), SMALL);
                not_stored.then(small).flatten()
            })
        };
        let has_failed = ending.code() != Some(0);
        match found.or_else(|| has_failed.then(said).flatten()) {
            Some(shortage) => CellFailure::short(shortage, &problem),
            None => problem,
        }
    }

    /// Returns the failure of a stage that blocked, and had no reason to give, while the
    /// machine lacked something: nothing says that the gate decided.
    pub(super) fn blocked_by_machine(&self) -> Option<CellFailure> {
        let shortage = fs::shortage_at(self.workspace.host(), NOTHING)?;
        let text = "it blocked as expected, but its scenario names no `reason` that would tell why";
        let blocked = CellFailure::new(FailureClass::Infra, text);
        Some(CellFailure::short(shortage, &blocked))
    }

    /// Returns the shortage that this program met, or meets now.
    fn seen_shortage(&self, problem: &CellFailure, ending: Option<&Ending>) -> Option<Shortage> {
        let start = match ending {
            Some(Ending::NotStarted(text)) => Shortage::named_in(text),
            _ => None,
        };
        // A disk may have room again, once the step has cleaned up.
        start
            .or_else(shortage::noted)
            .or_else(|| fs::shortage_at(self.workspace.host(), LITTLE))
            .or_else(|| match problem.class {
                // The message is this program's own.
                FailureClass::Infra => Shortage::named_in(&problem.message),
                _ => None,
            })
    }

    fn end_of_log(&self, step: &str) -> String {
        let end = fs::tail(&self.log_file(step), LAST_BYTES);
        String::from_utf8_lossy(&end).into_owned()
    }
}

/// True if a line is git's about a remote that did not store what was pushed.
fn is_not_stored(line: &str) -> bool {
    let line = line.trim();
    let refused = line.starts_with("! [remote rejected] ")
        || line.starts_with("error: remote unpack failed: ");
    refused && NOT_STORED.iter().any(|words| line.contains(words))
}

/// True unless the failure is none of the gate's anyhow, or one that a shortage does not cause.
fn is_open_to_blame(problem: &CellFailure) -> bool {
    use FailureClass::{Config, Interrupted, Io, Timeout, Vacuous};
    !matches!(problem.class, Config | Interrupted | Io | Timeout | Vacuous)
}
