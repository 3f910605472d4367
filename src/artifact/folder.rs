//! The artifacts folder and its lock.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use super::lock::FolderLock;
use super::write_error::WriteError;
use crate::model::text::shown;
use crate::sys::{fs, process::Control};

/// The reason why the folder could not be locked.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another run holds its lock.
    #[error("another run holds {}", shown(.0))]
    Busy(PathBuf),
    /// It cannot be written safely.
    #[error(transparent)]
    Unsafe(WriteError),
    /// A signal arrived while this run waited for the lock.
    #[error("stopped while waiting for {}", shown(.0))]
    Stopped(PathBuf),
}

/// An artifacts folder that is not locked yet, and may not exist.
#[derive(Debug, Clone)]
pub struct ArtifactsFolder {
    /// The folder, absolute.
    pub path: PathBuf,
    /// The consumer that the folder must not leave by a link; None if the user
    /// named the folder.
    pub inside: Option<PathBuf>,
}

impl ArtifactsFolder {
    /// Creates the folder unless it exists, and takes its lock.
    ///
    /// # Errors
    /// If another run holds the lock (unless `wait`), or if the folder cannot
    /// be written.
    pub fn lock(&self, wait: bool, control: &Control) -> Result<FolderLock, OpenError> {
        let unsafe_ = |what, path: &Path, e| OpenError::Unsafe(WriteError::new(what, path, e));
        let is_new = !self.path.exists();
        fs::create_folder(&self.path).map_err(|e| unsafe_("cannot make", &self.path, e))?;
        let resolved = self.path.canonicalize();
        let path = resolved.map_err(|e| unsafe_("cannot reach", &self.path, e))?;
        // The default folder is chosen without asking the user. A link in a
        // cloned repository must not redirect the writes of a run.
        if let Some(root) = &self.inside
            && !path.starts_with(root)
        {
            let text = format!("it leads out of the consumer to {}", shown(path));
            let e = io::Error::other(format!("{text}; name it with --artifacts if that is meant"));
            return Err(unsafe_("will not write to", &self.path, e));
        }
        let lock_path = path.join(fs::LOCK);
        let file = match fs::try_lock(&lock_path) {
            Ok(Some(file)) => file,
            Ok(None) if wait => wait_for_lock(&lock_path, &path, control)?,
            Ok(None) => return Err(OpenError::Busy(path)),
            Err(e) => return Err(unsafe_("cannot lock", &lock_path, e)),
        };
        if is_new {
            // As caches do: nothing in a folder that this program created is
            // to be committed or stashed.
            let ignore = path.join(".gitignore");
            fs::write(&ignore, b"*\n").map_err(|e| unsafe_("cannot write", &ignore, e))?;
        }
        Ok(FolderLock::new(path, file))
    }
}

/// Waits for the lock in a separate thread, so that a signal can end the wait.
fn wait_for_lock(lock: &Path, folder: &Path, control: &Control) -> Result<File, OpenError> {
    let (sender, receiver) = mpsc::channel();
    let on_stop = sender.clone();
    control.on_stop(move || {
        let _ = on_stop.send(None);
    });
    let path = lock.to_owned();
    let waiting = move || {
        let _ = sender.send(Some(fs::wait_for_lock(&path)));
    };
    if let Err(e) = std::thread::Builder::new().spawn(waiting) {
        return Err(OpenError::Unsafe(WriteError::new(
            "cannot wait for",
            lock,
            e,
        )));
    }
    match receiver.recv() {
        Ok(Some(Ok(lock))) => Ok(lock),
        Ok(Some(Err(e))) => Err(OpenError::Unsafe(WriteError::new("cannot lock", lock, e))),
        Ok(None) | Err(_) => Err(OpenError::Stopped(folder.to_owned())),
    }
}
