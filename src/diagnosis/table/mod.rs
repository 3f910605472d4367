//! The table of causes.

mod defaults;
mod environment;
mod git;
mod preflight;
mod shortages;
mod stage;

use super::cause::Cause;

/// Returns every cause, in the order in which they are matched.
pub fn causes() -> impl Iterator<Item = &'static Cause> {
    [
        preflight::CAUSES,
        git::CAUSES,
        shortages::CAUSES,
        environment::CAUSES,
        stage::CAUSES,
    ]
    .into_iter()
    .flatten()
}

/// Returns the cause with this id.
#[must_use]
pub fn cause(id: &str) -> Option<&'static Cause> {
    causes().find(|cause| cause.id == id)
}
