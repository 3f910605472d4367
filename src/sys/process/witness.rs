//! Observes a command from its supervisor, independently of its output.
//!
//! Git reports the hooks that it launches on a socket (`GIT_TRACE2_EVENT`; the
//! format is git's `Documentation/technical/api-trace2.adoc`). The kernel
//! stamps every message with the process that wrote it, and only those of the
//! command itself count: a hook inherits the address, and even the open
//! socket, but not the process id of the git that launched it. A push starts
//! the git of its remote before any hook, so that one is the second to connect;
//! it launches the hooks of the remote. Files that are
//! opened, which running one does too, are reported by inotify.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::Pid;

use super::file_access::FileAccesses;
use super::observation::{HookSeen, Observations, ProcessSeen, Watch};
use super::trace::Hooks;
use super::{peer_credentials, reaper};
use crate::sys::fs;

/// The number of samples of the process tree, each after twice the pause of
/// the one before.
const SAMPLES: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(1);
/// The number of reads of the trace per poll, of 64 KiB each: a process that
/// writes without end must not keep the supervisor from its deadlines.
const READS: usize = 64;
/// The longest line of a trace; git's own lines are shorter.
const LINE_LIMIT: usize = 1024 * 1024;

/// The trace of one git.
struct Trace {
    stream: UnixStream,
    writer: Pid,
    is_remote: bool,
    partial: Vec<u8>,
}

/// The sources of one supervisor, and what they reported so far.
pub(super) struct Witness {
    listener: Option<UnixListener>,
    /// The number of connections so far.
    connections: usize,
    /// Set if the second connection may be that of the remote's git.
    has_remote: bool,
    /// The traces of the command and of the remote's git.
    traces: Vec<Trace>,
    openings: Option<FileAccesses>,
    /// The number of samples taken so far.
    samples: u32,
    next_sample: Instant,
    seen: Observations,
    hooks: Hooks,
    /// For each hook, the range of openings that may have happened while it ran.
    windows: BTreeMap<usize, Range<usize>>,
}

impl Witness {
    /// Opens the sources. A source that cannot be opened is noted as a gap.
    pub(super) fn new(watch: &Watch) -> Self {
        let mut witness = Self {
            listener: None,
            connections: 0,
            has_remote: watch.has_remote,
            traces: Vec::new(),
            openings: None,
            samples: if watch.is_nothing() { SAMPLES } else { 0 },
            next_sample: Instant::now() + FIRST_PAUSE,
            seen: Observations::default(),
            hooks: Hooks::default(),
            windows: BTreeMap::new(),
        };
        if let Some(path) = &watch.trace {
            match listen(path) {
                Ok(listener) => witness.listener = Some(listener),
                Err(e) => witness.gap(format!("git cannot be listened to: {e}")),
            }
        }
        if !watch.programs.is_empty() {
            match FileAccesses::new(&watch.programs, watch.hooks.as_deref()) {
                Ok(openings) => witness.openings = Some(openings),
                Err(e) => witness.gap(format!("files cannot be watched: {e}")),
            }
        }
        witness
    }

    fn gap(&mut self, why: String) {
        self.seen.gap.get_or_insert(why);
    }

    /// Returns the files that the supervisor polls for the witness.
    pub(super) fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let listener = self.listener.as_ref().map(AsFd::as_fd);
        let streams = self.traces.iter().map(|trace| trace.stream.as_fd());
        let files = self.openings.as_ref().map(FileAccesses::fd);
        listener.into_iter().chain(streams).chain(files)
    }

    /// Reads all sources.
    pub(super) fn poll(&mut self, main: Pid) {
        self.accept(main);
        // Openings are read before the trace, so a hook whose start is read
        // after an opening may already have run. Reading goes on until no hook
        // starts or ends around it: then it is certain which hooks ran.
        let mut touched = BTreeSet::new();
        loop {
            let before = self.opened_count();
            self.read_openings();
            let now = self.opened_count();
            let mut hooks = self.hooks.running();
            hooks.append(&mut touched);
            touched = self.read_traces();
            hooks.extend(&touched);
            for at in hooks {
                self.windows.entry(at).or_insert(before..before).end = now;
            }
            if touched.is_empty() {
                break;
            }
        }
        if self.due().is_some_and(|at| at <= Instant::now()) {
            self.sample(main);
            self.samples += 1;
            self.next_sample = Instant::now() + FIRST_PAUSE * 2_u32.pow(self.samples);
        }
    }

    /// Returns when the next sample of the process tree is due.
    pub(super) fn due(&self) -> Option<Instant> {
        (self.samples < SAMPLES).then_some(self.next_sample)
    }

    /// Reads all sources once more and returns everything observed.
    pub(super) fn close(mut self, main: Pid) -> Observations {
        self.samples = SAMPLES;
        self.poll(main);
        if self.hooks.is_forged {
            let text = "git's trace contradicts itself: somebody else wrote into it";
            self.seen.gap = Some(text.to_owned());
            return self.seen;
        }
        let order = self.hooks.in_order();
        let windows = std::mem::take(&mut self.windows);
        for (at, from) in order.iter().enumerate() {
            let window = windows.get(from).cloned();
            self.windows.extend(window.map(|window| (at, window)));
            self.seen.hooks.push(self.hooks.seen[*from].clone());
        }
        let Some(openings) = &self.openings else {
            return self.seen;
        };
        self.seen.opened = openings.all();
        let hooks = &self.seen.hooks;
        let opened: Vec<_> = (0..hooks.len())
            .map(|at| opened_by(openings, hooks, &self.windows, at))
            .collect();
        for (hook, opened) in self.seen.hooks.iter_mut().zip(opened) {
            hook.opened = opened;
        }
        self.seen
    }

    /// Accepts the connection of the command itself, and that of its remote. Those
    /// of other gits are closed, which ends their tracing.
    fn accept(&mut self, main: Pid) {
        while let Some(listener) = &self.listener {
            let Ok((stream, _)) = listener.accept() else {
                return;
            };
            self.connections += 1;
            let is_main = peer_credentials::is_from(&stream, main, self.connections == 1);
            let is_second = self.has_remote && self.connections == 2;
            let writer = match (is_main, is_second) {
                (true, _) => Some(main),
                (_, true) => peer_credentials::writer(&stream).filter(|pid| receives(*pid)),
                _ => None,
            };
            let Some(writer) = writer.filter(|_| stream.set_nonblocking(true).is_ok()) else {
                continue;
            };
            self.traces.push(Trace {
                stream,
                writer,
                is_remote: !is_main,
                partial: Vec::new(),
            });
        }
    }

    /// Reads the traces and returns the positions of the hooks that started or
    /// ended.
    fn read_traces(&mut self) -> BTreeSet<usize> {
        let mut touched = BTreeSet::new();
        let mut bytes = vec![0; 64 * 1024];
        for mut trace in std::mem::take(&mut self.traces) {
            let is_open = self.read_trace(&mut trace, &mut bytes);
            while let Some(end) = trace.partial.iter().position(|&b| b == b'\n') {
                let line: Vec<u8> = trace.partial.drain(..=end).collect();
                touched.extend(self.hooks.line(&line, trace.is_remote));
            }
            if trace.partial.len() > LINE_LIMIT {
                trace.partial.clear();
                self.gap("git's trace has a line without an end".to_owned());
            }
            if is_open {
                self.traces.push(trace);
            }
        }
        touched
    }

    /// Reads what a trace has; false at its end.
    fn read_trace(&mut self, trace: &mut Trace, bytes: &mut [u8]) -> bool {
        for _ in 0..READS {
            match peer_credentials::receive(&trace.stream, bytes, trace.writer) {
                Ok((0, _)) => return false,
                Ok((n, true)) => trace.partial.extend_from_slice(&bytes[..n]),
                Ok(_) => self.gap("another process wrote into git's trace".to_owned()),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return true,
                Err(_) => return false,
            }
        }
        true
    }

    fn read_openings(&mut self) {
        if self.openings.as_mut().is_some_and(|files| !files.read()) {
            self.gap("more files were opened than could be noticed".to_owned());
        }
    }

    fn opened_count(&self) -> usize {
        self.openings.as_ref().map_or(0, FileAccesses::count)
    }

    /// Adds the current processes below the command.
    fn sample(&mut self, main: Pid) {
        for (depth, pid) in reaper::tree(main) {
            let cmdline = fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero()));
            let argv: Vec<_> = cmdline
                .unwrap_or_default()
                .split(|&b| b == 0)
                .filter(|word| !word.is_empty())
                .map(|word| String::from_utf8_lossy(word).into_owned())
                .collect();
            let process = ProcessSeen { depth, argv };
            if !process.argv.is_empty() && !self.seen.processes.contains(&process) {
                self.seen.processes.push(process);
            }
        }
    }
}

/// Returns the programs that were opened from the first to the last run of
/// the hooks that share the name of the one at a position.
fn opened_by(
    openings: &FileAccesses,
    hooks: &[HookSeen],
    windows: &BTreeMap<usize, Range<usize>>,
    at: usize,
) -> BTreeSet<usize> {
    let HookSeen { name, remote, .. } = &hooks[at];
    let is_run = |hook: &HookSeen| hook.name == *name && hook.remote == *remote;
    let first = hooks.iter().position(is_run).unwrap_or(at);
    let last = hooks.iter().rposition(is_run).unwrap_or(at);
    let of_runs = windows.range(first..=last).map(|(_, window)| window);
    let window = of_runs.fold(None, |whole: Option<Range<usize>>, window| {
        let whole = whole.unwrap_or_else(|| window.clone());
        Some(whole.start.min(window.start)..whole.end.max(window.end))
    });
    // Only a hook file leaves a trace of its start among the openings.
    let has_file = |hook: &HookSeen| !hook.configured && !hook.remote;
    let own_file = has_file(&hooks[first]).then_some(name.as_str());
    let next = hooks[last..]
        .iter()
        .find(|hook| !is_run(hook) && has_file(hook));
    let next_file = next.map(|hook| hook.name.as_str());
    openings.of_hook(window.unwrap_or_default(), own_file, next_file)
}

/// True if a process is the git that a push starts in its remote.
fn receives(pid: Pid) -> bool {
    let cmdline = fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero()));
    let cmdline = cmdline.unwrap_or_default();
    let mut words = cmdline.split(|&b| b == 0);
    words.any(|word| word.ends_with(b"receive-pack"))
}

fn listen(path: &PathBuf) -> io::Result<UnixListener> {
    let listener = UnixListener::bind(path)?;
    listener.set_nonblocking(true)?;
    // Set on the listener, so that messages written before the connection is
    // accepted are stamped too.
    peer_credentials::request_credentials(&listener)?;
    Ok(listener)
}
