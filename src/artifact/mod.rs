//! What a run leaves: the two verdict files and the run folder; and how that
//! is read again.

pub mod bundle;
pub mod context;
pub mod flakes;
pub mod folder;
pub mod last_failure;
pub mod manifest;
pub mod reader;
mod redact;
pub mod retention;
pub mod run_folder;
pub mod summary;
pub mod vacuity;

use serde::Serialize;

use crate::sys::secrets::for_this_process;
use redact::Redacted;

/// The version of this program.
pub const MATRIX_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Serialises a document as it is written: indented JSON without secrets, with a
/// newline at its end.
///
/// # Panics
/// Never: every key of a document is a text.
#[must_use]
pub fn to_bytes(document: &impl Serialize) -> Vec<u8> {
    let secrets = for_this_process();
    let json = serde_json::to_vec_pretty(&Redacted::new(document, &secrets));
    line(json.expect("our documents are JSON"))
}

/// Serialises a document on one line.
///
/// # Panics
/// Never: every key of a document is a text.
#[must_use]
pub fn to_line(document: &impl Serialize) -> Vec<u8> {
    let secrets = for_this_process();
    let json = serde_json::to_vec(&Redacted::new(document, &secrets));
    line(json.expect("our documents are JSON"))
}

/// A document of another format as it is written.
#[must_use]
pub fn text_to_bytes(text: &str) -> Vec<u8> {
    for_this_process().redact(text.as_bytes()).into_owned()
}

fn line(mut json: Vec<u8>) -> Vec<u8> {
    json.push(b'\n');
    json
}
