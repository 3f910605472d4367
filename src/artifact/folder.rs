//! The artifacts folder: its lock, and the order in which verdicts change
//! hands.
//!
//! What must stay true, also when the process is killed between any two
//! system calls: never both verdict files, never half of one, and once the
//! lock is held never the PASS of an earlier run.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use super::last_failure::{LastFailure, LogCopy, text};
use super::to_bytes;
use crate::model::command::quote;
use crate::model::names::UNNAMED_PREFIX;
use crate::model::text::shown;
use crate::model::{Failure, GateName, Kind, RunId};
use crate::sys::{fs, process::Control};

/// Why the folder is not ours to write.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another run has it.
    #[error("another run holds {}", shown(.0))]
    Busy(PathBuf),
    /// It cannot be written safely.
    #[error("{0}")]
    Unsafe(WriteError),
    /// A signal came while waiting for it.
    #[error("stopped while waiting for {}", shown(.0))]
    Stopped(PathBuf),
}

/// An artifact that could not be written safely.
#[derive(Debug, thiserror::Error)]
#[error("{what} {}: {source}", shown(path))]
pub struct WriteError {
    what: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl WriteError {
    /// Says what was tried with which file.
    #[must_use]
    pub fn new(what: &'static str, path: &Path, source: io::Error) -> Self {
        Self {
            what,
            path: path.to_owned(),
            source,
        }
    }

    /// Whether the disk is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.source.kind() == io::ErrorKind::StorageFull
    }
}

/// The folder, as long as this run holds it.
pub struct ArtifactsFolder {
    path: PathBuf,
    prefix: GateName,
    kind: Kind,
    /// Released when the process or this value ends.
    _lock: File,
}

/// Where the folder is to be, and who said so.
#[derive(Debug, Clone)]
pub struct FolderLocation {
    /// The folder, absolute.
    pub path: PathBuf,
    /// The consumer that it must not leave by a link, unless the user named
    /// the folder.
    pub inside: Option<PathBuf>,
}

impl ArtifactsFolder {
    /// Makes the folder if there is none and takes its lock.
    ///
    /// # Errors
    /// If another run has it (unless `wait`), or it cannot be written.
    pub fn lock(
        place: &FolderLocation,
        (prefix, kind): (GateName, Kind),
        wait: bool,
        control: &Control,
    ) -> Result<Self, OpenError> {
        let unsafe_ = |what, path: &Path, e| OpenError::Unsafe(WriteError::new(what, path, e));
        let is_new = !place.path.exists();
        fs::create_folder(&place.path).map_err(|e| unsafe_("cannot make", &place.path, e))?;
        let path = place.path.canonicalize();
        let path = path.map_err(|e| unsafe_("cannot reach", &place.path, e))?;
        if let Some(root) = &place.inside
            && !path.starts_with(root)
        {
            let text = format!("it leads out of the consumer to {}", shown(path));
            let e = io::Error::other(format!("{text}; name it with --artifacts if that is meant"));
            return Err(unsafe_("will not write to", &place.path, e));
        }
        let lock_path = path.join(fs::LOCK);
        let lock = match fs::try_lock(&lock_path) {
            Ok(Some(lock)) => lock,
            Ok(None) if wait => wait_for_lock(&lock_path, &path, control)?,
            Ok(None) => return Err(OpenError::Busy(path)),
            Err(e) => return Err(unsafe_("cannot lock", &lock_path, e)),
        };
        if is_new {
            // As caches do: what is made here is nobody's to commit or stash.
            let ignore = path.join(".gitignore");
            fs::write(&ignore, b"*\n").map_err(|e| unsafe_("cannot write", &ignore, e))?;
        }
        Ok(Self {
            path,
            prefix,
            kind,
            _lock: lock,
        })
    }

    /// The folder, with verdict files of this prefix.
    #[must_use]
    pub fn of_gate(mut self, prefix: GateName) -> Self {
        self.prefix = prefix;
        self
    }

    /// The folder, without links in its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of all runs.
    #[must_use]
    pub fn runs(&self) -> PathBuf {
        self.path.join("runs")
    }

    /// Where the summary is after a pass.
    #[must_use]
    pub fn summary(&self) -> PathBuf {
        self.verdict_file("summary.json")
    }

    /// Where the last failure is after anything else.
    #[must_use]
    pub fn last_failure(&self) -> PathBuf {
        self.verdict_file("last-failure.json")
    }

    fn log_copy(&self) -> PathBuf {
        self.verdict_file("last-failure.log")
    }

    fn verdict_file(&self, end: &str) -> PathBuf {
        let (gate, kind) = (&self.prefix, self.kind.as_str());
        self.path.join(format!("{gate}-{kind}-{end}"))
    }

    /// Takes the old verdicts away and leaves a marker that says FAIL until
    /// this run has a verdict of its own.
    ///
    /// # Errors
    /// If the old ones cannot be removed or the marker not be written.
    pub fn begin(&self, marker: &LastFailure) -> Result<(), WriteError> {
        for old in self.old_verdicts() {
            fs::remove_file(&old).map_err(|e| WriteError::new("cannot remove", &old, e))?;
        }
        self.sweep_temporaries();
        self.sync()?;
        write(&self.last_failure(), &to_bytes(marker))
    }

    /// Puts the summary, a document, in the marker's place.
    ///
    /// # Errors
    /// If that cannot be done safely; then there is no summary.
    pub fn pass(&self, summary: &[u8]) -> Result<(), WriteError> {
        let path = self.summary();
        let failed = |e| WriteError::new("cannot write", &path, e);
        let staged = fs::Staged::new(&path, summary).map_err(failed)?;
        let marker = self.last_failure();
        fs::remove_file(&marker).map_err(|e| WriteError::new("cannot remove", &marker, e))?;
        staged.publish().map_err(failed)?;
        self.sync().inspect_err(|_| {
            // A pass that may not outlive the machine is no pass.
            let _ = fs::remove_file(&path);
        })
    }

    /// Puts a failure in the marker's place, the copy of its log first.
    ///
    /// # Errors
    /// If that cannot be done safely; then the marker stays.
    pub fn fail(
        &self,
        marker: LastFailure,
        failure: &Failure,
        run_folder: &Path,
    ) -> Result<LastFailure, WriteError> {
        let log = failure.log.as_ref().map(|log| run_folder.join(log));
        let log = log
            .filter(|log| log.is_file())
            .map(|log| self.copy_log(&log))
            .transpose()?;
        let replay = replay_command(&self.path, &marker.run_id);
        let last_failure = LastFailure::new(marker, failure, log, replay);
        write(&self.last_failure(), &to_bytes(&last_failure))?;
        Ok(last_failure)
    }

    /// The verdict files of this gate, and of a gate whose name could not be
    /// read. Where this gate's could not, any pass might be its own.
    fn old_verdicts(&self) -> Vec<PathBuf> {
        let mut old = vec![self.summary(), self.last_failure(), self.log_copy()];
        let entries = std::fs::read_dir(&self.path)
            .into_iter()
            .flatten()
            .flatten();
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = self.kind.as_str();
            let nameless = name.starts_with(&format!("{UNNAMED_PREFIX}-{kind}-last-failure."));
            let any_pass = self.prefix.as_str() == UNNAMED_PREFIX
                && name.ends_with(&format!("-{kind}-summary.json"));
            if (nameless || any_pass) && !old.contains(&entry.path()) {
                old.push(entry.path());
            }
        }
        old
    }

    fn copy_log(&self, log: &Path) -> Result<LogCopy, WriteError> {
        let to = self.log_copy();
        let copied = fs::copy_atomic(log, &to);
        let (sha256, bytes) = copied.map_err(|e| WriteError::new("cannot write", &to, e))?;
        Ok(LogCopy {
            from: text(log),
            to: text(&to),
            sha256,
            bytes,
        })
    }

    fn sync(&self) -> Result<(), WriteError> {
        fs::sync_folder(&self.path).map_err(|e| WriteError::new("cannot sync", &self.path, e))
    }

    /// What a run that was killed left behind under a name of ours.
    fn sweep_temporaries(&self) {
        let ours =
            |name: &std::ffi::OsStr| name.to_string_lossy().starts_with(fs::TEMPORARY_PREFIX);
        for entry in std::fs::read_dir(&self.path)
            .into_iter()
            .flatten()
            .flatten()
        {
            if ours(&entry.file_name()) {
                let _ = fs::remove_file(&entry.path());
            }
        }
    }
}

/// The command that shows a run, from wherever it is run.
#[must_use]
pub fn replay_command(artifacts: &Path, run_id: &RunId) -> String {
    let artifacts = quote(&text(artifacts), true);
    format!("matrix replay --artifacts {artifacts} {run_id}")
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    fs::write_atomic(path, bytes).map_err(|e| WriteError::new("cannot write", path, e))
}

/// Waits for the lock on a thread of its own, so that a signal is heard.
fn wait_for_lock(lock: &Path, folder: &Path, control: &Control) -> Result<File, OpenError> {
    let (sender, receiver) = mpsc::channel();
    let on_stop = sender.clone();
    control.on_stop(move || {
        let _ = on_stop.send(None);
    });
    let path = lock.to_owned();
    std::thread::spawn(move || {
        let _ = sender.send(Some(fs::wait_for_lock(&path)));
    });
    match receiver.recv() {
        Ok(Some(Ok(lock))) => Ok(lock),
        Ok(Some(Err(e))) => Err(OpenError::Unsafe(WriteError::new("cannot lock", lock, e))),
        Ok(None) | Err(_) => Err(OpenError::Stopped(folder.to_owned())),
    }
}
