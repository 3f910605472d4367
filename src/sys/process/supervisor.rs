//! The supervisor: this program under a hidden verb, which runs commands one
//! after the other.
//!
//! Invariants: every process below a command is a descendant of the
//! supervisor; none is left when the end of the command is reported; the end
//! of the socket, and no signal, ends the supervisor.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use super::command::Cmd;
use super::observation::Observations;
use super::protocol::{Order, Report};
use super::witness::Witness;
use super::{fd_passing, protocol, reaper};
use crate::model::evidence::Ending;
use crate::sys::fs;
use crate::sys::landlock;

/// The time between TERM and KILL, after the time limit.
const LIMIT_GRACE: Duration = Duration::from_secs(5);
/// The time between TERM and KILL, after a first signal to the runner.
const STOP_GRACE: Duration = Duration::from_secs(2);
/// The time that leftover processes of a step have to end by themselves.
const LINGER: Duration = Duration::from_millis(500);

/// Runs the commands that arrive on the socket at stdin, until its other end
/// is closed.
///
/// `args` are the folders that may be written; without any, landlock is not
/// used.
///
/// # Errors
/// If the process cannot be set up, or a message is malformed; the runner then
/// sees an end without a report.
pub fn supervise(args: impl Iterator<Item = OsString>) -> io::Result<()> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let (wake, waker) = UnixStream::pair()?;
    wake.set_nonblocking(true)?;
    signal_hook::low_level::pipe::register(SIGCHLD, waker)?;
    ignore_termination_signals()?;
    landlock::restrict_to(args);
    reaper::become_subreaper()?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    // The runner reads startup errors from stderr until that is closed.
    let null = fs::open_null()?;
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    rustix::stdio::dup2_stderr(&null)?;
    let mut supervisor = Supervisor::new(socket, wake);
    while let Some(start) = supervisor.next_command() {
        supervisor.run(start)?;
    }
    Ok(())
}

/// Ignores signals that would end this process.
///
/// A step may signal its parent, but only the runner ends a supervisor.
fn ignore_termination_signals() -> io::Result<()> {
    for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
        signal_hook::flag::register(signal, std::sync::Arc::default())?;
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "here the step itself is started")]
fn spawn(cmd: &Cmd, output: &File) -> io::Result<Pid> {
    let child = Command::new(&cmd.argv[0])
        .args(&cmd.argv[1..])
        .env_clear()
        .envs(cmd.env.iter().map(|(name, value)| (name, value)))
        .current_dir(&cmd.cwd)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output.try_clone()?)
        .process_group(0)
        .spawn()?;
    i32::try_from(child.id())
        .ok()
        .and_then(Pid::from_raw)
        .ok_or_else(|| io::Error::other("a process id out of range"))
}

/// The files that come with an order to start: the encoded command, and the
/// pipe for its output.
struct Start {
    request: File,
    output: File,
}

/// The clock of deadlines; it stops while the step is paused.
#[derive(Default)]
struct StepClock {
    paused_at: Option<Instant>,
}

impl StepClock {
    fn now(&self) -> Instant {
        self.paused_at.unwrap_or_else(Instant::now)
    }
}

/// The state of the current command.
#[derive(Default)]
struct Step {
    /// The moment at which the limit is reached, or KILL is due.
    deadline: Option<Instant>,
    /// Set if TERM was sent already, so that the next deadline kills.
    terminating: bool,
    timed_out: bool,
    main: Option<Pid>,
    ended: Option<Ending>,
    witness: Option<Witness>,
}

struct Supervisor {
    socket: UnixStream,
    wake: UnixStream,
    clock: StepClock,
    /// Set if no further command may run.
    cancelled: bool,
    /// Set if the other end of the socket is closed.
    runner_gone: bool,
    start: Option<Start>,
    step: Step,
}

impl Supervisor {
    fn new(socket: UnixStream, wake: UnixStream) -> Self {
        Self {
            socket,
            wake,
            clock: StepClock::default(),
            cancelled: false,
            runner_gone: false,
            start: None,
            step: Step::default(),
        }
    }

    /// Waits for the next command; `None` once the runner is gone.
    fn next_command(&mut self) -> Option<Start> {
        while self.start.is_none() && !self.runner_gone {
            self.reap();
            self.wait_until(None);
        }
        self.start.take()
    }

    /// Runs one command and reports its end.
    fn run(&mut self, mut start: Start) -> io::Result<()> {
        let cmd = protocol::read(&mut start.request)?;
        self.step = Step {
            deadline: cmd.limit.map(|limit| self.clock.now() + limit),
            witness: Some(Witness::new(&cmd.watch)),
            ..Step::default()
        };
        if self.cancelled {
            self.ended(Ending::Cancelled, false, Observations::default());
            return Ok(());
        }
        match spawn(&cmd, &start.output) {
            Ok(pid) => {
                // The runner reads to the end of the output, so only the
                // command may keep it open.
                drop(start);
                self.await_end(pid);
            }
            Err(e) => {
                // A shell would report this in the output as well.
                let text = format!("{}: {e}", cmd.argv[0].to_string_lossy());
                let _ = writeln!(start.output, "matrix: cannot start {text}");
                self.ended(Ending::NotStarted(text), false, Observations::default());
            }
        }
        Ok(())
    }

    /// Waits until the command and all its descendants have ended, and reports it.
    fn await_end(&mut self, pid: Pid) {
        self.step.main = Some(pid);
        self.report(&Report::Started(pid.as_raw_nonzero().get()));
        if self.clock.paused_at.is_some() {
            reaper::signal_tree(self.step.main, Signal::STOP);
        }
        while self.reap() && self.step.ended.is_none() {
            self.wait_or_time_out();
        }
        let leaked = self.kill_leftovers();
        let step = std::mem::take(&mut self.step);
        let ending = match step.ended {
            _ if step.timed_out => Ending::TimedOut,
            _ if self.cancelled => Ending::Cancelled,
            Some(ending) => ending,
            None => Ending::Lost,
        };
        let seen = step.witness.map(|witness| witness.close(pid));
        self.ended(ending, leaked, seen.unwrap_or_default());
    }

    fn ended(&mut self, ending: Ending, leaked: bool, seen: Observations) {
        self.report(&Report::Ended {
            ending,
            leaked,
            seen,
        });
    }

    /// Reaps zombies; false once no child is left at all.
    fn reap(&mut self) -> bool {
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if Some(pid) == self.step.main => {
                    self.step.ended = Some(ending_of(status));
                }
                Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
    }

    fn wait_or_time_out(&mut self) {
        let until = self
            .step
            .deadline
            .filter(|_| self.clock.paused_at.is_none());
        self.wait_until(until);
        if until.is_some_and(|at| at <= Instant::now()) {
            self.deadline_reached();
        }
    }

    fn deadline_reached(&mut self) {
        if self.step.terminating {
            self.step.deadline = None;
            reaper::signal_tree(self.step.main, Signal::KILL);
        } else {
            self.step.timed_out = true;
            self.terminate(LIMIT_GRACE);
        }
    }

    fn terminate(&mut self, grace: Duration) {
        self.step.terminating = true;
        self.step.deadline = Some(self.clock.now() + grace);
        reaper::signal_tree(self.step.main, Signal::TERM);
    }

    /// Waits for the end of a child, an order, an observation or the moment,
    /// and handles an order.
    fn wait_until(&mut self, until: Option<Instant>) {
        let witness = self.step.witness.as_ref();
        let is_running = self.step.ended.is_none() && self.step.main.is_some();
        let next_sample = witness.and_then(Witness::due).filter(|_| is_running);
        let timeout = until
            .into_iter()
            .chain(next_sample)
            .min()
            .map(|at| at.saturating_duration_since(Instant::now()))
            .and_then(|wait| Timespec::try_from(wait).ok());
        let mut fds = vec![
            PollFd::new(&self.socket, PollFlags::IN),
            PollFd::new(&self.wake, PollFlags::IN),
        ];
        let sources = witness.into_iter().flat_map(Witness::fds);
        fds.extend(sources.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        if rustix::event::poll(&mut fds, timeout.as_ref()).is_err() {
            return;
        }
        let ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        let _ = self.wake.read(&mut [0; 64]);
        // Observations come before orders: what is queued by now happened
        // before the step is stopped.
        let has_observations = ready[2..].contains(&true) || next_sample.is_some();
        if let (Some(main), Some(witness), true) =
            (self.step.main, self.step.witness.as_mut(), has_observations)
        {
            witness.poll(main);
        }
        if ready[0] {
            self.receive_order();
        }
    }

    fn receive_order(&mut self) {
        let Ok(Some((byte, files))) = fd_passing::receive(&self.socket) else {
            // The end of the lifeline: the runner is gone.
            self.runner_gone = true;
            self.kill();
            return;
        };
        match Order::from_byte(byte) {
            Some(Order::Start) => {
                let files: Result<[OwnedFd; fd_passing::FILES], _> = files.try_into();
                self.start = files.ok().map(|[request, output]| Start {
                    request: request.into(),
                    output: output.into(),
                });
            }
            Some(Order::Terminate) => self.stop(),
            Some(Order::Kill) => self.kill(),
            Some(Order::Pause) => {
                self.clock.paused_at.get_or_insert_with(Instant::now);
                reaper::signal_tree(self.step.main, Signal::STOP);
            }
            Some(Order::Resume) => {
                let paused = self.clock.paused_at.take();
                let pause = paused.map_or(Duration::ZERO, |at| at.elapsed());
                self.step.deadline = self.step.deadline.map(|at| at + pause);
                reaper::signal_tree(self.step.main, Signal::CONT);
            }
            None => {}
        }
    }

    /// Asks the step to end.
    fn stop(&mut self) {
        self.cancelled = true;
        if self.step.terminating {
            // TERM was sent at its time limit already. The longer grace period
            // of a time limit must not delay the end of the run.
            let at = self.clock.now() + STOP_GRACE;
            self.step.deadline = self.step.deadline.map(|due| due.min(at));
        } else {
            self.terminate(STOP_GRACE);
        }
    }

    fn kill(&mut self) {
        self.cancelled = true;
        self.step.terminating = true;
        self.step.deadline = None;
        reaper::signal_tree(self.step.main, Signal::KILL);
    }

    /// Kills what is left of a step, unless it ends by itself in a moment.
    /// True if something had to be killed.
    fn kill_leftovers(&mut self) -> bool {
        let until = Instant::now() + LINGER;
        while self.reap() && !self.cancelled && Instant::now() < until {
            self.wait_until(Some(until));
        }
        if !self.reap() {
            return false;
        }
        reaper::kill_descendants();
        true
    }

    fn report(&mut self, report: &Report) {
        send(&mut self.socket, report);
    }
}

fn send(socket: &mut UnixStream, report: &Report) {
    let mut line = serde_json::to_vec(report).unwrap_or_default();
    line.push(b'\n');
    // Without a runner the report is not needed.
    let _ = socket.write_all(&line);
}

fn ending_of(status: WaitStatus) -> Ending {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Ending::Exited(code),
        (None, Some(signal)) => Ending::Signaled(signal),
        (None, None) => Ending::Lost,
    }
}
