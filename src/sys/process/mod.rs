//! Running commands under a supervisor.
//!
//! The runner never starts a step itself. It starts this program again under
//! a hidden verb: a supervisor that holds one end of a socket as its stdin,
//! becomes the subreaper of everything below it, and starts each command it
//! receives in a process group of its own. The socket carries commands and is
//! the lifeline as well: when the runner dies for any reason, the supervisor
//! reads the end of the stream and kills all that is left. A supervisor lives
//! as long as its [`SupervisorClient`], so that a command costs little more
//! than itself.
//!
//! Invariants: no process of a step lives on once [`SupervisorClient::run`]
//! returns; memory does not grow with the output of a step; a step never
//! blocks the runner by keeping its output open.

mod capture;
mod command;
mod control;
#[cfg(feature = "fuzzing")]
pub mod doors;
mod fd_passing;
mod file_access;
pub mod helper;
mod interactive;
mod limits;
mod monitor;
mod observation;
mod peer_credentials;
mod protocol;
mod reaper;
mod seeker;
mod supervised;
mod supervisor;
mod trace;
mod turn;
mod witness;

pub use capture::{Capture, Captured, Patterns};
pub use command::{Cmd, CommandOutcome, RunError};
pub use control::{Control, StopSignal};
pub use interactive::run_interactive;
pub use limits::limit_this_process;
pub use observation::{HookSeen, Observations, ProcessSeen, Watch};
pub use protocol::VERB;
pub use supervised::{SupervisorClient, Wrapper};
pub use supervisor::supervise;
pub use turn::{count_turns, turn};

/// Set if the programs that run can be observed on this system.
pub const SEES_PROGRAMS: bool = cfg!(target_os = "linux");
