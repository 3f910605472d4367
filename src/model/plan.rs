//! What was asked (`Plan`) and what will run (`BoundPlan`).

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::expectation::Expectation;
use super::kind::Kind;
use super::names::{ScenarioName, StageName};
use super::step_id::StepId;
use super::text::own;

/// How the lanes of a run come by their clone and their installation, and
/// what keeps them apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Isolation {
    /// How a lane comes by its clone and installation.
    pub lanes: Sharing,
    /// Where every lane sees itself; null where each has a path of its own.
    pub lane_path: Option<String>,
    /// Why the lanes have no path in common and no layers; null where they
    /// have both.
    pub because: Option<String>,
    /// What keeps a lane from the rest of the machine.
    pub sandbox: SandboxRecord,
}

/// What keeps a lane from the rest of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SandboxRecord {
    /// What was asked for.
    pub mode: SandboxMode,
    /// What makes it; null where there is none.
    pub by: Option<String>,
    /// Why there is none, or why not all of it holds; null where it holds.
    pub because: Option<String>,
    /// How much the kernel does of a second layer, landlock: `full`,
    /// `partial`; null for nothing.
    pub landlock: Option<String>,
    /// What it keeps away, each tried before the first lane: `processes`,
    /// `network` (stages have none), `home`, `sockets`, `machine` (nothing
    /// outside of the lane can be written), `privileges`.
    pub held: Vec<String>,
}

/// Whether lanes are to be kept from the rest of the machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SandboxMode {
    /// Where it can be done.
    #[default]
    Auto,
    /// Or nothing is run.
    Require,
    /// Not at all.
    Off,
}

impl std::str::FromStr for SandboxMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "require" => Ok(Self::Require),
            "off" => Ok(Self::Off),
            _ => Err("expected auto, require or off".to_owned()),
        }
    }
}

/// How a lane comes by its clone and its installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sharing {
    /// It makes its own.
    Fresh,
    /// Those of the first lane are a layer below it (overlayfs).
    Layers,
    /// It has a copy of those of the first lane.
    Copies,
}

/// A scenario of the plan, selected or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedScenario {
    /// Its name.
    pub name: ScenarioName,
    /// Whether this run plays it.
    pub selected: bool,
    /// Whether it is a scenario of the profile that a trial altered.
    pub altered: bool,
}

/// What was asked: scenarios × stages, in declared order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Every declared scenario.
    pub scenarios: Vec<PlannedScenario>,
    /// Every declared stage, and whether this run plays it.
    pub stages: Vec<(StageName, bool)>,
}

impl Plan {
    /// The scenarios that this run plays.
    pub fn selected_scenarios(&self) -> impl Iterator<Item = &ScenarioName> {
        self.scenarios
            .iter()
            .filter(|s| s.selected)
            .map(|s| &s.name)
    }

    /// The stages that this run plays.
    pub fn selected_stages(&self) -> impl Iterator<Item = &StageName> {
        self.stages
            .iter()
            .filter(|(_, on)| *on)
            .map(|(name, _)| name)
    }

    /// The same with every declared stage.
    #[must_use]
    pub fn with_all_stages(&self) -> Self {
        let mut plan = self.clone();
        for (_, selected) in &mut plan.stages {
            *selected = true;
        }
        plan
    }

    /// Leaves out the stage of this step and those after it; all stages where
    /// the step is none of a stage.
    pub fn stop_before(&mut self, step: &StepId) {
        let at = |(name, _): &(StageName, bool)| StepId::stage(name) == *step;
        let from = self.stages.iter().position(at).unwrap_or(0);
        for (_, selected) in &mut self.stages[from..] {
            *selected = false;
        }
    }

    /// Whether the run plays everything that is declared.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.scenarios.iter().all(|s| s.selected) && self.stages.iter().all(|(_, on)| *on)
    }

    /// What the run leaves out, in words; empty for a whole plan.
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

/// The consumer at the moment of preflight.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// The commit that every lane stands at, 40 or 64 hexadecimal digits.
    #[serde(serialize_with = "own")]
    pub head: String,
    /// The branch that was checked out; null where HEAD was detached.
    pub branch: Option<String>,
}

/// A tool, as preflight found it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ToolFound {
    /// Where it is.
    pub path: String,
    /// Its version, as it tells it itself; null where it is not asked.
    pub version: Option<String>,
    /// What needs it.
    pub needed_by: Vec<String>,
}

/// A step of a lane, for people and for the plan.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PlannedStep {
    /// The step's id.
    pub step: StepId,
    /// Its command as the profile has it; none for a step that only looks.
    pub command: Option<String>,
    /// Whether it is given the network's variables.
    pub network: bool,
    /// How many of the slots of `--jobs` it takes while it runs.
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

/// `plan.json`: what will run, complete before anything runs.
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
    /// What the run is for.
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
    /// of `matrix`.
    #[serde(serialize_with = "own")]
    pub contract_sha256: String,
    /// Digest of the profile and configuration.
    #[serde(serialize_with = "own")]
    pub profile_sha256: String,
    /// Digest of each overlay, by scenario.
    pub overlays_sha256: IndexMap<ScenarioName, String>,
    /// Digests of what every lane depends on, by what it is; empty where
    /// that cannot be told.
    pub inputs_sha256: IndexMap<String, String>,
    /// Digests of what one lane depends on beyond that, by scenario.
    pub lane_inputs_sha256: IndexMap<ScenarioName, IndexMap<String, String>>,
    /// The tools, by name.
    pub tools: std::collections::BTreeMap<String, ToolFound>,
    /// The version that git tells of itself.
    pub git_version: String,
    /// How lanes are set up and kept apart.
    pub isolation: Isolation,
    /// The names of the variables that every step of a lane gets.
    pub environment: Vec<String>,
    /// The selected stages, in declared order.
    pub stages: Vec<StageName>,
    /// The selected lanes, in declared order.
    pub lanes: IndexMap<ScenarioName, PlannedLane>,
    /// Git filters of the user's that lanes have, by setting; none unless
    /// they are trusted.
    pub filters: std::collections::BTreeMap<String, String>,
    /// Whether a vacuous cell is red.
    pub strict: bool,
    /// Whether lanes after a failed one are cancelled.
    pub fail_fast: bool,
}
