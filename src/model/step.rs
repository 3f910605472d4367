//! The commands of a profile that install and activate the gate.

use std::time::Duration;

use super::command::CommandTemplate;
use super::step_id::StepId;

/// The time limit of a step that sets none.
pub const DEFAULT_LIMIT: Duration = Duration::from_secs(10 * 60);

/// A command of a profile with the id of its step.
#[derive(Debug, Clone)]
pub struct ProfileStep {
    /// The step's id; becomes `failure_step`.
    pub id: StepId,
    /// The command that it runs.
    pub command: CommandTemplate,
}
