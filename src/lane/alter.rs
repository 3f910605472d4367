//! Runs the command that a lane is altered with.

use super::state::{CommandExtras, Lane};
use super::step_result::StepResult;
use super::steps::Step;
use crate::model::command::CommandTemplate;
use crate::sys::env::OFFLINE;
use crate::sys::sandbox::Reach;

impl Lane<'_> {
    /// Runs a command that breaks something in the lane.
    ///
    /// Its variables name what the gate uses here, and package managers do not ask for a
    /// network that it does not have.
    pub(super) fn alter_step(&mut self, step: &Step, command: &CommandTemplate) -> StepResult {
        let mut more = CommandExtras::default();
        if step.reach == Reach::Installers {
            more.env = self.cx.network_of(command);
        } else if self.cx.keeps_network_away() {
            let settings = OFFLINE.iter();
            more.env = settings
                .map(|(name, value)| (name.into(), value.into()))
                .collect();
        }
        let in_use = self.in_use().into_iter();
        more.env
            .extend(in_use.map(|(name, value)| (name.into(), value)));
        match self.command(step, command, &self.vars, more) {
            Ok((outcome, captured)) => {
                let problem = self.install_problem(step, &outcome.ending);
                StepResult {
                    problem,
                    ..StepResult::of_run(command.render(&self.vars), &outcome, captured)
                }
            }
            Err(e) => StepResult::not_set_up(&e),
        }
    }
}
