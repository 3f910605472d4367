//! Doors to the parsers of this module, for `fuzz/`.

use std::path::Path;

use super::checkout::{Broken, Checkout};
use super::{Options, Start, start_in};

/// Returns a first configuration for a folder in which git tracks these files.
///
/// # Errors
/// As [`super::start`].
pub fn start(root: &Path, files: Vec<String>, options: &Options) -> Result<Option<Start>, Broken> {
    start_in(&Checkout::new(root, files), options)
}
