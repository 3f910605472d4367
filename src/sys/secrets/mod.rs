//! Removes secrets from everything that is written to disk or the console.
//!
//! Secrets are a fact of this process: the values of variables of its
//! environment with telling names, those that the user's `.npmrc` names, and what git's
//! settings hold for the consumer; also everything with the shape of a well-known kind of token.
//!
//! Invariant: secrets are replaced by a marker just before text is written,
//! never before a gate is judged.

mod base64;
mod finder;
mod named;
mod redact;
mod shapes;
mod stream;

pub use finder::{Secrets, for_this_process, learn};
pub(crate) use named::{is_secret_name, password_in};
pub use stream::Stream;

#[cfg(test)]
mod tests;
