//! A lane as data: the steps that it will take.

use std::time::Duration;

use crate::model::command::CommandTemplate;
use crate::model::failure::step;
use crate::model::plan::{Plan, PlannedStep};
use crate::model::profile::{DEFAULT_LIMIT, Drive, Profile, Stage};
use crate::model::{ScenarioName, StageName, Vars};

/// One step of a lane.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its id, which never changes.
    pub id: String,
    /// What it does.
    pub action: Action,
    /// Whether it is given the network's variables.
    pub network: bool,
    /// The time limit of each command of it.
    pub limit: Duration,
}

/// What a step does.
#[derive(Debug, Clone)]
pub enum Action {
    /// Clones the consumer and gives the clone a remote of its own.
    Clone,
    /// Runs a command of the profile that installs or activates the gate.
    Run(CommandTemplate),
    /// Holds the gate's own version against what was installed.
    Version(CommandTemplate),
    /// Looks for the gate's hooks.
    Hooks,
    /// Makes the commit that the change starts from.
    SeedBaseline,
    /// Lays the scenario over it.
    SeedScenario,
    /// Plays a stage.
    Stage(StageName, Stage),
}

/// The steps of every lane of a plan; only the seed differs between
/// scenarios.
#[must_use]
pub fn script(profile: &Profile, plan: &Plan, limit: Option<Duration>) -> Vec<Step> {
    let default = limit.unwrap_or(DEFAULT_LIMIT);
    let step = |id: &str, action: Action| Step {
        id: id.to_owned(),
        limit: action.own_limit().unwrap_or(default),
        network: matches!(action, Action::Run(_)),
        action,
    };
    let mut steps = vec![step(step::GIT_CLONE, Action::Clone)];
    for own in profile.install.iter().chain(&profile.activate) {
        steps.push(step(&own.id, Action::Run(own.command.clone())));
    }
    if let Some(command) = &profile.version {
        steps.push(step(step::GATE_VERSION, Action::Version(command.clone())));
    }
    if !profile.hooks.is_empty() {
        steps.push(step(step::GATE_HOOKS, Action::Hooks));
    }
    steps.push(step(step::SEED_BASELINE, Action::SeedBaseline));
    steps.push(step(step::SEED_SCENARIO, Action::SeedScenario));
    for name in plan.selected_stages() {
        let id = format!("stage_{}", name.key());
        steps.push(step(
            &id,
            Action::Stage(name.clone(), profile.stages[name].clone()),
        ));
    }
    steps
}

impl Action {
    fn own_limit(&self) -> Option<Duration> {
        match self {
            Self::Run(command) | Self::Version(command) => command.timeout,
            Self::Stage(_, stage) => stage.command.timeout,
            _ => None,
        }
    }
}

impl Step {
    /// The step as plans and `matrix list` show it.
    #[must_use]
    pub fn planned(&self, profile: &Profile, scenario: &ScenarioName, branch: &str) -> PlannedStep {
        let template = |command: &CommandTemplate| command.render(&Vars::default()).template;
        let command = match &self.action {
            Action::Run(command) | Action::Version(command) => Some(template(command)),
            Action::Stage(_, stage) => {
                let message = &profile.scenarios[scenario].message;
                Some(template(&stage_command(stage, message, branch, false)))
            }
            _ => None,
        };
        PlannedStep {
            step: self.id.clone(),
            command,
            network: self.network,
            limit_ms: u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// The command that plays a stage: git's, or the stage's own.
#[must_use]
pub fn stage_command(
    stage: &Stage,
    message: &str,
    branch: &str,
    allow_empty: bool,
) -> CommandTemplate {
    use crate::model::Template;
    let mut command = stage.command.clone();
    let words: &[&str] = match stage.drive {
        Drive::Command => return command,
        Drive::Commit if allow_empty => &["git", "commit", "--allow-empty", "-m", message],
        Drive::Commit => &["git", "commit", "-m", message],
        Drive::Push => &[
            "git",
            "push",
            "origin",
            &format!("HEAD:refs/heads/{branch}"),
        ],
    };
    command.argv = words.iter().map(|word| Template::literal(word)).collect();
    command
}
