//! The supervisor: this program under a hidden verb, one for each command.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use super::witness::{Look, Seen, Witness};
use super::{Report, sweep};
use crate::model::evidence::Ending;

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
}

impl Order {
    const ALL: [Self; 4] = [Self::Terminate, Self::Kill, Self::Pause, Self::Resume];

    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Terminate => b't',
            Self::Kill => b'k',
            Self::Pause => b'p',
            Self::Resume => b'r',
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.byte() == byte)
    }
}

/// Runs one command to its end and reports on stdin's socket. `args` are the
/// time limit in milliseconds (0 for none), what to look at (JSON), the
/// program and its arguments.
///
/// # Errors
/// If the process cannot be set up for its work; the runner then sees an end
/// without a report.
pub fn supervise(mut args: impl Iterator<Item = OsString>) -> io::Result<()> {
    let usage = || io::Error::new(io::ErrorKind::InvalidInput, "not for use by hand");
    let limit = args.next().and_then(|text| text.to_str()?.parse().ok());
    let limit = Duration::from_millis(limit.ok_or_else(usage)?);
    let look = args.next().ok_or_else(usage)?;
    let look: Look = serde_json::from_slice(look.as_encoded_bytes())?;
    let program = args.next().ok_or_else(usage)?;
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let (wake, waker) = UnixStream::pair()?;
    wake.set_nonblocking(true)?;
    signal_hook::low_level::pipe::register(SIGCHLD, waker)?;
    shrug_off_signals()?;
    sweep::become_subreaper()?;
    let supervisor = Supervisor::new(socket, wake, limit, Witness::new(&look));
    match spawn(&program, args) {
        Ok(pid) => supervisor.run(pid),
        Err(e) => supervisor.could_not_start(&program, &e),
    }
}

/// A step may signal its parent; only the runner ends a supervisor.
fn shrug_off_signals() -> io::Result<()> {
    for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
        signal_hook::flag::register(signal, std::sync::Arc::default())?;
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "here the step itself is started")]
fn spawn(program: &OsString, args: impl Iterator<Item = OsString>) -> io::Result<Pid> {
    let child = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .process_group(0)
        .spawn()?;
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    pid.ok_or_else(|| io::Error::other("a process id out of range"))
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

struct Supervisor {
    socket: UnixStream,
    wake: UnixStream,
    clock: StepClock,
    /// When the step's limit is reached, or a KILL is due.
    deadline: Option<Instant>,
    /// Whether TERM was sent already, so that the next deadline kills.
    terminating: bool,
    timed_out: bool,
    cancelled: bool,
    main: Option<Pid>,
    ended: Option<Ending>,
    witness: Witness,
}

impl Supervisor {
    fn new(socket: UnixStream, wake: UnixStream, limit: Duration, witness: Witness) -> Self {
        Self {
            socket,
            wake,
            clock: StepClock::default(),
            deadline: (!limit.is_zero()).then(|| Instant::now() + limit),
            terminating: false,
            timed_out: false,
            cancelled: false,
            main: None,
            ended: None,
            witness,
        }
    }

    fn run(mut self, pid: Pid) -> io::Result<()> {
        self.main = Some(pid);
        // From here on the output is open only as long as the step holds it.
        let null = std::fs::File::open("/dev/null")?;
        rustix::stdio::dup2_stdout(&null)?;
        rustix::stdio::dup2_stderr(&null)?;
        self.report(&Report::Started(pid.as_raw_nonzero().get()));
        while self.reap() && self.ended.is_none() {
            self.wait_and_obey();
        }
        let leaked = self.end_of_step();
        let ending = match self.ended.take() {
            _ if self.timed_out => Ending::TimedOut,
            _ if self.cancelled => Ending::Cancelled,
            Some(ending) => ending,
            None => Ending::Lost,
        };
        let seen = self.witness.close(pid);
        let report = Report::Ended {
            ending,
            leaked,
            seen,
        };
        send(&mut self.socket, &report);
        Ok(())
    }

    /// The shell's words for it, in the log where a shell would have put
    /// them.
    fn could_not_start(mut self, program: &OsString, error: &io::Error) -> io::Result<()> {
        let text = format!("{}: {error}", program.to_string_lossy());
        writeln!(io::stderr(), "matrix: cannot start {text}")?;
        self.report(&Report::Ended {
            ending: Ending::NotStarted(text),
            leaked: false,
            seen: Seen::default(),
        });
        Ok(())
    }

    /// Collects the dead; false once no child is left at all.
    fn reap(&mut self) -> bool {
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if Some(pid) == self.main => {
                    self.ended = Some(ending_of(status));
                }
                Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
    }

    fn wait_and_obey(&mut self) {
        let until = self.deadline.filter(|_| self.clock.paused_at.is_none());
        self.wait_until(until);
        if until.is_some_and(|at| at <= Instant::now()) {
            self.deadline_reached();
        }
    }

    fn deadline_reached(&mut self) {
        if self.terminating {
            self.deadline = None;
            sweep::signal_tree(self.main, Signal::KILL);
        } else {
            self.timed_out = true;
            self.terminate(LIMIT_GRACE);
        }
    }

    fn terminate(&mut self, grace: Duration) {
        self.terminating = true;
        self.deadline = Some(self.clock.now() + grace);
        sweep::signal_tree(self.main, Signal::TERM);
    }

    /// Waits for a child's end, an order or the moment, and obeys the order.
    fn wait_until(&mut self, until: Option<Instant>) {
        let due = self.witness.due().filter(|_| self.ended.is_none());
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
        let eyes = self.witness.fds();
        fds.extend(eyes.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        if rustix::event::poll(&mut fds, wait.as_ref()).is_err() {
            return;
        }
        let ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        let ordered = ready[0];
        let _ = self.wake.read(&mut [0; 64]);
        if let Some(main) = self
            .main
            .filter(|_| ready[2..].contains(&true) || due.is_some())
        {
            self.witness.glance(main);
        }
        if ordered {
            self.take_order();
        }
    }

    fn take_order(&mut self) {
        let mut byte = [0];
        let order = match self.socket.read(&mut byte) {
            // The lifeline's end: the runner is gone.
            Ok(0) | Err(_) => Some(Order::Kill),
            Ok(_) => Order::from_byte(byte[0]),
        };
        match order {
            Some(Order::Terminate) if !self.terminating => {
                self.cancelled = true;
                self.terminate(STOP_GRACE);
            }
            Some(Order::Kill) => {
                self.cancelled = true;
                self.terminating = true;
                self.deadline = None;
                sweep::signal_tree(self.main, Signal::KILL);
            }
            Some(Order::Pause) => {
                self.clock.paused_at.get_or_insert_with(Instant::now);
                sweep::signal_tree(self.main, Signal::STOP);
            }
            Some(Order::Resume) => {
                let paused = self.clock.paused_at.take();
                let pause = paused.map_or(Duration::ZERO, |at| at.elapsed());
                self.deadline = self.deadline.map(|at| at + pause);
                sweep::signal_tree(self.main, Signal::CONT);
            }
            Some(Order::Terminate) | None => {}
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
        sweep::sweep();
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
