//! stdout and stderr of a run.

mod human;
mod jsonl;
mod progress;
mod wrap;

pub(crate) use human::Human;

pub(crate) use jsonl::Jsonl;
pub(crate) use wrap::{table, wrapped};

use std::io::{ErrorKind, Write as _};

/// Writes commands for a CI engine to stderr: the only lines that do not go through the
/// filter for words of others, since each of their values is escaped.
fn give(commands: &str) {
    let _ = std::io::stderr().write_all(commands.as_bytes());
}

/// Writes to stdout and flushes. A reader that went away is no failure of
/// ours; a disk that took only half of it is told.
fn write_out(text: &str) {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    if let Err(e) = written
        && e.kind() != ErrorKind::BrokenPipe
    {
        let _ = writeln!(anstream::stderr(), "ERROR: stdout is incomplete: {e}");
    }
}
