//! Reading one file of a run.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::ReadError;
use crate::model::SCHEMA_VERSION;
use crate::sys::fs;

pub(super) type Result<T> = std::result::Result<T, ReadError>;

pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|cause| {
        let file = path.to_owned();
        if is_absence(&cause) {
            ReadError::Gone(file)
        } else {
            ReadError::Unreadable { file, cause }
        }
    })
}

pub(super) fn is_absence(e: &std::io::Error) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    matches!(e.kind(), NotFound | NotADirectory)
}

/// Reads a document whose version comes first: what a later one means by its
/// fields is not for this program to guess.
pub(super) fn document<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T> {
    #[derive(Deserialize)]
    struct Version {
        schema_version: u64,
    }
    let version: Version = parse(path, bytes)?;
    if version.schema_version > u64::from(SCHEMA_VERSION) {
        return Err(ReadError::Newer {
            file: path.to_owned(),
            found: version.schema_version,
        });
    }
    parse(path, bytes)
}

pub(super) fn parse<'a, T: Deserialize<'a>>(path: &Path, bytes: &'a [u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|e| ReadError::NotJson {
        file: path.to_owned(),
        complaint: e.to_string(),
    })
}
