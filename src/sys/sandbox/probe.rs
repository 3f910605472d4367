//! Tries from inside a sandbox what it keeps away.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::StatVfsMountFlags;
use rustix::process::Pid;
use serde::{Deserialize, Serialize};

use crate::model::sandbox::PROMISES;
use crate::sys::fs;
use crate::sys::landlock;

/// The hidden verb under which the program probes a sandbox from inside.
pub const VERB: &str = "__look_around";

/// Hidden folders that all users share, and that contain sockets.
const PUBLIC: [&str; 4] = ["/tmp", "/var/tmp", "/run", "/mnt"];

/// The result of probing a sandbox.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Probe {
    /// The things that are kept away.
    pub held: Vec<String>,
    /// The things that are not.
    pub not_held: Vec<String>,
    /// The reasons, one for each of them.
    pub not: Vec<String>,
    /// The part of the second layer that the kernel enforces; `None` for none.
    pub landlock: Option<String>,
}

/// Probes the sandbox of this process and writes the result to stderr as JSON.
///
/// `args` are the process id of the runner outside, the home, the
/// hidden folders, and the folders that are shown all the same, both lists ended
/// by `--`; then the folders that may be written.
///
/// # Errors
/// If the arguments are malformed.
pub fn probe_inside(mut args: impl Iterator<Item = OsString>) -> io::Result<()> {
    let usage = || io::Error::new(io::ErrorKind::InvalidInput, "not for use by hand");
    let runner = args
        .next()
        .and_then(|text| text.to_str()?.parse().ok())
        .and_then(Pid::from_raw)
        .ok_or_else(usage)?;
    let home = PathBuf::from(args.next().ok_or_else(usage)?);
    let mut list = || -> Vec<PathBuf> {
        let words = args.by_ref().take_while(|word| word != "--");
        words.map(PathBuf::from).collect()
    };
    let (hidden, mut shown) = (list(), list());
    // A hidden folder may be the mount point of another one.
    shown.extend(hidden.iter().cloned());
    let sees = |folder: &Path| not_empty(folder, &shown);
    let is_public = |folder: &&PathBuf| PUBLIC.iter().any(|name| *folder == Path::new(name));
    let (public, private): (Vec<_>, Vec<_>) = hidden.iter().partition(is_public);
    let mut probe = Probe {
        landlock: landlock::restrict_to(args).word().map(ToOwned::to_owned),
        ..Probe::default()
    };
    for promise in PROMISES {
        let broken = match promise {
            "processes" => processes(runner),
            "network" => network(),
            "home" => sees(&home).or_else(|| private.iter().find_map(|folder| sees(folder))),
            "sockets" => public.iter().find_map(|folder| sees(folder)),
            "machine" => writable(Path::new("/usr")),
            _ => privileges(),
        };
        match broken {
            None => probe.held.push(promise.to_owned()),
            Some(reason) => {
                probe.not_held.push(promise.to_owned());
                probe.not.push(format!("{promise}: {reason}"));
            }
        }
    }
    let json = serde_json::to_vec(&probe)?;
    io::stderr().write_all(&json)
}

fn processes(runner: Pid) -> Option<String> {
    // The supervisor is process 1 inside, so this probe must be too.
    let alone = rustix::process::getpid().as_raw_nonzero().get() == 1;
    let reached =
        runner.as_raw_nonzero().get() != 1 && rustix::process::test_kill_process(runner).is_ok();
    (!alone || reached).then(|| "processes outside can be reached".to_owned())
}

fn network() -> Option<String> {
    let list = fs::read_text("/proc/net/dev").unwrap_or_default();
    let names = list.lines().filter_map(|line| line.split_once(':'));
    let other = names
        .map(|(name, _)| name.trim())
        .find(|name| *name != "lo");
    let unknown = list.is_empty().then_some("an unknown one");
    other.or(unknown).map(|name| format!("there is {name}"))
}

/// Finds an entry of a hidden folder that is not on the way to a shown folder.
fn not_empty(folder: &Path, shown: &[PathBuf]) -> Option<String> {
    let real = folder.canonicalize().ok()?;
    let leads_to_shown = |path: &Path| shown.iter().any(|shown| shown.starts_with(path));
    let other = std::fs::read_dir(&real)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .find(|path| !leads_to_shown(path))?;
    Some(format!("{} can be seen", other.display()))
}

fn writable(path: &Path) -> Option<String> {
    let flags = rustix::fs::statvfs(path).ok()?.f_flag;
    let is_writable = !flags.contains(StatVfsMountFlags::RDONLY);
    is_writable.then(|| format!("{} can be written", path.display()))
}

fn privileges() -> Option<String> {
    let status = fs::read_text("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().trim().to_owned()
    };
    let none = field("CapEff:").bytes().all(|b| b == b'0') && field("NoNewPrivs:") == "1";
    (!none).then(|| "privileges are left".to_owned())
}
