//! Taking over lanes that nothing has changed for.
//!
//! Every run writes down what each lane depends on ([`Inputs`]). A later one
//! that is asked to reuse looks for the newest run in which a lane of the
//! same inputs really ran ([`decide`]); was it green there, the lane is
//! copied ([`copy_lane`]) and marked with that run's id wherever it is told of.
//! Where anything is in doubt the lane is played.

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

/// Whether lanes may be taken over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reuse {
    /// Every lane is played.
    #[default]
    No,
    /// The user asked for it.
    Yes,
    /// Only a variable asks for it, and this is CI: what is proved there is
    /// to be proved anew.
    IgnoredInCi,
}
