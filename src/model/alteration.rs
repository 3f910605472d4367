//! What a lane does otherwise than its profile says: how installations are
//! broken, configurations weakened and violations taken out on purpose.

use std::path::PathBuf;

use indexmap::IndexMap;

use super::command::{CommandTemplate, Template};
use super::names::ScenarioName;
use super::reason::Reason;
use super::step_id::StepId;

/// Changes to a lane. Nothing is changed by the default.
#[derive(Debug, Clone, Default)]
pub struct Alteration {
    /// The scenario that is altered, where the lane has another name:
    /// `{scenario}` stays what it was.
    pub original: Option<ScenarioName>,
    /// A command that is put in, where it runs, and the id of its step.
    pub command: Option<(Point, StepId, CommandTemplate)>,
    /// Files that the baseline has otherwise, relative to the clone.
    pub files: Vec<(PathBuf, Vec<u8>)>,
    /// Whether the profile's install steps are left out.
    pub skip_install: bool,
    /// Whether its activate steps are.
    pub skip_activate: bool,
    /// Whether our own checks of version and hooks are: what is broken is to
    /// show in a stage.
    pub unchecked: bool,
    /// Variables that install steps get.
    pub install_env: IndexMap<String, Template>,
    /// Variables that activate steps get.
    pub activate_env: IndexMap<String, Template>,
    /// Variables that stages get.
    pub stage_env: IndexMap<String, Template>,
    /// A folder that stands before PATH while stages run.
    pub path: Option<Template>,
    /// Words after `git`, where git plays a stage.
    pub git: Vec<String>,
    /// Words after `commit` or `push`.
    pub args: Vec<String>,
    /// Whose hunks are taken out of the scenario's change.
    pub without: Option<Violation>,
}

impl Alteration {
    /// Whether the gate is installed, set up and played as the profile says.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let variables = [&self.install_env, &self.activate_env, &self.stage_env];
        self.command.is_none()
            && self.files.is_empty()
            && !self.skip_install
            && !self.skip_activate
            && variables.iter().all(|env| env.is_empty())
            && self.path.is_none()
            && self.git.is_empty()
            && self.args.is_empty()
            && self.without.is_none()
    }
}

/// Where in a lane a command is put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Before the package is installed.
    BeforeInstall,
    /// Before its hooks are set up.
    AfterInstall,
    /// Before the baseline is made.
    AfterActivate,
    /// Once, when the change is staged and no stage was played.
    BeforeStage,
}

impl Point {
    /// Every point with its word in configurations.
    pub const ALL: [(Self, &str); 4] = [
        (Self::BeforeInstall, "before-install"),
        (Self::AfterInstall, "after-install"),
        (Self::AfterActivate, "after-activate"),
        (Self::BeforeStage, "before-stage"),
    ];
}

/// What makes a change a violation.
#[derive(Debug, Clone)]
pub enum Violation {
    /// Every hunk that adds a line which says this.
    Lines(Reason),
    /// All that changes in these files and folders.
    Files(Vec<String>),
    /// The message of the commit; this one would be good.
    Message(String),
}
