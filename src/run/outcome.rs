//! A run whose lanes have ended, with everything that its files need.

use crate::artifact::flakes::FlakyCell;
use crate::prepare::{Findings, Prepared};
use crate::verdict::Verdict;

/// A run whose lanes have ended.
pub(super) struct Outcome<'a> {
    /// The verdict and the evidence.
    pub(super) verdict: Verdict,
    /// The cells that differ among repetitions.
    pub(super) flaky: Vec<FlakyCell>,
    /// The scripts of the lanes that failed, by place in the run folder.
    pub(super) scripts: Vec<(String, Vec<u8>)>,
    /// The conclusion of a trial.
    pub(super) findings: Option<Findings>,
    /// The bound plan; None if the run ended before.
    pub(super) prepared: Option<&'a Prepared>,
}

impl<'a> Outcome<'a> {
    /// An outcome with a verdict alone.
    pub(super) fn new(verdict: Verdict, prepared: Option<&'a Prepared>) -> Self {
        Self {
            verdict,
            flaky: Vec::new(),
            scripts: Vec::new(),
            findings: None,
            prepared,
        }
    }
}
