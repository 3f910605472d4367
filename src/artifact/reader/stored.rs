//! A complete run in its folder.

use std::fs::File;
use std::path::{Component, Path, PathBuf};

use serde::de::DeserializeOwned;

use super::error::ReadError;
use super::file::{Result, document, is_absence, parse, read};
use crate::artifact::bundle::{BUNDLE, ReplayBundle};
use crate::artifact::manifest::{FileDigest, Manifest};
use crate::artifact::run_folder::{EVENTS, FILES, LaneRecord, NUMBER, PLAN, RUN, Run};
use crate::model::event::Event;
use crate::model::evidence::LogRef;
use crate::model::{BoundPlan, CellEvidence, LaneEvidence, RunId, ScenarioName};
use crate::sys::fs;

/// A complete run. As long as this value lives no other run prunes it.
#[derive(Debug)]
pub struct StoredRun {
    path: PathBuf,
    run: Run,
    manifest: Manifest,
    /// The shared lock on `run.json`.
    _lock: File,
}

impl StoredRun {
    /// Opens the run of a folder: `run.json` and `files.json` are checked
    /// whole, every other file for being there in its size.
    ///
    /// # Errors
    /// If the run is incomplete, of a later version, or not what it was.
    pub fn open(path: &Path) -> Result<Self> {
        if !path.is_dir() {
            return Err(ReadError::Missing(path.to_owned()));
        }
        let (lock, bytes) = locked(path)?;
        let run: Run = document(&path.join(RUN), &bytes)?;
        let file = path.join(FILES);
        let manifest: Manifest = document(&file, &read(&file)?)?;
        let stored = Self {
            path: path.to_owned(),
            run,
            manifest,
            _lock: lock,
        };
        stored.check_identity(&bytes)?;
        stored.check_presence()?;
        Ok(stored)
    }

    /// `run.json` is what `files.json` says, both are of one run, and the
    /// folder has its name: a copy under another name is another run.
    fn check_identity(&self, bytes: &[u8]) -> Result<()> {
        let name = self.path.file_name().unwrap_or_default();
        let id = self.run.run_id.as_str();
        let own = self.manifest.files.get(RUN);
        let changed = if name != id {
            RUN
        } else if self.manifest.run_id != self.run.run_id {
            FILES
        } else if own != Some(&FileDigest::from_bytes(bytes)) {
            RUN
        } else {
            return Ok(());
        };
        Err(ReadError::Changed(self.path.join(changed)))
    }

    fn check_presence(&self) -> Result<()> {
        for (name, digest) in &self.manifest.files {
            let path = self.path.join(name);
            let inside = |part| matches!(part, Component::Normal(_));
            if !Path::new(name).components().all(inside) {
                return Err(ReadError::Changed(self.path.join(FILES)));
            }
            match path.symlink_metadata() {
                Err(_) => return Err(ReadError::Gone(path)),
                Ok(meta) if !meta.is_file() || meta.len() != digest.bytes => {
                    return Err(ReadError::Changed(path));
                }
                Ok(_) => {}
            }
        }
        Ok(())
    }

    /// Returns its folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns its id.
    #[must_use]
    pub fn id(&self) -> &RunId {
        &self.run.run_id
    }

    /// Returns `run.json`.
    #[must_use]
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// Returns the lane of this name, if it ran.
    #[must_use]
    pub fn lane(&self, name: &ScenarioName) -> Option<&LaneRecord> {
        self.run.lanes.get(name)
    }

    /// True if it got as far as a plan.
    #[must_use]
    pub fn has_plan(&self) -> bool {
        self.manifest.files.contains_key(PLAN)
    }

    /// Reads `plan.json`, which a run that ended early does not have.
    ///
    /// # Errors
    /// If it is not there or not what it was.
    pub fn plan(&self) -> Result<BoundPlan> {
        self.document(PLAN)
    }

    /// Reads `replay_bundle.json`.
    ///
    /// # Errors
    /// If it is not there or not what it was.
    pub fn bundle(&self) -> Result<ReplayBundle> {
        self.document(BUNDLE)
    }

    /// Reads `events.jsonl`, in its order: lane by lane.
    ///
    /// # Errors
    /// If it is not what it was.
    pub fn events(&self) -> Result<Vec<Event>> {
        let path = self.path.join(EVENTS);
        let bytes = self.file(EVENTS)?;
        let lines = bytes.split(|byte| *byte == b'\n');
        lines
            .filter(|line| !line.is_empty())
            .map(|line| parse(&path, line))
            .collect()
    }

    /// Reads the cells of a lane, in the order of the stages.
    ///
    /// # Errors
    /// If one is not what it was.
    pub fn cells(&self, lane: &LaneRecord) -> Result<Vec<CellEvidence>> {
        lane.cells
            .values()
            .map(|path| self.document(path))
            .collect()
    }

    /// Returns the lanes as evidence, in declared order, so that a recorded
    /// run can be judged as a live one is.
    ///
    /// # Errors
    /// If a cell is not what it was.
    pub fn evidence(&self) -> Result<Vec<LaneEvidence>> {
        let lanes = self.run.lanes.iter();
        lanes
            .map(|(name, lane)| Ok(lane.evidence(name, self.cells(lane)?)))
            .collect()
    }

    /// Reads the log of a step.
    ///
    /// # Errors
    /// If it is not what it was.
    pub fn log(&self, log: &LogRef) -> Result<Vec<u8>> {
        self.file(&log.path)
    }

    /// Reads any file of the run, by its path relative to the run's folder.
    ///
    /// # Errors
    /// If the run does not vouch for it, or it is not what it was.
    pub fn file(&self, name: &str) -> Result<Vec<u8>> {
        let path = self.path.join(name);
        let digest = self.digest(name)?;
        let bytes = read(&path)?;
        if FileDigest::from_bytes(&bytes) == *digest {
            Ok(bytes)
        } else {
            Err(ReadError::Changed(path))
        }
    }

    /// Returns the digest that the run recorded for a file.
    ///
    /// # Errors
    /// If it says nothing.
    pub fn digest(&self, name: &str) -> Result<&FileDigest> {
        let digest = self.manifest.files.get(name);
        digest.ok_or_else(|| ReadError::Gone(self.path.join(name)))
    }

    /// Returns the recorded files below a folder of the run, sorted.
    pub fn files_below(&self, folder: &str) -> impl Iterator<Item = &str> {
        let from = format!("{folder}/");
        let names = self.manifest.files.range(from.clone()..);
        names
            .map(|(name, _)| name.as_str())
            .take_while(move |name| name.starts_with(&from))
    }

    /// Checks every file of the run against its digest, and returns their number.
    ///
    /// # Errors
    /// If one is not what it was.
    pub fn verify(&self) -> Result<usize> {
        let mut names = self.manifest.files.keys();
        names.try_for_each(|name| self.file(name).map(drop))?;
        Ok(self.manifest.files.len())
    }

    /// Returns the digests of its files.
    pub(super) fn digests(&self) -> impl Iterator<Item = &FileDigest> {
        self.manifest.files.values()
    }

    fn document<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        document(&self.path.join(name), &self.file(name)?)
    }
}

/// Returns the reason why a run has no `run.json`: it died, unless it is the one that holds
/// the lock of its artifacts folder.
pub(super) fn unfinished(run: &Path) -> ReadError {
    let artifacts = fs::parent(fs::parent(run));
    let text = fs::read_text(run.join(NUMBER)).unwrap_or_default();
    match fs::number_held(&artifacts.join(fs::LOCK)) {
        Some(number) if text.trim().parse() == Ok(number) => ReadError::Running(run.to_owned()),
        _ => ReadError::Incomplete(run.to_owned()),
    }
}

/// Opens `run.json` with a shared lock, which retention respects.
fn locked(run: &Path) -> Result<(File, Vec<u8>)> {
    let path = run.join(RUN);
    let unreadable = |cause| ReadError::Unreadable {
        file: path.clone(),
        cause,
    };
    let file = match fs::open(&path) {
        Ok(file) => file,
        Err(e) if is_absence(&e) => return Err(unfinished(run)),
        Err(e) => return Err(unreadable(e)),
    };
    if !fs::share(&file).map_err(unreadable)? {
        return Err(ReadError::Held(path));
    }
    let bytes = fs::read_opened(&file).map_err(unreadable)?;
    Ok((file, bytes))
}
