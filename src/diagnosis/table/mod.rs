//! The table of causes.

mod defaults;
mod environment;
mod preflight;
mod stage;

use super::cause::Cause;

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
