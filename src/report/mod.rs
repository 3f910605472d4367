//! Events, notices and failures in words, without knowledge of a terminal.

mod afterwards;
pub mod again;
pub mod annotation;
pub mod azure;
mod cells;
pub mod clusters;
pub mod console;
pub mod failure;
pub mod flakes;
pub mod github;
mod hooks;
pub mod notice;
pub mod reporter;
mod source;

use crate::model::text;
use crate::sys::secrets;

/// Lines for a person, as they may leave the program: whatever they were made
/// of, they hold no secret and give no engine a command.
#[must_use]
pub fn outgoing(text: &str) -> String {
    text::inert(&secrets::for_this_process().redact_text(text))
}
