//! The state of a lane while it runs, and the commands that run in it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::acts::ToPush;
use super::context::LaneContext;
use super::events::EventSink;
use super::seed::{Seeded, Seeder};
use super::stage_command::stage_command;
use super::steps::{Action, Step};
use super::supervisors::Supervisors;
use super::workspace::Workspace;
use crate::model::command::{CommandTemplate, Rendered};
use crate::model::evidence::LogRef;
use crate::model::run_paths::log_path;
use crate::model::scenario::Scenario;
use crate::model::stage::Stage;
use crate::model::{LaneEvidence, On, ScenarioName, StageName, Template, Vars};
use crate::sys::env;
use crate::sys::process::{
    Capture, Captured, Cmd, CommandOutcome, Control, Patterns, RunError, Watch,
};
use crate::sys::slots::Share;

/// A lane that runs.
pub(super) struct Lane<'a> {
    pub(super) cx: &'a LaneContext,
    pub(super) name: &'a ScenarioName,
    pub(super) scenario: &'a Scenario,
    pub(super) control: &'a Control,
    pub(super) supervisors: Supervisors,
    pub(super) share: &'a mut Share,
    pub(super) events: &'a mut dyn EventSink,
    pub(super) workspace: Workspace,
    pub(super) env: BTreeMap<OsString, OsString>,
    pub(super) vars: Vars,
    pub(super) evidence: LaneEvidence,
    pub(super) seeded: Option<Seeded>,
    /// The git command that the last stage ran, if it may have left something.
    pub(super) last_act: Option<On>,
    /// The ref that the stage pushes.
    pub(super) to_push: Option<ToPush>,
    /// Set if HEAD or the index may differ from the seeded state.
    pub(super) moved_on: bool,
}

/// Additions to a command on behalf of its step.
#[derive(Default)]
pub(super) struct CommandExtras {
    /// Variables in addition to the lane's.
    pub(super) env: BTreeMap<OsString, OsString>,
    /// Texts that its output is searched for.
    pub(super) wanted: Patterns,
    /// Observations that its supervisor makes.
    pub(super) watch: Watch,
}

impl Lane<'_> {
    /// Returns the command of a step as it is recorded; None if the step is
    /// not a command.
    pub(super) fn rendered(&self, step: &Step) -> Option<Rendered> {
        match &step.action {
            Action::Run(command) | Action::Alter(command) | Action::Version(command) => {
                Some(command.render(&self.vars))
            }
            Action::Shell(before) => self.rendered(before),
            Action::Stage(name, stage) => {
                Some(self.stage_command(stage).render(&self.stage_vars(name)))
            }
            _ => None,
        }
    }

    pub(super) fn stage_vars(&self, name: &StageName) -> Vars {
        Vars {
            stage: name.to_string(),
            ..self.vars.clone()
        }
    }

    pub(super) fn stage_command(&self, stage: &Stage) -> CommandTemplate {
        let nothing = self
            .seeded
            .as_ref()
            .is_some_and(|seeded| seeded.nothing_staged);
        let empty = |word| nothing.then(|| Template::literal(word));
        stage_command(stage, self.name, self.scenario, &self.cx.branch, empty)
    }

    /// True if the scenario changes nothing.
    pub(super) fn is_vacuous(&self) -> bool {
        self.seeded.as_ref().is_some_and(|seeded| seeded.vacuous)
    }

    pub(super) fn log_file(&self, step: &str) -> PathBuf {
        self.cx.run_folder.join(self.log_path(step))
    }

    /// Returns the path of a step's log, relative to the run folder.
    fn log_path(&self, step: &str) -> String {
        format!("{}{}", self.cx.path_prefix(), log_path(self.name, step))
    }

    pub(super) fn log_ref(&self, step: &str, captured: Captured) -> LogRef {
        LogRef {
            path: self.log_path(step),
            sha256: captured.sha256,
            bytes: captured.bytes,
            bytes_total: captured.bytes_total,
        }
    }

    pub(super) fn seeder(&self) -> Seeder<'_> {
        Seeder {
            cx: self.cx,
            lane: &self.workspace,
            name: self.name,
            scenario: self.scenario,
        }
    }

    /// Returns the environment of a command: the lane's, what the step adds,
    /// and the command's own.
    pub(super) fn env_of(
        &self,
        step: &Step,
        command: &CommandTemplate,
        vars: &Vars,
        extra: BTreeMap<OsString, OsString>,
    ) -> BTreeMap<OsString, OsString> {
        let mut env = self.env.clone();
        if let Some(folder) = &step.path {
            let path = env::path_after(&folder.expand(vars), env.get(OsStr::new("PATH")));
            env.insert("PATH".into(), path);
        }
        env.extend(extra);
        let own = command.expand_env(vars);
        env.extend(
            own.into_iter()
                .map(|(name, value)| (name.into(), value.into())),
        );
        env
    }

    /// Runs one command of a profile, with its output in the step's log.
    pub(super) fn command(
        &self,
        step: &Step,
        command: &CommandTemplate,
        vars: &Vars,
        extras: CommandExtras,
    ) -> Result<(CommandOutcome, Captured), RunError> {
        let path = self.log_file(step.id.as_str());
        let log_error = |source| RunError::Log {
            path: path.clone(),
            source,
        };
        let mut capture = Capture::create(&path, extras.wanted).map_err(log_error)?;
        let env = self.env_of(step, command, vars, extras.env);
        let cmd = Cmd {
            argv: command.expand(vars).into_iter().map(Into::into).collect(),
            env: env.into_iter().collect(),
            cwd: command.folder(&self.workspace.clone_dir()),
            limit: Some(step.limit),
            watch: extras.watch,
        };
        let supervisor = self.supervisors.with_reach(step.reach);
        let outcome = supervisor.run(&cmd, &mut capture)?;
        let captured = capture.finish().map_err(log_error)?;
        Ok((outcome, captured))
    }
}
