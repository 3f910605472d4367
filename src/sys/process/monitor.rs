//! Waits for the end of one command: reads its output and the reports of its
//! supervisor.
//!
//! Invariants: a supervisor that no longer reports is given up at a deadline;
//! output that stays open does not delay the end.

use std::io::{self, PipeReader, Read};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::Pid;

use super::capture::Capture;
use super::command::CommandOutcome;
use super::control::Control;
use super::observation::Observations;
use super::protocol::{MAX_LIMIT, Report};
use crate::model::evidence::Ending;

/// The time that output may stay open after the supervisor has killed all
/// descendants: only a process outside its tree can hold the pipe by then.
const DRAIN: Duration = Duration::from_millis(250);
/// The time that a step may take to end past its limit: TERM, five seconds,
/// KILL and reaping. A supervisor that is silent then was stopped by its step.
const LATE: Duration = Duration::from_millis(7500);
const READ_BUFFER: usize = 64 * 1024;

/// The runner's view of one command.
#[expect(
    clippy::struct_excessive_bools,
    reason = "what is open and what is known, each on its own"
)]
pub(super) struct Monitor {
    begun: Instant,
    /// The time after which a silent supervisor is given up; pauses of the run
    /// do not count.
    patience: Option<Duration>,
    socket: UnixStream,
    output: PipeReader,
    /// Set if the supervisor was given up.
    pub(super) is_late: bool,
    /// The bytes of a report whose line is incomplete.
    partial: Vec<u8>,
    group: Option<i32>,
    /// Set if the supervisor sees the same process ids as this process.
    has_group: bool,
    ended: Option<CommandOutcome>,
    socket_open: bool,
    output_open: bool,
    buffer: Vec<u8>,
}

impl Monitor {
    pub(super) fn new(
        socket: UnixStream,
        output: PipeReader,
        limit: Option<Duration>,
        has_group: bool,
    ) -> Self {
        Self {
            begun: Instant::now(),
            patience: limit.map(|limit| limit.min(MAX_LIMIT) + LATE),
            socket,
            output,
            is_late: false,
            partial: Vec::new(),
            group: None,
            has_group,
            ended: None,
            socket_open: true,
            output_open: true,
            buffer: vec![0; READ_BUFFER],
        }
    }

    /// Copies output into `capture` until the command has ended.
    pub(super) fn run_to_end(
        &mut self,
        control: &Control,
        capture: &mut Capture,
    ) -> io::Result<CommandOutcome> {
        let paused_before = control.paused();
        let mut drain_until = None;
        loop {
            // Without a supervisor the command is over too.
            let over = self.ended.is_some() || !self.socket_open;
            if over && !self.output_open {
                break;
            }
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
            // Either the output stays open although all is over, or the
            // supervisor is silent past the limit of its step.
            if wait == Some(Duration::ZERO) {
                if self.ended.is_none() {
                    self.kill_group();
                    self.is_late = self.socket_open;
                }
                break;
            }
            self.wait_and_read(wait, capture)?;
        }
        let silent = if self.is_late {
            Ending::TimedOut
        } else {
            Ending::Lost
        };
        let mut outcome = self.ended.take().unwrap_or(CommandOutcome {
            ending: silent,
            leaked: true,
            seen: Observations::default(),
        });
        outcome.leaked |= self.output_open;
        Ok(outcome)
    }

    /// Waits for output or a report and reads it.
    fn wait_and_read(&mut self, wait: Option<Duration>, capture: &mut Capture) -> io::Result<()> {
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
            self.read_reports();
        }
        Ok(())
    }

    fn wait_ready(&self, wait: Option<Duration>) -> io::Result<(bool, bool)> {
        let mut fds = Vec::with_capacity(2);
        if self.output_open {
            fds.push(PollFd::new(&self.output, PollFlags::IN));
        }
        if self.expects_report() {
            fds.push(PollFd::new(&self.socket, PollFlags::IN));
        }
        let timeout = wait.and_then(|wait| Timespec::try_from(wait).ok());
        match rustix::event::poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
        let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
        let output_ready = self.output_open && ready.next().unwrap_or(false);
        let socket_ready = self.expects_report() && ready.next().unwrap_or(false);
        Ok((output_ready, socket_ready))
    }

    /// True if a report of this command can still come.
    fn expects_report(&self) -> bool {
        self.socket_open && self.ended.is_none()
    }

    fn read_reports(&mut self) {
        let mut bytes = [0; 4096];
        match self.socket.read(&mut bytes) {
            Ok(0) | Err(_) => self.socket_open = false,
            Ok(n) => self.partial.extend_from_slice(&bytes[..n]),
        }
        while let Some(end) = self.partial.iter().position(|&b| b == b'\n') {
            let line: Vec<u8> = self.partial.drain(..=end).collect();
            match serde_json::from_slice(&line) {
                Ok(Report::Started(group)) => self.group = self.has_group.then_some(group),
                Ok(Report::Ended {
                    ending,
                    leaked,
                    seen,
                }) => {
                    self.ended = Some(CommandOutcome {
                        ending,
                        leaked,
                        seen,
                    });
                }
                Err(_) => self.socket_open = false,
            }
        }
    }

    /// Kills the process group of the step, after its supervisor died without a
    /// report: its other descendants are found by [`Control`].
    fn kill_group(&self) {
        if let Some(group) = self.group.and_then(Pid::from_raw) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}
