//! The evidence of a lane: one record for each step, cell and lane.

use std::path::PathBuf;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::change::Hunk;
use super::change::LaneChange;
use super::expectation::Expectation;
use super::failure::{FailureClass, FailureDetail};
use super::names::{RunId, ScenarioName, StageName};
use super::package::PackageResolved;
use super::proof::ProofEvidence;
use super::reason::ReasonEvidence;
use super::step_id::StepId;
use super::text::{own, own_log_path};
use super::witness::{ProcessEvidence, Witness};

/// The ending of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It exited with this code.
    Exited(i32),
    /// It died of this signal.
    Signaled(i32),
    /// It could not be started; the text is the error of the operating system.
    NotStarted(String),
    /// It was killed at its time limit.
    TimedOut,
    /// It was killed because the run was stopped.
    Cancelled,
    /// Its supervisor exited without a report.
    Lost,
}

impl Ending {
    /// Returns the exit code as a shell reports it; none if the runner killed the command.
    #[must_use]
    pub fn code(&self) -> Option<i32> {
        match self {
            Self::Exited(code) => Some(*code),
            Self::Signaled(signal) => Some(128 + signal),
            Self::NotStarted(_) => Some(127),
            Self::TimedOut | Self::Cancelled | Self::Lost => None,
        }
    }

    /// Returns the reason for which the command could not be started; none if it was.
    ///
    /// Files keep the text of the operating system alone.
    #[must_use]
    pub fn start_failure(&self) -> Option<FailureDetail> {
        match self {
            Self::NotStarted(text) if text.contains("ermission denied") => {
                Some(FailureDetail::NotExecutable)
            }
            Self::NotStarted(_) => Some(FailureDetail::NotFound),
            _ => None,
        }
    }
}

/// A log, relative to the run folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogRef {
    /// Its path, relative to the run folder.
    #[serde(serialize_with = "own_log_path")]
    pub path: String,
    /// Digest of the file, hexadecimal.
    #[serde(serialize_with = "own")]
    pub sha256: String,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Size of everything that the command printed. It differs from `bytes` if the middle
    /// was cut out or a secret was replaced.
    pub bytes_total: u64,
}

/// One step that ran.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct StepEvidence {
    /// The step's id.
    pub step: StepId,
    /// The command, rendered; null for a step that runs none.
    pub command: Option<String>,
    /// The ending of the command; null for a step that runs none.
    pub ending: Option<Ending>,
    /// True if a process outlived the command and was killed.
    pub leaked: bool,
    /// Start time, UTC.
    #[serde(serialize_with = "own")]
    pub started_at_utc: String,
    /// Duration in milliseconds.
    pub duration_ms: u64,
    /// Its log, if it has one.
    pub log: Option<LogRef>,
    /// The problem; null if there was none.
    pub problem: Option<String>,
}

/// The verdict of a cell: `pass`, or the kind of its failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum CellVerdict {
    /// The cell kept its contract.
    Pass(PassWord),
    /// It did not.
    Failed(FailureClass),
}

/// The word `pass`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PassWord {
    /// The only word.
    Pass,
}

impl CellVerdict {
    /// The green verdict.
    pub const PASS: Self = Self::Pass(PassWord::Pass);

    /// True if the cell kept its contract.
    #[must_use]
    pub fn is_pass(self) -> bool {
        self == Self::PASS
    }
}

/// One cell: one lane at one stage.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CellEvidence {
    /// Version of this format.
    pub schema_version: u32,
    /// The run's id.
    #[serde(serialize_with = "own")]
    pub run_id: String,
    /// The run in which the lane ran, if it was reused from there.
    pub reused: Option<RunId>,
    /// The lane.
    pub scenario: ScenarioName,
    /// The stage.
    pub stage: StageName,
    /// `pass`, or the kind of the failure.
    pub verdict: CellVerdict,
    /// The reason for which the cell is not green, a sentence.
    pub problem: Option<String>,
    /// The exit codes that the contract expects.
    pub expected: Expectation,
    /// The exit code of the stage's command: git, or the program.
    pub exit: Option<i32>,
    /// The exit code of the hooks of the stage's name that git launched: the first that is
    /// not zero, in git's order, else 0; null if git launched none.
    pub hook_exit: Option<i32>,
    /// True if the gate had nothing to look at.
    pub vacuous: bool,
    /// The reason for which the gate had nothing to look at.
    pub vacuous_because: Option<String>,
    /// The text that the scenario expects of a blocking stage, and the search for it.
    pub reason: Option<ReasonEvidence>,
    /// The proofs that the gate decided; null if none were demanded.
    pub proof: Option<ProofEvidence>,
    /// The observations of the runner, independent of what the gate reports.
    pub witness: Witness,
    /// The processes below the command. They are written to a file of their own.
    #[serde(skip)]
    pub processes: Vec<ProcessEvidence>,
    /// The words of the command that ran.
    pub argv: Vec<String>,
    /// Variables of the environment beyond those of the lane.
    pub env_delta: IndexMap<String, String>,
    /// True if the network was reachable: the stage asked for it, or nothing isolated it.
    pub network: bool,
    /// The commit at which the stage ran.
    #[serde(serialize_with = "own")]
    pub head: String,
    /// The command, its ending, times and log.
    pub run: StepEvidence,
    /// The place in a configuration where the contract of the cell stands: `matrix.toml:14`,
    /// or `built-in lefthook`.
    pub expected_at: Option<String>,
}

impl CellEvidence {
    /// Returns the decision of the stage, whatever the contract expects.
    #[must_use]
    pub fn outcome(&self) -> StageOutcome {
        if self.exit == Some(0) || self.witness.got_in() {
            StageOutcome::Open
        } else {
            StageOutcome::Closed
        }
    }
}

/// The decision of a stage about a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageOutcome {
    /// Blocked it.
    Closed,
    /// Let it in.
    Open,
}

impl StageOutcome {
    /// Returns the word that files use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
        }
    }
}

/// The set-up of a lane.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SetUp {
    /// The lane that cloned, and perhaps installed, for this one; null if it did so itself.
    pub by: Option<ScenarioName>,
    /// Time until its first own step could begin, in milliseconds.
    pub duration_ms: u64,
}

/// One lane, from clone to last stage.
#[derive(Debug, Clone)]
pub struct LaneEvidence {
    /// The scenario's name, which is the lane's id.
    pub scenario: ScenarioName,
    /// The cells that ran, in the order of the stages.
    pub cells: Vec<CellEvidence>,
    /// The steps that ran, in order.
    pub steps: Vec<StepEvidence>,
    /// The package that was installed.
    pub package: Option<PackageResolved>,
    /// The folder in which git looked for hooks after the activation, relative to the clone.
    pub hooks_folder: Option<PathBuf>,
    /// Its set-up.
    pub set_up: SetUp,
    /// Its change, as far as it could be read.
    pub change: Option<LaneChange>,
    /// The parts that were removed from the scenario's change.
    pub taken_out: Vec<Hunk>,
    /// The reason for which nothing is left of it that a gate would look at, if nothing is.
    pub nothing_left: Option<&'static str>,
    /// Its first failure.
    pub failure: Option<super::Failure>,
    /// The earlier attempts that failed for infrastructure reasons, each without attempts
    /// of its own.
    pub attempts: Vec<LaneEvidence>,
    /// True if the lane was stopped before its end.
    pub cancelled: bool,
    /// The run in which it ran, if it was reused from there.
    pub reused: Option<RunId>,
    /// Digest of everything that the lane depends on, if it can be reused later.
    pub inputs_sha256: Option<String>,
}

impl LaneEvidence {
    /// Returns the evidence of a lane that never began.
    #[must_use]
    pub fn not_run(scenario: ScenarioName) -> Self {
        Self {
            scenario,
            cells: Vec::new(),
            steps: Vec::new(),
            package: None,
            hooks_folder: None,
            set_up: SetUp::default(),
            change: None,
            taken_out: Vec::new(),
            nothing_left: None,
            failure: None,
            attempts: Vec::new(),
            cancelled: true,
            reused: None,
            inputs_sha256: None,
        }
    }

    /// Returns the exit code of the cell at a stage, if it has one.
    #[must_use]
    pub fn exit_of(&self, stage: &StageName) -> Option<i32> {
        let cell = self.cells.iter().find(|cell| cell.stage == *stage);
        cell.and_then(|cell| cell.exit)
    }

    /// Returns the first stage that began and has no exit.
    ///
    /// It ran past its limit, lost its supervisor, or could not run at all.
    #[must_use]
    pub fn unfinished(&self) -> Option<&StepEvidence> {
        let has_exit = |step: &StepEvidence| {
            let mut cells = self.cells.iter();
            cells.any(|cell| cell.run.step == step.step && cell.exit.is_some())
        };
        let mut stages = self.steps.iter();
        stages.find(|step| step.step.is_stage() && !has_exit(step))
    }

    /// True if the lane ran to its end and kept its contract.
    #[must_use]
    pub fn is_pass(&self) -> bool {
        self.failure.is_none() && !self.cancelled
    }
}
