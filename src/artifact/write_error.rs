//! An artifact that could not be written.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::text::shown;
use crate::sys::fs;

/// The size of a file system's smallest file, in bytes.
const LEAST: usize = 4096;

/// An artifact that could not be written safely.
///
/// The system's error is part of the message and therefore not returned as
/// `source()`: printing the chain would repeat it.
#[derive(Debug, thiserror::Error)]
#[error("{what} {}: {cause}{}", shown(path), self.room())]
pub struct WriteError {
    what: &'static str,
    path: PathBuf,
    cause: io::Error,
    /// The size of what could not be written, if it is known.
    bytes: Option<usize>,
}

impl WriteError {
    /// Describes a failed operation on a file.
    #[must_use]
    pub fn new(what: &'static str, path: &Path, cause: io::Error) -> Self {
        Self {
            what,
            path: path.to_owned(),
            cause,
            bytes: None,
        }
    }

    /// Adds the size of what could not be written.
    #[must_use]
    pub fn of_size(self, bytes: usize) -> Self {
        Self {
            bytes: Some(bytes),
            ..self
        }
    }

    /// Returns the room that a full disk lacks, as the end of the message; else nothing.
    fn room(&self) -> String {
        if !self.is_full() {
            return String::new();
        }
        let folder = fs::parent(&self.path);
        let free = fs::free_bytes(folder).map_or_else(String::new, |free| {
            format!(", {free} bytes are free in {}", shown(folder))
        });
        match self.bytes {
            Some(bytes) => format!(" ({bytes} bytes are needed{free})"),
            None => format!(" (at least {LEAST} bytes are needed{free})"),
        }
    }

    /// True if the disk is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.cause.kind() == io::ErrorKind::StorageFull
    }
}
