//! `files.json`: what a run vouches for, byte by byte.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::text::own;
use crate::model::{RunId, SCHEMA_VERSION};
use crate::sys::fs;

/// The whole file. It is written before `run.json` and knows its digest, so
/// that a change of any file of the run can be told.
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
    /// That of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self {
            sha256: fs::sha256(bytes),
            bytes: bytes.len() as u64,
        }
    }
}

impl Manifest {
    /// One for these files.
    #[must_use]
    pub fn new(run_id: RunId, files: BTreeMap<String, FileDigest>) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            run_id,
            files,
        }
    }
}
