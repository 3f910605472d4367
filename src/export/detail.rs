//! The parts of a recorded run that only a page shows.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::Value;

use super::last_pass::LastPass;
use crate::artifact::bundle::{Failed, ReplayBundle};
use crate::artifact::flakes::{FLAKES, Flakes, FlakyCell};
use crate::artifact::reader::{ReadError, StoredRun};
use crate::artifact::run_folder::LaneRecord;
use crate::model::change::LaneChange;
use crate::model::run_paths::change_path;
use crate::model::text::last_lines;
use crate::model::{CellEvidence, CellName, ScenarioName};

/// The number of lines that are shown of the log of one outcome of a flaky cell.
const SIDE_LINES: usize = 15;
/// The documents of trials and comparisons, by the names of their files.
const DOCUMENTS: [&str; 4] = [
    "mutation.json",
    "sabotage.json",
    "triage_diff.json",
    "vacuity.json",
];

/// The parts of a recorded run that only a page shows.
#[derive(Debug, Clone, Default)]
pub struct Detail {
    /// The evidence of each cell that ran.
    pub cells: BTreeMap<CellName, CellEvidence>,
    /// The lanes as recorded.
    pub lanes: IndexMap<ScenarioName, LaneRecord>,
    /// The failures, each with its commands.
    pub failures: Vec<Failed>,
    /// The flaky cells, each outcome with the end of its log.
    pub flaky: Vec<(FlakyCell, Vec<Vec<String>>)>,
    /// The documents of trials and comparisons that the run has, by the names of their files.
    pub documents: BTreeMap<&'static str, Value>,
    /// The change of each lane that has one on record.
    pub changes: BTreeMap<ScenarioName, LaneChange>,
    /// The comparison with an earlier run that `diff` was asked for, as its document.
    pub base: Option<Value>,
    /// The last pass before it, if it failed.
    pub last_pass: Option<LastPass>,
    /// The versions of the tools, by name.
    pub tools: BTreeMap<String, String>,
}

impl Detail {
    /// Reads them.
    ///
    /// # Errors
    /// If a part of the run is not what it was.
    pub fn new(stored: &StoredRun, bundle: &ReplayBundle) -> Result<Self, ReadError> {
        let run = stored.run();
        let mut detail = Self {
            lanes: run.lanes.clone(),
            failures: bundle.failures.clone(),
            last_pass: LastPass::before(stored)?,
            ..Self::default()
        };
        for (name, lane) in &run.lanes {
            let change = optional(stored, &change_path(name))?;
            let change = change.and_then(|bytes| serde_json::from_slice(&bytes).ok());
            detail
                .changes
                .extend(change.map(|change| (name.clone(), change)));
            let cells = stored.cells(lane)?.into_iter();
            let named = cells.map(|cell| (CellName::new(name, &cell.stage), cell));
            detail.cells.extend(named);
        }
        for name in DOCUMENTS {
            let document = optional(stored, name)?;
            let value = document.and_then(|bytes| serde_json::from_slice(&bytes).ok());
            detail.documents.extend(value.map(|value| (name, value)));
        }
        let flakes = optional(stored, FLAKES)?;
        let flakes: Option<Flakes> = flakes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        for cell in flakes.into_iter().flat_map(|flakes| flakes.cells) {
            let logs = cell.outcomes.iter().map(|seen| match &seen.example.log {
                Some(log) => Ok(last_lines(
                    &optional(stored, log)?.unwrap_or_default(),
                    SIDE_LINES,
                )),
                None => Ok(Vec::new()),
            });
            let logs = logs.collect::<Result<_, ReadError>>()?;
            detail.flaky.push((cell, logs));
        }
        let tools = &bundle.environment.tools;
        let known = tools
            .iter()
            .filter_map(|(name, version)| Some((name.clone(), version.clone()?)));
        detail.tools = known.collect();
        Ok(detail)
    }
}

/// Reads a file that not every run has.
fn optional(stored: &StoredRun, name: &str) -> Result<Option<Vec<u8>>, ReadError> {
    match stored.digest(name) {
        Ok(_) => stored.file(name).map(Some),
        Err(_) => Ok(None),
    }
}
