//! Records the change that a lane tries, for those who read the run.

use super::seed::Seeded;
use super::session::Session;
use super::state::Lane;
use crate::model::change::LaneChange;
use crate::model::evidence::Hunk;
use crate::model::{Expectation, SCHEMA_VERSION, Violation};
use crate::sys::git::{self, ChangeText, Parts};

impl Lane<'_> {
    /// Returns the change, with the parts that make it a violation. None if it cannot be read:
    /// nothing is decided by it.
    pub(super) fn change(&self, session: &Session<'_>, seeded: &Seeded) -> Option<LaneChange> {
        let base = self.seeder().tree_of(session, &seeded.base).ok()?;
        let read = |parts: &Parts<'_>| {
            git::change_text(&self.workspace.clone_dir(), &base, &seeded.tree, parts).ok()
        };
        let scenario = self.scenario;
        let reason = scenario.reason.clone().map(Violation::Lines);
        let violation = scenario.violation.clone().or(reason);
        let blocks = scenario.expect.values().any(Expectation::blocks);
        let ChangeText {
            text,
            is_cut,
            parts,
        } = match violation.filter(|_| blocks) {
            Some(Violation::Lines(lines)) => read(&Parts::Hunks(&|line| lines.matches(line))),
            Some(Violation::Files(files)) => read(&Parts::Files(&|path| {
                files.iter().any(|file| path.starts_with(file))
            })),
            Some(Violation::Message(_)) | None => read(&Parts::Files(&|_| false)),
        }?;
        let violation = parts.into_iter().map(|part| Hunk {
            path: part.path,
            lines: part.lines,
        });
        Some(LaneChange {
            schema_version: SCHEMA_VERSION,
            scenario: self.name.clone(),
            diff: text,
            is_cut,
            violation: violation.collect(),
        })
    }
}
