//! Runs the command that a lane is altered with.

use super::cell_failure::CellFailure;
use super::state::{CommandExtras, Lane};
use super::step_result::StepResult;
use super::steps::Step;
use super::traces::Traces;
use crate::model::FailureClass;
use crate::model::alteration::Alteration;
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
        let before = self
            .is_all(&self.scenario.alteration)
            .then(|| self.traces());
        match self.command(step, command, &self.vars, more) {
            Ok((outcome, captured)) => {
                let mut problem = Self::install_problem(step, &outcome.ending);
                if problem.is_none() && before.is_some_and(|before| before == self.traces()) {
                    let text = "it changed nothing in the lane";
                    problem = Some(CellFailure::new(FailureClass::Install, text));
                }
                StepResult {
                    problem,
                    ..StepResult::of_run(command.render(&self.vars), &outcome, captured)
                }
            }
            Err(e) => StepResult::not_set_up(&e),
        }
    }

    /// True if the command is all that the lane is altered with. A folder on PATH counts for
    /// nothing without the programs that the command puts there.
    fn is_all(&self, alteration: &Alteration) -> bool {
        let rest = Alteration {
            command: None,
            path: None,
            ..alteration.clone()
        };
        !self.cx.profile.is_changed_by(&rest)
    }

    fn traces(&self) -> Traces {
        Traces::of(&self.workspace, &self.env)
    }
}
