//! The decision about each lane: reused from a run, or run, and why.

use std::rc::Rc;

use indexmap::IndexMap;

use crate::artifact::reader::StoredRun;
use crate::model::ScenarioName;

/// The answer.
#[derive(Debug, Default)]
pub struct Decision {
    /// The run in which each lane really ran, for the lanes that can be
    /// taken over from there.
    pub from: IndexMap<ScenarioName, Rc<StoredRun>>,
    /// Why the others are played, in the order of the lanes.
    pub played: IndexMap<ScenarioName, String>,
    /// Runs that would have been asked and could not be read.
    pub refused: Vec<String>,
}
