//! What keeps a run from its first lane: the failure that is written, and
//! the words that are said, side by side.

use std::path::Path;

use crate::model::BuiltinStep;
use crate::model::command::CommandTemplate;
use crate::model::failure::PREFLIGHT;
use crate::model::text::plain_lines;
use crate::model::{ExitCode, Failure, FailureClass, Vars};
use crate::preflight::MissingTools;
use crate::report::failure;
use crate::sys::git::{Dirt, Unsupported};

/// A failure of the preflight, and what the user is told of it.
pub(super) struct Refusal {
    pub(super) failure: Failure,
    pub(super) text: String,
}

impl Refusal {
    fn new(step: BuiltinStep, class: FailureClass, message: &str, next: &str) -> Self {
        let next_line = match next {
            "" => String::new(),
            next => format!("  next: {}\n", plain_lines(next)),
        };
        let text = format!("ERROR: {}\n{next_line}", plain_lines(message));
        Self {
            failure: Failure::new(class, step, message).phase(PREFLIGHT),
            text,
        }
    }

    fn exit(self, exit: ExitCode) -> Self {
        Self {
            failure: self.failure.exit(exit),
            ..self
        }
    }

    pub(super) fn unsupported(e: &Unsupported) -> Self {
        Self::new(
            BuiltinStep::RepoUnsupported,
            FailureClass::Unsupported,
            &e.reason,
            &e.remedy,
        )
    }

    /// An error of the configuration brings its own remedy.
    pub(super) fn config(text: &str) -> Self {
        Self::new(BuiltinStep::ConfigLoad, FailureClass::Config, text, "")
    }

    pub(super) fn missing_tools(missing: &MissingTools) -> Self {
        Self::new(
            BuiltinStep::ToolMissing,
            FailureClass::Unsupported,
            &missing.to_string(),
            "install it, or see that PATH leads to it; `matrix check` tells what is missing",
        )
    }

    pub(super) fn sandbox(why: &str) -> Self {
        Self::new(
            BuiltinStep::Sandbox,
            FailureClass::Unsupported,
            &format!("there is no sandbox: {why}"),
            "install bubblewrap, see that user namespaces are allowed, or do without: --sandbox auto",
        )
    }

    pub(super) fn work_dir(text: &str) -> Self {
        Self::new(
            BuiltinStep::WorkDir,
            FailureClass::Infra,
            text,
            "see that it can be written and has room, or use another one: --work-dir DIR",
        )
        .exit(ExitCode::Unusable)
    }

    pub(super) fn interrupted(code: ExitCode) -> Self {
        let message = stopped_by(code);
        Self::new(
            BuiltinStep::Interrupted,
            FailureClass::Interrupted,
            &message,
            "",
        )
        .exit(code)
    }

    /// A dirty consumer: its command is the one that shows the dirt.
    pub(super) fn dirty(root: &Path, dirt: &[Dirt]) -> Self {
        let vars = Vars {
            repo_root: root.to_string_lossy().into_owned(),
            ..Vars::default()
        };
        let status = ["git", "-C", "{repo_root}", "status", "--short", "--branch"];
        let mut command = CommandTemplate::own(&status).render(&vars);
        command.variables.retain(|name, _| name == "repo_root");
        let message = format!("the consumer has {} dirty paths", dirt.len());
        let step = BuiltinStep::SourceRepoCleanliness;
        let plain = Self::new(step, FailureClass::Dirty, &message, "");
        Self {
            failure: plain.failure.command(command),
            text: failure::dirty(root, dirt),
        }
    }
}

/// A stop by signal, in words.
pub(super) fn stopped_by(code: ExitCode) -> String {
    format!("the run was {}", code.meaning())
}
