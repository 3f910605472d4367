//! The steps of a lane in time.
//!
//! A run records the start of a step in whole seconds and its duration in milliseconds. A step
//! begins at its second, or when the step before it ended if that is later: at most a second
//! before it really did, and never inside another step of its lane.

use super::run_report::{LaneReport, LaneStep, RunReport, epoch_ms};

/// A step and its place, in microseconds since the run's first step.
pub(super) struct PlacedStep<'a> {
    pub(super) start_us: u64,
    pub(super) duration_us: u64,
    pub(super) step: &'a LaneStep,
}

/// Returns the steps of a lane in order, each with its place.
pub(super) fn placed<'a>(lane: &'a LaneReport, report: &RunReport) -> Vec<PlacedStep<'a>> {
    let began = report.began_ms().unwrap_or(0);
    let mut free = 0;
    let mut all = Vec::new();
    for step in &lane.steps {
        let recorded = epoch_ms(&step.evidence.started_at_utc).unwrap_or(began);
        let since = u64::try_from(recorded.saturating_sub(began)).unwrap_or(0);
        let start_us = since.saturating_mul(1000).max(free);
        let duration_us = step.evidence.duration_ms.saturating_mul(1000);
        free = start_us.saturating_add(duration_us);
        all.push(PlacedStep {
            start_us,
            duration_us,
            step,
        });
    }
    all
}
