//! Running one command under a supervisor.
//!
//! The runner never starts a step itself. It starts this program again under
//! a hidden verb: a supervisor that holds one end of a socket as its stdin,
//! becomes the subreaper of everything below it, and starts the step in a
//! process group of its own. The socket is command channel and lifeline in
//! one: when the runner dies, however it dies, the supervisor reads the end
//! of it and kills all that is left.
//!
//! What must stay true: no process of a step lives on once [`run`] returns;
//! memory does not grow with what a step prints; a step never holds the
//! runner up by keeping its output open.

mod capture;
mod control;
mod limits;
#[cfg(target_os = "linux")]
mod openings;
#[cfg(not(target_os = "linux"))]
#[path = "openings_elsewhere.rs"]
mod openings;
mod stamp;
mod supervisor;
mod sweep;
mod trace;
mod witness;

use std::ffi::OsString;
use std::io::{self, PipeReader, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::Pid;
use serde::{Deserialize, Serialize};

pub use capture::{Capture, Captured, Wanted};
pub use control::{Control, Stop};
pub use limits::limit_this_process;
pub use supervisor::{VERB, supervise};
pub use trace::HookSeen;
pub use witness::{Look, ProcessSeen, Seen};

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
    pub look: Look,
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
    pub seen: Seen,
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
        seen: Seen,
    },
}

/// How long output may stay open after the supervisor has swept: only a
/// process that was handed the pipe from outside its tree can hold it then.
const DRAIN: Duration = Duration::from_millis(250);
/// No limit is longer: a clock could not tell its end.
const AGES: Duration = Duration::from_secs(u32::MAX as u64);
/// How long past its limit a step may take to end: TERM, five seconds, KILL
/// and the sweep. A supervisor that is silent then was stopped by its step.
const LATE: Duration = Duration::from_millis(7500);
const READ_BUFFER: usize = 64 * 1024;

/// Runs a command to its end, its output going into `capture`.
///
/// # Errors
/// If the supervisor cannot be started or the log cannot be written; a
/// command that fails is an [`Outcome`].
pub fn run(control: &Control, cmd: &Cmd, capture: &mut Capture) -> Result<Outcome, RunError> {
    let supervisor = control.supervisor();
    if !cmd.cwd.is_dir() {
        return Err(RunError::Gone(cmd.cwd.clone()));
    }
    let failed = |source| RunError::Supervisor {
        program: supervisor.to_owned(),
        source,
    };
    let (ours, theirs) = UnixStream::pair().map_err(failed)?;
    let starting = control.starting();
    let (output, handle) = start(supervisor, cmd, theirs).map_err(failed)?;
    let pid = handle
        .pids()
        .first()
        .and_then(|&pid| Pid::from_raw(i32::try_from(pid).ok()?));
    let pid = pid.ok_or_else(|| failed(io::Error::other("it has no process id")))?;
    let ticket = control.register(ours.try_clone().map_err(failed)?, pid);
    drop(starting);
    let mut watch = Watch::new(ours, output, cmd.limit);
    let outcome = watch.until_over(control, capture);
    let deserted = watch.late || matches!(&outcome, Ok(o) if o.ending == Ending::Lost);
    // Ends the lifeline, of which the ticket has a copy: a supervisor that
    // is still there now cleans up.
    let _ = watch.socket.shutdown(std::net::Shutdown::Both);
    drop(watch);
    if deserted {
        // One that its step has stopped cannot hear that.
        let _ = handle.kill();
    }
    let _ = handle.wait();
    drop(ticket);
    if deserted {
        control.kill_orphans(false);
    }
    outcome.map_err(|source| RunError::Log {
        path: capture.path().to_owned(),
        source,
    })
}

fn start(
    supervisor: &Path,
    cmd: &Cmd,
    lifeline: UnixStream,
) -> io::Result<(PipeReader, duct::Handle)> {
    let (reader, writer) = io::pipe()?;
    let limit = cmd.limit.map_or(0, |limit| limit.min(AGES).as_millis());
    let look = serde_json::to_string(&cmd.look)?;
    let mut args = vec![OsString::from(VERB), limit.to_string().into(), look.into()];
    args.extend(cmd.argv.iter().cloned());
    let handle = duct::cmd(supervisor, args)
        .dir(&cmd.cwd)
        .full_env(cmd.env.iter().cloned())
        // duct applies what stands last first: stderr goes where stdout goes.
        .stderr_to_stdout()
        .stdin_file(OwnedFd::from(lifeline))
        .stdout_file(OwnedFd::from(writer))
        .before_spawn(|command| {
            // A Ctrl-C on the terminal is for the runner, which passes it on.
            command.process_group(0);
            Ok(())
        })
        .unchecked()
        .start()?;
    Ok((reader, handle))
}

/// The runner's view of one supervisor.
struct Watch {
    begun: Instant,
    /// When a silent supervisor is given up; the clock stands still while
    /// the run is paused.
    patience: Option<Duration>,
    socket: UnixStream,
    output: PipeReader,
    /// Whether the supervisor was given up.
    late: bool,
    /// Bytes of a report whose line is not complete.
    partial: Vec<u8>,
    group: Option<i32>,
    ended: Option<Outcome>,
    socket_open: bool,
    output_open: bool,
    buffer: Vec<u8>,
}

impl Watch {
    fn new(socket: UnixStream, output: PipeReader, limit: Option<Duration>) -> Self {
        Self {
            begun: Instant::now(),
            patience: limit.map(|limit| limit.min(AGES) + LATE),
            socket,
            output,
            late: false,
            partial: Vec::new(),
            group: None,
            ended: None,
            socket_open: true,
            output_open: true,
            buffer: vec![0; READ_BUFFER],
        }
    }

    fn until_over(&mut self, control: &Control, capture: &mut Capture) -> io::Result<Outcome> {
        let paused_before = control.paused();
        let mut drain_until = None;
        while self.socket_open || self.output_open {
            let over = self.ended.is_some() || !self.socket_open;
            if over && drain_until.is_none() {
                if self.ended.is_none() {
                    self.kill_group();
                }
                drain_until = Some(Instant::now() + DRAIN);
            }
            let wait = match drain_until {
                Some(at) => Some(Instant::saturating_duration_since(&at, Instant::now())),
                None => self.patience.map(|patience| {
                    let paused = control.paused().saturating_sub(paused_before);
                    (patience + paused).saturating_sub(self.begun.elapsed())
                }),
            };
            if wait == Some(Duration::ZERO) {
                if self.ended.is_none() {
                    self.kill_group();
                    self.late = self.socket_open;
                }
                break;
            }
            self.turn(wait, capture)?;
        }
        let ended = self.ended.take();
        let silent = if self.late {
            Ending::TimedOut
        } else {
            Ending::Lost
        };
        let mut outcome = ended.unwrap_or(Outcome {
            ending: silent,
            leaked: true,
            seen: Seen::default(),
        });
        outcome.leaked |= self.output_open;
        Ok(outcome)
    }

    /// Waits for output or a report and takes it.
    fn turn(&mut self, wait: Option<Duration>, capture: &mut Capture) -> io::Result<()> {
        let (output_ready, socket_ready) = self.wait_ready(wait)?;
        if output_ready {
            match self.output.read(&mut self.buffer) {
                Ok(0) => self.output_open = false,
                Ok(n) => capture.write(&self.buffer[..n])?,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => self.output_open = false,
            }
        }
        if socket_ready {
            self.take_reports();
        }
        Ok(())
    }

    fn wait_ready(&self, wait: Option<Duration>) -> io::Result<(bool, bool)> {
        let mut fds = Vec::with_capacity(2);
        if self.output_open {
            fds.push(PollFd::new(&self.output, PollFlags::IN));
        }
        if self.socket_open {
            fds.push(PollFd::new(&self.socket, PollFlags::IN));
        }
        let wait = wait.and_then(|wait| Timespec::try_from(wait).ok());
        match rustix::event::poll(&mut fds, wait.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
        let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
        let output_ready = self.output_open && ready.next().unwrap_or(false);
        let socket_ready = self.socket_open && ready.next().unwrap_or(false);
        Ok((output_ready, socket_ready))
    }

    fn take_reports(&mut self) {
        let mut bytes = [0; 4096];
        match self.socket.read(&mut bytes) {
            Ok(0) | Err(_) => self.socket_open = false,
            Ok(n) => self.partial.extend_from_slice(&bytes[..n]),
        }
        while let Some(end) = self.partial.iter().position(|&b| b == b'\n') {
            let line: Vec<u8> = self.partial.drain(..=end).collect();
            match serde_json::from_slice(&line) {
                Ok(Report::Started(group)) => self.group = Some(group),
                Ok(Report::Ended {
                    ending,
                    leaked,
                    seen,
                }) => {
                    self.ended = Some(Outcome {
                        ending,
                        leaked,
                        seen,
                    });
                }
                Err(_) => self.socket_open = false,
            }
        }
    }

    /// The supervisor is gone without a word: what is left of its step is no
    /// longer ours to find, but its group still has a name.
    fn kill_group(&self) {
        if let Some(group) = self.group.and_then(Pid::from_raw) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// Asks a program of ours a short question, outside of any lane: its output,
/// or the first line of what it complained of.
///
/// # Errors
/// If it cannot be started, fails, or takes longer than half a minute.
pub fn query(
    program: &Path,
    args: &[OsString],
    env: &std::collections::BTreeMap<OsString, OsString>,
    cwd: &Path,
    input: &[u8],
) -> Result<Vec<u8>, String> {
    let handle = duct::cmd(program, args)
        .dir(cwd)
        .full_env(env)
        .stdin_bytes(input)
        .stdout_capture()
        .stderr_capture()
        .unchecked()
        .start()
        .map_err(|e| format!("{}: {e}", program.display()))?;
    let Ok(Some(output)) = handle.wait_timeout(QUERY_LIMIT) else {
        let _ = handle.kill();
        return Err(format!("{} does not answer", program.display()));
    };
    if output.status.success() {
        return Ok(output.stdout.clone());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    let first = complaint.lines().next().unwrap_or("no reason given");
    Err(first.to_owned())
}

const QUERY_LIMIT: Duration = Duration::from_secs(30);
