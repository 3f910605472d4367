//! The sources that a supervisor watches, and its observations.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The sources that a supervisor watches while its command runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// The socket to which git reports its hooks.
    pub trace: Option<PathBuf>,
    /// Set if git has a remote whose hooks are reported too.
    #[serde(default)]
    pub has_remote: bool,
    /// Files, and folders with the files in them, whose opening is noted.
    pub programs: Vec<PathBuf>,
    /// The folder in which git most likely looks for hooks. It decides to
    /// which hook an opening belongs.
    pub hooks: Option<PathBuf>,
}

impl Watch {
    /// True if nothing is watched.
    pub(super) fn is_nothing(&self) -> bool {
        self.trace.is_none() && self.programs.is_empty()
    }
}

/// Everything that a supervisor observed of one command.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Observations {
    /// The hooks that the command launched, in order; empty unless it is git.
    pub hooks: Vec<HookSeen>,
    /// Positions of the watched programs that were opened at any time.
    pub opened: BTreeSet<usize>,
    /// Processes below the command that a sample of the process tree caught.
    pub processes: Vec<ProcessSeen>,
    /// The reason why something may have been missed.
    pub gap: Option<String>,
}

/// A process in a sample of the process tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessSeen {
    /// The distance to the command, which is at 0.
    pub depth: usize,
    /// The program and its arguments.
    pub argv: Vec<String>,
}

/// A hook that git launched.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HookSeen {
    /// The hook's name.
    pub name: String,
    /// True if git read its command from the configuration; false for a hook
    /// file.
    pub configured: bool,
    /// The program that git started, and its arguments.
    pub argv: Vec<String>,
    /// The exit code that git reported: 128 plus the signal for a hook that
    /// was killed; `None` if it did not end.
    pub exit: Option<i32>,
    /// The running time, in milliseconds.
    pub duration_ms: u64,
    /// True if the remote ran it.
    pub remote: bool,
    /// Positions of the programs that were opened from the first to the last run
    /// of a hook of this name. If two hooks follow each other too fast to tell,
    /// they count for both.
    pub opened: BTreeSet<usize>,
}
