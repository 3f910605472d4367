//! The state of a file at one moment.

use std::fs::Metadata;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::sys::fs;

/// A larger file is not read.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The state of a path.
#[derive(Debug)]
pub(super) enum FileState {
    /// Nothing.
    Absent,
    /// A path that is not inspected; the text ends a sentence about it.
    Refused(String),
    /// A folder.
    Folder,
    /// A file.
    File(FileRecord),
}

/// A file that was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FileRecord {
    /// Its path without links.
    real: PathBuf,
    identity: (u64, u64),
    /// Seconds and nanoseconds.
    changed: (i64, i64),
    mode: u32,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

impl FileState {
    /// Returns the state of a path, and the content if it is a file.
    ///
    /// Paths outside of the lane's folder are refused.
    pub(super) fn at(path: &Path, lane: &Path) -> (Self, Vec<u8>) {
        match Self::try_at(path, lane) {
            Ok(look) => look,
            Err(e) if is_absence(&e) => (Self::Absent, Vec::new()),
            Err(e) => (Self::Refused(format!("cannot be read: {e}")), Vec::new()),
        }
    }

    fn try_at(path: &Path, lane: &Path) -> io::Result<(Self, Vec<u8>)> {
        let refused = |why: &str| Ok((Self::Refused(why.to_owned()), Vec::new()));
        let real = path.canonicalize()?;
        if !real.starts_with(lane.canonicalize()?) {
            return refused("leads out of the lane");
        }
        let meta = real.metadata()?;
        if meta.is_dir() {
            return Ok((Self::Folder, Vec::new()));
        }
        if !meta.is_file() {
            return refused("is neither a file nor a folder");
        }
        let mut content = Vec::new();
        fs::open(&real)?
            .take(MAX_BYTES + 1)
            .read_to_end(&mut content)?;
        if content.len() as u64 > MAX_BYTES {
            return refused("is larger than 64 MiB");
        }
        Ok((Self::File(FileRecord::new(real, &meta, &content)), content))
    }

    pub(super) fn file(&self) -> Option<&FileRecord> {
        match self {
            Self::File(seen) => Some(seen),
            _ => None,
        }
    }

    /// Returns the reason why it does not count as existing.
    pub(super) fn not_there(&self) -> Option<String> {
        match self {
            Self::Absent => Some("is not there".to_owned()),
            Self::Refused(why) => Some(why.clone()),
            Self::Folder | Self::File(_) => None,
        }
    }

    /// Returns the reason why it does not count as written since `before`.
    pub(super) fn not_new(&self, before: &Self) -> Option<String> {
        match (self, before) {
            (Self::Folder, _) => Some("is a folder".to_owned()),
            (Self::File(now), Self::File(before)) if now == before => {
                Some("was not written in this stage: what lies there is older".to_owned())
            }
            _ => self.not_there(),
        }
    }

    /// Returns the reason why it does not count as unchanged since `before`.
    pub(super) fn not_unchanged(&self, before: &Self) -> Option<String> {
        match (before, self) {
            (Self::Refused(why), _) | (_, Self::Refused(why)) => Some(why.clone()),
            (Self::Folder, _) | (_, Self::Folder) => Some("is a folder".to_owned()),
            (Self::Absent, Self::Absent) => Some("was there neither before nor after".to_owned()),
            (Self::Absent, Self::File(_)) => Some("was made in this stage".to_owned()),
            (Self::File(_), Self::Absent) => Some("was removed in this stage".to_owned()),
            (Self::File(before), Self::File(now)) => {
                let same = (&now.sha256, now.mode) == (&before.sha256, before.mode);
                (!same).then(|| "was changed in this stage".to_owned())
            }
        }
    }
}

impl FileRecord {
    fn new(real: PathBuf, meta: &Metadata, content: &[u8]) -> Self {
        Self {
            real,
            identity: (meta.dev(), meta.ino()),
            changed: (meta.ctime(), meta.ctime_nsec()),
            mode: meta.mode(),
            bytes: content.len() as u64,
            sha256: fs::sha256(content),
        }
    }
}

fn is_absence(e: &io::Error) -> bool {
    matches!(
        e.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
