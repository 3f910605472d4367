//! What went wrong, where, and of which kind.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::command::Rendered;
use super::exit_code::ExitCode;

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
    /// The change could not be laid over the consumer.
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
    /// Whether it says something of the machine, or of who stopped the run,
    /// and nothing of the gate: no outcome that could differ from another.
    #[must_use]
    pub fn is_of_machine(self) -> bool {
        matches!(self, Self::Infra | Self::Io | Self::Interrupted)
    }
}

/// The word of the files.
impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// The step ids that are ours; a profile adds its own for its commands.
pub mod step {
    /// The consumer's cleanliness.
    pub const SOURCE_REPO_CLEANLINESS: &str = "source_repo_cleanliness";
    /// Reading the configuration.
    pub const CONFIG_LOAD: &str = "config_load";
    /// Opening the repository.
    pub const REPO_UNSUPPORTED: &str = "repo_unsupported";
    /// Looking for the profile's tools.
    pub const TOOL_MISSING: &str = "tool_missing";
    /// `--sandbox require` where there is none.
    pub const SANDBOX: &str = "sandbox";
    /// Making room for the lanes.
    pub const WORK_DIR: &str = "work_dir";
    /// The commit that preflight saw is gone.
    pub const SOURCE_MOVED: &str = "source_moved";
    /// Cloning the consumer.
    pub const GIT_CLONE: &str = "git_clone";
    /// Asking the gate for its version.
    pub const GATE_VERSION: &str = "gate_version";
    /// Looking for the gate's hooks.
    pub const GATE_HOOKS: &str = "gate_hooks";
    /// Putting altered files into the baseline.
    pub const REPLACE_FILES: &str = "replace_files";
    /// Breaking the gate's installation on purpose.
    pub const SABOTAGE: &str = "sabotage";
    /// Making the baseline commit.
    pub const SEED_BASELINE: &str = "seed_baseline";
    /// Laying the scenario over the baseline.
    pub const SEED_SCENARIO: &str = "seed_scenario";
    /// Leaving the lane to the user.
    pub const SHELL: &str = "shell";
    /// The run was stopped.
    pub const INTERRUPTED: &str = "interrupted";
    /// The marker of a run that has not ended.
    pub const RUN_INCOMPLETE: &str = "run_incomplete";
    /// Cells of a parent run that did not run.
    pub const OUTSTANDING: &str = "outstanding";

    /// Every step of our own with its meaning, for the documentation.
    pub const ALL: [(&str, &str); 18] = [
        (SOURCE_REPO_CLEANLINESS, "the consumer is dirty"),
        (CONFIG_LOAD, "the configuration cannot be used"),
        (REPO_UNSUPPORTED, "the repository cannot be used here"),
        (TOOL_MISSING, "a tool of the profile is not on PATH"),
        (
            SANDBOX,
            "`--sandbox require`, and lanes cannot be kept from the machine",
        ),
        (WORK_DIR, "the work folder cannot be used"),
        (
            SOURCE_MOVED,
            "the commit that preflight saw is gone from the consumer",
        ),
        (GIT_CLONE, "cloning the consumer"),
        (
            GATE_VERSION,
            "the gate's own version is not what was installed",
        ),
        (
            GATE_HOOKS,
            "a hook of the profile does not stand where git looks, or is not executable",
        ),
        (
            REPLACE_FILES,
            "putting weakened files into the baseline (`matrix mutate`)",
        ),
        (
            SABOTAGE,
            "breaking the gate's installation on purpose (`matrix sabotage`)",
        ),
        (SEED_BASELINE, "making the baseline commit"),
        (
            SEED_SCENARIO,
            "laying the scenario over the baseline, and putting it back before a stage",
        ),
        (
            SHELL,
            "leaving the lane to the user (`matrix replay --shell`)",
        ),
        (INTERRUPTED, "the run was stopped by a signal"),
        (RUN_INCOMPLETE, "the run died before its verdict"),
        (OUTSTANDING, "cells of a parent run did not run"),
    ];
}

/// The phase of a failure before the first lane.
pub const PREFLIGHT: &str = "preflight";

/// One failure, with all that the last-failure file says of it.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The code that `matrix` exits with for it.
    pub exit: ExitCode,
    /// `preflight` or the scenario's name; none for a run that died.
    pub phase: Option<String>,
    /// The step's id.
    pub step: String,
    /// Its kind.
    pub class: FailureClass,
    /// The command of the step, where it had one.
    pub command: Option<Rendered>,
    /// The step's log, relative to the run folder, where it had one.
    pub log: Option<String>,
    /// What happened, in a sentence.
    pub message: String,
}
