//! What a run leaves: the two verdict files and the run folder; and how that
//! is read again.

pub mod bundle;
pub mod context;
pub mod flakes;
pub mod folder;
pub mod last_failure;
pub mod manifest;
pub mod reader;
pub mod retention;
pub mod run_folder;
pub mod summary;
pub mod vacuity;

use serde::Serialize;

use crate::sys::secrets::{for_this_process, redact_json};

/// The version of this program.
pub const MATRIX_VERSION: &str = env!("CARGO_PKG_VERSION");

/// A document as it is written: indented JSON without secrets and a last
/// newline.
///
/// # Panics
/// Never: what is written here has only text for keys.
#[must_use]
pub fn to_bytes(document: &impl Serialize) -> Vec<u8> {
    let json = serde_json::to_vec_pretty(document).expect("our documents are JSON");
    ended(json)
}

/// The same on one line.
///
/// # Panics
/// Never: what is written here has only text for keys.
#[must_use]
pub fn to_line(document: &impl Serialize) -> Vec<u8> {
    ended(serde_json::to_vec(document).expect("our documents are JSON"))
}

/// A document of another format as it is written.
#[must_use]
pub fn text_to_bytes(text: &str) -> Vec<u8> {
    for_this_process().redact(text.as_bytes()).into_owned()
}

fn ended(json: Vec<u8>) -> Vec<u8> {
    let mut bytes = redact_json(&for_this_process(), json, is_ours);
    bytes.push(b'\n');
    bytes
}

/// Fields by which readers find their way. What they hold was chosen by us or
/// stands in the configuration; it must hold also where a password is a common
/// word.
fn is_ours(field: &[u8], text: &[u8]) -> bool {
    const NAMES: &[&str] = &[
        "at",
        "cause",
        "cells",
        "cell",
        "class",
        "failure_class",
        "failure_log_artifact",
        "failure_log_path",
        "failure_phase",
        "failure_step",
        "final_verdict",
        "fingerprint",
        "gate",
        "generated_at_utc",
        "head",
        "impacted_cells",
        "kind",
        "lane",
        "lanes",
        "log",
        "outcome",
        "outstanding",
        "parent",
        "phase",
        "repo_root",
        "run_id",
        "scenario",
        "sha256",
        "smallest",
        "stage",
        "stages",
        "started_at_utc",
        "status",
        "step",
        "verdict",
    ];
    let field = std::str::from_utf8(field).unwrap_or_default();
    let is_log = matches!(field, "path" | "file") && text.starts_with(b"logs/");
    NAMES.contains(&field) || field.ends_with("_sha256") || is_log
}
