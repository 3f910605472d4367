//! `<gate>-matrix-summary.json`: the verdict file of a run that kept its contract.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::package::PackageResolved;
use crate::model::plan::{SandboxRecord, Source};
use crate::model::text::own;
use crate::model::{LaneEvidence, Plan, RunId, ScenarioName};

/// The verdict of a run in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum FinalVerdict {
    /// The whole plan kept its contract.
    Pass,
    /// The selected cells kept it; the others did not run.
    Partial,
    /// Something did not.
    Fail,
    /// The whole plan kept its contract, with a work tree that is not committed.
    Uncommitted,
}

impl FinalVerdict {
    /// The word as files have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Partial => "PARTIAL",
            Self::Fail => "FAIL",
            Self::Uncommitted => "UNCOMMITTED",
        }
    }
}

/// One scenario of the summary: `<stage>_exit` for every declared stage, and
/// its status; null for what was not selected.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioSummary {
    /// The exit codes, by stage.
    #[serde(flatten)]
    pub exits: IndexMap<String, Option<i32>>,
    /// `PASS`, or null for a scenario that was not selected.
    pub status: Option<FinalVerdict>,
    /// The run in which its lane ran; absent if it ran in this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reused: Option<RunId>,
}

/// The whole file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Version of this format.
    pub schema_version: u32,
    /// The run's id.
    pub run_id: RunId,
    /// The package as typed; null for a gate without one.
    pub package_spec: Option<String>,
    /// The installed package; null for a gate without a package.
    pub package_resolved: Option<PackageResolved>,
    /// When the file was made, UTC.
    #[serde(serialize_with = "own")]
    pub generated_at_utc: String,
    /// `PASS`; `PARTIAL` if something was not selected; `UNCOMMITTED` with `--worktree`.
    pub final_verdict: FinalVerdict,
    /// Every declared scenario, in declared order.
    pub scenarios: IndexMap<ScenarioName, ScenarioSummary>,
    /// The consumer, as preflight saw it.
    pub source: Source,
    /// The version of `matrix`.
    pub matrix_version: String,
    /// The protection of the machine from the lanes.
    pub sandbox: Option<SandboxRecord>,
    /// Digest of the run's `files.json`, hexadecimal: it vouches for every file of the run.
    #[serde(default, serialize_with = "own")]
    pub files_sha256: Option<String>,
}

/// Every declared scenario with the exits of its lane.
#[must_use]
pub fn scenarios(plan: &Plan, lanes: &[LaneEvidence]) -> IndexMap<ScenarioName, ScenarioSummary> {
    let summary = |name: &ScenarioName| {
        let lane = lanes.iter().find(|lane| lane.scenario == *name);
        let exit = |stage| lane.and_then(|lane| lane.exit_of(stage));
        let exits = plan
            .stages
            .iter()
            .map(|(stage, _)| (format!("{}_exit", stage.key()), exit(stage)));
        let status = |lane: &LaneEvidence| {
            if lane.is_pass() {
                FinalVerdict::Pass
            } else {
                FinalVerdict::Fail
            }
        };
        ScenarioSummary {
            exits: exits.collect(),
            // Without any cell there is nothing to judge.
            status: lane
                .filter(|lane| !lane.cells.is_empty() || !lane.is_pass())
                .map(status),
            reused: lane.and_then(|lane| lane.reused.clone()),
        }
    };
    plan.scenarios
        .iter()
        .map(|s| (s.name.clone(), summary(&s.name)))
        .collect()
}
