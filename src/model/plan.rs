//! The selected matrix (`Plan`) and the plan of a run (`BoundPlan`).

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cell_name::CellName;
use super::expectation::Expectation;
use super::kind::Kind;
use super::names::{ScenarioName, StageName};
pub use super::sandbox::{SandboxMode, SandboxRecord};
use super::step_id::StepId;
use super::text::own;

/// The isolation of the lanes of a run, and the origin of their clones and installations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Isolation {
    /// The origin of a lane's clone and installation.
    pub lanes: Sharing,
    /// The path at which every lane sees itself; null if each has a path of its own.
    pub lane_path: Option<String>,
    /// The reason for which the lanes have no path in common and no layers; null if they
    /// have both.
    pub because: Option<String>,
    /// The sandbox that isolates a lane from the rest of the machine.
    pub sandbox: SandboxRecord,
}

/// The origin of a lane's clone and installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sharing {
    /// The lane makes its own.
    Fresh,
    /// Those of the first lane, as a layer below (overlayfs).
    Layers,
    /// A copy of those of the first lane.
    Copies,
}

/// A scenario of the plan, selected or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedScenario {
    /// Its name.
    pub name: ScenarioName,
    /// True if this run includes it.
    pub selected: bool,
    /// True if a trial altered a scenario of the profile into it.
    pub altered: bool,
    /// The declared stages that it expects nothing of, so that its lane does not run them.
    pub unexpected: Vec<StageName>,
}

/// The selected matrix: scenarios × stages, in declared order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Every declared scenario.
    pub scenarios: Vec<PlannedScenario>,
    /// Every declared stage; true if this run includes it.
    pub stages: Vec<(StageName, bool)>,
}

impl Plan {
    /// Returns the scenarios that this run includes.
    pub fn selected_scenarios(&self) -> impl Iterator<Item = &ScenarioName> {
        self.scenarios
            .iter()
            .filter(|s| s.selected)
            .map(|s| &s.name)
    }

    /// Returns the stages that this run includes.
    pub fn selected_stages(&self) -> impl Iterator<Item = &StageName> {
        self.stages
            .iter()
            .filter(|(_, on)| *on)
            .map(|(name, _)| name)
    }

    /// Returns the stages of a lane that this run includes.
    pub fn stages_of<'a>(&'a self, lane: &'a ScenarioName) -> impl Iterator<Item = &'a StageName> {
        self.selected_stages()
            .filter(move |stage| self.is_expected(lane, stage))
    }

    /// Returns the cells of which nothing is expected.
    #[must_use]
    pub fn unexpected(&self) -> Vec<CellName> {
        let lanes = self.scenarios.iter().filter(|lane| !lane.altered);
        let cells = lanes.flat_map(|lane| {
            let stages = lane.unexpected.iter();
            stages.map(|stage| CellName::new(&lane.name, stage))
        });
        cells.collect()
    }

    /// Returns the same for the lanes and stages that this run includes.
    #[must_use]
    pub fn selected_unexpected(&self) -> Vec<CellName> {
        let is_selected = |scenario: &ScenarioName, stage: &StageName| {
            self.selected_scenarios().any(|one| one == scenario)
                && self.selected_stages().any(|one| one == stage)
        };
        let mut cells = self.unexpected();
        cells.retain(|cell| is_selected(&cell.lane, &cell.stage));
        cells
    }

    /// True if a scenario expects something of a stage.
    #[must_use]
    pub fn is_expected(&self, lane: &ScenarioName, stage: &StageName) -> bool {
        let mut lanes = self.scenarios.iter();
        !lanes.any(|one| one.name == *lane && one.unexpected.contains(stage))
    }

    /// Returns the same plan with every declared stage.
    #[must_use]
    pub fn with_all_stages(&self) -> Self {
        let mut plan = self.clone();
        for (_, selected) in &mut plan.stages {
            *selected = true;
        }
        plan
    }

    /// Deselects the stage of a step and the stages after it; all stages if the step runs
    /// none.
    pub fn stop_before(&mut self, step: &StepId) {
        let at = |(name, _): &(StageName, bool)| StepId::stage(name) == *step;
        let from = self.stages.iter().position(at).unwrap_or(0);
        for (_, selected) in &mut self.stages[from..] {
            *selected = false;
        }
    }

    /// True if the run includes everything that is declared.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.scenarios.iter().all(|s| s.selected) && self.stages.iter().all(|(_, on)| *on)
    }

    /// Lists what the run does not include; empty for a whole plan.
    #[must_use]
    pub fn left_out(&self) -> String {
        let names = |names: Vec<&str>, kind: &str| match names.len() {
            0 => None,
            1 => Some(format!("{kind} {}", names[0])),
            _ => Some(format!("{kind}s {}", names.join(", "))),
        };
        let scenarios = self.scenarios.iter().filter(|s| !s.selected);
        let stages = self.stages.iter().filter(|(_, on)| !on);
        [
            names(scenarios.map(|s| s.name.as_str()).collect(), "scenario"),
            names(stages.map(|(name, _)| name.as_str()).collect(), "stage"),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("; ")
    }
}

/// A file that the configuration inherits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InheritedFile {
    /// Its path, relative to the consumer if it is one of it; or the address of its git
    /// repository, without credentials.
    pub from: String,
    /// The tag, branch or commit that was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rev: Option<String>,
    /// The commit that it was.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "own")]
    pub commit: Option<String>,
    /// The path in the repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// The consumer at the moment of preflight.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// The commit that every lane checks out, 40 or 64 hexadecimal digits.
    #[serde(serialize_with = "own")]
    pub head: String,
    /// The branch that was checked out; null if HEAD was detached.
    pub branch: Option<String>,
    /// The commit that was HEAD, if `head` is the work tree as it was (`--worktree`):
    /// a commit on top of it that no repository has, unless nothing was uncommitted.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "own"
    )]
    pub worktree_on: Option<String>,
}

/// A tool that preflight found.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ToolFound {
    /// Its path.
    pub path: String,
    /// The version that it reports; null if it was not asked.
    pub version: Option<String>,
    /// The parts of the profile that need it.
    pub needed_by: Vec<String>,
}

/// A step of a lane, as plans and lists show it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PlannedStep {
    /// The step's id.
    pub step: StepId,
    /// Its command as the profile has it; null for a step that runs none.
    pub command: Option<String>,
    /// The folder of the clone that it runs in; null for the root.
    pub workdir: Option<String>,
    /// True if it gets the variables of the network.
    pub network: bool,
    /// Number of `--jobs` slots that it takes.
    pub weight: usize,
    /// Its time limit in milliseconds.
    pub limit_ms: u64,
}

/// A lane of the plan.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PlannedLane {
    /// Its steps, in order.
    pub steps: Vec<PlannedStep>,
    /// The contract of its cells.
    pub expect: IndexMap<StageName, Expectation>,
}

/// `plan.json`: the plan of a run, complete before anything runs.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct BoundPlan {
    /// Version of this format.
    pub schema_version: u32,
    /// The run's id.
    #[serde(serialize_with = "own")]
    pub run_id: String,
    /// The version of `matrix`.
    pub matrix_version: String,
    /// When the plan was bound, UTC.
    #[serde(serialize_with = "own")]
    pub generated_at_utc: String,
    /// The purpose of the run.
    pub kind: Kind,
    /// The gate's name.
    #[serde(serialize_with = "own")]
    pub gate: String,
    /// The package as typed.
    pub package_spec: Option<String>,
    /// The consumer's folder.
    #[serde(serialize_with = "own")]
    pub repo_root: String,
    /// The consumer's state.
    pub source: Source,
    /// The lane's branch.
    pub branch: String,
    /// Digest of what was agreed, the same on every machine: commit,
    /// configuration, overlays, package, all declared lanes and the version
    /// of `matrix`. Empty in a plan of a run that an earlier build recorded.
    #[serde(default, serialize_with = "own")]
    #[schemars(required)]
    pub contract_sha256: String,
    /// Digest of the profile and configuration.
    #[serde(serialize_with = "own")]
    pub profile_sha256: String,
    /// Digest of each overlay, by scenario.
    pub overlays_sha256: IndexMap<ScenarioName, String>,
    /// Digests of the inputs of every lane, by kind; empty if they are unknown.
    pub inputs_sha256: IndexMap<String, String>,
    /// Digests of the further inputs of each lane, by scenario.
    pub lane_inputs_sha256: IndexMap<ScenarioName, IndexMap<String, String>>,
    /// The tools, by name.
    pub tools: std::collections::BTreeMap<String, ToolFound>,
    /// The version that git reports.
    pub git_version: String,
    /// The isolation of the lanes.
    pub isolation: Isolation,
    /// The names of the variables that every step of a lane gets.
    pub environment: Vec<String>,
    /// The selected stages, in declared order.
    pub stages: Vec<StageName>,
    /// The selected lanes, in declared order.
    pub lanes: IndexMap<ScenarioName, PlannedLane>,
    /// Git filters of the user that lanes have, by setting; empty unless they are trusted.
    pub filters: std::collections::BTreeMap<String, String>,
    /// True if a vacuous cell is red.
    pub strict: bool,
    /// True if lanes after a failed one are cancelled.
    pub fail_fast: bool,
    /// The files that the configuration inherits, the nearest first.
    #[serde(default)]
    #[schemars(required)]
    pub inherited: Vec<InheritedFile>,
}
