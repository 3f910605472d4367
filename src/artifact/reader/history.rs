//! The runs of an artifacts folder.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer};

use super::error::ReadError;
use super::file::{Result, document, read};
use super::stored::{StoredRun, unfinished};
use crate::artifact::run_folder::RUN;
use crate::artifact::summary::FinalVerdict;
use crate::model::package::PackageResolved;
use crate::model::plan::Source;
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
    /// Its number in the folder; 0 if that is not known.
    #[serde(default)]
    pub(super) number: u64,
    /// When it ended, UTC.
    pub generated_at_utc: String,
    /// Its purpose.
    pub kind: Kind,
    /// The gate's name.
    pub gate: String,
    /// The package as typed.
    #[serde(default)]
    pub package_spec: Option<String>,
    /// The package as installed.
    #[serde(default)]
    pub package_resolved: Option<PackageResolved>,
    /// The consumer; None for a run that ended before it was opened.
    #[serde(default)]
    pub source: Option<Source>,
    /// Its verdict.
    pub final_verdict: FinalVerdict,
    /// Modification time of the file, to order runs that ended in the same second.
    #[serde(skip)]
    written: Option<SystemTime>,
    /// Its lanes, in declared order.
    pub lanes: IndexMap<ScenarioName, LaneHead>,
}

impl Head {
    /// By number first: a clock can step back.
    fn age(&self) -> (u64, &str, Option<SystemTime>) {
        (self.number, &self.generated_at_utc, self.written)
    }
}

/// A lane at a glance.
#[derive(Debug, Clone, Deserialize)]
pub struct LaneHead {
    /// True if it was stopped before its end.
    pub cancelled: bool,
    /// Digest of all that it depended on.
    pub inputs_sha256: Option<String>,
    /// The run in which it ran, if it was reused.
    pub reused: Option<RunId>,
    /// Total duration of its steps in the run in which they ran, in milliseconds.
    #[serde(rename = "steps", deserialize_with = "total")]
    pub duration_ms: u64,
}

fn total<'de, D: Deserializer<'de>>(steps: D) -> std::result::Result<u64, D::Error> {
    #[derive(Deserialize)]
    struct Step {
        duration_ms: u64,
    }
    let steps = Vec::<Step>::deserialize(steps)?;
    let durations = steps.iter().map(|step| step.duration_ms);
    Ok(durations.fold(0, u64::saturating_add))
}

impl History {
    /// Returns the history of an artifacts folder, which need not exist.
    #[must_use]
    pub fn new(artifacts: &Path) -> Self {
        Self {
            runs: artifacts.join("runs"),
        }
    }

    /// Returns every folder with the name of a run.
    ///
    /// Readable runs come first, the newest first (by number, recorded time, file
    /// time and id), then unreadable ones by id.
    #[must_use]
    pub fn all(&self) -> Vec<(RunId, Result<Head>)> {
        let mut all: Vec<_> = self.ids().map(|id| (id.clone(), self.head(&id))).collect();
        all.sort_by(|(a, head_a), (b, head_b)| match (head_a, head_b) {
            (Ok(x), Ok(y)) => (y.age(), b).cmp(&(x.age(), a)),
            _ => (head_a.is_err(), a).cmp(&(head_b.is_err(), b)),
        });
        all
    }

    /// Returns the runs that can be read, the newest first.
    pub fn complete(&self) -> impl Iterator<Item = Head> {
        self.all().into_iter().filter_map(|(_, head)| head.ok())
    }

    /// Returns the newest run of the contract that passed whole.
    #[must_use]
    pub fn last_pass(&self) -> Option<Head> {
        let passed =
            |head: &Head| head.kind == Kind::Matrix && head.final_verdict == FinalVerdict::Pass;
        self.complete().find(passed)
    }

    /// Returns the newest run of the contract that failed.
    #[must_use]
    pub fn last_fail(&self) -> Option<Head> {
        let failed =
            |head: &Head| head.kind == Kind::Matrix && head.final_verdict == FinalVerdict::Fail;
        self.complete().find(failed)
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
            ReadError::Gone(_) => unfinished(&folder),
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
