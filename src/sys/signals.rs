//! Signals to the runner, handed on to [`Control`].

use std::io;
use std::thread;

use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;

use super::process::{Control, StopSignal};

/// Watches for signals on a thread of its own for the rest of the process.
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
                        // A tool that is asked a question before the first lane
                        // has no supervisor to pass the word on.
                        control.kill_orphans(false);
                    }
                }
            }
        })?;
    Ok(())
}

/// Whether this process was started with a signal ignored, as `nohup` does.
/// SIGINT does not count: a shell ignores it for whatever it puts into the
/// background.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (signal - 1)) != 0)
}

fn stop_signal(signal: i32) -> StopSignal {
    match signal {
        SIGHUP => StopSignal::Hangup,
        SIGINT => StopSignal::Interrupt,
        _ => StopSignal::Terminate,
    }
}
