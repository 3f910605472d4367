//! `files.json`: size and digest of every file of a run.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::text::own;
use crate::model::{RunId, SCHEMA_VERSION};
use crate::sys::fs;

/// The whole file.
///
/// It contains the digest of `run.json` and is written just before it, so that
/// a later change of any file is detected.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// Version of this format.
    pub schema_version: u32,
    /// The run's id.
    pub run_id: RunId,
    /// Every file of the run, relative to its folder, sorted; without this
    /// one and without `seen/`, which decides nothing.
    pub files: BTreeMap<String, FileDigest>,
}

/// A file as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileDigest {
    /// Digest of its bytes, hexadecimal.
    #[serde(serialize_with = "own")]
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
}

impl FileDigest {
    /// Returns the size and digest of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self {
            sha256: fs::sha256(bytes),
            bytes: bytes.len() as u64,
        }
    }
}

impl Manifest {
    /// Returns the manifest of these files.
    #[must_use]
    pub fn new(run_id: RunId, files: BTreeMap<String, FileDigest>) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            run_id,
            files,
        }
    }
}
