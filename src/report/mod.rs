//! Events and failures become lines. Nothing here knows a terminal.

pub mod console;
pub mod failure;
