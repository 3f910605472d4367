//! An artifact that could not be written.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::text::shown;

/// An artifact that could not be written safely.
///
/// The system's error is part of the message and therefore not returned as
/// `source()`: printing the chain would repeat it.
#[derive(Debug, thiserror::Error)]
#[error("{what} {}: {cause}", shown(path))]
pub struct WriteError {
    what: &'static str,
    path: PathBuf,
    cause: io::Error,
}

impl WriteError {
    /// Describes a failed operation on a file.
    #[must_use]
    pub fn new(what: &'static str, path: &Path, cause: io::Error) -> Self {
        Self {
            what,
            path: path.to_owned(),
            cause,
        }
    }

    /// True if the disk is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.cause.kind() == io::ErrorKind::StorageFull
    }
}
