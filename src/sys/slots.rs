//! Slots for steps that run in parallel: as many as `--jobs`, first come, first
//! served.
//!
//! Invariants: a lane that waits for slots holds none, so there is no deadlock;
//! no lane overtakes another, not even one that needs fewer, so there is no
//! starvation.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// All slots of a run.
#[derive(Clone)]
pub struct Slots {
    shared: Arc<(Mutex<Shared>, Condvar)>,
    /// The number of slots.
    count: usize,
}

struct Shared {
    free: usize,
    /// The tickets of waiting lanes, in order of arrival.
    queue: VecDeque<u64>,
    next: u64,
}

/// The slots that one lane holds; returned with this value.
pub struct Share {
    slots: Slots,
    held: usize,
}

impl Slots {
    /// Creates slots, at least one.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let count = count.max(1);
        let shared = Shared {
            free: count,
            queue: VecDeque::new(),
            next: 0,
        };
        Self {
            shared: Arc::new((Mutex::new(shared), Condvar::new())),
            count,
        }
    }

    /// Creates a share without slots.
    #[must_use]
    pub fn share(&self) -> Share {
        Share {
            slots: self.clone(),
            held: 0,
        }
    }

    /// Wakes all waiting lanes, so that they check whether to stop.
    pub fn wake(&self) {
        // With the lock, no lane is between its check and its wait.
        drop(self.lock());
        self.shared.1.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(&self, count: usize) {
        self.lock().free += count;
        self.shared.1.notify_all();
    }

    /// Waits for slots; false if it was stopped before.
    fn take(&self, count: usize, stop: impl Fn() -> bool) -> bool {
        let mut shared = self.lock();
        let ticket = shared.next;
        shared.next += 1;
        shared.queue.push_back(ticket);
        loop {
            let stopped = stop();
            let first = shared.queue.front() == Some(&ticket);
            if stopped || (first && shared.free >= count) {
                shared.queue.retain(|other| *other != ticket);
                if !stopped {
                    shared.free -= count;
                }
                drop(shared);
                // There may be enough for the next lane.
                self.shared.1.notify_all();
                return !stopped;
            }
            shared = self
                .shared
                .1
                .wait(shared)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Share {
    /// Acquires this many slots in all, or every slot if there are fewer.
    ///
    /// A share that needs more slots, or finds another lane waiting, first
    /// returns all of its own and queues. False, with no slot held, if `stop`
    /// returns true before; it is called again after [`Slots::wake`].
    pub fn acquire(&mut self, weight: usize, stop: impl Fn() -> bool) -> bool {
        let wanted = weight.clamp(1, self.slots.count);
        if wanted <= self.held && self.slots.lock().queue.is_empty() {
            let spare = self.held - wanted;
            self.held = wanted;
            if spare > 0 {
                self.slots.give_back(spare);
            }
            return true;
        }
        self.slots.give_back(std::mem::take(&mut self.held));
        let taken = self.slots.take(wanted, stop);
        if taken {
            self.held = wanted;
        }
        taken
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.slots.give_back(self.held);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    fn never() -> bool {
        false
    }

    /// Waits until so many lanes are in the queue.
    fn until_waiting(slots: &Slots, count: usize) {
        while slots.lock().queue.len() != count {
            thread::yield_now();
        }
    }

    #[test]
    fn a_heavy_step_waits_for_all_slots_and_is_not_overtaken() {
        let slots = Slots::new(2);
        let (mut one, mut two) = (slots.share(), slots.share());
        assert!(one.acquire(1, never) && two.acquire(1, never));
        let (sender, order) = mpsc::channel();
        let waiting_in = slots.clone();
        let begin = |name: &'static str, weight: usize, waiting: usize| {
            let (slots, sender) = (slots.clone(), sender.clone());
            let thread = thread::spawn(move || {
                let mut share = slots.share();
                assert!(share.acquire(weight, never));
                sender.send(name).unwrap();
                share
            });
            until_waiting(&waiting_in, waiting);
            thread
        };
        let heavy = begin("heavy", 7, 1);
        let light = begin("light", 1, 2);
        // One slot is free, and the light one would fit; it is not its turn.
        drop(two);
        until_waiting(&slots, 2);
        assert!(order.try_recv().is_err());
        drop(one);
        assert_eq!(order.recv(), Ok("heavy"));
        until_waiting(&slots, 1);
        assert!(order.try_recv().is_err());
        drop(heavy.join().unwrap());
        assert_eq!(order.recv(), Ok("light"));
        drop(light.join().unwrap());
        assert_eq!(slots.lock().free, 2);
    }

    #[test]
    fn two_heavy_steps_do_not_block_each_other() {
        let slots = Slots::new(2);
        let lane = || {
            let slots = slots.clone();
            thread::spawn(move || {
                let mut share = slots.share();
                (0..500).all(|_| share.acquire(1, never) && share.acquire(2, never))
            })
        };
        let lanes: Vec<_> = (0..4).map(|_| lane()).collect();
        for lane in lanes {
            assert!(lane.join().unwrap());
        }
        assert_eq!(slots.lock().free, 2);
    }

    #[test]
    fn a_lane_gives_way_between_two_steps_if_another_waits() {
        let slots = Slots::new(1);
        let mut one = slots.share();
        assert!(one.acquire(1, never) && one.acquire(1, never));
        let (sender, order) = mpsc::channel();
        let other = {
            let (slots, sender) = (slots.clone(), sender.clone());
            thread::spawn(move || {
                let mut share = slots.share();
                assert!(share.acquire(1, never));
                sender.send("other").unwrap();
            })
        };
        until_waiting(&slots, 1);
        assert!(one.acquire(1, never));
        sender.send("one").unwrap();
        assert_eq!([order.recv(), order.recv()], [Ok("other"), Ok("one")]);
        other.join().unwrap();
    }

    #[test]
    fn a_stopped_lane_is_woken_and_leaves_the_queue() {
        let slots = Slots::new(2);
        let mut one = slots.share();
        assert!(one.acquire(1, never));
        let stop = Arc::new(AtomicBool::new(false));
        let waiting = {
            let (slots, stop) = (slots.clone(), Arc::clone(&stop));
            thread::spawn(move || slots.share().acquire(2, || stop.load(Ordering::SeqCst)))
        };
        until_waiting(&slots, 1);
        let behind = {
            let slots = slots.clone();
            thread::spawn(move || slots.share().acquire(1, never))
        };
        until_waiting(&slots, 2);
        stop.store(true, Ordering::SeqCst);
        slots.wake();
        assert!(!waiting.join().unwrap());
        assert!(behind.join().unwrap());
        drop(one);
        assert_eq!(slots.lock().free, 2);
    }
}
