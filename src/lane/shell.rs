//! Opens the user's shell in a lane, at the step that failed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::state::Lane;
use super::step_result::StepResult;
use super::steps::{Action, Step};
use crate::model::FailureClass;
use crate::model::command::CommandTemplate;
use crate::sys::process;
use crate::sys::sandbox::Reach;

impl Lane<'_> {
    /// Prepares the lane for a step and starts the user's shell there, with the
    /// step's own environment.
    ///
    /// The shell is the user's, so it is not sandboxed.
    pub(super) fn shell_step(&mut self, before: &Step) -> StepResult {
        if let Action::Stage(_, stage) = &before.action
            && let Err(done) = self.prepare(before, stage)
        {
            return *done;
        }
        let env = self.shell_env(before);
        let shell = self.cx.shell.clone();
        let left = process::run_interactive(&shell, &env, &self.shell_folder(before));
        match left {
            Ok(()) => StepResult::default(),
            Err(e) => {
                let shell = shell.display();
                StepResult::problem(
                    FailureClass::Infra,
                    format!("the shell {shell} cannot be started: {e}"),
                )
            }
        }
    }

    /// Returns the folder that the command of the step runs in.
    fn shell_folder(&self, before: &Step) -> PathBuf {
        let clone = self.workspace.clone_dir();
        let folder = match &before.action {
            Action::Run(command) | Action::Alter(command) | Action::Version(command) => {
                command.folder(&clone)
            }
            Action::Stage(_, stage) => stage.command.folder(&clone),
            _ => return clone,
        };
        // It is missing if that is why the step failed.
        if folder.is_dir() { folder } else { clone }
    }

    fn shell_env(&self, before: &Step) -> BTreeMap<OsString, OsString> {
        let own =
            |command: &CommandTemplate| self.env_of(before, command, &self.vars, BTreeMap::new());
        match &before.action {
            Action::Stage(name, stage) => {
                let command = self.stage_command(stage);
                self.env_of(before, &command, &self.stage_vars(name), BTreeMap::new())
            }
            Action::Run(command) if before.reach == Reach::Installers => {
                let network = self.cx.network_of(command);
                self.env_of(before, command, &self.vars, network)
            }
            Action::Run(command) | Action::Alter(command) | Action::Version(command) => {
                own(command)
            }
            _ => self.env.clone(),
        }
    }
}
