//! Stops, pauses and cancels everything that runs.
//!
//! Invariant: a supervisor is either registered here or protected by the lock
//! [`Control::starting`]; any other child is an orphan of a step.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::protocol::Order;
use super::{helper, reaper};

/// A signal that asks the runner to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopSignal {
    /// SIGHUP.
    Hangup,
    /// SIGINT.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

/// Stops, pauses and cancels commands, which are addressed in groups.
///
/// Clones share their state; each belongs to one group of commands.
#[derive(Clone)]
pub struct Control {
    shared: Arc<Mutex<Shared>>,
    /// Held while a supervisor is started but not registered yet: it must not
    /// be taken for an orphan.
    starting: Arc<Mutex<()>>,
    supervisor: Arc<PathBuf>,
    /// Set if orphans of this process are processes of a step.
    adopts: bool,
    /// The group that commands of this handle belong to. Groups are cancelled
    /// from the highest number down; 0 is never cancelled.
    group: u64,
}

#[derive(Default)]
struct Shared {
    signal: Option<StopSignal>,
    killed: bool,
    paused_since: Option<Instant>,
    /// The total duration of earlier pauses.
    paused: Duration,
    /// Groups with a higher number are cancelled.
    last_group: Option<u64>,
    running: BTreeMap<u64, Running>,
    next: u64,
    on_stop: Vec<Box<dyn Fn() + Send>>,
}

struct Running {
    group: u64,
    socket: UnixStream,
    supervisor: Pid,
}

/// The registration of one supervisor; ends with this value.
pub(super) struct Ticket {
    control: Control,
    id: u64,
}

impl Control {
    /// Creates a control whose commands run under this supervisor program.
    #[must_use]
    pub fn new(supervisor: PathBuf) -> Self {
        Self {
            shared: Arc::default(),
            starting: Arc::default(),
            supervisor: Arc::new(supervisor),
            adopts: false,
            group: 0,
        }
    }

    /// Makes this process the subreaper of its supervisors, so that processes
    /// of a step that kills its supervisor can be found.
    ///
    /// The process must have no other children than supervisors and those of
    /// [`super::helper`].
    ///
    /// # Errors
    /// If the system refuses.
    pub fn adopt_orphans(mut self) -> io::Result<Self> {
        reaper::become_subreaper()?;
        self.adopts = true;
        Ok(self)
    }

    /// Returns the same control for the commands of one group.
    #[must_use]
    pub fn for_group(&self, group: u64) -> Self {
        Self {
            group,
            ..self.clone()
        }
    }

    /// The program whose hidden verbs run what the runner must not run itself.
    #[must_use]
    pub fn supervisor(&self) -> &Path {
        &self.supervisor
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers a supervisor. After a stop or a pause it receives that order
    /// at once.
    pub(super) fn register(&self, socket: UnixStream, supervisor: Pid) -> Ticket {
        let mut shared = self.lock();
        let mut running = Running {
            group: self.group,
            socket,
            supervisor,
        };
        if shared.killed {
            running.send(Order::Kill);
        } else if shared.signal.is_some() || shared.is_cancelled(self.group) {
            running.send(Order::Terminate);
        }
        if shared.paused_since.is_some() {
            running.send(Order::Pause);
        }
        shared.next += 1;
        let id = shared.next;
        shared.running.insert(id, running);
        drop(shared);
        Ticket {
            control: self.clone(),
            id,
        }
    }

    /// Asks everything to end: TERM now, KILL after the grace period. A second
    /// call kills at once.
    pub fn interrupt(&self, signal: StopSignal) {
        let mut shared = self.lock();
        shared.killed = shared.signal.is_some();
        let order = if shared.killed {
            Order::Kill
        } else {
            Order::Terminate
        };
        shared.signal.get_or_insert(signal);
        shared.send_all(order, |_| true);
        for notify in &shared.on_stop {
            notify();
        }
    }

    /// Calls `notify` after each signal that asks for an end; at once if there
    /// was one already. It must not call back into this control.
    pub fn on_stop(&self, notify: impl Fn() + Send + 'static) {
        let mut shared = self.lock();
        if shared.signal.is_some() {
            notify();
        }
        shared.on_stop.push(Box::new(notify));
    }

    /// Kills the commands of all groups above this one; 0 cancels every group.
    pub fn cancel_after(&self, group: u64) {
        let mut shared = self.lock();
        let last = shared.last_group.map_or(group, |last| last.min(group));
        shared.last_group = Some(last);
        shared.send_all(Order::Kill, |other| other > last);
    }

    /// Stops every step and its clock.
    pub fn pause(&self) {
        let mut shared = self.lock();
        shared.paused_since.get_or_insert_with(Instant::now);
        shared.send_all(Order::Pause, |_| true);
    }

    /// Resumes every step and its clock.
    pub fn resume(&self) {
        let mut shared = self.lock();
        let pause = shared
            .paused_since
            .take()
            .map_or(Duration::ZERO, |at| at.elapsed());
        shared.paused += pause;
        shared.send_all(Order::Resume, |_| true);
    }

    /// Returns the total duration of all pauses so far.
    pub(super) fn paused(&self) -> Duration {
        let shared = self.lock();
        let now = shared
            .paused_since
            .map_or(Duration::ZERO, |at| at.elapsed());
        shared.paused + now
    }

    /// Kills the supervisors that still run, and the processes they leave.
    pub fn kill_stragglers(&self) {
        for running in self.lock().running.values() {
            let _ = kill_process(running.supervisor, Signal::KILL);
        }
        self.kill_orphans(true);
    }

    /// Kills the processes of steps that lost their supervisor.
    ///
    /// Live supervisors are spared unless the run is over; helper commands are
    /// spared unless the run was stopped.
    pub(in crate::sys) fn kill_orphans(&self, over: bool) {
        if !self.adopts {
            return;
        }
        reaper::kill_until_none(|| {
            let _starting = self.starting();
            let mut orphans = if over || self.signal().is_some() {
                reaper::own_children()
            } else {
                helper::not_in_flight(reaper::own_children)
            };
            let shared = self.lock();
            let is_supervisor = |pid: &Pid| shared.running.values().any(|r| r.supervisor == *pid);
            orphans.retain(|pid| over || !is_supervisor(pid));
            orphans
        });
    }

    /// Returns the lock to hold from the start of a supervisor to its
    /// registration.
    pub(super) fn starting(&self) -> MutexGuard<'_, ()> {
        self.starting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the first signal that asked for an end.
    #[must_use]
    pub fn signal(&self) -> Option<StopSignal> {
        self.lock().signal
    }

    /// True if a second signal asked for an end at once.
    #[must_use]
    pub fn is_killed(&self) -> bool {
        self.lock().killed
    }

    /// True if the group of this handle is to stop, by a signal or a cancellation.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        let shared = self.lock();
        shared.signal.is_some() || shared.is_cancelled(self.group)
    }
}

impl Shared {
    fn is_cancelled(&self, group: u64) -> bool {
        self.last_group.is_some_and(|last| group > last)
    }

    fn send_all(&mut self, order: Order, concerns: impl Fn(u64) -> bool) {
        for running in self.running.values_mut() {
            if concerns(running.group) {
                running.send(order);
            }
        }
    }
}

impl Running {
    /// Sends an order; a supervisor that is gone already needs none.
    fn send(&mut self, order: Order) {
        let _ = self.socket.write_all(&[order.byte()]);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.control.lock().running.remove(&self.id);
    }
}
