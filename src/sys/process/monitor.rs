//! Waiting for the end of one command.

use std::io::{self, PipeReader, Read};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::Pid;

use super::protocol::MAX_LIMIT;
use super::{Capture, Control, Observations, Outcome, Report};
use crate::model::evidence::Ending;

/// How long output may stay open after the supervisor has swept: only a
/// process that was handed the pipe from outside its tree can hold it then.
const DRAIN: Duration = Duration::from_millis(250);
/// How long past its limit a step may take to end: TERM, five seconds, KILL
/// and the sweep. A supervisor that is silent then was stopped by its step.
const LATE: Duration = Duration::from_millis(7500);
const READ_BUFFER: usize = 64 * 1024;

/// The runner's view of one command.
#[expect(
    clippy::struct_excessive_bools,
    reason = "what is open and what is known, each on its own"
)]
pub(super) struct Monitor {
    begun: Instant,
    /// When a silent supervisor is given up; the clock stands still while
    /// the run is paused.
    patience: Option<Duration>,
    socket: UnixStream,
    output: PipeReader,
    /// Whether the supervisor was given up.
    pub(super) late: bool,
    /// Bytes of a report whose line is not complete.
    partial: Vec<u8>,
    group: Option<i32>,
    /// Whether process ids of the supervisor mean the same here.
    has_group: bool,
    ended: Option<Outcome>,
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
            late: false,
            partial: Vec::new(),
            group: None,
            has_group,
            ended: None,
            socket_open: true,
            output_open: true,
            buffer: vec![0; READ_BUFFER],
        }
    }

    pub(super) fn until_over(
        &mut self,
        control: &Control,
        capture: &mut Capture,
    ) -> io::Result<Outcome> {
        let paused_before = control.paused();
        let mut drain_until = None;
        loop {
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
            seen: Observations::default(),
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
        if self.is_told_more() {
            fds.push(PollFd::new(&self.socket, PollFlags::IN));
        }
        let wait = wait.and_then(|wait| Timespec::try_from(wait).ok());
        match rustix::event::poll(&mut fds, wait.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
        let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
        let output_ready = self.output_open && ready.next().unwrap_or(false);
        let socket_ready = self.is_told_more() && ready.next().unwrap_or(false);
        Ok((output_ready, socket_ready))
    }

    /// Whether the supervisor has something left to tell of this command.
    fn is_told_more(&self) -> bool {
        self.socket_open && self.ended.is_none()
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
                Ok(Report::Started(group)) => self.group = self.has_group.then_some(group),
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
