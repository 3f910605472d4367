//! The terms on which lanes are judged.

use super::outstanding::Green;
use crate::model::package::PackageResolved;
use crate::model::{ExitCode, Plan, RunId, StepId};

/// The terms on which lanes are judged.
pub struct Terms<'a> {
    /// The selected lanes and stages.
    pub plan: &'a Plan,
    /// The step that installs the package, which is blamed for a package
    /// that is not the expected one.
    pub install_step: Option<&'a StepId>,
    /// The package of the run that this one replays.
    pub recorded: Option<(&'a RunId, &'a PackageResolved)>,
    /// The cells that are green already, if the run is a rerun.
    pub before: Option<&'a Green>,
    /// True if outstanding cells are counted.
    pub counts_outstanding: bool,
    /// True if the lanes had a work tree that is not committed.
    pub uncommitted: bool,
    /// The signal that stopped the run.
    pub signal: Option<ExitCode>,
}
