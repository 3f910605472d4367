//! One lane: a scenario from clone to last stage.
//!
//! A lane is a list of steps ([`steps::Step`]). A step that fails before the
//! stages ends its lane; a stage that blocks does not. Results are emitted as
//! events and kept as evidence; nothing is printed here.

mod acts;
mod alter;
mod cell_failure;
mod change;
mod clashes;
mod clone;
mod context;
mod events;
mod execute;
mod fresh_clone;
mod in_use;
mod install;
mod installed;
mod installed_changes;
mod judge;
mod missing_hook;
mod not_committed;
mod off_path;
mod outside;
mod prepare;
mod programs;
mod proof;
mod publish;
mod remote;
mod reset;
mod seed;
mod session;
mod shell;
mod shortage;
mod stage;
pub mod stage_command;
mod state;
mod step_result;
pub mod steps;
mod strip_violation;
mod submodules;
mod supervisors;
mod traces;
mod vacuity;
mod witness;
mod workspace;

pub use context::{Earlier, LaneContext};
pub use events::EventSink;
pub use execute::{Segment, run_segment};
pub use fresh_clone::FreshClones;
#[cfg(feature = "fuzzing")]
pub use installed::doors;
pub use workspace::Workspace;
