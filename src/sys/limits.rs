//! The limits that the machine sets to this process.

use std::sync::Arc;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use signal_hook::consts::SIGXFSZ;

/// The number of files that a run may have open at once: a few for each lane and
/// program, and those of its own.
const MIN_FILES: u64 = 64;

/// Sees that this process has what a run needs, and is told of a limit instead of killed
/// by it.
///
/// A write past the limit of a file's size fails then, and does not end the process. What
/// it starts has the signal as usual.
///
/// # Errors
/// If it cannot run under the limits, with what to do.
pub fn prepare() -> Result<(), String> {
    signal_hook::flag::register(SIGXFSZ, Arc::default())
        .map_err(|e| format!("no handler for signals can be set: {e}"))?;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|files| files >= MIN_FILES) {
        return Ok(());
    }
    let wanted = maximum.map_or(MIN_FILES, |maximum| maximum.min(MIN_FILES));
    let raised = Rlimit {
        current: Some(wanted),
        maximum,
    };
    if wanted == MIN_FILES && setrlimit(Resource::Nofile, raised).is_ok() {
        return Ok(());
    }
    Err(format!(
        "this process may have {} files open at once; a run needs {MIN_FILES}\n  next: raise the limit: ulimit -n 1024; where that is refused, the hard limit: ulimit -Hn",
        current.unwrap_or_default()
    ))
}
