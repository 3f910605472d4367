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

use std::path::{Path, PathBuf};

/// Where a thread sees its lane.
pub const LANE: &str = "/lane";

/// The hidden verb under which the program tries a user namespace, in a
/// process that nothing else depends on.
pub const VERB: &str = "__namespace";

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
