//! Copying a lane from the folder of an earlier run.

use std::path::Path;

use super::inputs::Inputs;
use crate::artifact::manifest::FileDigest;
use crate::artifact::reader::{ReadError, StoredRun};
use crate::artifact::run_folder::RunWriter;
use crate::artifact::write_error::WriteError;
use crate::model::event::{Event, EventKind};
use crate::model::run_paths::change_path;
use crate::model::{CellEvidence, LaneEvidence, RunId, ScenarioName};
use crate::sys::fs;

/// The reason why a lane could not be copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The earlier run was changed: the lane must run.
    #[error(transparent)]
    Source(#[from] ReadError),
    /// The folder of this run cannot be written.
    #[error(transparent)]
    Target(#[from] WriteError),
}

/// A reused lane.
pub struct CopiedLane {
    /// Its evidence.
    pub evidence: LaneEvidence,
    /// Its events, marked as reused.
    pub events: Vec<Event>,
}

/// The folders with one folder for each lane.
const FOLDERS: [&str; 4] = ["cells", "logs", "evidence", "seen"];

/// Copies the results of a lane from an earlier run and verifies every byte.
///
/// If that fails, nothing of the lane remains.
///
/// # Errors
/// If the one folder cannot be read or the other not be written.
pub fn copy_lane(
    stored: &StoredRun,
    events: &[Event],
    lane: &ScenarioName,
    run_id: &RunId,
    inputs: &Inputs,
    writer: &RunWriter,
) -> Result<CopiedLane, CopyError> {
    let evidence = copy_evidence(stored, lane, run_id, inputs, writer).inspect_err(|_| {
        for folder in FOLDERS {
            let _ = fs::remove_folder(&writer.path().join(folder).join(lane.as_str()));
        }
    })?;
    for cell in &evidence.cells {
        writer.cell(cell, "")?;
    }
    Ok(CopiedLane {
        events: marked(events, lane, stored.id()),
        evidence,
    })
}

fn copy_evidence(
    stored: &StoredRun,
    lane: &ScenarioName,
    run_id: &RunId,
    inputs: &Inputs,
    writer: &RunWriter,
) -> Result<LaneEvidence, CopyError> {
    let gone = || ReadError::Gone(stored.path().join("cells").join(lane.as_str()));
    let record = stored.lane(lane).ok_or_else(gone)?;
    let cell = |cell: CellEvidence| CellEvidence {
        run_id: run_id.to_string(),
        reused: Some(stored.id().clone()),
        ..cell
    };
    let cells: Vec<_> = stored.cells(record)?.into_iter().map(cell).collect();
    let mut copied = Vec::new();
    for folder in ["logs", "evidence"] {
        for name in stored.files_below(&format!("{folder}/{lane}")) {
            copied.push((name, copy_file(stored, name, writer.path())?));
        }
    }
    let change = change_path(lane);
    if stored.digest(&change).is_ok() {
        let digest = copy_file(stored, &change, writer.path())?;
        writer.note(&change, digest);
    }
    copy_unproved(stored, &format!("seen/{lane}"), writer.path())?;
    // Nothing can fail from here on, so recorded digests stay valid.
    for (name, digest) in copied {
        writer.note(name, digest);
    }
    Ok(LaneEvidence {
        cells,
        steps: record.steps.clone(),
        package: record.package_resolved.clone(),
        cancelled: false,
        reused: Some(stored.id().clone()),
        inputs_sha256: inputs.digest(lane),
        ..LaneEvidence::not_run(lane.clone())
    })
}

/// Copies a file and verifies its digest.
fn copy_file(stored: &StoredRun, name: &str, to: &Path) -> Result<FileDigest, CopyError> {
    let wanted = stored.digest(name)?;
    let (from, to) = (stored.path().join(name), to.join(name));
    let (sha256, bytes) = match fs::share_digested(&from, &to) {
        Ok(copied) => copied,
        Err(e) if from.is_file() => return Err(WriteError::new("cannot write", &to, e).into()),
        Err(_) => return Err(ReadError::Gone(from).into()),
    };
    let copied = FileDigest { sha256, bytes };
    if copied == *wanted {
        Ok(copied)
    } else {
        Err(ReadError::Changed(from).into())
    }
}

/// Copies files that decide nothing, without verification.
fn copy_unproved(stored: &StoredRun, folder: &str, to: &Path) -> Result<(), CopyError> {
    let (from, to) = (stored.path().join(folder), to.join(folder));
    if !from.is_dir() {
        return Ok(());
    }
    let files = fs::list_tree(&from).unwrap_or_default();
    let copied = files
        .iter()
        .try_for_each(|file| fs::share_digested(&from.join(file), &to.join(file)).map(drop));
    copied.map_err(|e| WriteError::new("cannot write", &to, e).into())
}

/// Renumbers the events of a lane after one that names their origin.
///
/// Their times are those at which they happened.
fn marked(events: &[Event], lane: &ScenarioName, run: &RunId) -> Vec<Event> {
    let own = events
        .iter()
        .filter(|event| event.lane.as_ref() == Some(lane));
    let first = own.clone().next();
    let mark = Event {
        seq: 1,
        at: first.map_or_else(String::new, |event| event.at.clone()),
        lane: Some(lane.clone()),
        kind: EventKind::LaneReused {
            run_id: run.clone(),
        },
    };
    let mut all = vec![mark];
    for event in own {
        all.push(Event {
            seq: all.len() as u64 + 1,
            ..event.clone()
        });
    }
    all
}
