//! Runs short helper commands, which belong to no lane.
//!
//! Helpers are children of this process but not orphans of a step, so
//! [`Control`](super::Control) must be able to tell them apart.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::Pid;

use crate::model::text::{plain, shown};
use crate::sys::panics;
use crate::sys::verbosity::{self, Verbosity};

/// The time limit of a helper.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// The time limit of a helper that copies something large.
pub const LONG_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// The process ids of helpers that run.
static IN_FLIGHT: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// A running helper, registered as long as this value lives.
struct InFlight(duct::Handle);

/// Runs a program and returns its output.
///
/// # Errors
/// With the first line of its stderr if it fails; if it cannot be started or
/// takes longer than [`TIMEOUT`].
pub fn run(
    program: &Path,
    args: &[OsString],
    env: &BTreeMap<OsString, OsString>,
    cwd: &Path,
    input: &[u8],
) -> Result<Vec<u8>, String> {
    run_within(TIMEOUT, program, args, env, cwd, input)
}

/// Runs a program within a time limit and returns its output.
///
/// # Errors
/// With the first line of its stderr if it fails; if it cannot be started or
/// takes longer.
pub fn run_within(
    limit: Duration,
    program: &Path,
    args: &[OsString],
    env: &BTreeMap<OsString, OsString>,
    cwd: &Path,
    input: &[u8],
) -> Result<Vec<u8>, String> {
    let command = duct::cmd(program, args)
        .dir(cwd)
        .full_env(env)
        .stdin_bytes(input)
        .stdout_capture()
        .stderr_capture()
        .unchecked();
    verbosity::note(Verbosity::Debug, || rendered(program, args, cwd));
    let helper = InFlight::start(&command).map_err(|e| format!("{}: {e}", program.display()))?;
    let Ok(Some(output)) = helper.0.wait_timeout(limit) else {
        let _ = helper.0.kill();
        return Err(format!("{} does not answer", program.display()));
    };
    if output.status.success() {
        return Ok(output.stdout.clone());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let first = stderr.lines().next().unwrap_or("no reason given");
    Err(first.to_owned())
}

/// A command as a note has it.
fn rendered(program: &Path, args: &[OsString], cwd: &Path) -> String {
    let words = args.iter().map(|word| plain(&word.to_string_lossy()));
    let words: Vec<_> = std::iter::once(shown(program)).chain(words).collect();
    format!("runs {} in {}", words.join(" "), shown(cwd))
}

impl InFlight {
    /// Starts a helper under the lock, so that it is registered before it can
    /// be taken for an orphan.
    fn start(command: &duct::Expression) -> io::Result<Self> {
        let mut in_flight = lock();
        let handle = panics::contained(|| command.start())?;
        in_flight.extend(pids(&handle));
        Ok(Self(handle))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let own: Vec<Pid> = pids(&self.0).collect();
        lock().retain(|pid| !own.contains(pid));
    }
}

fn pids(handle: &duct::Handle) -> impl Iterator<Item = Pid> {
    handle
        .pids()
        .into_iter()
        .filter_map(|pid| Pid::from_raw(i32::try_from(pid).ok()?))
}

fn lock() -> MutexGuard<'static, Vec<Pid>> {
    IN_FLIGHT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the children that `list` finds and that are not helpers.
pub(super) fn not_in_flight(list: impl FnOnce() -> Vec<Pid>) -> Vec<Pid> {
    let in_flight = lock();
    let mut found = list();
    found.retain(|pid| !in_flight.contains(pid));
    found
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::super::reaper::own_children;
    use super::*;

    /// A lane that lost its supervisor must not kill the helper of another.
    #[test]
    fn a_helper_is_no_orphan() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().to_owned();
        let script = "mkfifo go; echo $$ >part; mv part pid; read -r answer <go; echo $answer";
        let asking = std::thread::spawn(move || {
            let path = [("PATH".into(), "/usr/bin:/bin".into())].into();
            let words = ["-c".into(), script.into()];
            run(Path::new("/bin/sh"), &words, &path, &at, &[])
        });
        let pid = loop {
            if let Ok(text) = crate::sys::fs::read_text(folder.path().join("pid")) {
                break Pid::from_raw(text.trim().parse().unwrap()).unwrap();
            }
            assert!(!asking.is_finished());
            std::thread::yield_now();
        };
        assert!(own_children().contains(&pid));
        assert!(!not_in_flight(own_children).contains(&pid));
        crate::sys::fs::write(&folder.path().join("go"), b"yes\n").unwrap();
        assert_eq!(asking.join().unwrap().unwrap(), b"yes\n");
        assert!(not_in_flight(|| vec![pid]).contains(&pid));
    }
}
