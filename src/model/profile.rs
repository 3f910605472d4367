//! A profile: how one gate is installed, activated and played. What
//! `matrix.toml` and the built-in profiles become once they are merged and
//! checked.

use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;

use super::alteration::{Alteration, Violation};
use super::command::{CommandTemplate, Template};
use super::expectation::Expectation;
use super::names::{GateName, ScenarioName, StageName, base_ref};
use super::proof::Proof;
use super::sabotage::Sabotage;
use super::spec::{PackageSpec, Registry};
use super::step_id::StepId;

/// A profile, complete and consistent: every scenario expects something of
/// every stage.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The gate's name, the prefix of the verdict files.
    pub gate: GateName,
    /// The built-in profile that it inherits.
    pub inherits: Option<String>,
    /// The user's own sabotages.
    pub sabotages: Vec<Sabotage>,
    /// The package, unless the gate lives in the consumer.
    pub package: Option<PackageSpec>,
    /// Where the installer takes the package from.
    pub registry: Registry,
    /// Further packages, pinned apart from the gate's.
    pub companions: Vec<String>,
    /// Programs that must be on PATH.
    pub tools: Vec<String>,
    /// Variables of the user's environment that every step gets.
    pub pass_env: Vec<String>,
    /// The lane's branch, where the profile names one.
    pub branch: Option<String>,
    /// Prints the gate's version.
    pub version: Option<CommandTemplate>,
    /// Hooks that must stand, executable, where git looks.
    pub hooks: Vec<String>,
    /// Patterns of the files in the consumer that configure the gate: its
    /// configuration, and hooks that are checked in.
    pub configuration: Vec<String>,
    /// Steps that install the package.
    pub install: Vec<ProfileStep>,
    /// Steps that set up its hooks.
    pub activate: Vec<ProfileStep>,
    /// Seeds the baseline commit.
    pub baseline: Option<CommandTemplate>,
    /// The stages, in declared order.
    pub stages: IndexMap<StageName, Stage>,
    /// The scenarios, in declared order.
    pub scenarios: IndexMap<ScenarioName, Scenario>,
    /// How many finished runs are kept.
    pub retention: Retention,
    /// The folder that overlays and the configuration stand in.
    pub root: PathBuf,
    /// What a relative package of the configuration is relative to.
    pub package_base: PathBuf,
    /// The configuration file, where there is one.
    pub file: Option<PathBuf>,
    /// Digest of the texts that the profile was made from.
    pub sha256: String,
}

impl Profile {
    /// The branch of every lane: the profile's, else the one that is checked
    /// out in the consumer.
    #[must_use]
    pub fn lane_branch(&self, checked_out: Option<&str>) -> String {
        let is_a_base = |name: &&str| self.scenarios.keys().any(|s| base_ref(s) == **name);
        let checked_out = checked_out.filter(|name| !is_a_base(name));
        let named = self.branch.as_deref().or(checked_out);
        named.unwrap_or("matrix").to_owned()
    }
}

/// A command of a profile with the id of its step.
#[derive(Debug, Clone)]
pub struct ProfileStep {
    /// The step's id; becomes `failure_step`.
    pub id: StepId,
    /// What it runs.
    pub command: CommandTemplate,
}

/// What plays a stage.
#[derive(Debug, Clone)]
pub enum Drive {
    /// A real `git commit`.
    Commit,
    /// A real `git push`.
    Push,
    /// The stage's own program.
    Command,
}

/// One stage.
#[derive(Debug, Clone)]
pub struct Stage {
    /// What plays it.
    pub drive: Drive,
    /// Whether the change is only staged when the stage begins: so for every
    /// `git commit`, and for a program that plays a hook of `git commit`.
    pub before_commit: bool,
    /// The program, with the environment and limit of the stage. For the git
    /// drives the words are empty: git's are made by the lane.
    pub command: CommandTemplate,
    /// Whether it is given the network, also in a sandbox.
    pub network: bool,
    /// Programs of the gate that must run in it, as patterns of paths below
    /// the clone; a folder stands for the files in it.
    pub programs: Vec<Template>,
    /// What it must leave, whatever the scenario.
    pub proof: Proof,
}

impl Stage {
    /// Whether git launches a hook of the stage's name when it plays it.
    #[must_use]
    pub fn launches(&self, name: &StageName) -> bool {
        let hooks: &[&str] = match self.drive {
            Drive::Commit => &[
                "pre-commit",
                "prepare-commit-msg",
                "commit-msg",
                "post-commit",
            ],
            Drive::Push => &["pre-push"],
            Drive::Command => &[],
        };
        hooks.contains(&name.as_str())
    }
}

/// How a scenario changes the baseline.
#[derive(Debug, Clone)]
pub enum Seed {
    /// A folder laid over the clone, relative to the profile's root.
    Overlay(PathBuf),
    /// A command that changes the clone.
    Command(CommandTemplate),
    /// Nothing but what `remove` takes away.
    Nothing,
}

/// What a stage must print.
#[derive(Debug, Clone)]
pub enum Reason {
    /// This text.
    Text(String),
    /// A match of this regular expression, within one line.
    Regex(regex::bytes::Regex),
}

impl Reason {
    /// As the profile has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Regex(regex) => regex.as_str(),
        }
    }

    /// Whether a line of output says it.
    #[must_use]
    pub fn matches(&self, line: &[u8]) -> bool {
        match self {
            Self::Text(text) => {
                let wanted = text.as_bytes();
                wanted.is_empty() || line.windows(wanted.len()).any(|window| window == wanted)
            }
            Self::Regex(regex) => regex.is_match(line),
        }
    }
}

/// One scenario.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// How it changes the baseline.
    pub seed: Seed,
    /// Files that it takes away.
    pub remove: Vec<String>,
    /// What is staged; all that the seed changed where nothing is named.
    pub add: Option<Vec<String>>,
    /// The commit's message.
    pub message: String,
    /// What the contract demands, for every declared stage.
    pub expect: IndexMap<StageName, Expectation>,
    /// What a blocking stage must print.
    pub reason: Option<Reason>,
    /// What of the change is the violation; where nothing is named, what
    /// says the reason.
    pub violation: Option<Violation>,
    /// What its lane does otherwise than the profile says.
    pub alteration: Alteration,
    /// What stages must leave beyond their own proof.
    pub proofs: IndexMap<StageName, Proof>,
}

/// How much of the past is kept beside this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Runs.
    pub runs: usize,
    /// Bytes, in MiB.
    pub mib: u64,
    /// Age, in days.
    pub days: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            runs: 20,
            mib: 1024,
            days: 30,
        }
    }
}

/// The time limit of a step that names none.
pub const DEFAULT_LIMIT: Duration = Duration::from_secs(10 * 60);
