//! A lane as data: the steps that it will take.

use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;

use crate::model::BuiltinStep;
use crate::model::command::CommandTemplate;
use crate::model::plan::{Plan, PlannedStep};
use crate::model::profile::Profile;
use crate::model::scenario::Scenario;
use crate::model::stage::{Drive, Stage};
use crate::model::step::{DEFAULT_LIMIT, ProfileStep};
use crate::model::{Point, ScenarioName, StageName, StepId, Template, Vars};
use crate::sys::sandbox::Reach;

/// One step of a lane.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its id, which never changes.
    pub id: StepId,
    /// What it does.
    pub action: Action,
    /// What it reaches beside its lane.
    pub reach: Reach,
    /// A folder that stands before PATH.
    pub path: Option<Template>,
    /// The time limit of each command of it.
    pub limit: Duration,
    /// How many of the slots of `--jobs` it takes while it runs.
    pub weight: usize,
}

/// What a step does.
#[derive(Debug, Clone)]
pub enum Action {
    /// Clones the consumer and gives the clone a remote of its own.
    Clone,
    /// Runs a command of the profile that installs or activates the gate.
    Run(CommandTemplate),
    /// Runs a command that the lane was altered with.
    Alter(CommandTemplate),
    /// Puts other files into the baseline.
    Replace(Vec<(PathBuf, Vec<u8>)>),
    /// Holds the gate's own version against what was installed.
    Version(CommandTemplate),
    /// Looks for the gate's hooks.
    Hooks,
    /// Makes the commit that the change starts from.
    SeedBaseline,
    /// Lays the scenario over it.
    SeedScenario,
    /// Plays a stage.
    Stage(StageName, Box<Stage>),
    /// Leaves the lane to the user, as this step would find it.
    Shell(Box<Step>),
}

/// The steps of a lane. Only the seed differs between scenarios, and what an
/// alteration changes.
#[must_use]
pub fn steps_of(
    profile: &Profile,
    plan: &Plan,
    scenario: &ScenarioName,
    limit: Option<Duration>,
) -> Vec<Step> {
    let default = limit.unwrap_or(DEFAULT_LIMIT);
    let alteration = &profile.scenarios[scenario].alteration;
    let step = |id: StepId, action: Action| Step {
        id,
        limit: action.own_limit().unwrap_or(default),
        reach: match &action {
            Action::Run(_) => Reach::Installers,
            Action::Stage(_, stage) if stage.network => Reach::Network,
            _ => Reach::Nothing,
        },
        weight: action.weight(),
        path: match action {
            Action::Stage(..) => alteration.path.clone(),
            _ => None,
        },
        action,
    };
    let altered = |point: Point| {
        let command = alteration.command.iter().filter(move |at| at.0 == point);
        command.map(|(_, id, command)| step(id.clone(), Action::Alter(command.clone())))
    };
    let own = |list: &[ProfileStep], skip: bool, env: &IndexMap<String, Template>| {
        let kept = list.iter().filter(|_| !skip);
        let run = kept.map(|own| {
            let mut command = own.command.clone();
            command.env.extend(env.clone());
            step(own.id.clone(), Action::Run(command))
        });
        run.collect::<Vec<_>>()
    };
    let mut steps = vec![step(BuiltinStep::GitClone.into(), Action::Clone)];
    if !alteration.files.is_empty() {
        let files = alteration.files.clone();
        steps.push(step(
            BuiltinStep::ReplaceFiles.into(),
            Action::Replace(files),
        ));
    }
    let (skip_install, skip_activate) = (alteration.skip_install, alteration.skip_activate);
    steps.extend(altered(Point::BeforeInstall));
    steps.extend(own(&profile.install, skip_install, &alteration.install_env));
    steps.extend(altered(Point::AfterInstall));
    steps.extend(own(
        &profile.activate,
        skip_activate,
        &alteration.activate_env,
    ));
    steps.extend(altered(Point::AfterActivate));
    let version = profile.version.iter().filter(|_| !alteration.unchecked);
    steps.extend(version.map(|command| {
        step(
            BuiltinStep::GateVersion.into(),
            Action::Version(command.clone()),
        )
    }));
    if !profile.hooks.is_empty() && !alteration.unchecked {
        steps.push(step(BuiltinStep::GateHooks.into(), Action::Hooks));
    }
    steps.push(step(BuiltinStep::SeedBaseline.into(), Action::SeedBaseline));
    steps.push(step(BuiltinStep::SeedScenario.into(), Action::SeedScenario));
    steps.extend(altered(Point::BeforeStage));
    for name in plan.selected_stages() {
        let mut stage = profile.stages[name].clone();
        stage.command.env.extend(alteration.stage_env.clone());
        let id = StepId::stage(name);
        steps.push(step(id, Action::Stage(name.clone(), Box::new(stage))));
    }
    steps
}

/// The steps of a lane up to one of them, before which it is left to the
/// user; all of them where there is none of this id.
#[must_use]
pub fn until(mut steps: Vec<Step>, id: &StepId) -> Vec<Step> {
    let Some(at) = steps.iter().position(|step| step.id == *id) else {
        return steps;
    };
    let before = Box::new(steps[at].clone());
    let limit = before.limit;
    steps.truncate(at);
    steps.push(Step {
        id: BuiltinStep::Shell.into(),
        action: Action::Shell(before),
        reach: Reach::Nothing,
        path: None,
        limit,
        weight: 1,
    });
    steps
}

/// What a step does, its placeholders filled in.
#[derive(Debug, PartialEq, Eq)]
pub struct ResolvedStep {
    id: StepId,
    is_clone: bool,
    command: Option<(Vec<String>, IndexMap<String, String>)>,
    path: Option<String>,
    limit: Duration,
}

impl Action {
    fn own_limit(&self) -> Option<Duration> {
        match self {
            Self::Run(command) | Self::Alter(command) | Self::Version(command) => command.timeout,
            Self::Stage(_, stage) => stage.command.timeout,
            _ => None,
        }
    }

    fn weight(&self) -> usize {
        match self {
            Self::Run(command) => command.weight,
            Self::Stage(_, stage) => stage.command.weight,
            _ => 1,
        }
    }
}

/// The steps that lanes may have in common: the clone, and installing the
/// package as the profile says.
#[must_use]
pub fn shared_steps(profile: &Profile, plan: &Plan, limit: Option<Duration>) -> Vec<Step> {
    let mut own = profile.scenarios.iter();
    let own = own.find(|(_, scenario)| scenario.alteration.original.is_none());
    let steps = own.map(|(name, _)| steps_of(profile, plan, name, limit));
    let mut steps = steps.unwrap_or_default();
    steps.truncate(1 + profile.install.len());
    steps
}

impl Step {
    /// What the step does in a lane, to be compared with another's.
    #[must_use]
    pub fn resolved(&self, vars: &Vars) -> ResolvedStep {
        let command = match &self.action {
            Action::Run(command) | Action::Alter(command) | Action::Version(command) => {
                Some((command.expand(vars), command.expand_env(vars)))
            }
            _ => None,
        };
        ResolvedStep {
            id: self.id.clone(),
            is_clone: matches!(self.action, Action::Clone),
            command,
            path: self.path.as_ref().map(|path| path.expand(vars)),
            limit: self.limit,
        }
    }

    /// The step as plans and `matrix list` show it.
    #[must_use]
    pub fn planned(&self, profile: &Profile, scenario: &ScenarioName, branch: &str) -> PlannedStep {
        let template = |command: &CommandTemplate| command.render(&Vars::default()).template;
        let command = match &self.action {
            Action::Run(command) | Action::Alter(command) | Action::Version(command) => {
                Some(template(command))
            }
            Action::Stage(_, stage) => {
                let scenario = &profile.scenarios[scenario];
                Some(template(&stage_command(stage, scenario, branch, false)))
            }
            _ => None,
        };
        PlannedStep {
            step: self.id.clone(),
            command,
            network: self.reach != Reach::Nothing,
            weight: self.weight,
            limit_ms: u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// The command that plays a stage: git's, or the stage's own.
#[must_use]
pub fn stage_command(
    stage: &Stage,
    scenario: &Scenario,
    branch: &str,
    allow_empty: bool,
) -> CommandTemplate {
    let mut command = stage.command.clone();
    let to = format!("HEAD:refs/heads/{branch}");
    let (verb, words): (_, &[&str]) = match stage.drive {
        Drive::Command => return command,
        Drive::Commit if allow_empty => ("commit", &["--allow-empty", "-m", &scenario.message]),
        Drive::Commit => ("commit", &["-m", &scenario.message]),
        Drive::Push => ("push", &["origin", &to]),
    };
    let alteration = &scenario.alteration;
    let all = std::iter::once("git")
        .chain(alteration.git.iter().map(String::as_str))
        .chain([verb])
        .chain(alteration.args.iter().map(String::as_str))
        .chain(words.iter().copied());
    command.argv = all.map(Template::literal).collect();
    command
}
