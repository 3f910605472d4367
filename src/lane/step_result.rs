//! The result of one step.

use super::cell_failure::CellFailure;
use crate::model::command::Rendered;
use crate::model::evidence::Ending;
use crate::model::{FailureClass, StepId};
use crate::sys::error::with_sources;
use crate::sys::process::{Captured, CommandOutcome, RunError};

/// The result of a step, before it is recorded.
#[derive(Default)]
pub(super) struct StepResult {
    pub(super) command: Option<Rendered>,
    pub(super) ending: Option<Ending>,
    pub(super) leaked: bool,
    pub(super) captured: Option<Captured>,
    /// The log's name, if it is not the step's id.
    pub(super) log_name: Option<String>,
    pub(super) problem: Option<CellFailure>,
    /// The step that caused the problem, if it is not this one.
    pub(super) blamed_step: Option<StepId>,
}

impl StepResult {
    pub(super) fn problem(class: FailureClass, message: impl Into<String>) -> Self {
        Self {
            problem: Some(CellFailure::new(class, message)),
            ..Self::default()
        }
    }

    pub(super) fn of_run(command: Rendered, outcome: &CommandOutcome, captured: Captured) -> Self {
        Self {
            command: Some(command),
            ending: Some(outcome.ending.clone()),
            leaked: outcome.leaked,
            captured: Some(captured),
            ..Self::default()
        }
    }

    /// Returns the result of a step that sets the gate up and whose command could not be run.
    ///
    /// Before the stages, a folder that is not there was never there.
    pub(super) fn not_set_up(error: &RunError) -> Self {
        match error {
            RunError::Gone(_) => {
                let text = format!(
                    "{error}: `workdir` names a folder that is committed, or that an earlier step makes"
                );
                Self::problem(FailureClass::Config, text)
            }
            other => Self::not_run(other),
        }
    }

    /// Returns the result of a step whose command could not be run.
    pub(super) fn not_run(error: &RunError) -> Self {
        let class = match error {
            RunError::Gone(_) | RunError::Supervisor { .. } => FailureClass::Infra,
            RunError::Log { .. } => FailureClass::Io,
        };
        Self::problem(class, with_sources(error))
    }
}
