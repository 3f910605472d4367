//! The events of a run, as data. The runner emits them and formats nothing; every
//! output of the program is made from them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evidence::{CellVerdict, Ending};
use super::names::{RunId, ScenarioName, StageName};
use super::sandbox::SandboxRecord;
use super::step_id::StepId;
use super::text::own;

/// One event.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Number of the event within its lane, or within the run if it belongs to no lane.
    pub seq: u64,
    /// Time, UTC.
    #[serde(serialize_with = "own")]
    pub at: String,
    /// The lane; null if the event belongs to none.
    pub lane: Option<ScenarioName>,
    /// The kind of the event, with its details.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// The number of altered lanes that a trial runs. Whether a lane runs may depend on another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlteredLanes {
    /// The lanes that run in any case.
    pub at_least: usize,
    /// All lanes that may run.
    pub at_most: usize,
}

/// The kind of an event.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventKind {
    /// The plan is bound; lanes follow.
    RunStarted {
        /// Version of this format.
        schema_version: u32,
        /// The run's id.
        #[serde(serialize_with = "own")]
        run_id: String,
        /// The package as typed, or the gate's name if it has no package.
        package: String,
        /// The selected lanes, in declared order; of the altered lanes of a trial, all that
        /// may run.
        lanes: Vec<ScenarioName>,
        /// The number of altered lanes of a trial; absent in other runs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        altered: Option<AlteredLanes>,
        /// The selected stages, in declared order.
        stages: Vec<StageName>,
        /// Number of lanes that run side by side.
        jobs: usize,
        /// The lock file of the consumer that pins the package; null if the package comes
        /// from elsewhere.
        package_from: Option<String>,
        /// The protection of the machine from the lanes; absent in runs of an earlier build.
        sandbox: Option<Box<SandboxRecord>>,
    },
    /// A lane is reused: the events that follow of it are from another run.
    LaneReused {
        /// The run in which it really ran.
        run_id: RunId,
    },
    /// A lane begins.
    LaneStarted,
    /// The lane failed for infrastructure reasons and is retried from its beginning.
    LaneRetried {
        /// The attempt that begins, from 2.
        attempt: usize,
        /// Maximum number of attempts.
        of: usize,
        /// The step that failed, and the reason.
        problem: String,
    },
    /// A step begins.
    StepStarted {
        /// The step's id.
        step: StepId,
        /// Its command, rendered; null if it has none.
        command: Option<String>,
    },
    /// A step has ended.
    StepFinished {
        /// The step's id.
        step: StepId,
        /// The ending of its command.
        ending: Option<Ending>,
        /// Duration in milliseconds.
        duration_ms: u64,
        /// The problem; null if there was none.
        problem: Option<String>,
    },
    /// A cell has its verdict.
    CellFinished {
        /// The stage.
        stage: StageName,
        /// The exit of the stage's command.
        exit: Option<i32>,
        /// The exit of the hook that git launched.
        hook_exit: Option<i32>,
        /// The verdict.
        verdict: CellVerdict,
        /// The reason for which it is not green.
        problem: Option<String>,
    },
    /// Something that the user should know and that changes no verdict.
    Warning {
        /// The message, a sentence.
        message: String,
    },
    /// A lane has ended, or never began.
    LaneFinished {
        /// True if it kept its contract.
        pass: bool,
        /// True if it was stopped before its end.
        cancelled: bool,
        /// Duration in milliseconds.
        duration_ms: u64,
    },
    /// Every lane has ended.
    RunFinished {
        /// `PASS`, `PARTIAL` or `FAIL`.
        #[serde(serialize_with = "own")]
        final_verdict: String,
        /// The code that `matrix` exits with, if the verdict can be written.
        exit_code: u8,
        /// Duration of all lanes in milliseconds.
        duration_ms: u64,
    },
}
