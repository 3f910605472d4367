//! The steps of a lane, as data.

use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;

use super::stage_command::stage_command;
use crate::model::BuiltinStep;
use crate::model::command::CommandTemplate;
use crate::model::plan::{Plan, PlannedStep};
use crate::model::profile::Profile;
use crate::model::stage::{Drive, Stage};
use crate::model::step::{DEFAULT_LIMIT, ProfileStep};
use crate::model::{Alteration, On, Point, ScenarioName, StageName, StepId, Template, Vars};
use crate::sys::sandbox::Reach;

/// One step of a lane.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its id, which never changes.
    pub id: StepId,
    /// The action.
    pub action: Action,
    /// The parts of the machine that it can reach outside of its lane.
    pub reach: Reach,
    /// A folder to prepend to PATH.
    pub path: Option<Template>,
    /// The time limit of each command of it.
    pub limit: Duration,
    /// The number of `--jobs` slots that it occupies.
    pub weight: usize,
}

/// The action of a step.
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
    /// Compares the gate's own version with the installed one.
    Version(CommandTemplate),
    /// Checks the gate's hooks.
    Hooks,
    /// Makes the commit that the change starts from.
    SeedBaseline,
    /// Applies the scenario to it.
    SeedScenario,
    /// Runs a stage.
    Stage(StageName, Box<Stage>),
    /// Opens the user's shell in the state that this step would start from.
    Shell(Box<Step>),
}

/// Returns the steps of a lane.
///
/// They differ between scenarios only in the seed and in the alteration.
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
        // Only installers and stages that ask for it get the network.
        reach: match &action {
            Action::Clone => Reach::Consumer,
            Action::Run(_) => Reach::Installers,
            Action::Alter(_) if alteration.network => Reach::Installers,
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
        // Altered lanes can leave out the installation or the activation.
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
    let skip = alteration.skip;
    steps.extend(altered(Point::BeforeInstall));
    steps.extend(own(&profile.install, skip.install, &alteration.install_env));
    steps.extend(altered(Point::AfterInstall));
    steps.extend(own(
        &profile.activate,
        skip.activate,
        &alteration.activate_env,
    ));
    steps.extend(altered(Point::AfterActivate));
    // A lane that is altered to be broken would fail these checks.
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
    for name in plan.stages_of(scenario) {
        let mut stage = profile.stages[name].clone();
        alter(&mut stage, alteration);
        let id = StepId::stage(name);
        steps.push(step(id, Action::Stage(name.clone(), Box::new(stage))));
    }
    steps
}

/// Gives a stage the variables and the git command of an alteration.
fn alter(stage: &mut Stage, alteration: &Alteration) {
    stage.command.env.extend(alteration.stage_env.clone());
    if let (Some(On::Commit), Some(on)) = (stage.on(), alteration.on) {
        stage.drive = Drive::Git(on);
        stage.before_commit = on.is_staged();
    }
}

/// Returns the steps of a lane up to the one with this id, which a shell
/// replaces; all of them if there is no such step.
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

/// A step with its placeholders expanded.
///
/// Two lanes share a step only if these are equal.
#[derive(Debug, PartialEq, Eq)]
pub struct ResolvedStep {
    id: StepId,
    is_clone: bool,
    command: Option<(Vec<String>, IndexMap<String, String>)>,
    workdir: Option<String>,
    path: Option<String>,
    limit: Duration,
}

impl Action {
    /// The folder of the clone that its command runs in, unless that is the root.
    fn workdir(&self) -> Option<String> {
        match self {
            Self::Run(command) | Self::Alter(command) | Self::Version(command) => {
                command.workdir.clone()
            }
            Self::Stage(_, stage) => stage.command.workdir.clone(),
            _ => None,
        }
    }

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

/// Returns the steps that lanes can share: the clone, and installing the
/// package as the profile says.
#[must_use]
pub fn shared_steps(profile: &Profile, plan: &Plan, limit: Option<Duration>) -> Vec<Step> {
    let mut scenarios = profile.scenarios.iter();
    let unaltered = scenarios.find(|(_, scenario)| scenario.alteration.original.is_none());
    let mut steps = unaltered
        .map(|(name, _)| steps_of(profile, plan, name, limit))
        .unwrap_or_default();
    steps.truncate(1 + profile.install.len());
    steps
}

impl Step {
    /// Returns the step with its placeholders expanded.
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
            workdir: self.action.workdir(),
            path: self.path.as_ref().map(|path| path.expand(vars)),
            limit: self.limit,
        }
    }

    /// Returns the step as plans and `matrix list` show it.
    #[must_use]
    pub fn planned(&self, profile: &Profile, scenario: &ScenarioName, branch: &str) -> PlannedStep {
        let template = |command: &CommandTemplate| command.render(&Vars::default()).template;
        let command = match &self.action {
            Action::Run(command) | Action::Alter(command) | Action::Version(command) => {
                Some(template(command))
            }
            Action::Stage(_, stage) => {
                let declared = &profile.scenarios[scenario];
                let command = stage_command(stage, scenario, declared, branch, |_| None);
                Some(template(&command))
            }
            _ => None,
        };
        PlannedStep {
            step: self.id.clone(),
            command,
            workdir: self.action.workdir(),
            network: self.reach.has_network(),
            weight: self.weight,
            limit_ms: u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX),
        }
    }
}
