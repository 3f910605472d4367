//! `runs/<run_id>/`: everything that one run knows, `run.json` last.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::{to_bytes, to_line};
use super::lock::FolderLock;
use super::manifest::{FileDigest, Manifest};
use super::summary::{FinalVerdict, ScenarioSummary};
use super::write_error::WriteError;
use crate::model::event::Event;
use crate::model::evidence::{SetUp, StepEvidence};
use crate::model::package::PackageResolved;
use crate::model::plan::Source;
use crate::model::run_paths::{cell_path, repetition_prefix, seen_path};
use crate::model::text::own;
use crate::model::{
    BoundPlan, CellEvidence, CellName, Failure, FailureClass, GateName, Kind, LaneEvidence,
    RequestRecord, RunId, ScenarioName, StageName, StepId,
};
use crate::sys::fs;

/// The plan of a run, in its folder.
pub const PLAN: &str = "plan.json";
/// The run's events.
pub const EVENTS: &str = "events.jsonl";
/// The manifest: digests of the run's files.
pub const FILES: &str = "files.json";
/// The whole run.
pub const RUN: &str = "run.json";
/// The number of a run that has not ended: a line of digits.
pub const NUMBER: &str = "number";

/// `run.json`: written last; a run folder without it is incomplete.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Version of this format.
    pub schema_version: u32,
    /// The run's id.
    pub run_id: RunId,
    /// The version of `matrix`.
    pub matrix_version: String,
    /// The number of the run in its artifacts folder, from 1, in the order in which runs
    /// began; 0 if it is not known.
    #[serde(default)]
    pub number: u64,
    /// When the file was made, UTC.
    #[serde(serialize_with = "own")]
    pub generated_at_utc: String,
    /// The purpose of the run.
    pub kind: Kind,
    /// The run whose lanes were run again; null for any other run.
    pub replay_of: Option<RunId>,
    /// The request.
    pub asked: RequestRecord,
    /// The gate's name.
    pub gate: GateName,
    /// The package as typed.
    pub package_spec: Option<String>,
    /// The installed package.
    pub package_resolved: Option<PackageResolved>,
    /// `PASS`, `PARTIAL` or `FAIL`.
    pub final_verdict: FinalVerdict,
    /// The code that `matrix` exits with, if the verdict can be written.
    pub exit_code: u8,
    /// The consumer; null for a run that ended before it was opened.
    pub source: Option<Source>,
    /// Digest of `plan.json`; null for a run that ended before it.
    #[serde(serialize_with = "own")]
    pub plan_sha256: Option<String>,
    /// Every declared scenario, as the summary has it.
    pub scenarios: IndexMap<ScenarioName, ScenarioSummary>,
    /// The lanes that ran, in declared order.
    pub lanes: IndexMap<ScenarioName, LaneRecord>,
    /// Number of repetitions of every lane; null for one. The lane records here
    /// describe the first repetition, and what failed in another.
    pub repeat: Option<usize>,
    /// The run that this one ran again (`--rerun-from`).
    pub parent: Option<RunId>,
    /// The declared cells, as `<scenario>/<stage>`, that were green neither
    /// here nor in the parent, or red since, in declared order; null where
    /// nothing was planned, and for other kinds of run.
    #[schemars(with = "Option<Vec<String>>")]
    pub outstanding: Option<Vec<CellName>>,
    /// The cells, as `<scenario>/<stage>`, of which the scenario expects nothing: they
    /// are not run.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub unexpected: Vec<CellName>,
    /// The failure that decided the verdict.
    pub failure: Option<FailureRecord>,
}

impl Run {
    /// Returns the declared stages, in declared order.
    ///
    /// The keys of `scenarios` are unambiguous (`pre_commit_exit` is
    /// `pre-commit`): names contain no underscore.
    pub fn stages(&self) -> impl Iterator<Item = StageName> {
        let exits = self.scenarios.values().next();
        let keys = exits.into_iter().flat_map(|scenario| scenario.exits.keys());
        keys.filter_map(|key| key.strip_suffix("_exit")?.replace('_', "-").parse().ok())
    }
}

/// A lane in `run.json`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LaneRecord {
    /// True if the lane was stopped before its end.
    pub cancelled: bool,
    /// The origin of the state that the lane started from.
    pub set_up: SetUp,
    /// The files of its cells, relative to the run folder, by stage.
    #[serde(serialize_with = "own")]
    pub cells: IndexMap<StageName, String>,
    /// The steps that ran, in order.
    pub steps: Vec<StepEvidence>,
    /// The package installed in it.
    pub package_resolved: Option<PackageResolved>,
    /// Digest of everything that it depends on; `plan.json` has its parts. Null
    /// if the lane is never reused.
    #[serde(serialize_with = "own")]
    pub inputs_sha256: Option<String>,
    /// The run in which the lane ran; null unless it was reused.
    pub reused: Option<RunId>,
    /// Earlier attempts that failed for infrastructure reasons (`--retries`).
    #[serde(default)]
    pub attempts: Vec<AttemptRecord>,
    /// The first thing that went wrong in this lane.
    pub failure: Option<FailureRecord>,
}

/// An attempt at a lane that the machine failed, in `run.json`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AttemptRecord {
    /// The steps that ran, in order.
    pub steps: Vec<StepEvidence>,
    /// The reason why the attempt does not count.
    pub failure: Option<FailureRecord>,
}

/// A failure in `run.json`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FailureRecord {
    /// `preflight` or the scenario's name.
    #[serde(serialize_with = "own")]
    pub phase: Option<String>,
    /// The step's id.
    pub step: StepId,
    /// The kind of the failure.
    pub class: FailureClass,
    /// The failure in a sentence.
    pub message: String,
    /// The step's command.
    pub command: Option<String>,
    /// The step's log, relative to the run folder.
    #[serde(serialize_with = "own")]
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

impl From<&LaneEvidence> for LaneRecord {
    fn from(lane: &LaneEvidence) -> Self {
        let cell = |stage: &StageName| (stage.clone(), cell_path(&lane.scenario, stage));
        Self {
            cancelled: lane.cancelled,
            set_up: lane.set_up.clone(),
            cells: lane.cells.iter().map(|of| cell(&of.stage)).collect(),
            steps: lane.steps.clone(),
            package_resolved: lane.package.clone(),
            inputs_sha256: lane.inputs_sha256.clone(),
            reused: lane.reused.clone(),
            attempts: lane.attempts.iter().map(AttemptRecord::from).collect(),
            failure: lane.failure.as_ref().map(FailureRecord::from),
        }
    }
}

impl LaneRecord {
    /// Returns the lane as evidence, so that a recorded lane can be judged as
    /// a live one is; `cells` are those that were read from their files.
    #[must_use]
    pub fn evidence(&self, name: &ScenarioName, cells: Vec<CellEvidence>) -> LaneEvidence {
        LaneEvidence {
            cells,
            steps: self.steps.clone(),
            package: self.package_resolved.clone(),
            set_up: self.set_up.clone(),
            failure: self.failure.as_ref().map(FailureRecord::failure),
            cancelled: self.cancelled,
            reused: self.reused.clone(),
            inputs_sha256: self.inputs_sha256.clone(),
            ..LaneEvidence::not_run(name.clone())
        }
    }
}

impl FailureRecord {
    /// Returns the failure as far as the record has it, with the exit code of
    /// its class.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let failure = Failure::new(self.class, self.step.clone(), &self.message);
        Failure {
            phase: self.phase.clone(),
            log: self.log.clone(),
            ..failure
        }
    }
}

impl From<&LaneEvidence> for AttemptRecord {
    fn from(attempt: &LaneEvidence) -> Self {
        Self {
            steps: attempt.steps.clone(),
            failure: attempt.failure.as_ref().map(FailureRecord::from),
        }
    }
}

/// Writes a run's folder as the run goes on.
pub struct RunWriter {
    path: PathBuf,
    events: File,
    /// The files that are complete.
    written: RefCell<BTreeMap<String, FileDigest>>,
    number: u64,
    /// The digest of `files.json`, once it is written.
    manifest_sha256: Option<String>,
}

impl RunWriter {
    /// Makes the run's folder; one of the same id is replaced whole.
    ///
    /// # Errors
    /// If the old one cannot be removed or the new one not be made.
    pub fn create(lock: &FolderLock, run_id: &RunId) -> Result<Self, WriteError> {
        let runs = lock.runs();
        if runs.is_symlink() {
            let e = std::io::Error::other("it is a link, and might lead anywhere");
            return Err(WriteError::new("will not write through", &runs, e));
        }
        let path = runs.join(run_id.as_str());
        fs::remove_folder(&path).map_err(|e| WriteError::new("cannot replace", &path, e))?;
        let log = path.join(EVENTS);
        let created = fs::create_in_new_folder(&log);
        let events = created.map_err(|e| WriteError::new("cannot write", &log, e))?;
        let number = lock.next_number();
        write(&path.join(NUMBER), format!("{number}\n").as_bytes())?;
        Ok(Self {
            path,
            events,
            written: RefCell::default(),
            number,
            manifest_sha256: None,
        })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes `plan.json` and returns its digest.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn plan(&self, plan: &BoundPlan) -> Result<String, WriteError> {
        let bytes = to_bytes(plan);
        self.file(PLAN, &bytes)?;
        Ok(fs::sha256(&bytes))
    }

    /// Appends an event.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn event(&mut self, event: &Event) -> Result<(), WriteError> {
        let path = self.path.join(EVENTS);
        fs::write_log(&mut self.events, &path, &to_line(event))
            .map_err(|e| WriteError::new("cannot write", &path, e))
    }

    /// Writes the file of a cell below the folder of its repetition.
    ///
    /// `tree` is a path that ends with a slash, or empty.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn cell(&self, cell: &CellEvidence, tree: &str) -> Result<(), WriteError> {
        if !cell.processes.is_empty() {
            let seen = seen_path(&cell.scenario, &cell.stage);
            let path = self.path.join(format!("{tree}{seen}"));
            write(&path, &to_bytes(&cell.processes))?;
        }
        if let Some((copy, digest)) = copy_of_document(cell) {
            self.note(&copy, digest);
        }
        let path = cell_path(&cell.scenario, &cell.stage);
        self.file(&format!("{tree}{path}"), &to_bytes(cell))
    }

    /// Removes the file of a cell that is archived elsewhere.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn forget_cell(&self, cell: &CellEvidence, tree: &str) -> Result<(), WriteError> {
        let name = format!("{tree}{}", cell_path(&cell.scenario, &cell.stage));
        if let Some((copy, _)) = copy_of_document(cell) {
            self.written.borrow_mut().remove(&copy);
        }
        self.written.borrow_mut().remove(&name);
        let path = self.path.join(name);
        let removed = fs::remove_file(&path).map(drop);
        removed.map_err(|e| WriteError::new("cannot remove", &path, e))
    }

    /// Completes the folder: sorted events, then the manifest, then `run.json`.
    ///
    /// # Errors
    /// If one cannot be written.
    pub fn finish(&mut self, run: &Run) -> Result<PathBuf, WriteError> {
        let path = self.path.join(EVENTS);
        self.sort_events(&path, run)
            .map_err(|e| WriteError::new("cannot write", &path, e))?;
        let bytes = to_bytes(&Run {
            number: self.number,
            ..run.clone()
        });
        self.note(RUN, FileDigest::from_bytes(&bytes));
        let manifest = Manifest::new(run.run_id.clone(), self.files(run));
        let listed = to_bytes(&manifest);
        write(&self.path.join(FILES), &listed)?;
        self.manifest_sha256 = Some(fs::sha256(&listed));
        let path = self.path.join(RUN);
        fs::write_atomic(&path, &bytes).map_err(|e| WriteError::new("cannot write", &path, e))?;
        // The number is in `run.json` now.
        let _ = fs::remove_file(&self.path.join(NUMBER));
        Ok(self.path.clone())
    }

    /// Returns the digest of `files.json`, once it is written.
    #[must_use]
    pub fn manifest_sha256(&self) -> Option<String> {
        self.manifest_sha256.clone()
    }

    /// Sorts the events lane by lane, in declared order.
    ///
    /// Lanes run concurrently and their events are appended as they happen.
    /// Events of the run itself frame those of the lanes. The finished file
    /// must not depend on timing.
    fn sort_events(&mut self, path: &Path, run: &Run) -> std::io::Result<()> {
        self.events.flush()?;
        let mut lines = Vec::new();
        for line in BufReader::new(fs::open(path)?).lines() {
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
        self.note(EVENTS, FileDigest::from_bytes(&bytes));
        fs::Staged::new(path, &bytes)?.publish()
    }

    /// Returns the digests of all files that this writer wrote, and of the lanes' logs.
    ///
    /// Logs are written by the steps themselves while they run.
    fn files(&self, run: &Run) -> BTreeMap<String, FileDigest> {
        let mut files = self.written.take();
        let steps = run.lanes.values().flat_map(|lane| &lane.steps);
        for log in steps.filter_map(|step| step.log.as_ref()) {
            let digest = FileDigest {
                sha256: log.sha256.clone(),
                bytes: log.bytes,
            };
            files.insert(log.path.clone(), digest);
        }
        // A lane that was stopped may still be writing.
        for (name, _) in run.lanes.iter().filter(|(_, lane)| !lane.cancelled) {
            for turn in 1..=run.repeat.unwrap_or(1) {
                let tree = repetition_prefix(turn);
                self.add_other_logs(&format!("{tree}logs/{name}"), &mut files);
                for attempt in self.attempts(&tree) {
                    self.add_other_logs(&format!("{attempt}/logs/{name}"), &mut files);
                }
            }
        }
        files
    }

    /// Returns the folders of archived attempts.
    fn attempts(&self, tree: &str) -> Vec<String> {
        let folder = format!("{tree}attempts");
        let listed = std::fs::read_dir(self.path.join(&folder));
        let entries = listed.into_iter().flatten().flatten();
        let name = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        entries
            .map(|entry| format!("{folder}/{}", name(entry)))
            .collect()
    }

    /// Logs that no step names: what a stage needed before it began.
    fn add_other_logs(&self, folder: &str, files: &mut BTreeMap<String, FileDigest>) {
        let entries = std::fs::read_dir(self.path.join(folder));
        for entry in entries.into_iter().flatten().flatten() {
            let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if files.contains_key(&name) {
                continue;
            }
            if let Ok(bytes) = fs::read(entry.path()) {
                files.insert(name, FileDigest::from_bytes(&bytes));
            }
        }
    }

    /// Has `files.json` name a file that was written past this writer.
    pub fn note(&self, name: &str, digest: FileDigest) {
        self.written.borrow_mut().insert(name.to_owned(), digest);
    }

    /// Writes a document.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn file(&self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        write(&self.path.join(name), bytes)?;
        self.note(name, FileDigest::from_bytes(bytes));
        Ok(())
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    fs::write(path, bytes)
        .map_err(|e| WriteError::new("cannot write", path, e).of_size(bytes.len()))
}

/// The copy of the document that a stage had to write, which its lane made.
fn copy_of_document(cell: &CellEvidence) -> Option<(String, FileDigest)> {
    let document = cell.proof.as_ref()?.evidence.as_ref()?;
    let digest = FileDigest {
        sha256: document.sha256.clone()?,
        bytes: document.bytes?,
    };
    Some((document.copy.clone()?, digest))
}
