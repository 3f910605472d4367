//! The same path in every lane, and folders that are written without being
//! changed.
//!
//! A thread that enters a mount namespace of its own sees the machine as it
//! is, and its lane at [`LANE`]: a plain folder, or layers of folders of
//! which only the uppermost is written (overlayfs). Whatever it starts sees
//! the same; nobody else does. Somebody who is not root may do so in a user
//! namespace, where they keep their own user id.
//!
//! What must stay true: no mount outlives the thread and what it started;
//! nothing is mounted that the rest of the machine can see.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub use linux::{enter, leave, own_user_namespace, probe};

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(not(target_os = "linux"))]
pub use elsewhere::{enter, leave, own_user_namespace, probe};

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::fs;

/// Where a thread sees its lane.
pub const LANE: &str = "/lane";

/// The hidden verb under which the program tries a user namespace, in a
/// process that nothing else depends on.
pub const VERB: &str = "__namespace";

/// Makes this process one that can have namespaces: nothing to do for root, a
/// user namespace for all others. `program` is this one; it first tries it in
/// a process that nothing depends on. Only for a process without a second
/// thread.
///
/// # Errors
/// If there can be none, in a sentence.
pub fn prepare(program: &Path) -> Result<(), String> {
    if rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let tried = || {
        let (mut words, writer) = std::io::pipe()?;
        let tried = duct::cmd(program, [VERB])
            .stdin_null()
            .stdout_null()
            .stderr_file(std::os::fd::OwnedFd::from(writer))
            .unchecked()
            .run()?;
        let mut said = String::new();
        words.read_to_string(&mut said)?;
        Ok((tried.status.success(), said.trim().to_owned()))
    };
    match tried() {
        Ok((true, _)) => own_user_namespace(),
        Ok((false, said)) => Err(said),
        Err(e) => {
            let e: std::io::Error = e;
            Err(e.to_string())
        }
    }
}

/// Tries all that lanes need of namespaces, and says on stderr what there is
/// not.
///
/// # Errors
/// If something is missing.
pub fn try_out() -> Result<(), String> {
    let scratch = fs::TemporaryFolder::new().map_err(|e| e.to_string());
    let able = scratch.and_then(|scratch| {
        own_user_namespace()?;
        probe(scratch.path())
    });
    able.inspect_err(|why| {
        let _ = writeln!(std::io::stderr(), "{why}");
    })
}

/// What a thread sees at [`LANE`].
#[derive(Debug, Clone)]
pub enum View {
    /// This folder.
    Folder(PathBuf),
    /// Layers of folders.
    Layers(Layers),
}

/// Folders one above the other. All are named relative to `root`, so that no
/// character of its path can be taken for something else.
#[derive(Debug, Clone)]
pub struct Layers {
    /// The folder that all are in.
    pub root: PathBuf,
    /// What is only read, the uppermost first.
    pub lower: Vec<String>,
    /// What is written; two folders are made in it.
    pub upper: String,
}

impl Layers {
    /// The folder that holds what was written.
    #[must_use]
    pub fn written(upper: &str) -> String {
        format!("{upper}/files")
    }

    #[cfg(target_os = "linux")]
    fn work(upper: &str) -> String {
        format!("{upper}/work")
    }
}

/// A place that is in nobody's way, for the roots of namespaces.
#[cfg(target_os = "linux")]
fn base(scratch: &Path) -> PathBuf {
    scratch.join("root")
}

#[cfg(not(target_os = "linux"))]
const _: fn(&Path) = |_| ();
