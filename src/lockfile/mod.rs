//! Lock files of package managers: the versions that they pin, and the digests.
//!
//! Every manager keeps its own format. They are read by their lines, without a parser for
//! each: all of them are written by programs.

pub(crate) mod bun;
pub(crate) mod json;
pub(crate) mod lines;
pub(crate) mod pnpm;
pub(crate) mod yarn;
