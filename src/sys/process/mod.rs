//! Running commands under a supervisor.
//!
//! The runner never starts a step itself. It starts this program again under
//! a hidden verb: a supervisor that holds one end of a socket as its stdin,
//! becomes the subreaper of everything below it, and starts each command
//! that it is handed in a process group of its own. The socket is command
//! channel and lifeline in one: when the runner dies, however it dies, the
//! supervisor reads the end of it and kills all that is left. It lives as
//! long as its [`SupervisorClient`], so that a command costs little more than itself.
//!
//! What must stay true: no process of a step lives on once [`SupervisorClient::run`]
//! returns; memory does not grow with what a step prints; a step never holds
//! the runner up by keeping its output open.

mod capture;
mod control;
mod fd_passing;
mod file_access;
pub mod helper;
mod interactive;
mod limits;
mod monitor;
mod peer_credentials;
mod protocol;
mod reaper;
mod supervised;
mod supervisor;
mod trace;
mod witness;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use capture::{Capture, Captured, Wanted};
pub use control::{Control, StopSignal};
pub use interactive::run_interactive;
pub use limits::limit_this_process;
pub use supervised::{SupervisorClient, Wrapper};
pub(in crate::sys) use supervisor::restricted;
pub use supervisor::{VERB, supervise};
pub use trace::HookSeen;
pub use witness::{Observations, ProcessSeen, Watch};

use crate::model::evidence::Ending;

/// Whether it can be seen here which programs run.
pub const SEES_PROGRAMS: bool = cfg!(target_os = "linux");

/// A command, ready to start.
#[derive(Debug, Clone)]
pub struct Cmd {
    /// The program and its arguments.
    pub argv: Vec<OsString>,
    /// The whole environment; nothing is inherited.
    pub env: Vec<(OsString, OsString)>,
    /// The working directory, as this process sees it.
    pub cwd: PathBuf,
    /// The time limit; none for no limit.
    pub limit: Option<Duration>,
    /// What its supervisor is to look at.
    pub watch: Watch,
}

/// How a command ended, and whether something outlived it.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// A process outlived the command and had to be killed, or its output
    /// was still held open when we stopped reading.
    pub leaked: bool,
    /// What its supervisor saw of it.
    pub seen: Observations,
}

/// Why a command has no outcome.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// An earlier step took the folder away.
    #[error("the folder that it runs in is gone: {}", .0.display())]
    Gone(PathBuf),
    /// The supervisor could not be started.
    #[error("cannot start the supervisor {program}: {source}")]
    Supervisor {
        /// The supervisor's path.
        program: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The log could not be written.
    #[error("cannot write the log {path}: {source}")]
    Log {
        /// The log.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

/// What a supervisor tells its runner, one JSON object a line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Report {
    /// The step runs, as the leader of this process group.
    Started(i32),
    /// The step is over and nothing of it is left.
    Ended {
        ending: Ending,
        leaked: bool,
        seen: Observations,
    },
}
