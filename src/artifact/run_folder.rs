//! `runs/<run_id>/`: everything that one run knows, `run.json` last.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::folder::{ArtifactsFolder, WriteError};
use super::summary::{FinalVerdict, ScenarioSummary};
use super::{to_bytes, to_line};
use crate::model::event::Event;
use crate::model::evidence::{PackageResolved, SetUp, StepEvidence, cell_path, seen_path};
use crate::model::plan::Source;
use crate::model::{
    BoundPlan, CellEvidence, Failure, FailureClass, RunId, ScenarioName, StageName,
};
use crate::sys::fs;

/// `run.json`: written last; a run folder without it is incomplete.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Run {
    /// Version of this format.
    pub schema_version: u32,
    /// The run's id.
    pub run_id: RunId,
    /// The version of `matrix`.
    pub matrix_version: String,
    /// When the file was made, UTC.
    pub generated_at_utc: String,
    /// The gate's name.
    pub gate: String,
    /// The package as typed.
    pub package_spec: Option<String>,
    /// What was really installed.
    pub package_resolved: Option<PackageResolved>,
    /// `PASS`, `PARTIAL` or `FAIL`.
    pub final_verdict: FinalVerdict,
    /// The code that `matrix` exits with, if the verdict can be written.
    pub exit_code: u8,
    /// The consumer; null for a run that ended before it was opened.
    pub source: Option<Source>,
    /// Digest of `plan.json`; null for a run that ended before it.
    pub plan_sha256: Option<String>,
    /// Every declared scenario, as the summary has it.
    pub scenarios: IndexMap<ScenarioName, ScenarioSummary>,
    /// The lanes that ran, in declared order.
    pub lanes: IndexMap<ScenarioName, LaneRecord>,
    /// The failure that decided the verdict.
    pub failure: Option<FailureRecord>,
}

/// A lane in `run.json`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct LaneRecord {
    /// Whether the lane was stopped before its end.
    pub cancelled: bool,
    /// How it came by what it began with.
    pub set_up: SetUp,
    /// The files of its cells, relative to the run folder, by stage.
    pub cells: IndexMap<StageName, String>,
    /// The steps that ran, in order.
    pub steps: Vec<StepEvidence>,
    /// The first thing that went wrong in this lane.
    pub failure: Option<FailureRecord>,
}

/// A failure in `run.json`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FailureRecord {
    /// `preflight` or the scenario's name.
    pub phase: Option<String>,
    /// The step's id.
    pub step: String,
    /// The kind of the failure.
    pub class: FailureClass,
    /// What happened, in a sentence.
    pub message: String,
    /// The step's command.
    pub command: Option<String>,
    /// The step's log, relative to the run folder.
    pub log: Option<String>,
}

impl From<&Failure> for FailureRecord {
    fn from(failure: &Failure) -> Self {
        Self {
            phase: failure.phase.clone(),
            step: failure.step.clone(),
            class: failure.class,
            message: failure.message.clone(),
            command: failure
                .command
                .as_ref()
                .map(|command| command.command.clone()),
            log: failure.log.clone(),
        }
    }
}

/// Writes a run's folder as the run goes on.
pub struct RunWriter {
    path: PathBuf,
    events: File,
}

impl RunWriter {
    /// Makes the run's folder; one of the same id is replaced whole.
    ///
    /// # Errors
    /// If the old one cannot be removed or the new one not be made.
    pub fn create(folder: &ArtifactsFolder, run_id: &RunId) -> Result<Self, WriteError> {
        let runs = folder.runs();
        if runs.is_symlink() {
            let e = std::io::Error::other("it is a link, and might lead anywhere");
            return Err(WriteError::new("will not write through", &runs, e));
        }
        let path = runs.join(run_id.as_str());
        fs::remove_folder(&path).map_err(|e| WriteError::new("cannot replace", &path, e))?;
        let events = path.join("events.jsonl");
        let file = fs::create_in_new_folder(&events);
        let events = file.map_err(|e| WriteError::new("cannot write", &events, e))?;
        Ok(Self { path, events })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes `plan.json` and tells its digest.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn plan(&self, plan: &BoundPlan) -> Result<String, WriteError> {
        let bytes = to_bytes(plan);
        self.file("plan.json", &bytes)?;
        Ok(fs::sha256(&bytes))
    }

    /// Appends an event.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn event(&mut self, event: &Event) -> Result<(), WriteError> {
        let path = self.path.join("events.jsonl");
        fs::write_log(&mut self.events, &path, &to_line(event))
            .map_err(|e| WriteError::new("cannot write", &path, e))
    }

    /// Writes the file of a cell.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn cell(&self, cell: &CellEvidence) -> Result<(), WriteError> {
        if !cell.processes.is_empty() {
            let path = seen_path(&cell.scenario, &cell.stage);
            self.file(&path, &to_bytes(&cell.processes))?;
        }
        self.file(&cell_path(&cell.scenario, &cell.stage), &to_bytes(cell))
    }

    /// Ends the folder: the events in an order that repeats, then
    /// `run.json`.
    ///
    /// # Errors
    /// If one cannot be written.
    pub fn finish(mut self, run: &Run) -> Result<PathBuf, WriteError> {
        let path = self.path.join("events.jsonl");
        self.sort_events(&path, run)
            .map_err(|e| WriteError::new("cannot write", &path, e))?;
        let path = self.path.join("run.json");
        fs::write_atomic(&path, &to_bytes(run))
            .map_err(|e| WriteError::new("cannot write", &path, e))?;
        Ok(self.path)
    }

    /// While lanes run side by side their events come as they happen; in the
    /// finished file they stand lane by lane, in declared order, between the
    /// first and the last of the run itself.
    fn sort_events(&mut self, path: &Path, run: &Run) -> std::io::Result<()> {
        self.events.flush()?;
        let mut lines = Vec::new();
        for line in BufReader::new(File::open(path)?).lines() {
            let line = line?;
            let event: serde_json::Value = serde_json::from_str(&line)?;
            let position = event["lane"]
                .as_str()
                .and_then(|lane| run.lanes.get_index_of(&lane.parse::<ScenarioName>().ok()?));
            let place = match position {
                Some(at) => at + 1,
                None if event["kind"] == "run_finished" => usize::MAX,
                None => 0,
            };
            lines.push((place, event["seq"].as_u64(), line));
        }
        lines.sort();
        let mut bytes = Vec::new();
        for (_, _, line) in lines {
            bytes.extend_from_slice(line.as_bytes());
            bytes.push(b'\n');
        }
        fs::Staged::new(path, &bytes)?.publish()
    }

    /// Writes a document.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn file(&self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let path = self.path.join(name);
        fs::write(&path, bytes).map_err(|e| WriteError::new("cannot write", &path, e))
    }
}
