//! Reusing lanes whose inputs have not changed.
//!
//! Every run records the inputs of each lane ([`Inputs`]). A later run with
//! `--reuse` looks for the newest run in which a lane with the same inputs ran
//! ([`decide`]). If it was green, its results are copied ([`copy_lane`]) and
//! marked with that run's id in every file. In case of doubt the lane runs.

mod copy;
mod decide;
mod decision;
mod inputs;
mod messages;
mod package;

pub use copy::{CopiedLane, CopyError, copy_lane};
pub use decide::{ReuseQuery, decide};
pub use decision::Decision;
pub use inputs::{Inputs, Parts, Sources};
pub use package::Package;

/// The request to reuse lanes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reuse {
    /// Every lane runs.
    #[default]
    No,
    /// The user asked for it.
    Yes,
    /// Requested by a variable in CI, where it is ignored: CI must prove everything anew.
    IgnoredInCi,
}
