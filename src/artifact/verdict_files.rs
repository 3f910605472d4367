//! The verdict files of one gate and one kind of run.
//!
//! Invariants, also if the process is killed between any two system calls:
//! never both verdict files, never half of one, and never the PASS of an
//! earlier run once [`VerdictFiles::begin`] has returned.

use std::fs::DirEntry;
use std::path::{Path, PathBuf};

use super::document::to_bytes;
use super::last_failure::{LastFailure, LogCopy, replay_command, text};
use super::lock::FolderLock;
use super::write_error::WriteError;
use crate::model::names::UNNAMED_PREFIX;
use crate::model::report_format::ReportFormat;
use crate::model::{Failure, GateName, Kind};
use crate::sys::fs;

/// The summary, the last failure and the copy of its log.
///
/// Holds the folder's lock for as long as it lives.
#[derive(Debug)]
pub struct VerdictFiles {
    lock: FolderLock,
    prefix: GateName,
    kind: Kind,
}

impl FolderLock {
    /// Returns the verdict files of a gate for one kind of run.
    #[must_use]
    pub fn verdicts(&self, prefix: GateName, kind: Kind) -> VerdictFiles {
        VerdictFiles {
            lock: self.clone(),
            prefix,
            kind,
        }
    }
}

impl VerdictFiles {
    /// Returns the path of the summary, which exists after a pass.
    #[must_use]
    pub fn summary(&self) -> PathBuf {
        self.file("summary.json")
    }

    /// Returns the path of the last failure, which exists after anything else.
    #[must_use]
    pub fn last_failure(&self) -> PathBuf {
        self.file("last-failure.json")
    }

    /// Returns the path of a report in this format, for an engine that collects it.
    #[must_use]
    pub fn report(&self, format: ReportFormat) -> PathBuf {
        let end = match format {
            ReportFormat::Junit => "xml",
            ReportFormat::Markdown => "md",
            other => other.as_str(),
        };
        self.file(&format!("report.{end}"))
    }

    fn log_copy(&self) -> PathBuf {
        self.file("last-failure.log")
    }

    fn file(&self, end: &str) -> PathBuf {
        let (gate, kind) = (&self.prefix, self.kind.as_str());
        self.lock.path().join(format!("{gate}-{kind}-{end}"))
    }

    /// Removes the old verdicts and writes a marker that says FAIL until the
    /// run has a verdict.
    ///
    /// # Errors
    /// If an old verdict cannot be removed or the marker cannot be written.
    pub fn begin(&self, marker: &LastFailure) -> Result<(), WriteError> {
        for old in self.old_verdicts() {
            fs::remove_file(&old).map_err(|e| WriteError::new("cannot remove", &old, e))?;
        }
        self.sweep_temporaries();
        self.sync()?;
        write(&self.last_failure(), &to_bytes(marker))
    }

    /// Removes whatever a process of a lane put into the place of the summary: a file, a
    /// folder or a link. The run has not written one yet.
    ///
    /// # Errors
    /// If it cannot be removed, or the artifacts folder is not the one that was locked.
    pub fn remove_planted(&self) -> Result<(), WriteError> {
        if !self.lock.is_in_place() {
            let moved = std::io::Error::other("another folder or a link stands in its place");
            return Err(WriteError::new(
                "cannot write into",
                self.lock.path(),
                moved,
            ));
        }
        remove(&self.summary())
    }

    /// Replaces the marker by the summary.
    ///
    /// # Errors
    /// If it cannot be written safely, or is not what was written; then there is no summary.
    pub fn pass(&self, summary: &[u8]) -> Result<(), WriteError> {
        let path = self.summary();
        let failed = |e| WriteError::new("cannot write", &path, e).of_size(summary.len());
        let staged = fs::Staged::new(&path, summary).map_err(failed)?;
        fs::remove_file(&self.last_failure())
            .or_else(|_| fs::remove_any(&self.last_failure()))
            .map_err(|e| WriteError::new("cannot remove", &self.last_failure(), e))?;
        remove(&self.log_copy())?;
        staged.publish().map_err(failed)?;
        let settled = self.sync().and_then(|()| is_written(&path, summary));
        settled.inspect_err(|_| {
            // Without the sync, a crash of the machine could lose the pass
            // or bring back the marker beside it.
            let _ = fs::remove_any(&path);
        })
    }

    /// Replaces the marker by a failure, after the copy of its log.
    ///
    /// # Errors
    /// If it cannot be written safely; then the marker stays.
    pub fn fail(
        &self,
        marker: LastFailure,
        failure: &Failure,
        run_folder: &Path,
    ) -> Result<LastFailure, WriteError> {
        self.remove_planted()?;
        let log = failure.log.as_ref().map(|log| run_folder.join(log));
        let copy = log
            .filter(|log| log.is_file())
            .map(|log| self.copy_log(&log))
            .transpose()?;
        if copy.is_none() {
            remove(&self.log_copy())?;
        }
        let replay = replay_command(self.lock.path(), &marker.run_id);
        let last_failure = LastFailure::new(marker, failure, copy, replay);
        let (path, bytes) = (self.last_failure(), to_bytes(&last_failure));
        if path.is_dir() {
            remove(&path)?;
        }
        write(&path, &bytes)?;
        is_written(&path, &bytes)?;
        Ok(last_failure)
    }

    /// The verdict files of this gate, and of a gate whose name could not be read.
    ///
    /// If the name of this gate could not be read, any pass might be its own.
    fn old_verdicts(&self) -> Vec<PathBuf> {
        let mut old = vec![self.summary(), self.last_failure(), self.log_copy()];
        for entry in self.entries() {
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
        if to.is_dir() {
            remove(&to)?;
        }
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
        fs::sync_folder(self.lock.path())
            .map_err(|e| WriteError::new("cannot sync", self.lock.path(), e))
    }

    /// Removes temporary files of runs that were killed.
    fn sweep_temporaries(&self) {
        for entry in self.entries() {
            let name = entry.file_name();
            if name.to_string_lossy().starts_with(fs::TEMPORARY_PREFIX) {
                let _ = fs::remove_file(&entry.path());
            }
        }
    }

    fn entries(&self) -> impl Iterator<Item = DirEntry> {
        let entries = std::fs::read_dir(self.lock.path()).into_iter();
        entries.flatten().flatten()
    }
}

fn remove(path: &Path) -> Result<(), WriteError> {
    let removed = fs::remove_any(path).map(drop);
    removed.map_err(|e| WriteError::new("cannot remove", path, e))
}

/// Fails if a file is a link, or does not hold what was just written into it.
fn is_written(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let failed = |e| WriteError::new("cannot keep", path, e);
    let found = fs::read_no_follow(path).map_err(failed)?;
    if found != bytes {
        let changed = "another process wrote into it: its content is not the run's";
        return Err(failed(std::io::Error::other(changed)));
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    fs::write_atomic(path, bytes)
        .map_err(|e| WriteError::new("cannot write", path, e).of_size(bytes.len()))
}
