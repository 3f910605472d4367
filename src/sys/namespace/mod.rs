//! Mount namespaces: the same path in every lane, and folders that are written
//! without being changed.
//!
//! A thread that enters a mount namespace of its own sees the machine as it
//! is, and its lane at [`LANE`]: a plain folder, or layers of folders of which
//! only the uppermost is written (overlayfs). Processes that it starts see the
//! same; other threads do not. Users other than root do so in a user
//! namespace, in which they keep their user id.
//!
//! Invariants: no mount outlives the thread and the processes it started;
//! nothing is mounted that the rest of the machine can see.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub use linux::{enter, leave, own_user_namespace, probe};

#[cfg(not(target_os = "linux"))]
mod unsupported;
#[cfg(not(target_os = "linux"))]
pub use unsupported::{enter, leave, own_user_namespace, probe};

mod setup;
mod view;

pub use setup::{VERB, prepare, try_out};
pub use view::{LANE, Layers, View};
