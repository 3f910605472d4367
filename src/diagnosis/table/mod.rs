//! The table of causes.

mod environment;
mod preflight;
mod stage;

use super::cause::Cause;

const LOG: &str = "tail -n 40 {artifacts}/runs/{run_id}/{log}";
const REPLAY: &str = "matrix replay --artifacts {artifacts} {run_id} --execute --lane {lane}";
pub(super) const EXPLAIN: &str = "matrix explain {cause}";

/// What helps wherever a lane failed.
pub(super) const LANE: &[&str] = &[LOG, REPLAY, EXPLAIN];
/// What helps where no lane can be played again.
const PAGE: &[&str] = &[EXPLAIN];
/// The same where what the log says is not of interest.
const LANE_WITHOUT_LOG: &[&str] = &[REPLAY, EXPLAIN];

/// Every cause, in the order in which they are decided.
pub fn causes() -> impl Iterator<Item = &'static Cause> {
    [preflight::CAUSES, environment::CAUSES, stage::CAUSES]
        .into_iter()
        .flatten()
}

/// The cause of this id.
#[must_use]
pub fn cause(id: &str) -> Option<&'static Cause> {
    causes().find(|cause| cause.id == id)
}
