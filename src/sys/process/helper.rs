//! Short questions to programs, which are steps of no lane.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::Pid;

/// How long a short question may take.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// How long one may take that has the answerer copy something large.
pub const LONG_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// Who is asked just now: children of this process that no step left.
static IN_FLIGHT: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// One who is asked, as long as this value lives.
struct InFlight(duct::Handle);

/// Asks a program of ours a short question, as a step of no lane: its output,
/// or the first line of what it complained of.
///
/// # Errors
/// If it cannot be started, fails, or takes longer than half a minute.
pub fn run(
    program: &Path,
    args: &[OsString],
    env: &BTreeMap<OsString, OsString>,
    cwd: &Path,
    input: &[u8],
) -> Result<Vec<u8>, String> {
    run_within(TIMEOUT, program, args, env, cwd, input)
}

/// The same with a limit of the question's own.
///
/// # Errors
/// If it cannot be started, fails, or takes longer.
pub fn run_within(
    limit: Duration,
    program: &Path,
    args: &[OsString],
    env: &BTreeMap<OsString, OsString>,
    cwd: &Path,
    input: &[u8],
) -> Result<Vec<u8>, String> {
    let question = duct::cmd(program, args)
        .dir(cwd)
        .full_env(env)
        .stdin_bytes(input)
        .stdout_capture()
        .stderr_capture()
        .unchecked();
    let asked = InFlight::start(&question).map_err(|e| format!("{}: {e}", program.display()))?;
    let Ok(Some(output)) = asked.0.wait_timeout(limit) else {
        let _ = asked.0.kill();
        return Err(format!("{} does not answer", program.display()));
    };
    if output.status.success() {
        return Ok(output.stdout.clone());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    let first = complaint.lines().next().unwrap_or("no reason given");
    Err(first.to_owned())
}

impl InFlight {
    /// Nobody sees the child before it is known whose it is.
    fn start(question: &duct::Expression) -> io::Result<Self> {
        let mut asked = lock();
        let handle = question.start()?;
        asked.extend(pids(&handle));
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
    let pids = handle.pids().into_iter();
    pids.filter_map(|pid| Pid::from_raw(i32::try_from(pid).ok()?))
}

fn lock() -> MutexGuard<'static, Vec<Pid>> {
    IN_FLIGHT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Of the children that `list` finds, those that are not asked anything.
pub(super) fn not_in_flight(list: impl FnOnce() -> Vec<Pid>) -> Vec<Pid> {
    let asked = lock();
    let mut found = list();
    found.retain(|pid| !asked.contains(pid));
    found
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::super::reaper::own_children;
    use super::*;

    /// A lane that lost its supervisor must not end the question of another.
    #[test]
    fn who_is_asked_is_no_orphan() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().to_owned();
        let script = "mkfifo go; echo $$ >part; mv part pid; read -r answer <go; echo $answer";
        let asking = std::thread::spawn(move || {
            let path = [("PATH".into(), "/usr/bin:/bin".into())].into();
            let words = ["-c".into(), script.into()];
            run(Path::new("/bin/sh"), &words, &path, &at, &[])
        });
        let pid = loop {
            if let Ok(text) = std::fs::read_to_string(folder.path().join("pid")) {
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
