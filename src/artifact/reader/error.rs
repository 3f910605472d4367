//! Errors of reading a run.

use std::io;
use std::path::PathBuf;

use crate::model::SCHEMA_VERSION;
use crate::model::text::{plain, shown};

/// The reason why a run, or a file of it, cannot be read.
///
/// A faulty file is named by its whole path.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No run folder of this name.
    #[error("there is no run {}", shown(.0))]
    Missing(PathBuf),
    /// It has no `run.json`.
    #[error("the run {} is incomplete: it has no run.json", shown(.0))]
    Incomplete(PathBuf),
    /// It has not ended.
    #[error("the run {} goes on: it has no verdict yet", shown(.0))]
    Running(PathBuf),
    /// A later version of this program wrote it.
    #[error(
        "{} has schema_version {found}; this matrix reads {SCHEMA_VERSION}",
        shown(file)
    )]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its version.
        found: u64,
    },
    /// It is not the document that its name promises.
    #[error("{} cannot be understood: {}", shown(file), plain(complaint))]
    NotJson {
        /// The file.
        file: PathBuf,
        /// The parser's message.
        complaint: String,
    },
    /// It has other bytes than the run wrote.
    #[error("{} is not what its run wrote: it was changed since", shown(.0))]
    Changed(PathBuf),
    /// The run wrote it, and it is not there.
    #[error("{} is gone: a part of the run was deleted", shown(.0))]
    Gone(PathBuf),
    /// Another process keeps readers from it.
    #[error("{} is locked by another process", shown(.0))]
    Held(PathBuf),
    /// The system does not give it.
    #[error("{} cannot be read: {cause}", shown(file))]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
}

impl ReadError {
    /// Returns what the user can do.
    #[must_use]
    pub fn next(&self) -> &'static str {
        match self {
            Self::Missing(_) => {
                "name a run of this artifacts folder: its runs/ holds one folder each"
            }
            Self::Incomplete(_) => "it died: run again",
            Self::Running(_) => "wait until it ends",
            Self::Newer { .. } => "read it with the matrix that wrote it, or a newer one",
            Self::NotJson { .. } | Self::Changed(_) | Self::Gone(_) => {
                "remove the run's folder and run again: what it says cannot be relied on"
            }
            Self::Held(_) => "end the process that holds it; `lslocks` names it",
            Self::Unreadable { .. } => "see that you may read the artifacts folder",
        }
    }
}
