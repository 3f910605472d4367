//! Doors to the parsers of this module, for `fuzz/`.

use std::path::{Path, PathBuf};

/// Returns the files that the guard takes a configuration to include.
#[must_use]
pub fn includes(text: &str) -> Vec<PathBuf> {
    super::includes::includes(text)
}

/// Returns a text without the hunks that add a chosen line to an older one.
///
/// # Errors
/// If the change is beyond libgit2.
pub fn without_chosen(
    old: &[u8],
    new: &[u8],
    is_chosen: &dyn Fn(&[u8]) -> bool,
) -> Result<Vec<u8>, git2::Error> {
    super::revert::without_chosen(old, new, is_chosen)
}

/// Returns the secrets in a configuration, each with its name.
///
/// # Errors
/// If it cannot be read.
pub fn secrets(file: &Path) -> Result<Vec<(String, Vec<u8>)>, git2::Error> {
    Ok(super::credentials::secrets_in(&super::guard::open_config(
        file,
    )?))
}
