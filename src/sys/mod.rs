//! Access to the outside world: processes, git, files, the environment, the
//! clock.
//!
//! Clippy keeps the rest of the library from making such calls itself.

pub mod clock;
pub mod env;
pub mod error;
pub mod fs;
pub mod git;
pub mod landlock;
pub mod limits;
pub mod managers;
pub mod namespace;
mod npmrc;
pub mod panics;
pub mod process;
pub mod sandbox;
pub mod secrets;
pub mod shortage;
pub mod signals;
pub mod slots;
pub mod verbosity;
