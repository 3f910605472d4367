//! The shape of the file, as serde reads it.
//!
//! Nothing is checked here except that every key is known and has the right kind of value.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Value;

use super::inherits::RawInherits;
use super::or_false::{Expected, OrFalse};
use super::shapes::{Expectation, Reason, Violation};
use super::spanned::Spanned;
use crate::model::On;
use crate::model::alteration::Point;
use crate::model::sabotage::RefusedBy;

pub(super) type Words = Spanned<Vec<Spanned<String>>>;
pub(super) type Env = IndexMap<Spanned<String>, Spanned<String>>;

/// Configuration of a gate: `matrix.toml`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Configuration")]
pub(super) struct RawFile {
    /// Version of this format: 1.
    #[schemars(range(min = 1, max = 1))]
    pub(super) schema: Option<Spanned<i64>>,
    /// Name of the gate, the prefix of the verdict files.
    pub(super) gate: Option<Spanned<String>>,
    /// Package under test, NAME@VERSION; "" if the gate lives in the consumer.
    pub(super) package: Option<Spanned<String>>,
    /// Registry that decides how `{package_spec}` is written for the installer.
    #[schemars(extend("enum" = ["npm", "pypi"]))]
    pub(super) registry: Option<Spanned<String>>,
    /// Profile that the file overrides: built in, a file, or of a git repository.
    pub(super) inherits: Option<Spanned<RawInherits>>,
    /// Packages that are pinned apart from the gate: {companions}.
    pub(super) companions: Option<Vec<Spanned<String>>>,
    /// Programs that must be on PATH.
    pub(super) tools: Option<Vec<Spanned<String>>>,
    /// Variables of the user that every step gets.
    pub(super) pass_env: Option<Vec<Spanned<String>>>,
    /// Branch of the lane; default: the consumer's, `matrix` when detached.
    pub(super) branch: Option<Spanned<String>>,
    /// Folder of the clone in which all commands run; default: its root.
    pub(super) workdir: Option<Spanned<String>>,
    /// Command that must print the installed version; false: no check.
    pub(super) version: Option<Spanned<OrFalse<Vec<Spanned<String>>>>>,
    /// Hooks that git must have after activation.
    pub(super) hooks: Option<Vec<Spanned<String>>>,
    /// Folder whose files become hooks of the lane's remote.
    pub(super) server_hooks: Option<Spanned<String>>,
    /// Patterns of files that must be opened for the gate to have run.
    pub(super) programs: Option<Vec<Spanned<String>>>,
    /// Patterns of files that `matrix mutate` weakens.
    pub(super) configuration: Option<Vec<Spanned<String>>>,
    /// Steps that put the package into the lane.
    pub(super) install: Option<Vec<RawStep>>,
    /// Steps that set the hooks up, in every lane.
    pub(super) activate: Option<Vec<RawStep>>,
    /// State of the base commit beyond HEAD.
    pub(super) baseline: Option<RawBaseline>,
    /// Limits to what is kept of past runs.
    pub(super) retention: Option<RawRetention>,
    /// Conditions without which lanes are refused.
    pub(super) require: Option<RawRequire>,
    /// False: `matrix run` tries no fresh clone with a plain installation.
    pub(super) fresh_clone: Option<bool>,
    /// Further ways to break the gate, for `matrix sabotage`.
    #[serde(default)]
    pub(super) sabotage: Vec<RawSabotage>,
    /// Moments at which the gate decides; false drops an inherited one.
    #[serde(default)]
    pub(super) stage: IndexMap<Spanned<String>, OrFalse<RawStage>>,
    /// Changes that are tried; false drops an inherited one.
    #[serde(default)]
    pub(super) scenario: IndexMap<Spanned<String>, OrFalse<RawScenario>>,
}

/// Step of a lane.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Step")]
pub(super) struct RawStep {
    /// Id of the step: lower-case letters, digits and underscores.
    pub(super) step: Spanned<String>,
    /// Command as a list of words, with placeholders such as `{package_spec}`.
    pub(super) run: Words,
    /// Folder of the clone in which the command runs.
    pub(super) workdir: Option<Spanned<String>>,
    /// Variables of the command.
    #[serde(default)]
    pub(super) env: Env,
    /// Time limit, such as 90s or 5m.
    pub(super) timeout: Option<Spanned<String>>,
    /// Slots of --jobs that the step takes.
    #[schemars(range(min = 1))]
    pub(super) weight: Option<Spanned<i64>>,
}

/// Base commit of a lane.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Baseline")]
pub(super) struct RawBaseline {
    /// Command that changes the clone before the base commit.
    pub(super) seed: Option<Words>,
    /// Tracked files that the installation changed: part of the base commit, or left out.
    #[schemars(extend("enum" = ["commit", "leave"]))]
    pub(super) installed_changes: Option<Spanned<String>>,
    /// Variables of the seed.
    #[serde(default)]
    pub(super) env: Env,
}

/// Limits to what is kept of past runs.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Retention")]
pub(super) struct RawRetention {
    /// Number of runs.
    #[schemars(range(min = 1))]
    pub(super) runs: Option<Spanned<i64>>,
    /// Total size in MiB.
    #[schemars(range(min = 1))]
    pub(super) mib: Option<Spanned<i64>>,
    /// Age in days.
    #[schemars(range(min = 1))]
    pub(super) days: Option<Spanned<i64>>,
}

/// Conditions without which lanes are refused.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Require")]
pub(super) struct RawRequire {
    /// True: lanes run in a whole sandbox, or not at all.
    pub(super) sandbox: Option<bool>,
}

/// Moment at which the gate decides.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Stage")]
pub(super) struct RawStage {
    /// Driver of the stage: a real git command, or the program in `run`.
    #[schemars(extend("enum" = ["git", "command"]))]
    pub(super) drive: Option<Spanned<String>>,
    /// Action of git; default by the stage's name.
    #[schemars(extend("enum" = On::ALL.map(|(_, word)| word)))]
    pub(super) on: Option<Spanned<String>>,
    /// Command of a stage that is no git command.
    pub(super) run: Option<Words>,
    /// Further arguments of the git command.
    pub(super) args: Option<Spanned<Vec<Spanned<String>>>>,
    /// Folder of the clone in which the command runs.
    pub(super) workdir: Option<Spanned<String>>,
    /// Variables of the stage; false drops an inherited one.
    #[serde(default)]
    pub(super) env: IndexMap<Spanned<String>, Spanned<OrFalse<String>>>,
    /// Time limit, such as 90s or 5m.
    pub(super) timeout: Option<Spanned<String>>,
    /// True: the stage has a network in a sandbox.
    pub(super) network: Option<bool>,
    /// Slots of --jobs that the stage takes.
    #[schemars(range(min = 1))]
    pub(super) weight: Option<Spanned<i64>>,
    /// Patterns of files that must be opened for the gate to have run.
    pub(super) programs: Option<Vec<Spanned<String>>>,
    /// Text that the gate must print, whether it blocks or not.
    #[schemars(with = "Option<Reason>")]
    pub(super) marker: Option<Spanned<Value>>,
    /// Files that the stage must leave.
    pub(super) files: Option<RawFiles>,
    /// Document that the gate must write.
    pub(super) evidence: Option<Spanned<RawEvidence>>,
}

/// Files that a stage must leave.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Files")]
pub(super) struct RawFiles {
    /// Files that must exist afterwards.
    pub(super) exist: Option<Vec<Spanned<String>>>,
    /// Files that must be new or changed.
    pub(super) new: Option<Vec<Spanned<String>>>,
    /// Files that must be unchanged.
    pub(super) unchanged: Option<Vec<Spanned<String>>>,
}

/// Document that the gate must write.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Evidence")]
pub(super) struct RawEvidence {
    /// JSON document, below the clone or `{tool_dir}`.
    pub(super) file: Option<Spanned<String>>,
    /// Assertions in jq, each of which must be true.
    pub(super) assert: Option<Spanned<Vec<Spanned<String>>>>,
}

/// Change that is tried.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Scenario")]
pub(super) struct RawScenario {
    /// Folder that is copied over the clone.
    pub(super) overlay: Option<Spanned<String>>,
    /// Command that makes the change, in place of an overlay.
    pub(super) seed: Option<Words>,
    /// Files that the scenario removes.
    pub(super) remove: Option<Vec<Spanned<String>>>,
    /// Paths that are staged; default: all that the seed changed; []: what the seed staged.
    pub(super) add: Option<Vec<Spanned<String>>>,
    /// Message of the commit.
    pub(super) message: Option<Spanned<String>>,
    /// Tag that is pushed.
    pub(super) tag: Option<Spanned<String>>,
    /// Branch that is deleted on the remote.
    pub(super) delete: Option<Spanned<String>>,
    /// Exit codes that each stage must give.
    #[serde(default)]
    #[schemars(with = "IndexMap<String, Expectation>")]
    pub(super) expect: IndexMap<Spanned<String>, Spanned<Value>>,
    /// Text that a blocking stage must print.
    #[schemars(with = "Option<Reason>")]
    pub(super) reason: Option<Spanned<Value>>,
    /// Text that the gate must print at a stage.
    #[serde(default)]
    #[schemars(with = "IndexMap<String, Reason>")]
    pub(super) marker: IndexMap<Spanned<String>, Spanned<Value>>,
    /// Files that a stage must leave.
    #[serde(default)]
    pub(super) files: IndexMap<Spanned<String>, RawFiles>,
    /// Demands on the document of a stage, beyond those of the stage.
    #[serde(default)]
    pub(super) evidence: IndexMap<Spanned<String>, Spanned<RawEvidence>>,
    /// Part of the change that must be blocked; default: lines that match the reason.
    #[schemars(with = "Option<Violation>")]
    pub(super) violation: Option<Spanned<Value>>,
}

impl Expected for RawStage {
    const WORDS: &str = "a table, or false";
}

impl Expected for RawScenario {
    const WORDS: &str = "a table, or false";
}

/// Way to break the gate.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Sabotage")]
pub(super) struct RawSabotage {
    /// Id: lower-case letters, digits and dashes.
    pub(super) id: Spanned<String>,
    /// Effect, in a sentence.
    pub(super) does: Spanned<String>,
    /// Reason for which it happens on real machines.
    pub(super) why: Spanned<String>,
    /// Address of a report of it.
    pub(super) reference: Option<Spanned<String>>,
    /// Remedy, in a sentence.
    pub(super) remedy: Spanned<String>,
    /// Party that refuses such a change.
    #[schemars(extend("enum" = RefusedBy::ALL.map(|(_, word)| word)))]
    pub(super) refused_by: Option<Spanned<String>>,
    /// Gates that it concerns; default: all.
    pub(super) gates: Option<Vec<String>>,
    /// Moment at which the command runs.
    #[schemars(extend("enum" = Point::ALL.map(|(_, word)| word)))]
    pub(super) at: Option<Spanned<String>>,
    /// Command that breaks the gate; exit 69: it cannot be applied.
    pub(super) run: Option<Words>,
    /// Folder of the clone in which the command runs.
    pub(super) workdir: Option<Spanned<String>>,
    /// Time limit, such as 90s or 5m.
    pub(super) timeout: Option<Spanned<String>>,
    /// True: the command has a network in a sandbox.
    pub(super) network: Option<Spanned<bool>>,
    /// Way to commit that replaces that of the stage.
    #[schemars(extend("enum" = On::ALL.iter().filter(|(on, _)| !on.is_push()).map(|(_, word)| *word).collect::<Vec<_>>()))]
    pub(super) on: Option<Spanned<String>>,
    /// Steps that do not run: `install`, `activate`.
    #[serde(default)]
    pub(super) skip: Vec<Spanned<String>>,
    /// Variables of installation, activation and stages.
    #[serde(default)]
    pub(super) env: RawEnvs,
    /// Folder that precedes PATH while stages run.
    pub(super) path: Option<Spanned<String>>,
    /// Words after `git` in stages that git drives.
    #[serde(default)]
    pub(super) git: Vec<String>,
    /// Words after `commit` or `push`.
    #[serde(default)]
    pub(super) args: Vec<String>,
}

/// Variables by phase.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Envs")]
pub(super) struct RawEnvs {
    /// Variables of the installation.
    #[serde(default)]
    pub(super) install: Env,
    /// Variables of the activation.
    #[serde(default)]
    pub(super) activate: Env,
    /// Variables of the stages.
    #[serde(default)]
    pub(super) stage: Env,
}
