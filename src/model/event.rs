//! What happens during a run, as data. The runner emits these and formats
//! nothing; every face of the program is made from them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evidence::{CellVerdict, Ending};
use super::names::{RunId, ScenarioName, StageName};
use super::step_id::StepId;
use super::text::own;

/// One thing that happened.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Counts within a lane, and within the run for what belongs to no lane.
    pub seq: u64,
    /// When, UTC.
    #[serde(serialize_with = "own")]
    pub at: String,
    /// The lane, where it belongs to one.
    pub lane: Option<ScenarioName>,
    /// What.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What can happen.
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
        /// What was asked for, or the gate's name where it has no package.
        package: String,
        /// The selected lanes, in declared order.
        lanes: Vec<ScenarioName>,
        /// The selected stages, in declared order.
        stages: Vec<StageName>,
        /// How many lanes run side by side.
        jobs: usize,
    },
    /// A lane is taken over: what follows of it happened in another run.
    LaneReused {
        /// The run in which it really ran.
        run_id: RunId,
    },
    /// A lane begins.
    LaneStarted,
    /// The machine failed the lane, and it is played again from its beginning.
    LaneRetried {
        /// The attempt that begins, from 2.
        attempt: usize,
        /// How many there may be.
        of: usize,
        /// The step that failed, and why.
        problem: String,
    },
    /// A step begins.
    StepStarted {
        /// The step's id.
        step: StepId,
        /// Its command, rendered, where it has one.
        command: Option<String>,
    },
    /// A step has ended.
    StepFinished {
        /// The step's id.
        step: StepId,
        /// How its command ended.
        ending: Option<Ending>,
        /// How long it took, in milliseconds.
        duration_ms: u64,
        /// What went wrong, where something did.
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
        /// Why it is not green.
        problem: Option<String>,
    },
    /// Something that a person should know and that changes no verdict.
    Warning {
        /// The sentence.
        message: String,
    },
    /// A lane has ended, or never began.
    LaneFinished {
        /// Whether it kept its contract.
        pass: bool,
        /// Whether it was stopped before its end.
        cancelled: bool,
        /// How long it took, in milliseconds.
        duration_ms: u64,
    },
    /// Every lane has ended.
    RunFinished {
        /// `PASS`, `PARTIAL` or `FAIL`.
        #[serde(serialize_with = "own")]
        final_verdict: String,
        /// The code that `matrix` exits with, if the verdict can be written.
        exit_code: u8,
        /// How long the lanes took, in milliseconds.
        duration_ms: u64,
    },
}
