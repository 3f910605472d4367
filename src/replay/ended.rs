//! A run that has ended, as far as its commands and causes depend on it.

use std::path::Path;

use crate::artifact::context::RunContext;
use crate::model::{BoundPlan, Plan};
use crate::verdict::Verdict;

/// A run that has ended.
pub struct Ended<'a> {
    /// The run's facts.
    pub run: &'a RunContext,
    /// Its verdict.
    pub verdict: &'a Verdict,
    /// The selected lanes and stages; None if the run ended before.
    pub plan: Option<&'a Plan>,
    /// The plan as it was written.
    pub record: Option<&'a BoundPlan>,
    /// The scripts of the lanes that failed, by place in the run folder.
    pub scripts: &'a [(String, Vec<u8>)],
    /// The folder in which the consumer was looked for.
    pub repo: &'a Path,
    /// True if a trial concluded from altered lanes, which fail on purpose.
    pub has_findings: bool,
}
