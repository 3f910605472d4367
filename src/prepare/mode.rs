//! The differences between a matrix, a replay, a shell and a trial.
//!
//! Every difference is a method of [`Mode`], so that this file alone shows
//! what a verb does differently. The steps of a run are the same for all of them.

use super::trial::Trial;
use crate::model::{Kind, ScenarioName, StepId};
use crate::replay::Recorded;
use crate::triage::Baseline;

/// The purpose of a run.
#[derive(Clone, Copy)]
pub enum Mode<'a> {
    /// The contract of a consumer.
    Matrix {
        /// The run whose outstanding cells are run: `latest`, an id or a file.
        rerun_from: Option<&'a str>,
        /// The run that this one is compared with afterwards.
        baseline: Option<&'a Baseline>,
    },
    /// Lanes of a recorded run, with the inputs that it resolved.
    Replay(&'a Recorded),
    /// One lane of a recorded run, up to a step; then the user's shell.
    Shell {
        /// The recorded run.
        recorded: &'a Recorded,
        /// The lane.
        lane: &'a ScenarioName,
        /// The step that does not run any more.
        before: &'a StepId,
    },
    /// Altered lanes, once those of the contract have passed.
    Trial(&'a dyn Trial),
}

impl<'a> Mode<'a> {
    /// The plain matrix.
    pub const MATRIX: Self = Self::Matrix {
        rerun_from: None,
        baseline: None,
    };

    /// The word for ids and verdict files.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Matrix { .. } => Kind::Matrix,
            Self::Replay(_) | Self::Shell { .. } => Kind::Replay,
            Self::Trial(trial) => trial.kind(),
        }
    }

    /// The recorded run whose inputs are used.
    #[must_use]
    pub fn recorded(&self) -> Option<&'a Recorded> {
        match self {
            Self::Replay(recorded) | Self::Shell { recorded, .. } => Some(recorded),
            Self::Matrix { .. } | Self::Trial(_) => None,
        }
    }

    /// The trial.
    #[must_use]
    pub fn trial(&self) -> Option<&'a dyn Trial> {
        match self {
            Self::Trial(trial) => Some(*trial),
            Self::Matrix { .. } | Self::Replay(_) | Self::Shell { .. } => None,
        }
    }

    /// The run that this one is compared with.
    #[must_use]
    pub fn baseline(&self) -> Option<&'a Baseline> {
        match self {
            Self::Matrix { baseline, .. } => *baseline,
            Self::Replay(_) | Self::Shell { .. } | Self::Trial(_) => None,
        }
    }

    /// The run whose outstanding cells are run.
    #[must_use]
    pub fn rerun_from(&self) -> Option<&'a str> {
        match self {
            Self::Matrix { rerun_from, .. } => *rerun_from,
            Self::Replay(_) | Self::Shell { .. } | Self::Trial(_) => None,
        }
    }

    /// True if `--worktree` is an option of the verb, and fits what was asked.
    #[must_use]
    pub fn takes_worktree(&self) -> bool {
        matches!(
            self,
            Self::Matrix {
                rerun_from: None,
                ..
            }
        )
    }

    /// The lane that ends in the user's shell, and the step before which.
    #[must_use]
    pub fn shell(&self) -> Option<(&'a ScenarioName, &'a StepId)> {
        match self {
            Self::Shell { lane, before, .. } => Some((lane, before)),
            Self::Matrix { .. } | Self::Replay(_) | Self::Trial(_) => None,
        }
    }

    /// True if the run ends in a verdict file. A shell judges nothing: the
    /// verdicts of earlier runs stay.
    #[must_use]
    pub fn has_verdict(&self) -> bool {
        !matches!(self, Self::Shell { .. })
    }

    /// True if stdout shows the grid of the contract. A trial prints its own
    /// document; in a shell stdout is the user's.
    #[must_use]
    pub fn shows_grid(&self) -> bool {
        matches!(self, Self::Matrix { .. } | Self::Replay(_))
    }

    /// True if the run records which cells a rerun still has to run. A replay
    /// stands beside the runs of the matrix, not among them.
    #[must_use]
    pub fn counts_outstanding(&self) -> bool {
        matches!(self, Self::Matrix { .. })
    }
}
