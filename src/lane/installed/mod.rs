//! The package that the installer installed, read from its own record.
//!
//! Every package manager keeps another record, and puts it where it was told to. The
//! readers take a folder each; `places` finds the folders, and `find` asks one reader
//! after the other.
//!
//! Invariants: a record counts only if the installation wrote it (a lock file of the
//! consumer alone is no proof that anything was installed); if two records contradict
//! each other and the package spec does not decide, there is no answer.

#[cfg(feature = "fuzzing")]
pub mod doors;
mod find;
mod node_modules;
mod npm;
mod package;
mod pip;
mod places;
mod plug_and_play;
mod site_packages;
mod wanted;

pub(super) use find::{Installation, resolved};
