//! Failures: their kind, their place and their message.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::command::Rendered;
use super::exit_code::ExitCode;
use super::shortage::Shortage;
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
    /// The change could not be applied to the consumer.
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
    /// True if the failure is one of the machine or an interruption.
    ///
    /// It then says nothing about the gate, and is no outcome that could differ from another.
    #[must_use]
    pub fn is_infrastructure(self) -> bool {
        matches!(self, Self::Infra | Self::Io | Self::Interrupted)
    }

    /// Returns the exit code of a failure of this class, unless the failure has its own.
    ///
    /// An interrupted run has that of its signal.
    #[must_use]
    pub fn exit(self) -> ExitCode {
        match self {
            Self::Dirty => ExitCode::Dirty,
            Self::Config => ExitCode::Usage,
            Self::Unsupported => ExitCode::Unusable,
            Self::Timeout => ExitCode::Timeout,
            Self::Io => ExitCode::Artifact,
            Self::Install
            | Self::Seed
            | Self::Contract
            | Self::WrongReason
            | Self::NotEnforced
            | Self::Vacuous
            | Self::Missing
            | Self::Flaky
            | Self::Signal
            | Self::Infra
            | Self::Interrupted
            | Self::Incomplete => ExitCode::Fail,
        }
    }
}

/// Writes the word that files use.
impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// The phase of a failure before the first lane.
pub const PREFLIGHT: &str = "preflight";

/// A failure, with everything that the last-failure file says about it.
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
    /// The finer kind, if it is known without reading a message; not stored.
    pub detail: Option<FailureDetail>,
    /// The command of the step, if it had one.
    pub command: Option<Rendered>,
    /// The step's log, relative to the run folder, if it had one.
    pub log: Option<String>,
    /// The message, a sentence.
    pub message: String,
}

/// A finer kind of failure than its class, for the diagnosis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureDetail {
    /// The machine lacks something.
    Short(Shortage),
    /// A program may not be run.
    NotExecutable,
    /// A program does not exist, or could not be started for another reason.
    NotFound,
    /// No record of the installed package was found.
    NoRecord,
    /// The consumer is dirty, and its configuration cannot be used.
    WrongConfiguration,
    /// A file of the gate is not in the commit that is tried.
    NotCommitted,
    /// An error of the configuration that names no line of a file.
    NoPlace,
    /// Weakened rules that no scenario notices.
    Survived,
    /// A configuration of a gate that no pattern of `configuration` covers.
    NotCovered,
    /// A change that is blocked without its violation.
    StillBlocks,
    /// A broken installation that let the violation in.
    Opened,
    /// An accepted opening that is none, or none any more.
    AcceptedAtFault,
}

impl Failure {
    /// Returns a failure with the exit code of its class, of no phase and without a log.
    #[must_use]
    pub fn new(class: FailureClass, step: impl Into<StepId>, message: impl Into<String>) -> Self {
        Self {
            exit: class.exit(),
            phase: None,
            step: step.into(),
            class,
            detail: None,
            command: None,
            log: None,
            message: message.into(),
        }
    }

    /// Sets the phase: [`PREFLIGHT`] or the name of a lane.
    #[must_use]
    pub fn phase(self, phase: impl fmt::Display) -> Self {
        Self {
            phase: Some(phase.to_string()),
            ..self
        }
    }

    /// Sets the command of the step.
    #[must_use]
    pub fn command(self, command: impl Into<Option<Rendered>>) -> Self {
        Self {
            command: command.into(),
            ..self
        }
    }

    /// Sets the step's log, relative to the run folder.
    #[must_use]
    pub fn log(self, log: impl Into<Option<String>>) -> Self {
        Self {
            log: log.into(),
            ..self
        }
    }

    /// Sets the finer kind.
    #[must_use]
    pub fn detail(self, detail: Option<FailureDetail>) -> Self {
        Self { detail, ..self }
    }

    /// Replaces the exit code of the class.
    #[must_use]
    pub fn exit(self, exit: ExitCode) -> Self {
        Self { exit, ..self }
    }
}
