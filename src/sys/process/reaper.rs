//! Finds and kills the processes that a step left behind.
//!
//! A group kill misses a child that called `setsid`, and a child that forks
//! and exits is gone before it can be named. So the supervisor is the
//! subreaper of the step: every orphan becomes its child, and as long as it
//! has children there is something to kill.

use std::io;
use std::time::{Duration, Instant};

use crate::sys::fs;
use rustix::process::{Pid, Signal, WaitOptions};

/// The longest time to wait for killed children: those in uninterruptible
/// sleep do not die.
const GIVE_UP: Duration = Duration::from_secs(2);

/// Makes orphans below this process children of this process.
pub(super) fn become_subreaper() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    Ok(())
}

/// Kills all descendants of this process until no child is left.
pub(super) fn kill_descendants() {
    let begun = Instant::now();
    while begun.elapsed() < GIVE_UP {
        let below = descendants();
        for pid in &below {
            let _ = rustix::process::kill_process(*pid, Signal::KILL);
        }
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
                Ok(None) => break,
                Err(_) => return,
            }
        }
        // A killed process dies when it is next scheduled.
        std::thread::yield_now();
    }
}

/// Kills and reaps the children that `orphans` returns, until it returns none.
///
/// Children of a killed child become children of this process, and are killed
/// in the next round.
pub(super) fn kill_until_none(orphans: impl Fn() -> Vec<Pid>) {
    let begun = Instant::now();
    while begun.elapsed() < GIVE_UP {
        let orphans = orphans();
        if orphans.is_empty() {
            return;
        }
        for pid in orphans {
            let _ = rustix::process::kill_process(pid, Signal::KILL);
            let _ = rustix::process::waitpid(Some(pid), WaitOptions::NOHANG);
        }
        std::thread::yield_now();
    }
}

/// Returns the children of this process.
pub(super) fn own_children() -> Vec<Pid> {
    children(rustix::process::getpid())
}

/// Sends a signal to a step's process group and to all descendants of this
/// process. If the system does not list descendants, only the group gets it.
pub(super) fn signal_tree(group: Option<Pid>, signal: Signal) {
    if let Some(group) = group {
        let _ = rustix::process::kill_process_group(group, signal);
    }
    for pid in descendants() {
        // The group has it already; a second TERM could end a child in the
        // middle of its cleanup.
        if rustix::process::getpgid(Some(pid)).ok() != group {
            let _ = rustix::process::kill_process(pid, signal);
        }
    }
}

/// Returns a process and its descendants, each with its distance to the root.
pub(super) fn tree(root: Pid) -> Vec<(usize, Pid)> {
    let mut found = Vec::new();
    let mut open = vec![(0, root)];
    while let Some((depth, pid)) = open.pop() {
        found.push((depth, pid));
        open.extend(children(pid).into_iter().rev().map(|pid| (depth + 1, pid)));
    }
    found
}

/// Returns every descendant of this process, parents before children.
fn descendants() -> Vec<Pid> {
    let mut found = own_children();
    let mut next = 0;
    while next < found.len() {
        let below = children(found[next]);
        found.extend(below);
        next += 1;
    }
    found
}

fn children(parent: Pid) -> Vec<Pid> {
    // Each thread has a list of the children that it started.
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{}/task", parent.as_raw_nonzero())) else {
        return Vec::new();
    };
    let lists = tasks
        .flatten()
        .filter_map(|task| fs::read_text(task.path().join("children")).ok());
    let parse = |list: String| -> Vec<Pid> {
        let pids = list.split_ascii_whitespace();
        pids.filter_map(|pid| Pid::from_raw(pid.parse().ok()?))
            .collect()
    };
    lists.flat_map(parse).collect()
}
