//! A program that is the user's to talk to.
#![expect(
    clippy::disallowed_methods,
    reason = "no supervisor stands between the user and this program"
)]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::Command;

/// Starts a program with our own stdin, stdout and stderr and waits until
/// the user has done with it, however that ends. It sees what the calling
/// thread sees, and its signals are the terminal's.
///
/// # Errors
/// If it cannot be started.
pub fn run_interactive(
    program: &Path,
    env: &BTreeMap<OsString, OsString>,
    folder: &Path,
) -> io::Result<()> {
    let mut command = Command::new(program);
    command.env_clear().envs(env).current_dir(folder);
    command.status().map(drop)
}
