//! What a lane leaves behind: one record for each step, cell and lane.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::expectation::Expectation;
use super::failure::{FailureClass, FailureDetail};
use super::names::{RunId, ScenarioName, StageName};
pub use super::package::PackageResolved;
use super::proof::ProofEvidence;
pub use super::reason::ReasonEvidence;
use super::step_id::StepId;
use super::text::{own, own_log_path};
use super::witness::{ProcessEvidence, Witness};

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It exited with this code.
    Exited(i32),
    /// It died of this signal.
    Signaled(i32),
    /// It could not be started; the text says why.
    NotStarted(String),
    /// It was ended at its time limit.
    TimedOut,
    /// It was ended because the run was stopped.
    Cancelled,
    /// Its supervisor went away without a word.
    Lost,
}

impl Ending {
    /// The exit code as a shell would tell it; none where we ended the
    /// command ourselves.
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
    /// Where it is, relative to the run folder.
    #[serde(serialize_with = "own_log_path")]
    pub path: String,
    /// Digest of the file, hexadecimal.
    #[serde(serialize_with = "own")]
    pub sha256: String,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// What the command printed in all; not `bytes` where the middle was left
    /// out or a secret was replaced.
    pub bytes_total: u64,
}

/// One step that ran.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct StepEvidence {
    /// The step's id.
    pub step: StepId,
    /// The command, rendered; none for a step that only looks.
    pub command: Option<String>,
    /// How it ended; none for a step that only looks.
    pub ending: Option<Ending>,
    /// Whether a process outlived the command and was killed.
    pub leaked: bool,
    /// When it began, UTC.
    #[serde(serialize_with = "own")]
    pub started_at_utc: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Its log, where it has one.
    pub log: Option<LogRef>,
    /// What went wrong, where something did.
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

    /// Whether the cell kept its contract.
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
    /// The run in which the lane really ran, where it was taken over from
    /// there.
    pub reused: Option<RunId>,
    /// The lane.
    pub scenario: ScenarioName,
    /// The stage.
    pub stage: StageName,
    /// `pass`, or the kind of the failure.
    pub verdict: CellVerdict,
    /// Why the cell is not green, in a sentence.
    pub problem: Option<String>,
    /// What the contract demands.
    pub expected: Expectation,
    /// The exit code of the stage's command: git, or the program.
    pub exit: Option<i32>,
    /// The exit code of the hook of the stage's name that git launched.
    pub hook_exit: Option<i32>,
    /// Whether the gate had nothing to look at.
    pub vacuous: bool,
    /// Why the gate had nothing to look at.
    pub vacuous_because: Option<String>,
    /// What the scenario says a blocking stage must print, and whether it
    /// did.
    pub reason: Option<ReasonEvidence>,
    /// What had to prove that the gate decided; null where nothing had to.
    pub proof: Option<ProofEvidence>,
    /// What was seen, whatever the gate says of itself.
    pub witness: Witness,
    /// Processes below the command, for a file of their own.
    #[serde(skip)]
    pub processes: Vec<ProcessEvidence>,
    /// The words of the command that ran.
    pub argv: Vec<String>,
    /// What the environment has beyond that of the lane.
    pub env_delta: IndexMap<String, String>,
    /// Whether there was a network: the stage asked for one, or nothing kept
    /// it away.
    pub network: bool,
    /// The commit at which the stage was played.
    #[serde(serialize_with = "own")]
    pub head: String,
    /// The command, its ending, times and log.
    pub run: StepEvidence,
}

impl CellEvidence {
    /// Whether the stage let its change in, whatever the contract demands.
    #[must_use]
    pub fn outcome(&self) -> StageOutcome {
        if self.exit == Some(0) || self.witness.got_in() {
            StageOutcome::Open
        } else {
            StageOutcome::Closed
        }
    }
}

/// What a stage did with a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageOutcome {
    /// Blocked it.
    Closed,
    /// Let it in.
    Open,
}

impl StageOutcome {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
        }
    }
}

/// What was taken out of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hunk {
    /// The file, relative to the consumer.
    pub path: String,
    /// The first and the last of its lines, as the scenario has them; none
    /// where the whole file was taken out.
    pub lines: Option<[u32; 2]>,
}

impl std::fmt::Display for Hunk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&super::text::plain(&self.path))?;
        match self.lines {
            None => Ok(()),
            Some([first, last]) if first == last => write!(f, ":{first}"),
            Some([first, last]) => write!(f, ":{first}-{last}"),
        }
    }
}

/// How a lane came by what it began with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SetUp {
    /// The lane that cloned, and perhaps installed, for this one; null where
    /// it did so itself.
    pub by: Option<ScenarioName>,
    /// How long it took until its first own step could begin, in
    /// milliseconds.
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
    /// What was installed.
    pub package: Option<PackageResolved>,
    /// How it came by what it began with.
    pub set_up: SetUp,
    /// What was taken out of the scenario's change.
    pub taken_out: Vec<Hunk>,
    /// The first thing that went wrong.
    pub failure: Option<super::Failure>,
    /// What came of it before, where it was played again since the machine
    /// had failed it; each without any of its own.
    pub attempts: Vec<LaneEvidence>,
    /// Whether the lane was stopped before its end.
    pub cancelled: bool,
    /// The run in which it really ran, where it was taken over from there.
    pub reused: Option<RunId>,
    /// Digest of all that it depends on, where it may be taken over later.
    pub inputs_sha256: Option<String>,
}

impl LaneEvidence {
    /// A lane of which nothing ran.
    #[must_use]
    pub fn not_run(scenario: ScenarioName) -> Self {
        Self {
            scenario,
            cells: Vec::new(),
            steps: Vec::new(),
            package: None,
            set_up: SetUp::default(),
            taken_out: Vec::new(),
            failure: None,
            attempts: Vec::new(),
            cancelled: true,
            reused: None,
            inputs_sha256: None,
        }
    }

    /// The exit code of the cell at a stage, where it has one.
    #[must_use]
    pub fn exit_of(&self, stage: &StageName) -> Option<i32> {
        let cell = self.cells.iter().find(|cell| cell.stage == *stage);
        cell.and_then(|cell| cell.exit)
    }

    /// The first stage that was begun and has no exit: it ran past its limit,
    /// lost its supervisor, or could not be played at all.
    #[must_use]
    pub fn unfinished(&self) -> Option<&StepEvidence> {
        let has_exit = |step: &StepEvidence| {
            let mut cells = self.cells.iter();
            cells.any(|cell| cell.run.step == step.step && cell.exit.is_some())
        };
        let mut stages = self.steps.iter();
        stages.find(|step| step.step.is_stage() && !has_exit(step))
    }

    /// Whether the lane ran to its end and kept its contract.
    #[must_use]
    pub fn is_pass(&self) -> bool {
        self.failure.is_none() && !self.cancelled
    }
}

/// Where the file of a cell is, relative to the run folder.
#[must_use]
pub fn cell_path(scenario: &ScenarioName, stage: &StageName) -> String {
    format!("cells/{scenario}/{stage}.json")
}

/// Where the processes that were seen in a cell are, relative to the run
/// folder.
#[must_use]
pub fn seen_path(scenario: &ScenarioName, stage: &StageName) -> String {
    format!("seen/{scenario}/{stage}.json")
}

/// Where the log of a step is, relative to the run folder.
#[must_use]
pub fn log_path(scenario: &ScenarioName, step: &str) -> String {
    format!("logs/{scenario}/{step}.log")
}

/// What stands before the paths of a repetition's files, relative to the run
/// folder; nothing for the first.
#[must_use]
pub fn repetition_prefix(turn: usize) -> String {
    match turn {
        1 => String::new(),
        turn => format!("repeats/{turn}/"),
    }
}
