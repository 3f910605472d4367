//! The facts about a run that every room may read and none may change.

use std::path::{Path, PathBuf};

use crate::model::{GateName, Kind, RequestRecord, RunId};
use crate::sys::clock::Clock;

/// A run, once it has an id and holds the artifacts folder.
#[derive(Debug, Clone)]
pub struct RunContext {
    /// The run's id.
    pub run_id: RunId,
    /// The purpose of the run: the contract, a replay or a trial.
    pub kind: Kind,
    /// The gate; the prefix of the verdict files.
    pub gate: GateName,
    /// The package as typed, by the user or in the configuration.
    pub package_spec: Option<String>,
    /// The request as `run.json` records it.
    pub asked: RequestRecord,
    /// The artifacts folder, without links in its path.
    pub artifacts: PathBuf,
    /// The clock of everything that is written.
    pub clock: Clock,
}

impl RunContext {
    /// The folder of this run.
    #[must_use]
    pub fn run_folder(&self) -> PathBuf {
        self.artifacts.join("runs").join(self.run_id.as_str())
    }

    /// Returns the consumer: its top folder, or the folder that was searched for it.
    #[must_use]
    pub fn repo(&self) -> &Path {
        Path::new(&self.asked.repo)
    }
}
