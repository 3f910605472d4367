//! Sandboxes: keep the commands of a lane away from the rest of the machine.
//!
//! Inside, the lane is writable and the machine read-only. Folders of temporary
//! files, of sockets and of homes are empty, other processes do not exist, and
//! there is no network unless a step asks for it. Kernels and containers
//! differ, so this program tries from inside what is really kept away. If the
//! kernel has landlock, it enforces the limits on writing and signals too.

mod bubblewrap;
mod credentials;
mod probe;
mod tools;
mod user_namespaces;

pub use bubblewrap::{PROGRAM, Reach, Sandbox, SandboxSpec, find};
pub use probe::{Probe, VERB, probe_inside};
pub use tools::{Shown, needed_by_tools};
pub use user_namespaces::restriction;
