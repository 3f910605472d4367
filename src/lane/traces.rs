//! A lane's files before and after a sabotage's command.
//!
//! Compared is whatever stands in the lane: the clone with its index, HEAD, refs and
//! configuration, its remote, home and tools, and git's global configuration. Records that
//! programs keep of themselves (reflogs, logs of npm, caches of Python) are no change.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::Metadata;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::workspace::Workspace;
use crate::sys::fs;
use crate::sys::git::Refs;

/// The state of a lane's files.
#[derive(PartialEq, Eq)]
pub(super) struct Traces {
    files: BTreeMap<PathBuf, u64>,
    index: Vec<Vec<u8>>,
}

/// Larger files are compared by size and time.
const READ: u64 = 1 << 20;

/// Folders that the runner keeps in a lane, and the folder for temporary files.
const OF_MATRIX: [&str; 4] = ["trace", "asked", "tmp", "own-git"];

/// Files that git writes without a change of the repository's state, below a git folder. The index
/// is compared by its entries.
const OF_GIT: [&str; 7] = [
    "index",
    "objects",
    "logs",
    "FETCH_HEAD",
    "ORIG_HEAD",
    "COMMIT_EDITMSG",
    "gc.log",
];

/// Files that package managers write whether they change a package or not, by the end of its path.
const RECORDS: [&str; 9] = [
    "__pycache__",
    ".npm/_logs",
    ".npm/_cacache",
    ".npm/_update-notifier-last-checked",
    "node_modules/.package-lock.json",
    "node_modules/.modules.yaml",
    "node_modules/.pnpm-workspace-state-v1.json",
    "node_modules/.yarn-integrity",
    "node_modules/.yarn-state.yml",
];

impl Traces {
    /// Reads the state of a lane. What cannot be read is left out.
    pub(super) fn of(lane: &Workspace, env: &BTreeMap<OsString, OsString>) -> Self {
        let clone = lane.clone_dir();
        let index = Refs::open(&clone, env).map(|refs| refs.index_entries());
        let mut all = Self {
            files: BTreeMap::new(),
            index: index.unwrap_or_default(),
        };
        for entry in lane.host().read_dir().into_iter().flatten().flatten() {
            if !OF_MATRIX.iter().any(|own| entry.file_name() == *own) {
                all.add(&entry.path());
            }
        }
        all
    }

    fn add(&mut self, path: &Path) {
        let Ok(meta) = path.symlink_metadata() else {
            return;
        };
        self.files.insert(path.to_owned(), state(path, &meta));
        if !meta.is_dir() {
            return;
        }
        let is_git = path.join("HEAD").is_file() && path.join("objects").is_dir();
        for entry in path.read_dir().into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name();
            let is_record = RECORDS.iter().any(|record| path.ends_with(record))
                || is_git && OF_GIT.iter().any(|own| name == OsStr::new(own));
            if !is_record {
                self.add(&path);
            }
        }
    }
}

/// Returns a digest of a file's kind, permissions and content.
fn state(path: &Path, meta: &Metadata) -> u64 {
    let mut hasher = DefaultHasher::new();
    meta.mode().hash(&mut hasher);
    if meta.is_symlink() {
        path.read_link().ok().hash(&mut hasher);
    } else if meta.is_file() && meta.len() <= READ {
        fs::read(path).ok().hash(&mut hasher);
    } else if meta.is_file() {
        (meta.len(), meta.mtime(), meta.mtime_nsec()).hash(&mut hasher);
    }
    hasher.finish()
}
