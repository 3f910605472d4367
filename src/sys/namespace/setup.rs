//! Prepares this process for namespaces.

use std::io::{self, Read as _, Write as _};
use std::path::Path;

use super::{own_user_namespace, probe};
use crate::sys::fs;

/// The hidden verb under which the program tries a user namespace in an
/// expendable process.
pub const VERB: &str = "__namespace";

/// Makes this process able to have mount namespaces: moves it into a user
/// namespace, unless it is root.
///
/// A child process of `program`, which is this program, tries it first: a
/// process in a broken user namespace is of no use. This process must not have
/// a second thread.
///
/// # Errors
/// If namespaces are not available, in a sentence.
pub fn prepare(program: &Path) -> Result<(), String> {
    if rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let try_in_child = || -> io::Result<(bool, String)> {
        let (mut reader, writer) = io::pipe()?;
        let child = duct::cmd(program, [VERB])
            .stdin_null()
            .stdout_null()
            .stderr_file(std::os::fd::OwnedFd::from(writer))
            .unchecked()
            .run()?;
        let mut reason = String::new();
        reader.read_to_string(&mut reason)?;
        Ok((child.status.success(), reason.trim().to_owned()))
    };
    match try_in_child() {
        Ok((true, _)) => own_user_namespace(),
        Ok((false, reason)) => Err(reason),
        Err(e) => Err(e.to_string()),
    }
}

/// Tries everything that lanes need of namespaces, and prints the reason to
/// stderr if something is missing.
///
/// # Errors
/// If something is missing.
pub fn try_out() -> Result<(), String> {
    fs::TemporaryFolder::new()
        .map_err(|e| e.to_string())
        .and_then(|scratch| {
            own_user_namespace()?;
            probe(scratch.path())
        })
        .inspect_err(|reason| {
            let _ = writeln!(io::stderr(), "{reason}");
        })
}
