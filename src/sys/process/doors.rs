//! Doors to the parsers of this module, for `fuzz/`.

use std::io;

use super::observation::HookSeen;
use super::protocol::{self, Order, Report};
use super::seeker::Seeker;
use super::trace::Hooks;
use crate::model::reason::Reason;

/// Returns the hooks in lines of git's trace, in git's order, and true if git alone cannot
/// have written them; each line comes with true if the remote's git wrote it.
#[must_use]
pub fn hooks(lines: &[(&[u8], bool)]) -> (Vec<HookSeen>, bool) {
    let mut hooks = Hooks::default();
    for (line, is_remote) in lines {
        hooks.line(line, *is_remote);
    }
    let order = hooks.in_order().into_iter();
    let seen = order.map(|at| hooks.seen[at].clone()).collect();
    (seen, hooks.is_forged)
}

/// Reads a command, and returns it as it is written.
///
/// # Errors
/// If it is none.
pub fn command(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    protocol::write(&protocol::read(&mut &*bytes)?, &mut out)?;
    Ok(out)
}

/// Reads a report, and returns it as it is written.
///
/// # Errors
/// If it is none.
pub fn report(line: &[u8]) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&serde_json::from_slice::<Report>(line)?)
}

/// Reads an order, and returns it as it is written.
#[must_use]
pub fn order(byte: u8) -> Option<u8> {
    Order::from_byte(byte).map(Order::byte)
}

/// True if output that is read in these pieces contains a reason.
#[must_use]
pub fn says(reason: Reason, pieces: &[&[u8]]) -> bool {
    let mut seeker = Seeker::new(reason);
    for piece in pieces {
        seeker.feed(piece);
    }
    seeker.finish()
}
