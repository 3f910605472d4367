//! What a run leaves: the two verdict files and the run folder.

pub mod folder;
pub mod last_failure;
pub mod retention;
pub mod run_folder;
pub mod summary;
pub mod vacuity;

use serde::Serialize;

/// The version of this program.
pub const MATRIX_VERSION: &str = env!("CARGO_PKG_VERSION");

/// A document as it is written: indented JSON and a last newline.
///
/// # Panics
/// Never: what is written here has only text for keys.
#[must_use]
pub fn to_bytes(document: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(document).expect("our documents are JSON");
    bytes.push(b'\n');
    bytes
}

/// The same on one line.
///
/// # Panics
/// Never: what is written here has only text for keys.
#[must_use]
pub fn to_line(document: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(document).expect("our documents are JSON");
    bytes.push(b'\n');
    bytes
}
