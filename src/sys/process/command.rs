//! A command for a supervisor, and its outcome.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::observation::{Observations, Watch};
use crate::model::evidence::Ending;

/// A command, ready to start.
#[derive(Debug, Clone)]
pub struct Cmd {
    /// The program and its arguments.
    pub argv: Vec<OsString>,
    /// The whole environment; nothing is inherited.
    pub env: Vec<(OsString, OsString)>,
    /// The working directory, as this process sees it.
    pub cwd: PathBuf,
    /// The time limit; `None` for no limit.
    pub limit: Option<Duration>,
    /// The sources that the supervisor watches while the command runs.
    pub watch: Watch,
}

/// The outcome of a command that a supervisor ran.
#[derive(Debug, Clone)]
pub struct CommandOutcome {
    /// The end of the command.
    pub ending: Ending,
    /// Set if a process outlived the command and had to be killed, or its
    /// output was still open when the runner stopped reading.
    pub leaked: bool,
    /// The observations of the supervisor.
    pub seen: Observations,
}

/// The reason why a command has no outcome.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The working directory does not exist: the profile names another one, or an earlier step removed it.
    #[error("the folder that it runs in does not exist: {}", .0.display())]
    Gone(PathBuf),
    /// The supervisor could not be started.
    #[error("cannot start the supervisor {}", program.display())]
    Supervisor {
        /// The supervisor's path.
        program: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The log could not be written.
    #[error("cannot write the log {}", path.display())]
    Log {
        /// The log.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
}
