//! The supervisor: this program under a hidden verb. It plays the commands of
//! a lane, one after the other.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use super::witness::{Observations, Witness};
use super::{Cmd, Report, fd_passing, protocol, reaper};
use crate::model::evidence::Ending;
use crate::sys::landlock::{self, Enforced};

/// The hidden verb under which the program supervises a step.
pub const VERB: &str = "__supervise";

/// Between TERM and KILL, after the time limit.
const LIMIT_GRACE: Duration = Duration::from_secs(5);
/// Between TERM and KILL, after a first signal to the runner.
const STOP_GRACE: Duration = Duration::from_secs(2);
/// How long what a step left behind may take to end by itself.
const LINGER: Duration = Duration::from_millis(500);

/// What a runner tells a supervisor, a byte each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// TERM now, KILL after [`STOP_GRACE`].
    Terminate,
    /// KILL now.
    Kill,
    /// Stop the step and its clock.
    Pause,
    /// Let both go on.
    Resume,
    /// Start a command; what it is and where its output goes comes along.
    Start,
}

impl Order {
    const ALL: [Self; 5] = [
        Self::Terminate,
        Self::Kill,
        Self::Pause,
        Self::Resume,
        Self::Start,
    ];

    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Terminate => b't',
            Self::Kill => b'k',
            Self::Pause => b'p',
            Self::Resume => b'r',
            Self::Start => b's',
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.byte() == byte)
    }
}

/// Runs the commands that come on stdin's socket, one after the other, until
/// its other end is closed. `args` are the folders that may be written, where there
/// is a second layer around it.
///
/// # Errors
/// If the process cannot be set up for its work, or is spoken to in a way
/// that it does not know; the runner then sees an end without a report.
pub fn supervise(args: impl Iterator<Item = OsString>) -> io::Result<()> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let (wake, waker) = UnixStream::pair()?;
    wake.set_nonblocking(true)?;
    signal_hook::low_level::pipe::register(SIGCHLD, waker)?;
    ignore_termination_signals()?;
    restricted(args);
    reaper::become_subreaper()?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    // Whoever started this sees from here on that it stands.
    let null = std::fs::File::open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    rustix::stdio::dup2_stderr(&null)?;
    let mut supervisor = Supervisor::new(socket, wake);
    while let Some(start) = supervisor.next_start() {
        supervisor.play(start)?;
    }
    Ok(())
}

/// The second layer around this process: the folders that may be written.
/// Without any there is none.
pub(in crate::sys) fn restricted(args: impl Iterator<Item = OsString>) -> Enforced {
    let writable: Vec<PathBuf> = args.map(PathBuf::from).collect();
    if writable.is_empty() {
        return Enforced::No;
    }
    landlock::restrict(&writable)
}

/// A step may signal its parent; only the runner ends a supervisor.
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
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    pid.ok_or_else(|| io::Error::other("a process id out of range"))
}

/// What comes with an order to start: the command, and where its output
/// goes.
struct Start {
    request: File,
    output: File,
}

/// Deadlines that stand still while the step is paused.
#[derive(Default)]
struct StepClock {
    paused_at: Option<Instant>,
}

impl StepClock {
    fn now(&self) -> Instant {
        self.paused_at.unwrap_or_else(Instant::now)
    }
}

/// The command that runs.
#[derive(Default)]
struct Step {
    /// When its limit is reached, or a KILL is due.
    deadline: Option<Instant>,
    /// Whether TERM was sent already, so that the next deadline kills.
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
    /// Whether nothing is to run any more.
    cancelled: bool,
    /// Whether the runner is gone.
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

    /// Waits for the next command; none once the runner wants no more.
    fn next_start(&mut self) -> Option<Start> {
        while self.start.is_none() && !self.runner_gone {
            self.reap();
            self.wait_until(None);
        }
        self.start.take()
    }

    /// Plays one command and reports of it.
    fn play(&mut self, mut start: Start) -> io::Result<()> {
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
                // From here on the output is open only as long as the
                // command holds it.
                drop(start);
                self.watch(pid);
            }
            Err(e) => {
                // The shell's words for it, where a shell would have put
                // them.
                let text = format!("{}: {e}", cmd.argv[0].to_string_lossy());
                let _ = writeln!(start.output, "matrix: cannot start {text}");
                self.ended(Ending::NotStarted(text), false, Observations::default());
            }
        }
        Ok(())
    }

    fn watch(&mut self, pid: Pid) {
        self.step.main = Some(pid);
        self.report(&Report::Started(pid.as_raw_nonzero().get()));
        if self.clock.paused_at.is_some() {
            reaper::signal_tree(self.step.main, Signal::STOP);
        }
        while self.reap() && self.step.ended.is_none() {
            self.wait_and_obey();
        }
        let leaked = self.end_of_step();
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

    /// Collects the dead; false once no child is left at all.
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

    fn wait_and_obey(&mut self) {
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

    /// Waits for a child's end, an order or the moment, and obeys the order.
    fn wait_until(&mut self, until: Option<Instant>) {
        let witness = self.step.witness.as_ref();
        let due = witness.and_then(Witness::due);
        let due = due.filter(|_| self.step.ended.is_none() && self.step.main.is_some());
        let wait = until
            .into_iter()
            .chain(due)
            .min()
            .map(|at| at.saturating_duration_since(Instant::now()));
        let wait = wait.and_then(|wait| Timespec::try_from(wait).ok());
        let mut fds = vec![
            PollFd::new(&self.socket, PollFlags::IN),
            PollFd::new(&self.wake, PollFlags::IN),
        ];
        let sources = witness.into_iter().flat_map(Witness::fds);
        fds.extend(sources.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        if rustix::event::poll(&mut fds, wait.as_ref()).is_err() {
            return;
        }
        let ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        let _ = self.wake.read(&mut [0; 64]);
        let seen = ready[2..].contains(&true) || due.is_some();
        if let (Some(main), Some(witness), true) =
            (self.step.main, self.step.witness.as_mut(), seen)
        {
            witness.poll(main);
        }
        if ready[0] {
            self.take_order();
        }
    }

    fn take_order(&mut self) {
        let order = if let Ok(Some((byte, files))) = fd_passing::receive(&self.socket) {
            Order::from_byte(byte).map(|order| (order, files))
        } else {
            // The lifeline's end: the runner is gone.
            self.runner_gone = true;
            Some((Order::Kill, Vec::new()))
        };
        match order {
            Some((Order::Start, files)) => {
                let files: Result<[OwnedFd; fd_passing::FILES], _> = files.try_into();
                self.start = files.ok().map(|[request, output]| Start {
                    request: request.into(),
                    output: output.into(),
                });
            }
            Some((Order::Terminate, _)) => {
                self.cancelled = true;
                if self.step.terminating {
                    // Its limit asked it to end before: it has no longer
                    // now than any other.
                    let at = self.clock.now() + STOP_GRACE;
                    self.step.deadline = self.step.deadline.map(|due| due.min(at));
                } else {
                    self.terminate(STOP_GRACE);
                }
            }
            Some((Order::Kill, _)) => {
                self.cancelled = true;
                self.step.terminating = true;
                self.step.deadline = None;
                reaper::signal_tree(self.step.main, Signal::KILL);
            }
            Some((Order::Pause, _)) => {
                self.clock.paused_at.get_or_insert_with(Instant::now);
                reaper::signal_tree(self.step.main, Signal::STOP);
            }
            Some((Order::Resume, _)) => {
                let paused = self.clock.paused_at.take();
                let pause = paused.map_or(Duration::ZERO, |at| at.elapsed());
                self.step.deadline = self.step.deadline.map(|at| at + pause);
                reaper::signal_tree(self.step.main, Signal::CONT);
            }
            None => {}
        }
    }

    /// Lets what is left end by itself for a moment, then kills it. Tells
    /// whether something had to be killed.
    fn end_of_step(&mut self) -> bool {
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
    // Where the runner is gone there is nobody left to tell.
    let _ = socket.write_all(&line);
}

fn ending_of(status: WaitStatus) -> Ending {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Ending::Exited(code),
        (None, Some(signal)) => Ending::Signaled(signal),
        (None, None) => Ending::Lost,
    }
}
