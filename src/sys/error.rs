//! Formatting errors.

use std::error::Error;

/// Formats an error with the errors that caused it, separated by colons.
#[must_use]
pub fn with_sources(error: &dyn Error) -> String {
    let sources = std::iter::successors(error.source(), |&error| error.source());
    sources.fold(error.to_string(), |text, source| {
        format!("{text}: {source}")
    })
}
