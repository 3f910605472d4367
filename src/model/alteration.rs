//! Deviations of a lane from its profile: installations that are broken, configurations
//! that are weakened and violations that are removed on purpose.

use std::path::PathBuf;

use indexmap::IndexMap;

use super::command::CommandTemplate;
use super::names::ScenarioName;
use super::on::On;
use super::reason::Reason;
use super::step_id::StepId;
use super::template::Template;

/// The changes to a lane. The default changes nothing.
#[derive(Debug, Clone, Default)]
pub struct Alteration {
    /// The scenario that is altered, if the lane has another name. `{scenario}` keeps
    /// expanding to it.
    pub original: Option<ScenarioName>,
    /// An inserted command: its point in the lane and the id of its step.
    pub command: Option<(Point, StepId, CommandTemplate)>,
    /// Set if that command has the network.
    pub network: bool,
    /// The git command that drives stages in the place of `git commit`.
    pub on: Option<On>,
    /// Files with other contents in the baseline, relative to the clone.
    pub files: Vec<(PathBuf, Vec<u8>)>,
    /// The profile's steps that are skipped.
    pub skip: Skipped,
    /// Set if the built-in checks of version and hooks are skipped, so that the breakage
    /// shows in a stage.
    pub unchecked: bool,
    /// Variables of the install steps.
    pub install_env: IndexMap<String, Template>,
    /// Variables of the activate steps.
    pub activate_env: IndexMap<String, Template>,
    /// Variables of the stages.
    pub stage_env: IndexMap<String, Template>,
    /// A folder that precedes PATH while stages run.
    pub path: Option<Template>,
    /// Words after `git` in stages that git drives.
    pub git: Vec<String>,
    /// Words after `commit` or `push`.
    pub args: Vec<String>,
    /// The violation whose hunks are removed from the scenario's change.
    pub without: Option<Violation>,
}

impl Alteration {
    /// True if the lane is installed, set up and run as the profile says.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let variables = [&self.install_env, &self.activate_env, &self.stage_env];
        self.command.is_none()
            && self.on.is_none()
            && self.files.is_empty()
            && !self.skip.install
            && !self.skip.activate
            && variables.iter().all(|env| env.is_empty())
            && self.path.is_none()
            && self.git.is_empty()
            && self.args.is_empty()
            && self.without.is_none()
    }
}

/// The kinds of a profile's steps that a lane skips.
#[derive(Debug, Clone, Copy, Default)]
pub struct Skipped {
    /// Set for the install steps.
    pub install: bool,
    /// Set for the activate steps.
    pub activate: bool,
}

/// The point of a lane at which a command is inserted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Before the package is installed.
    BeforeInstall,
    /// Before its hooks are set up.
    AfterInstall,
    /// Before the baseline is made.
    AfterActivate,
    /// Once, after the change is staged and before the first stage runs.
    BeforeStage,
}

impl Point {
    /// Every point, with its word in configurations.
    pub const ALL: [(Self, &str); 4] = [
        (Self::BeforeInstall, "before-install"),
        (Self::AfterInstall, "after-install"),
        (Self::AfterActivate, "after-activate"),
        (Self::BeforeStage, "before-stage"),
    ];
}

/// The part of a change that makes it a violation.
#[derive(Debug, Clone)]
pub enum Violation {
    /// Every hunk that adds a line which says this.
    Lines(Reason),
    /// All that changes in these files and folders.
    Files(Vec<String>),
    /// The message of the commit; this one would be accepted.
    Message(String),
}
