//! The runs of an artifacts folder.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer};

use super::error::ReadError;
use super::file::{Result, document, read};
use super::stored::StoredRun;
use crate::artifact::run_folder::RUN;
use crate::artifact::summary::FinalVerdict;
use crate::model::{Kind, RunId, ScenarioName};

/// All runs of an artifacts folder.
#[derive(Debug, Clone)]
pub struct History {
    pub(super) runs: PathBuf,
}

/// A complete run at a glance. Nothing is held against a digest yet.
#[derive(Debug, Clone, Deserialize)]
pub struct Head {
    /// Its id.
    pub run_id: RunId,
    /// When it ended, UTC.
    pub generated_at_utc: String,
    /// What it was for.
    pub kind: Kind,
    /// The gate's name.
    pub gate: String,
    /// Its verdict.
    pub final_verdict: FinalVerdict,
    /// When it was written, by the clock of the disk, which tells runs of
    /// one second apart.
    #[serde(skip)]
    written: Option<SystemTime>,
    /// Its lanes, in declared order.
    pub lanes: IndexMap<ScenarioName, LaneHead>,
}

impl Head {
    fn age(&self) -> (&str, Option<SystemTime>) {
        (&self.generated_at_utc, self.written)
    }
}

/// A lane at a glance.
#[derive(Debug, Clone, Deserialize)]
pub struct LaneHead {
    /// Whether it was stopped before its end.
    pub cancelled: bool,
    /// Digest of all that it depended on.
    pub inputs_sha256: Option<String>,
    /// The run in which it really ran, where that is another one.
    pub reused: Option<RunId>,
    /// How long its steps took where it really ran, in milliseconds.
    #[serde(rename = "steps", deserialize_with = "total")]
    pub duration_ms: u64,
}

fn total<'de, D: Deserializer<'de>>(steps: D) -> std::result::Result<u64, D::Error> {
    #[derive(Deserialize)]
    struct Step {
        duration_ms: u64,
    }
    let steps = Vec::<Step>::deserialize(steps)?;
    Ok(steps.iter().map(|step| step.duration_ms).sum())
}

impl History {
    /// That of an artifacts folder, which need not be there.
    #[must_use]
    pub fn new(artifacts: &Path) -> Self {
        Self {
            runs: artifacts.join("runs"),
        }
    }

    /// Every folder that has a run's name: what can be read, the newest
    /// first (by the time in it, that of the file, the id), then what cannot, by id.
    #[must_use]
    pub fn all(&self) -> Vec<(RunId, Result<Head>)> {
        let mut all: Vec<_> = self.ids().map(|id| (id.clone(), self.head(&id))).collect();
        all.sort_by(|(a, head_a), (b, head_b)| match (head_a, head_b) {
            (Ok(x), Ok(y)) => (y.age(), b).cmp(&(x.age(), a)),
            _ => (head_a.is_err(), a).cmp(&(head_b.is_err(), b)),
        });
        all
    }

    /// What can be read, the newest first.
    pub fn complete(&self) -> impl Iterator<Item = Head> {
        self.all().into_iter().filter_map(|(_, head)| head.ok())
    }

    /// Opens a run.
    ///
    /// # Errors
    /// If there is none of this id, or it cannot be read.
    pub fn open(&self, id: &RunId) -> Result<StoredRun> {
        StoredRun::open(&self.runs.join(id.as_str()))
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = RunId> {
        let entries = std::fs::read_dir(&self.runs).into_iter().flatten();
        let folders = entries
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        folders.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
    }

    fn head(&self, id: &RunId) -> Result<Head> {
        let folder = self.runs.join(id.as_str());
        let path = folder.join(RUN);
        let bytes = read(&path).map_err(|e| match e {
            ReadError::Gone(_) => ReadError::Incomplete(folder),
            other => other,
        })?;
        let mut head: Head = document(&path, &bytes)?;
        head.written = path.metadata().and_then(|meta| meta.modified()).ok();
        if head.run_id == *id {
            Ok(head)
        } else {
            Err(ReadError::Changed(path))
        }
    }
}
