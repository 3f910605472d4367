//! Removes secrets from everything that is written to disk or the console.
//!
//! Secrets are a fact of this process: the values of variables of its
//! environment with telling names, and those that the user's `.npmrc` names;
//! also everything with the shape of a well-known kind of token.
//!
//! Invariant: secrets are replaced by a marker just before text is written,
//! never before a gate is judged.

mod finder;
mod named;
mod redact;
mod shapes;
mod stream;

pub use finder::{Secrets, for_this_process};
pub use stream::Stream;

#[cfg(test)]
mod tests;
