//! Events and failures become lines. Nothing here knows a terminal.

pub mod console;
pub mod failure;

use crate::model::text;

/// Lines for a person, as they may leave the program: whatever they were made
/// of, they give no engine a command.
#[must_use]
pub fn outgoing(text: &str) -> String {
    text::inert(text)
}
