//! Runs a program that the user interacts with.
#![expect(
    clippy::disallowed_methods,
    reason = "the program owns the terminal, so it runs without supervisor"
)]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::Command;

use super::turn::next_turn;

/// Runs a program with the terminal of this process and waits for its end,
/// whatever its exit code.
///
/// The program shares the mount namespace of the calling thread, and receives
/// the signals of the terminal.
///
/// # Errors
/// If it cannot be started.
pub fn run_interactive(
    program: &Path,
    env: &BTreeMap<OsString, OsString>,
    folder: &Path,
) -> io::Result<()> {
    next_turn();
    let mut command = Command::new(program);
    command.env_clear().envs(env).current_dir(folder);
    command.status().map(drop)
}
