//! The runner's end of a supervisor: started with the first command that
//! needs it, and kept for those that follow.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, PipeReader, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;

use rustix::process::Pid;

use super::control::{Control, Ticket};
use super::monitor::Monitor;
use super::supervisor::{Order, VERB};
use super::{Capture, Cmd, Outcome, RunError, fd_passing, protocol};
use crate::model::evidence::Ending;

/// Plays commands one after the other, each under the same supervisor as
/// long as that lives. One that was killed is followed by another.
pub struct SupervisorClient {
    control: Control,
    wrapper: Wrapper,
    connection: RefCell<Option<Connection>>,
}

/// What a supervisor is put into; nothing by default.
#[derive(Debug, Clone, Default)]
pub struct Wrapper {
    /// The program that starts the supervisor, its path first, and its words.
    pub before: Vec<OsString>,
    /// The supervisor's own words: the second layer around it.
    pub after: Vec<OsString>,
}

struct Connection {
    socket: UnixStream,
    handle: duct::Handle,
    /// What is said until the supervisor stands.
    complaint: PipeReader,
    _ticket: Ticket,
}

impl SupervisorClient {
    /// Starts nothing yet.
    #[must_use]
    pub fn new(control: Control, wrapper: Wrapper) -> Self {
        Self {
            control,
            wrapper,
            connection: RefCell::new(None),
        }
    }

    /// Runs a command to its end, its output going into `capture`.
    ///
    /// # Errors
    /// If the supervisor cannot be started or the log cannot be written; a
    /// command that fails is an [`Outcome`].
    pub fn run(&self, cmd: &Cmd, capture: &mut Capture) -> Result<Outcome, RunError> {
        if !cmd.cwd.is_dir() {
            return Err(RunError::Gone(cmd.cwd.clone()));
        }
        let mut slot = self.connection.borrow_mut();
        let failed = |source| RunError::Supervisor {
            program: self.program(),
            source,
        };
        let connection = match slot.take() {
            Some(connection) => connection,
            None => self.start().map_err(failed)?,
        };
        let (output, socket) = match connection.hand_over(cmd) {
            Ok(handed) => handed,
            Err(e) => {
                connection.end(true);
                return Err(failed(e));
            }
        };
        // What happens in a sandbox ends with it; its process ids are not
        // ours.
        let has_group = self.wrapper.before.is_empty();
        let mut watch = Monitor::new(socket, output, cmd.limit, has_group);
        let outcome = watch.until_over(&self.control, capture);
        let ended = matches!(&outcome, Ok(outcome) if outcome.ending != Ending::Lost);
        // Whoever cannot log what a command prints must not let it go on.
        if ended && !watch.late {
            *slot = Some(connection);
        } else {
            drop(watch);
            self.give_up(connection).map_err(failed)?;
        }
        outcome.map_err(|source| RunError::Log {
            path: capture.path().to_owned(),
            source,
        })
    }

    /// Ends a supervisor that is lost, late or not wanted any more, and what
    /// it leaves.
    ///
    /// # Errors
    /// With what kept it from standing up, where something did.
    fn give_up(&self, connection: Connection) -> io::Result<()> {
        let stood = connection.stood();
        connection.end(true);
        self.control.kill_orphans(false);
        stood
    }

    fn program(&self) -> std::path::PathBuf {
        let wrapper = self.wrapper.before.first().map(Path::new);
        wrapper.unwrap_or(self.control.supervisor()).to_owned()
    }

    fn start(&self) -> io::Result<Connection> {
        let (ours, theirs) = UnixStream::pair()?;
        let (complaint, writer) = io::pipe()?;
        let program = File::open(self.control.supervisor())?;
        let mut words = self.wrapper.before.iter().cloned();
        let (first, rest) = match words.next() {
            // In a sandbox this program may have no path: it is handed in.
            Some(first) => (first, words.chain(["/proc/self/fd/1".into()]).collect()),
            None => (self.control.supervisor().into(), Vec::new()),
        };
        let own = self.wrapper.after.iter().cloned();
        let words = rest.into_iter().chain([VERB.into()]).chain(own);
        let starting = self.control.starting();
        let handle = duct::cmd(first, words)
            .dir("/")
            .full_env(std::iter::empty::<(OsString, OsString)>())
            .stdin_file(OwnedFd::from(theirs))
            .stdout_file(program)
            .stderr_file(OwnedFd::from(writer))
            .before_spawn(|command| {
                // A Ctrl-C on the terminal is for the runner, which passes it on.
                command.process_group(0);
                Ok(())
            })
            .unchecked()
            .start()?;
        let pid = handle.pids().first().copied();
        let pid = pid.and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
        let pid = pid.ok_or_else(|| io::Error::other("it has no process id"))?;
        let ticket = self.control.register(ours.try_clone()?, pid);
        drop(starting);
        Ok(Connection {
            socket: ours,
            handle,
            complaint,
            _ticket: ticket,
        })
    }
}

impl Connection {
    /// Hands a command over; its output, and the socket on which its end is
    /// told.
    fn hand_over(&self, cmd: &Cmd) -> io::Result<(PipeReader, UnixStream)> {
        let (output, writer) = io::pipe()?;
        let (theirs, mut ours) = io::pipe()?;
        let files = [theirs.as_fd(), writer.as_fd()];
        // A supervisor that is gone is found out by whoever waits for it.
        let sent = fd_passing::send(&self.socket, Order::Start.byte(), files);
        drop((theirs, writer));
        if sent.is_ok() {
            let _ = protocol::write(cmd, &mut ours);
        }
        Ok((output, self.socket.try_clone()?))
    }

    /// What kept the supervisor from standing up, where something did.
    fn stood(&self) -> io::Result<()> {
        let _ = self.handle.kill();
        let mut words = String::new();
        (&self.complaint).read_to_string(&mut words)?;
        match words.trim() {
            "" => Ok(()),
            words => Err(io::Error::other(words.to_owned())),
        }
    }

    fn end(self, kill: bool) {
        // Ends the lifeline, of which the ticket has a copy: a supervisor
        // that is still there now cleans up.
        let _ = self.socket.shutdown(std::net::Shutdown::Both);
        if kill {
            // One that its step has stopped cannot hear that.
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
