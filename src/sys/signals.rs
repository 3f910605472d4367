//! Passes signals to the runner on to [`Control`].

use std::io;
use std::thread;

use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;

use super::process::{Control, StopSignal};
use crate::sys::fs;

/// Handles signals on a thread of its own for the rest of the process.
///
/// # Errors
/// If the handlers cannot be set.
pub fn watch(control: Control) -> io::Result<()> {
    let mut watched = vec![SIGINT, SIGTERM, SIGTSTP, SIGCONT];
    if !is_ignored(SIGHUP) {
        watched.push(SIGHUP);
    }
    let mut signals = Signals::new(watched)?;
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            for signal in &mut signals {
                match signal {
                    SIGTSTP => {
                        control.pause();
                        let _ = signal_hook::low_level::emulate_default_handler(SIGTSTP);
                    }
                    SIGCONT => control.resume(),
                    other => {
                        control.interrupt(stop_signal(other));
                        // Helper commands have no supervisor that would end
                        // them.
                        control.kill_orphans(false);
                    }
                }
            }
        })?;
    Ok(())
}

/// True if this process was started with a signal ignored, as `nohup` does.
///
/// Not for SIGINT: shells ignore it for processes in the background.
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_text("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & (1 << (signal - 1)) != 0)
}

fn stop_signal(signal: i32) -> StopSignal {
    match signal {
        SIGHUP => StopSignal::Hangup,
        SIGINT => StopSignal::Interrupt,
        _ => StopSignal::Terminate,
    }
}
