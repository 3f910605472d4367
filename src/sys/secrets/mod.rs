//! Removes secrets from everything that is written to disk or the console.
//!
//! Secrets are a fact of this process: the values of variables of its
//! environment with telling names, those that the user's `.npmrc` names, what the settings of
//! installers and git's settings for the consumer hold, and passwords in addresses of the
//! command line; also everything with the shape of a well-known kind of token.
//!
//! Invariant: secrets are replaced by a marker just before text is written,
//! never before a gate is judged.

mod base64;
#[cfg(feature = "fuzzing")]
pub mod doors;
mod files;
mod finder;
mod forms;
mod named;
mod redact;
mod shapes;
mod stream;

pub(super) use base64::credentials_in;
pub(super) use files::OF_ALL_USERS;
pub use finder::{Secrets, for_this_process, learn};
pub(super) use named::{is_credential, is_secret_name, password_in};
pub use stream::Stream;

#[cfg(test)]
mod tests;
