//! Temporary folders.

use std::io;
use std::path::{Path, PathBuf};

use super::claim::{Claim, sweep_claimed};
use super::fault;
use super::remove::remove_folder;

/// The longest path of a socket: its address ends with a zero byte.
pub const SOCKET_PATH: usize = 107;

/// The beginning of the name of each folder.
const PREFIX: &str = "matrix-run-";
/// The length of the rest of the name.
const RANDOM: usize = 6;
/// The longest path of a folder for temporary files in which that of a socket is short
/// enough.
const SHORT: usize = 64;
/// The folder for temporary files if the user's is too long.
const USUAL: &str = "/tmp";

/// A folder with a short path, removed with this value.
///
/// If the process is killed, [`sweep_temporary`] removes it.
pub struct TemporaryFolder {
    path: PathBuf,
    _claim: Claim,
}

impl TemporaryFolder {
    /// Creates a folder that only this user can access.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn new() -> io::Result<Self> {
        let own = std::env::temp_dir();
        let is_short = own.is_absolute() && own.as_os_str().len() <= SHORT;
        let above = if is_short { &own } else { Path::new(USUAL) };
        let made = tempfile::Builder::new()
            .prefix(PREFIX)
            .rand_bytes(RANDOM)
            .make_in(above, |path| {
                let taken = || io::Error::from(io::ErrorKind::AlreadyExists);
                let claim = Claim::take(path)?.ok_or_else(taken)?;
                create_private(path)?;
                Ok(claim)
            })?;
        // The crate would remove a file.
        let (claim, path) = made.into_parts();
        let path = path.keep().map_err(|e| e.error)?;
        Ok(Self {
            path,
            _claim: claim,
        })
    }

    /// Returns the path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // Before the claim: a folder without one is never found.
        let _ = remove_folder(&self.path);
    }
}

fn create_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fault::check("mkdir", path)?;
    std::fs::DirBuilder::new().mode(0o700).create(path)
}

/// Removes the temporary folders of processes that were killed.
pub fn sweep_temporary() {
    let is_own = |name: &str| {
        let rest = name.strip_prefix(PREFIX);
        rest.is_some_and(|rest| {
            rest.len() == RANDOM && rest.bytes().all(|b| b.is_ascii_alphanumeric())
        })
    };
    let own = std::env::temp_dir();
    sweep_claimed(&own, is_own);
    if own != Path::new(USUAL) {
        sweep_claimed(Path::new(USUAL), is_own);
    }
}
