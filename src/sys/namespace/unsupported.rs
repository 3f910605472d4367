//! A stub for systems without mount namespaces.

use std::io;
use std::path::Path;

use super::view::View;

const NONE: &str = "this system has no mount namespaces";

/// Fails: this system has no mount namespaces.
///
/// # Errors
/// Always.
pub fn own_user_namespace() -> Result<(), String> {
    Err(NONE.to_owned())
}

/// Fails: this system has no mount namespaces.
///
/// # Errors
/// Always.
pub fn probe(_scratch: &Path) -> Result<(), String> {
    Err(NONE.to_owned())
}

/// Fails: this system has no mount namespaces.
///
/// # Errors
/// Always.
pub fn enter(_view: &View, _scratch: &Path) -> io::Result<()> {
    Err(io::Error::other(NONE))
}

/// Fails: this system has no mount namespaces.
///
/// # Errors
/// Always.
pub fn leave() -> io::Result<()> {
    Err(io::Error::other(NONE))
}
