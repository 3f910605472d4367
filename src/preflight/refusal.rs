//! Reasons why a run ends before its first lane, as data.

use std::path::{Path, PathBuf};

use super::MissingTools;
use crate::config::ConfigError;
use crate::model::command::CommandTemplate;
use crate::model::failure::PREFLIGHT;
use crate::model::{BuiltinStep, ExitCode, Failure, FailureClass, Vars};
use crate::sys::git::{Dirt, Unsupported};

/// The reason why a run ends before its first lane.
#[derive(Debug)]
pub enum Refusal {
    /// The repository cannot be used here.
    Unsupported(Unsupported),
    /// The configuration cannot be used; the text names its own remedy.
    Config(String),
    /// A tool of the profile is missing.
    MissingTools(MissingTools),
    /// A sandbox is required and there is none, for this reason.
    Sandbox(String),
    /// The work folder cannot be used, for this reason.
    WorkDir(String),
    /// A signal stopped the run.
    Interrupted(ExitCode),
    /// The consumer has uncommitted changes.
    Dirty {
        /// The consumer's top folder.
        root: PathBuf,
        /// The changes.
        dirt: Vec<Dirt>,
    },
}

impl From<Unsupported> for Refusal {
    fn from(reason: Unsupported) -> Self {
        Self::Unsupported(reason)
    }
}

impl From<MissingTools> for Refusal {
    fn from(missing: MissingTools) -> Self {
        Self::MissingTools(missing)
    }
}

impl From<ConfigError> for Refusal {
    fn from(error: ConfigError) -> Self {
        Self::Config(error.to_string())
    }
}

impl Refusal {
    /// The failure that the run records.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let failure = |class, step| Failure::new(class, step, self.message()).phase(PREFLIGHT);
        let unsupported = |step| failure(FailureClass::Unsupported, step);
        match self {
            Self::Unsupported(_) => unsupported(BuiltinStep::RepoUnsupported),
            Self::Config(_) => failure(FailureClass::Config, BuiltinStep::ConfigLoad),
            Self::MissingTools(_) => unsupported(BuiltinStep::ToolMissing),
            Self::Sandbox(_) => unsupported(BuiltinStep::Sandbox),
            Self::WorkDir(_) => {
                failure(FailureClass::Infra, BuiltinStep::WorkDir).exit(ExitCode::Unusable)
            }
            Self::Interrupted(code) => {
                failure(FailureClass::Interrupted, BuiltinStep::Interrupted).exit(*code)
            }
            Self::Dirty { root, .. } => {
                failure(FailureClass::Dirty, BuiltinStep::SourceRepoCleanliness)
                    .command(status_command(root))
            }
        }
    }

    /// The reason in a sentence, as it is recorded.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Unsupported(e) => e.reason.clone(),
            Self::Config(text) | Self::WorkDir(text) => text.clone(),
            Self::MissingTools(missing) => missing.to_string(),
            Self::Sandbox(why) => format!("there is no sandbox: {why}"),
            Self::Interrupted(code) => code.stop_message(),
            Self::Dirty { dirt, .. } => format!("the consumer has {} dirty paths", dirt.len()),
        }
    }
}

/// The command that shows the dirt.
fn status_command(root: &Path) -> crate::model::command::Rendered {
    let vars = Vars {
        repo_root: root.to_string_lossy().into_owned(),
        ..Vars::default()
    };
    let status = ["git", "-C", "{repo_root}", "status", "--short", "--branch"];
    let mut command = CommandTemplate::from_words(&status).render(&vars);
    command.variables.retain(|name, _| name == "repo_root");
    command
}
