//! Paths of the files in a run folder, relative to it.

use super::names::{ScenarioName, StageName};

/// Returns the path of a cell's file.
#[must_use]
pub fn cell_path(scenario: &ScenarioName, stage: &StageName) -> String {
    format!("cells/{scenario}/{stage}.json")
}

/// Returns the path of the change of a lane.
#[must_use]
pub fn change_path(scenario: &ScenarioName) -> String {
    format!("changes/{scenario}.json")
}

/// Returns the path of the file of processes seen in a cell.
#[must_use]
pub fn seen_path(scenario: &ScenarioName, stage: &StageName) -> String {
    format!("seen/{scenario}/{stage}.json")
}

/// Returns the path of a step's log.
#[must_use]
pub fn log_path(scenario: &ScenarioName, step: &str) -> String {
    format!("logs/{scenario}/{step}.log")
}

/// Returns the path of a log of a fresh clone, by its number from 1.
///
/// No scenario has a dot in its name.
#[must_use]
pub fn fresh_clone_log(number: usize, step: &str) -> String {
    format!("logs/fresh-clone.{number}/{step}.log")
}

/// Returns the prefix of the paths of a repetition's files.
///
/// It is empty for the first repetition.
#[must_use]
pub fn repetition_prefix(turn: usize) -> String {
    match turn {
        1 => String::new(),
        turn => format!("repeats/{turn}/"),
    }
}

/// Returns the path of the copy of a cell's document.
#[must_use]
pub fn copy_path(scenario: &ScenarioName, stage: &StageName, file_name: &str) -> String {
    format!("evidence/{scenario}/{stage}/{file_name}")
}
