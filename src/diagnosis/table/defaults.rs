//! Defaults of a row: an empty one, and the commands that most rows show.

use super::super::cause::Cause;
use super::super::commands::EXPLAIN;

pub(super) const LOG: &str = "tail -n 40 {artifacts}/runs/{run_id}/{log}";
pub(in super::super) const REPLAY: &str =
    "matrix replay --artifacts {artifacts} {run_id} --execute --lane {lane}";
/// Shows the files that the last commits deleted.
pub(super) const DELETED: &str =
    "git -C {repo} log --diff-filter=D --name-only --oneline --max-count=5";

/// Commands for a failed lane.
const LANE: &[&str] = &[LOG, REPLAY, EXPLAIN];
/// Commands for a lane that fails in the same way until something is changed.
pub(super) const NOT_REPLAYED: &[&str] = &[LOG, EXPLAIN];
/// Commands for a failure without a lane that could be replayed.
pub(super) const RUN: &[&str] = &[EXPLAIN];
/// Commands for a failed lane whose log does not help.
pub(super) const LANE_WITHOUT_LOG: &[&str] = &[REPLAY, EXPLAIN];

/// A row without conditions, as the base of every other.
pub(super) const BLANK: Cause = Cause::blank(LANE);
