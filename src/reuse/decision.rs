//! The decision about each lane: reused from a run, or run, and why.

use std::rc::Rc;

use indexmap::IndexMap;

use crate::artifact::reader::StoredRun;
use crate::model::ScenarioName;

/// The lanes that are reused, and the reasons the others are not.
#[derive(Debug, Default)]
pub struct Decision {
    /// The run in which each reusable lane ran.
    pub from: IndexMap<ScenarioName, Rc<StoredRun>>,
    /// The reason why each of the others runs, in the order of the lanes.
    pub played: IndexMap<ScenarioName, String>,
    /// Messages about runs that could not be read.
    pub refused: Vec<String>,
}
