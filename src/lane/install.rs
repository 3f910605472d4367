//! Installs the gate and checks that the right version got installed.

use std::path::Path;

use super::cell_failure::CellFailure;
use super::installed::{self, Installation};
use super::session::{Session, SessionError};
use super::state::{CommandExtras, Lane};
use super::step_result::StepResult;
use super::steps::Step;
use crate::model::FailureClass;
use crate::model::command::CommandTemplate;
use crate::model::event::EventKind;
use crate::model::evidence::Ending;
use crate::model::reason::Reason;
use crate::model::text::{plain, shown};
use crate::sys::env;
use crate::sys::sandbox::Reach;

impl Lane<'_> {
    /// Runs a command that installs or activates the gate.
    pub(super) fn command_step(&mut self, step: &Step, command: &CommandTemplate) -> StepResult {
        let mut more = CommandExtras::default();
        if step.reach == Reach::Installers {
            more.env = self.cx.network_of(command);
        }
        let done = match self.command(step, command, &self.vars, more) {
            Ok((outcome, captured)) => {
                let problem = Self::install_problem(step, &outcome.ending);
                StepResult {
                    problem,
                    ..StepResult::of_run(command.render(&self.vars), &outcome, captured)
                }
            }
            Err(e) => StepResult::not_set_up(&e),
        };
        let is_last_install = self
            .cx
            .profile
            .install
            .last()
            .is_some_and(|last| last.id == step.id);
        if done.problem.is_none() && is_last_install {
            self.note_package();
        }
        done
    }

    pub(super) fn install_problem(step: &Step, ending: &Ending) -> Option<CellFailure> {
        let problem = |class, text: String| Some(CellFailure::new(class, text));
        match ending {
            Ending::Exited(0) => None,
            Ending::Exited(code) => problem(FailureClass::Install, format!("it exited {code}")),
            Ending::NotStarted(text) => problem(
                FailureClass::Install,
                format!("it could not be started: {text}"),
            ),
            other => Self::common_problem(step, other),
        }
    }

    /// Returns the failure for an ending that means the same in every step.
    pub(super) fn common_problem(step: &Step, ending: &Ending) -> Option<CellFailure> {
        let (class, text) = match ending {
            Ending::Signaled(signal) => {
                (FailureClass::Infra, format!("it died of signal {signal}"))
            }
            Ending::TimedOut => return Some(CellFailure::timeout(step.limit)),
            Ending::Lost => (
                FailureClass::Infra,
                "its supervisor was killed or stopped".to_owned(),
            ),
            Ending::Cancelled => (FailureClass::Interrupted, "it was stopped".to_owned()),
            Ending::NotStarted(text) => (
                FailureClass::Infra,
                format!("it could not be started: {text}"),
            ),
            Ending::Exited(0) => return None,
            Ending::Exited(code) => (FailureClass::Infra, format!("it exited {code}")),
        };
        Some(CellFailure::new(class, text))
    }

    fn note_package(&mut self) {
        let Some(spec) = &self.cx.profile.package else {
            return;
        };
        let profile = &self.cx.profile;
        let installation = Installation {
            spec,
            registry: profile.registry,
            commands: profile.install.iter().map(|step| &step.command).collect(),
            vars: &self.vars,
        };
        self.evidence.package = installed::resolved(&installation, &self.workspace);
        if self.evidence.package.is_none() {
            let message = format!(
                "the installer left no record of `{}`: package_resolved stays null",
                spec.as_str()
            );
            self.events.event(EventKind::Warning { message });
        }
    }

    /// Checks that the gate reports the version that was installed.
    pub(super) fn version_step(&mut self, step: &Step, command: &CommandTemplate) -> StepResult {
        let wanted = self
            .evidence
            .package
            .as_ref()
            .map(|package| package.version.clone());
        let reason = wanted.as_deref().map(version_pattern);
        let more = CommandExtras {
            wanted: reason.into(),
            ..CommandExtras::default()
        };
        match self.command(step, command, &self.vars, more) {
            Err(e) => StepResult::not_set_up(&e),
            Ok((outcome, captured)) => {
                let told = captured.reason_found;
                let mut problem = Self::common_problem(step, &outcome.ending);
                if problem.is_none() && self.cx.profile.package.is_some() && wanted.is_none() {
                    problem = Some(CellFailure::no_record());
                }
                if let (None, Some(wanted), false) = (&problem, &wanted, told) {
                    let text = format!("what runs does not say {wanted}, which was installed");
                    problem = Some(CellFailure::new(FailureClass::Infra, text));
                }
                StepResult {
                    problem,
                    ..StepResult::of_run(command.render(&self.vars), &outcome, captured)
                }
            }
        }
    }

    /// Checks that git has each hook of the profile: an executable file in the
    /// hooks folder, or one of its configuration.
    pub(super) fn check_hooks(&mut self, session: &mut Session<'_>) -> Result<(), SessionError> {
        let folder = session.hooks_folder(&self.workspace.clone_dir())?;
        for hook in &self.cx.profile.hooks {
            let Some(text) = hook_problem(&folder, hook) else {
                continue;
            };
            if self.workspace.configures(hook) && session.has_configured_hook(hook)? {
                continue;
            }
            let text = match self.why_not_configured(hook) {
                Some(why) => format!("{text}, and {why}"),
                None => text,
            };
            let absent = self.hook_not_committed(hook);
            if let Some(file) = absent.or_else(|| self.configuration_not_committed()) {
                let text = format!("{text}, and {} is not in the commit", plain(&file));
                return Err(SessionError::NotCommitted(text));
            }
            let text = format!("{text}; --keep leaves the lane to look at");
            return Err(SessionError::Problem(text));
        }
        Ok(())
    }
}

/// Returns the reason for which git runs no file of a folder as this hook.
pub(super) fn hook_problem(folder: &Path, hook: &str) -> Option<String> {
    let path = folder.join(hook);
    match path.metadata() {
        Err(_) => Some(format!(
            "there is no {hook} hook: {} does not exist",
            shown(path)
        )),
        Ok(_) if !env::is_executable(&path) => Some(format!(
            "git will not run the {hook} hook: {} is not executable",
            shown(path)
        )),
        Ok(_) => None,
    }
}

/// Returns a pattern that finds the version as a whole word: 12.2.20 does not
/// contain 2.2.2.
fn version_pattern(version: &str) -> Reason {
    let version_itself = regex::escape(version);
    let pattern = format!(r"(^|[^0-9A-Za-z.])v?{version_itself}($|[^0-9A-Za-z.-])");
    match regex::bytes::Regex::new(&pattern) {
        Ok(regex) => Reason::Regex(regex),
        Err(_) => Reason::Text(version.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_word() {
        let pattern = version_pattern("2.2.2");
        for said in [
            "2.2.2",
            "v2.2.2",
            "lefthook version 2.2.2",
            "lefthook  v2.2.2\r",
            "x (2.2.2)",
        ] {
            assert!(pattern.matches(said.as_bytes()), "{said}");
        }
        for other in [
            "12.2.2",
            "2.2.20",
            "2.2.2.1",
            "2.2.2-rc.1",
            "1.2.2.2",
            "2x2.2",
        ] {
            assert!(!pattern.matches(other.as_bytes()), "{other}");
        }
    }
}
