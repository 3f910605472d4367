//! Words on what a run does after its verdict: reports, and old runs that are removed.

use crate::artifact::write_error::WriteError;
use crate::model::text::{plain, some_of};

/// The maximum number of removed runs that are named.
const MAX_DROPPED: usize = 5;

pub(super) fn not_reported(e: &WriteError, again: &str) -> String {
    let again = plain(again);
    format!("ERROR: {e}\n  next: make room or name another file: {again}\n")
}

pub(super) fn dropped(runs: &[String]) -> String {
    let all: Vec<String> = runs.iter().map(|run| plain(run)).collect();
    let named = some_of(&all, MAX_DROPPED);
    format!("retention: removed {named}\n")
}

pub(super) fn not_in_ci(why: &str) -> String {
    format!(
        "warning: not reported to the CI engine: {}\n  verdict and exit code stay; next: mend \
         that, or report nothing: --no-ci-report\n",
        plain(why)
    )
}
