//! What a supervisor sees of its command, whatever the command says of
//! itself.
//!
//! Git tells of the hooks that it launches through a socket
//! (`GIT_TRACE2_EVENT`; the format is git's
//! `Documentation/technical/api-trace2.adoc`). The kernel stamps every
//! message with the process that wrote it, and only those of the command
//! itself count: a hook inherits the address, and even the open socket, but
//! not the process id of the git that launched it. Files that are opened,
//! which running one does too, are told by inotify.

use std::collections::BTreeSet;
use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, sockopt};
use rustix::process::Pid;
use serde::{Deserialize, Serialize};

use super::sweep;

/// What a supervisor is to look at while its command runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// The socket at which git is to tell of its hooks.
    pub trace: Option<PathBuf>,
    /// Files, and folders with the files in them, whose opening counts.
    pub programs: Vec<PathBuf>,
}

impl Look {
    fn is_nothing(&self) -> bool {
        self.trace.is_none() && self.programs.is_empty()
    }
}

/// What it saw.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Seen {
    /// The hooks that the command launched, in order; only of a git.
    pub hooks: Vec<HookSeen>,
    /// Positions of the programs that were opened at any time.
    pub opened: BTreeSet<usize>,
    /// Processes below the command, as far as somebody looked in time.
    pub processes: Vec<ProcessSeen>,
    /// Why something may have been missed.
    pub blind: Option<String>,
}

/// A hook that git launched.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HookSeen {
    /// Its name.
    pub name: String,
    /// What git started.
    pub argv: Vec<String>,
    /// Its exit code as git tells it: 128 and the signal for one that was
    /// killed; none for one that did not end.
    pub exit: Option<i32>,
    /// How long it ran, in milliseconds.
    pub duration_ms: u64,
    /// Positions of the programs that were opened since the hook before it
    /// had ended.
    pub opened: BTreeSet<usize>,
}

/// A process, as it was seen once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessSeen {
    /// How far below the command it was, which is at 0.
    pub depth: usize,
    /// Its words.
    pub argv: Vec<String>,
}

/// A line of Trace2, as far as it matters here.
#[derive(Deserialize)]
struct Line {
    event: String,
    child_id: Option<i64>,
    child_class: Option<String>,
    hook_name: Option<String>,
    argv: Option<Vec<String>>,
    code: Option<i32>,
    t_rel: Option<f64>,
}

/// How many samples of the process tree are taken, each after twice the
/// pause of the one before.
const SAMPLES: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(1);
/// A line of git's is shorter; what is not is not git's.
const LINE_LIMIT: usize = 1024 * 1024;

/// The eyes of one supervisor.
pub(super) struct Witness {
    listener: Option<UnixListener>,
    stream: Option<UnixStream>,
    partial: Vec<u8>,
    files: Option<OwnedFd>,
    /// The watch and the position of the program that it stands for.
    watches: Vec<(i32, usize)>,
    /// Opened since the last hook ended.
    lately: BTreeSet<usize>,
    /// How many samples were taken, and when the next one is due.
    samples: u32,
    next_sample: Instant,
    seen: Seen,
    /// The position in `seen.hooks` of each hook that runs, by git's number.
    running: Vec<(i64, usize)>,
}

impl Witness {
    /// Opens the eyes. What cannot be watched is said in what is seen.
    pub(super) fn new(look: &Look) -> Self {
        let mut witness = Self {
            listener: None,
            stream: None,
            partial: Vec::new(),
            files: None,
            watches: Vec::new(),
            lately: BTreeSet::new(),
            samples: if look.is_nothing() { SAMPLES } else { 0 },
            next_sample: Instant::now() + FIRST_PAUSE,
            seen: Seen::default(),
            running: Vec::new(),
        };
        if let Some(path) = &look.trace {
            match listen(path) {
                Ok(listener) => witness.listener = Some(listener),
                Err(e) => witness.blind(format!("git cannot be listened to: {e}")),
            }
        }
        if !look.programs.is_empty()
            && let Err(e) = witness.watch(&look.programs)
        {
            witness.blind(format!("files cannot be watched: {e}"));
        }
        witness
    }

    fn blind(&mut self, why: String) {
        self.seen.blind.get_or_insert(why);
    }

    fn watch(&mut self, programs: &[PathBuf]) -> io::Result<()> {
        let files = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        for (at, path) in programs.iter().enumerate() {
            let watch = inotify::add_watch(&files, path, WatchFlags::OPEN)?;
            self.watches.push((watch, at));
        }
        self.files = Some(files);
        Ok(())
    }

    /// What a supervisor waits for on the witness's behalf.
    pub(super) fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let listener = self.listener.as_ref().map(AsFd::as_fd);
        let stream = self.stream.as_ref().map(AsFd::as_fd);
        let files = self.files.as_ref().map(AsFd::as_fd);
        listener.into_iter().chain(stream).chain(files)
    }

    /// Takes in what there is to see.
    pub(super) fn glance(&mut self, main: Pid) {
        self.accept(main);
        let ended = self.read_trace(main);
        // A hook's programs were opened before git could tell of its end.
        self.read_files();
        if !ended.is_empty() {
            // Where two hooks ended within one glance nobody can tell whose
            // the openings were; they count for both.
            let lately = std::mem::take(&mut self.lately);
            for at in ended {
                self.seen.hooks[at].opened.extend(&lately);
            }
        }
        if self.due().is_some_and(|at| at <= Instant::now()) {
            self.sample(main);
            self.samples += 1;
            self.next_sample = Instant::now() + FIRST_PAUSE * 2_u32.pow(self.samples);
        }
    }

    /// When the witness wants to look again, whatever happens until then.
    pub(super) fn due(&self) -> Option<Instant> {
        (self.samples < SAMPLES).then_some(self.next_sample)
    }

    /// The last glance, and all that was seen.
    pub(super) fn close(mut self, main: Pid) -> Seen {
        self.samples = SAMPLES;
        self.glance(main);
        self.seen
    }

    /// Takes the connection of the command itself; those of other gits are
    /// closed, which ends their tracing.
    fn accept(&mut self, main: Pid) {
        while let Some(listener) = &self.listener {
            let Ok((stream, _)) = listener.accept() else {
                return;
            };
            let is_ours = sockopt::socket_peercred(&stream).is_ok_and(|peer| peer.pid == main);
            if is_ours && stream.set_nonblocking(true).is_ok() {
                self.stream = Some(stream);
            }
        }
    }

    /// Reads what git told; the positions of the hooks that ended.
    fn read_trace(&mut self, main: Pid) -> Vec<usize> {
        let mut ended = Vec::new();
        let mut bytes = vec![0; 64 * 1024];
        while let Some(stream) = &self.stream {
            match receive(stream, &mut bytes) {
                Ok((0, _)) => self.stream = None,
                Ok((n, Some(writer))) if writer == main => {
                    self.partial.extend_from_slice(&bytes[..n]);
                }
                Ok(_) => self.blind("another process wrote into git's trace".to_owned()),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break,
                Err(_) => self.stream = None,
            }
        }
        while let Some(end) = self.partial.iter().position(|&b| b == b'\n') {
            let line: Vec<u8> = self.partial.drain(..=end).collect();
            if let Ok(line) = serde_json::from_slice(&line) {
                ended.extend(self.line(line));
            }
        }
        if self.partial.len() > LINE_LIMIT {
            self.partial.clear();
            self.blind("git's trace has a line without an end".to_owned());
        }
        ended
    }

    fn line(&mut self, line: Line) -> Option<usize> {
        let id = line.child_id?;
        match line.event.as_str() {
            "child_start" if line.child_class.as_deref() == Some("hook") => {
                self.running.push((id, self.seen.hooks.len()));
                self.seen.hooks.push(HookSeen {
                    name: line.hook_name.unwrap_or_default(),
                    argv: line.argv.unwrap_or_default(),
                    exit: None,
                    duration_ms: 0,
                    opened: BTreeSet::new(),
                });
                None
            }
            "child_exit" => {
                let at = self.running.iter().position(|(child, _)| *child == id)?;
                let (_, at) = self.running.remove(at);
                let hook = &mut self.seen.hooks[at];
                hook.exit = line.code;
                hook.duration_ms = milliseconds(line.t_rel.unwrap_or(0.0));
                Some(at)
            }
            _ => None,
        }
    }

    fn read_files(&mut self) {
        let Some(files) = &self.files else {
            return;
        };
        let mut buffer = [MaybeUninit::uninit(); 16 * 1024];
        let mut reader = inotify::Reader::new(files, &mut buffer);
        let mut overflow = false;
        while let Ok(event) = reader.next() {
            overflow |= event.events().contains(ReadFlags::QUEUE_OVERFLOW);
            if event.events().contains(ReadFlags::ISDIR) {
                continue;
            }
            let opened = self.watches.iter().filter(|(wd, _)| *wd == event.wd());
            let opened: Vec<usize> = opened.map(|(_, at)| *at).collect();
            self.lately.extend(&opened);
            self.seen.opened.extend(opened);
        }
        if overflow {
            self.blind("more files were opened than could be noticed".to_owned());
        }
    }

    /// A look at the processes below the command.
    fn sample(&mut self, main: Pid) {
        for (depth, pid) in sweep::tree(main) {
            let words = std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero()));
            let words = words.unwrap_or_default();
            let words = words.split(|&b| b == 0).filter(|word| !word.is_empty());
            let argv: Vec<_> = words
                .map(|word| String::from_utf8_lossy(word).into_owned())
                .collect();
            let process = ProcessSeen { depth, argv };
            if !process.argv.is_empty() && !self.seen.processes.contains(&process) {
                self.seen.processes.push(process);
            }
        }
    }
}

fn listen(path: &PathBuf) -> io::Result<UnixListener> {
    let listener = UnixListener::bind(path)?;
    listener.set_nonblocking(true)?;
    // What is written before the connection is taken is stamped too.
    sockopt::set_socket_passcred(&listener, true)?;
    Ok(listener)
}

/// Reads a piece that one process wrote, and who that was.
fn receive(stream: &UnixStream, bytes: &mut [u8]) -> Result<(usize, Option<Pid>), Errno> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmCredentials(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut pieces = [IoSliceMut::new(bytes)];
    let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
    let message = rustix::net::recvmsg(stream, &mut pieces, &mut control, flags)?;
    let writer = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmCredentials(who) => Some(who.pid),
        _ => None,
    });
    // Somebody who passes file descriptors along is no git.
    let whole = !message.flags.contains(ReturnFlags::CTRUNC);
    Ok((message.bytes, writer.filter(|_| whole)))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float becomes the nearest number that there is"
)]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}
