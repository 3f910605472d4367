//! Stopping and pausing everything that runs, from one place.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::supervisor::Order;
use crate::model::ExitCode;

/// Why lanes are to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The user or the system asked for it; the code is that of the signal.
    Signal(ExitCode),
    /// A lane that was declared earlier failed, under `--fail-fast`.
    EarlierLaneFailed,
}

/// The handle that lanes, signals and the runner share.
#[derive(Clone)]
pub struct Control {
    shared: Arc<Mutex<Shared>>,
    supervisor: Arc<PathBuf>,
    /// The declared position of the lane that this handle belongs to,
    /// counted from 1.
    lane: usize,
}

#[derive(Default)]
struct Shared {
    signal: Option<ExitCode>,
    killed: bool,
    paused: bool,
    /// Lanes declared after this one are cancelled.
    last_lane: Option<usize>,
    running: BTreeMap<u64, Running>,
    next: u64,
    on_stop: Vec<Box<dyn Fn() + Send>>,
}

struct Running {
    lane: usize,
    socket: UnixStream,
}

/// Keeps one supervisor within reach of [`Control`] as long as it lives.
pub(super) struct Ticket<'a> {
    control: &'a Control,
    id: u64,
}

impl Control {
    /// A control whose commands run under this supervisor program.
    #[must_use]
    pub fn new(supervisor: PathBuf) -> Self {
        Self {
            shared: Arc::default(),
            supervisor: Arc::new(supervisor),
            lane: 0,
        }
    }

    /// The same control, for the commands of one lane.
    #[must_use]
    pub fn for_lane(&self, lane: usize) -> Self {
        Self {
            lane,
            ..self.clone()
        }
    }

    pub(super) fn supervisor(&self) -> &Path {
        &self.supervisor
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a supervisor within reach. One that comes after a stop or a
    /// pause is told of it at once.
    pub(super) fn register(&self, socket: UnixStream) -> Ticket<'_> {
        let mut shared = self.lock();
        let mut running = Running {
            lane: self.lane,
            socket,
        };
        if shared.killed {
            running.tell(Order::Kill);
        } else if shared.signal.is_some() || shared.is_past_last(self.lane) {
            running.tell(Order::Terminate);
        }
        if shared.paused {
            running.tell(Order::Pause);
        }
        shared.next += 1;
        let id = shared.next;
        shared.running.insert(id, running);
        Ticket { control: self, id }
    }

    /// Asks everything to end: TERM now, KILL after the grace. A second call
    /// kills at once.
    pub fn interrupt(&self, code: ExitCode) {
        let mut shared = self.lock();
        shared.killed = shared.signal.is_some();
        let order = if shared.killed {
            Order::Kill
        } else {
            Order::Terminate
        };
        shared.signal.get_or_insert(code);
        shared.tell_all(order, |_| true);
        for notify in &shared.on_stop {
            notify();
        }
    }

    /// Has this called after each signal that asks for an end; at once if
    /// there was one already. It must not call back into this control.
    pub fn on_stop(&self, notify: impl Fn() + Send + 'static) {
        let mut shared = self.lock();
        if shared.signal.is_some() {
            notify();
        }
        shared.on_stop.push(Box::new(notify));
    }

    /// Cancels the lanes that are declared after this one; 0 cancels all.
    pub fn cancel_after(&self, lane: usize) {
        let mut shared = self.lock();
        let last = shared.last_lane.map_or(lane, |last| last.min(lane));
        shared.last_lane = Some(last);
        shared.tell_all(Order::Kill, |other| other > last);
    }

    /// Stops every step and its clock.
    pub fn pause(&self) {
        let mut shared = self.lock();
        shared.paused = true;
        shared.tell_all(Order::Pause, |_| true);
    }

    /// Lets every step and its clock go on.
    pub fn resume(&self) {
        let mut shared = self.lock();
        shared.paused = false;
        shared.tell_all(Order::Resume, |_| true);
    }

    /// The signal that stopped the run, if one did.
    #[must_use]
    pub fn signal(&self) -> Option<ExitCode> {
        self.lock().signal
    }

    /// Whether a second signal asked for an end at once.
    #[must_use]
    pub fn is_killed(&self) -> bool {
        self.lock().killed
    }

    /// Why the lane of this handle is to stop, if it is.
    #[must_use]
    pub fn stop(&self) -> Option<Stop> {
        let shared = self.lock();
        match shared.signal {
            Some(code) => Some(Stop::Signal(code)),
            None => shared
                .is_past_last(self.lane)
                .then_some(Stop::EarlierLaneFailed),
        }
    }
}

impl Shared {
    fn is_past_last(&self, lane: usize) -> bool {
        self.last_lane.is_some_and(|last| lane > last)
    }

    fn tell_all(&mut self, order: Order, concerns: impl Fn(usize) -> bool) {
        for running in self.running.values_mut() {
            if concerns(running.lane) {
                running.tell(order);
            }
        }
    }
}

impl Running {
    /// A supervisor that is gone already needs no orders.
    fn tell(&mut self, order: Order) {
        let _ = self.socket.write_all(&[order.byte()]);
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.control.lock().running.remove(&self.id);
    }
}
