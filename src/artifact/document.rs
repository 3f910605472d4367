//! Documents as bytes, without secrets.

use serde::Serialize;

use super::redact::Redacted;
use crate::sys::secrets::for_this_process;

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

/// Serialises a document of another format, without secrets.
#[must_use]
pub fn text_to_bytes(text: &str) -> Vec<u8> {
    for_this_process().redact(text.as_bytes()).into_owned()
}

fn line(mut json: Vec<u8>) -> Vec<u8> {
    json.push(b'\n');
    json
}
