//! Signals to the runner, handed on to [`Control`].

use std::io;
use std::thread;

use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;

use super::process::Control;
use crate::model::ExitCode;

/// Watches for signals on a thread of its own for the rest of the process.
///
/// # Errors
/// If the handlers cannot be set.
pub fn watch(control: Control) -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGCONT])?;
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
                        control.interrupt(code_of(other));
                        // A tool that is asked a question before the first lane
                        // has no supervisor to pass the word on.
                        control.kill_orphans(false);
                    }
                }
            }
        })?;
    Ok(())
}

fn code_of(signal: i32) -> ExitCode {
    match signal {
        SIGHUP => ExitCode::Hangup,
        SIGINT => ExitCode::Interrupt,
        _ => ExitCode::Terminate,
    }
}
