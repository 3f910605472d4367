//! Lock files of package managers: the versions that they pin, and the digests.
//!
//! Every manager keeps its own format. They are read by their lines, without a parser for
//! each: all of them are written by programs.

pub(crate) mod bun;
mod folders;
pub(crate) mod json;
pub(crate) mod lines;
mod manager;
mod npm;
mod pin;
pub(crate) mod pnpm;
mod project;
pub(crate) mod python;
pub(crate) mod yarn;

pub use folders::folders;
pub use manager::Manager;
pub use pin::{Pin, pinned, unreadable};
pub use project::Project;
