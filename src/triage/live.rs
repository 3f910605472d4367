//! The comparison of a run that has just ended with its baseline.
//!
//! The comparison has no influence on exit code, verdict or stdout.

use super::baseline::Baseline;
use super::comparable::Incomparable;
use super::document::{FILE, Triage};
use super::snapshot::RunSnapshot;
use crate::artifact::bundle::ReplayBundle;
use crate::artifact::run_folder::{Run, RunWriter};
use crate::artifact::to_bytes;
use crate::artifact::write_error::WriteError;
use crate::model::{LaneEvidence, Plan, ScenarioName, StageName};
use crate::sys::fs;

/// A run that has just ended, before its folder is complete.
pub struct Live<'a> {
    /// Its record.
    pub run: &'a Run,
    /// Its selected lanes and stages; None if it ended before.
    pub plan: Option<&'a Plan>,
    /// The lanes that ran.
    pub lanes: &'a [LaneEvidence],
    /// Its failures.
    pub bundle: &'a ReplayBundle,
    /// Its folder.
    pub writer: &'a RunWriter,
}

impl Live<'_> {
    /// Compares the run with its baseline.
    ///
    /// # Errors
    /// If they cannot be compared.
    pub fn compare(&self, baseline: &Baseline, now_utc: String) -> Result<Triage, Incomparable> {
        let is_selected = |lane: &ScenarioName, stage: &StageName| {
            self.plan.is_some_and(|plan| {
                plan.selected_scenarios().any(|name| name == lane)
                    && plan.stages_of(lane).any(|name| name == stage)
            })
        };
        let cells = self.lanes.iter().flat_map(|lane| &lane.cells);
        let current = RunSnapshot::new(self.run, self.writer.path(), &is_selected, cells);
        baseline.against(&current.with_fingerprints(self.bundle), now_utc)
    }
}

/// Writes the comparison into the run's folder.
///
/// # Errors
/// If it cannot be written; then no half of it is left.
pub fn write(triage: &Triage, writer: &RunWriter) -> Result<(), WriteError> {
    writer.file(FILE, &to_bytes(triage)).inspect_err(|_| {
        let _ = fs::remove_file(&writer.path().join(FILE));
    })
}
