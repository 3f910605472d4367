//! The runner's end of a supervisor: started with the first command, and kept
//! for those that follow.

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{self, PipeReader, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};

use rustix::process::Pid;

use super::capture::Capture;
use super::command::{Cmd, CommandOutcome, RunError};
use super::control::{Control, Ticket};
use super::monitor::Monitor;
use super::protocol::{Order, VERB};
use super::turn::next_turn;
use super::{fd_passing, protocol};
use crate::model::evidence::Ending;
use crate::sys::fs;

/// Runs commands one after the other, each under the same supervisor as long
/// as that lives. A supervisor that was killed is replaced by another.
pub struct SupervisorClient {
    control: Control,
    wrapper: Wrapper,
    connection: RefCell<Option<Connection>>,
}

/// The environment of a supervisor, such as a sandbox; empty by default.
#[derive(Debug, Clone, Default)]
pub struct Wrapper {
    /// The program that starts the supervisor, its path first, and its
    /// arguments.
    pub before: Vec<OsString>,
    /// The supervisor's own arguments: the folders that it may write.
    pub after: Vec<OsString>,
}

struct Connection {
    socket: UnixStream,
    handle: duct::Handle,
    /// Startup errors; closed once the supervisor is set up.
    errors: PipeReader,
    _ticket: Ticket,
}

impl SupervisorClient {
    /// Creates a client. No process is started yet.
    #[must_use]
    pub fn new(control: Control, wrapper: Wrapper) -> Self {
        Self {
            control,
            wrapper,
            connection: RefCell::new(None),
        }
    }

    /// Runs a command to its end and writes its output into `capture`.
    ///
    /// # Errors
    /// If the supervisor cannot be started or the log cannot be written; a
    /// command that fails is an [`CommandOutcome`].
    pub fn run(&self, cmd: &Cmd, capture: &mut Capture) -> Result<CommandOutcome, RunError> {
        if !cmd.cwd.is_dir() {
            return Err(RunError::Gone(cmd.cwd.clone()));
        }
        next_turn();
        let mut slot = self.connection.borrow_mut();
        let failed = |source| RunError::Supervisor {
            program: self.program(),
            source,
        };
        let connection = match slot.take() {
            Some(connection) => connection,
            None => self.start().map_err(failed)?,
        };
        let (output, socket) = match connection.send(cmd) {
            Ok(pipes) => pipes,
            Err(e) => {
                connection.end(true);
                return Err(failed(e));
            }
        };
        // In a sandbox process ids are different ones, and a lost group ends
        // with the sandbox.
        let has_group = self.wrapper.before.is_empty();
        let mut monitor = Monitor::new(socket, output, cmd.limit, has_group);
        let outcome = monitor.run_to_end(&self.control, capture);
        let ended = matches!(&outcome, Ok(outcome) if outcome.ending != Ending::Lost);
        // A command whose output cannot be logged must not go on either.
        if ended && !monitor.is_late {
            *slot = Some(connection);
        } else {
            drop(monitor);
            self.give_up(connection).map_err(failed)?;
        }
        outcome.map_err(|source| RunError::Log {
            path: capture.path().to_owned(),
            source,
        })
    }

    /// Ends a supervisor that is lost, late or no longer needed, and kills the
    /// processes that it leaves.
    ///
    /// # Errors
    /// If the supervisor never started, with its startup error.
    fn give_up(&self, connection: Connection) -> io::Result<()> {
        let started = connection.startup_error();
        connection.end(true);
        self.control.kill_orphans(false);
        started
    }

    fn program(&self) -> PathBuf {
        let wrapper = self.wrapper.before.first().map(Path::new);
        wrapper.unwrap_or(self.control.supervisor()).to_owned()
    }

    fn start(&self) -> io::Result<Connection> {
        let (own_end, supervisor_end) = UnixStream::pair()?;
        let (errors, writer) = io::pipe()?;
        let program = fs::open(self.control.supervisor())?;
        let mut before = self.wrapper.before.iter().cloned();
        let (first, rest) = match before.next() {
            // A sandbox need not show this program's file, so it is passed in
            // as an open file.
            Some(first) => (first, before.chain(["/proc/self/fd/1".into()]).collect()),
            None => (self.control.supervisor().into(), Vec::new()),
        };
        let after = self.wrapper.after.iter().cloned();
        let args = rest.into_iter().chain([VERB.into()]).chain(after);
        // Until it is registered, the supervisor looks like an orphan.
        let starting = self.control.starting();
        let handle = duct::cmd(first, args)
            .dir("/")
            .full_env(std::iter::empty::<(OsString, OsString)>())
            .stdin_file(OwnedFd::from(supervisor_end))
            .stdout_file(program)
            .stderr_file(OwnedFd::from(writer))
            .before_spawn(|command| {
                // Ctrl-C on the terminal is for the runner, which passes it on.
                command.process_group(0);
                Ok(())
            })
            .unchecked()
            .start()?;
        let pid = handle
            .pids()
            .first()
            .and_then(|pid| Pid::from_raw(i32::try_from(*pid).ok()?))
            .ok_or_else(|| io::Error::other("it has no process id"))?;
        let ticket = self.control.register(own_end.try_clone()?, pid);
        drop(starting);
        Ok(Connection {
            socket: own_end,
            handle,
            errors,
            _ticket: ticket,
        })
    }
}

impl Connection {
    /// Sends a command. Returns the pipe with its output, and the socket on
    /// which its end is reported.
    fn send(&self, cmd: &Cmd) -> io::Result<(PipeReader, UnixStream)> {
        let (output, writer) = io::pipe()?;
        let (request, mut own_end) = io::pipe()?;
        let files = [request.as_fd(), writer.as_fd()];
        // A dead supervisor is noticed while waiting for the end.
        let sent = fd_passing::send(&self.socket, Order::Start.byte(), files);
        drop((request, writer));
        if sent.is_ok() {
            let _ = protocol::write(cmd, &mut own_end);
        }
        Ok((output, self.socket.try_clone()?))
    }

    /// Kills the supervisor; fails with its startup error, if there was one.
    fn startup_error(&self) -> io::Result<()> {
        let _ = self.handle.kill();
        let mut text = String::new();
        (&self.errors).read_to_string(&mut text)?;
        match text.trim() {
            "" => Ok(()),
            error => Err(io::Error::other(error.to_owned())),
        }
    }

    fn end(self, kill: bool) {
        // The ticket has a copy of the socket, so closing it would not end the
        // lifeline. A supervisor that is still alive cleans up now.
        let _ = self.socket.shutdown(std::net::Shutdown::Both);
        if kill {
            // A supervisor that its step has stopped does not read the socket.
            let _ = self.handle.kill();
        }
        let _ = self.handle.wait();
    }
}

impl Drop for SupervisorClient {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.end(false);
        }
    }
}
