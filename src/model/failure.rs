//! What went wrong, where, and of which kind.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::command::Rendered;
use super::exit_code::ExitCode;
use super::step_id::StepId;

/// The kind of a failure; also the word for a cell's verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// The consumer was not clean.
    Dirty,
    /// The configuration cannot be used.
    Config,
    /// The repository or a tool cannot be used here.
    Unsupported,
    /// The gate could not be installed or activated.
    Install,
    /// The change could not be laid over the consumer.
    Seed,
    /// An exit code was not the contract's.
    Contract,
    /// Blocked as expected, but not for the reason that the scenario names.
    WrongReason,
    /// The exit was as expected, but the gate did not decide it.
    NotEnforced,
    /// The gate had nothing to look at (under `--strict`).
    Vacuous,
    /// The cell has no exit, since something before it ended its lane.
    Missing,
    /// The same inputs gave another outcome.
    Flaky,
    /// A step ran past its time limit.
    Timeout,
    /// A stage died of a signal.
    Signal,
    /// The machine failed, not the gate.
    Infra,
    /// A file could not be written or read.
    Io,
    /// The run was stopped by a signal.
    Interrupted,
    /// The run died before it could say more.
    Incomplete,
}

impl FailureClass {
    /// Whether it says something of the machine, or of who stopped the run,
    /// and nothing of the gate: no outcome that could differ from another.
    #[must_use]
    pub fn is_of_machine(self) -> bool {
        matches!(self, Self::Infra | Self::Io | Self::Interrupted)
    }
}

/// The word of the files.
impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// The phase of a failure before the first lane.
pub const PREFLIGHT: &str = "preflight";

/// One failure, with all that the last-failure file says of it.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The code that `matrix` exits with for it.
    pub exit: ExitCode,
    /// `preflight` or the scenario's name; none for a run that died.
    pub phase: Option<String>,
    /// The step's id.
    pub step: StepId,
    /// Its kind.
    pub class: FailureClass,
    /// The command of the step, where it had one.
    pub command: Option<Rendered>,
    /// The step's log, relative to the run folder, where it had one.
    pub log: Option<String>,
    /// What happened, in a sentence.
    pub message: String,
}
