//! Where there are no mount namespaces.

use std::io;
use std::path::Path;

use super::View;

const NONE: &str = "this system has no mount namespaces";

/// Fails: there are none.
///
/// # Errors
/// Always.
pub fn own_user_namespace() -> Result<(), String> {
    Err(NONE.to_owned())
}

/// Fails: there are none.
///
/// # Errors
/// Always.
pub fn probe(_scratch: &Path) -> Result<(), String> {
    Err(NONE.to_owned())
}

/// Fails: there are none.
///
/// # Errors
/// Always.
pub fn enter(_view: &View, _scratch: &Path) -> io::Result<()> {
    Err(io::Error::other(NONE))
}

/// Fails: there are none.
///
/// # Errors
/// Always.
pub fn leave() -> io::Result<()> {
    Err(io::Error::other(NONE))
}
