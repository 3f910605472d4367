//! Reasons why a run ends before its first lane, as data.

use std::path::{Path, PathBuf};

use super::MissingTools;
use crate::config::ConfigError;
use crate::model::command::CommandTemplate;
use crate::model::failure::PREFLIGHT;
use crate::model::sandbox::{SandboxMode, SandboxRecord};
use crate::model::{BuiltinStep, ExitCode, Failure, FailureClass, FailureDetail, Vars};
use crate::sys::git::{Dirt, Unsupported};

/// The reason why a run ends before its first lane.
#[derive(Debug)]
pub enum Refusal {
    /// The repository cannot be used here.
    Unsupported(Unsupported),
    /// The configuration cannot be used; the text names its own remedy.
    Config {
        /// The error, with its remedy.
        text: String,
        /// True if it names a line of a file.
        has_place: bool,
    },
    /// A tool of the profile is missing.
    MissingTools(MissingTools),
    /// A sandbox is required, and there is none or only a part of one.
    Sandbox {
        /// The sandbox that there is.
        record: Box<SandboxRecord>,
        /// True if the configuration requires it.
        by_configuration: bool,
    },
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
        /// True if the changes are those of the configuration alone.
        is_configuration: bool,
        /// The reason why the configuration cannot be used, if it cannot.
        config: Option<String>,
        /// True if the verb can try the work tree as it is.
        takes_worktree: bool,
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
        Self::Config {
            text: error.to_string(),
            has_place: error.has_place(),
        }
    }
}

impl Refusal {
    /// A flag, or a variable, that the configuration does not fit.
    #[must_use]
    pub fn usage(text: String) -> Self {
        Self::Config {
            text,
            has_place: false,
        }
    }

    /// The failure that the run records.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let failure = |class, step| Failure::new(class, step, self.message()).phase(PREFLIGHT);
        let unsupported = |step| failure(FailureClass::Unsupported, step);
        match self {
            // The repository may be a good one on a machine that has what it takes.
            Self::Unsupported(Unsupported {
                shortage: Some(_), ..
            }) => {
                failure(FailureClass::Infra, BuiltinStep::RepoUnsupported).exit(ExitCode::Unusable)
            }
            Self::Unsupported(_) => unsupported(BuiltinStep::RepoUnsupported),
            Self::Config { has_place, .. } => {
                let detail = (!has_place).then_some(FailureDetail::NoPlace);
                failure(FailureClass::Config, BuiltinStep::ConfigLoad).detail(detail)
            }
            Self::MissingTools(_) => unsupported(BuiltinStep::ToolMissing),
            Self::Sandbox { .. } => unsupported(BuiltinStep::Sandbox),
            Self::WorkDir(_) => {
                failure(FailureClass::Infra, BuiltinStep::WorkDir).exit(ExitCode::Unusable)
            }
            Self::Interrupted(code) => {
                failure(FailureClass::Interrupted, BuiltinStep::Interrupted).exit(*code)
            }
            Self::Dirty { root, config, .. } => {
                let wrong = config.as_ref().map(|_| FailureDetail::WrongConfiguration);
                failure(FailureClass::Dirty, BuiltinStep::SourceRepoCleanliness)
                    .command(status_command(root))
                    .detail(wrong)
            }
        }
    }

    /// The sandbox that was found, if it is the reason.
    #[must_use]
    pub fn sandbox(&self) -> Option<&SandboxRecord> {
        match self {
            Self::Sandbox { record, .. } => Some(record),
            _ => None,
        }
    }

    /// The change of the machine or of the request that allows a sandbox.
    #[must_use]
    pub fn sandbox_remedy(record: &SandboxRecord, by_configuration: bool) -> String {
        let first = match (&record.remedy, record.mode) {
            (_, SandboxMode::Off) => "run without --sandbox off and MATRIX_SANDBOX=off",
            (Some(remedy), _) => remedy,
            (None, _) => "install bubblewrap and allow user namespaces",
        };
        let else_do = if by_configuration {
            "or take `[require] sandbox` out of the configuration"
        } else {
            "or run without a sandbox: --sandbox auto"
        };
        format!("{first}, {else_do}")
    }

    /// The reason in a sentence, as it is recorded.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Unsupported(e) => e.reason.clone(),
            Self::Config { text, .. } | Self::WorkDir(text) => text.clone(),
            Self::MissingTools(missing) => missing.to_string(),
            Self::Sandbox {
                record,
                by_configuration,
            } => no_sandbox(record, *by_configuration),
            Self::Interrupted(code) => code.stop_message(),
            Self::Dirty { dirt, config, .. } => {
                let dirty = format!("the consumer has {} dirty paths", dirt.len());
                match config {
                    Some(wrong) => {
                        format!("{dirty}, and its configuration cannot be used: {wrong}")
                    }
                    None => dirty,
                }
            }
        }
    }
}

fn no_sandbox(record: &SandboxRecord, by_configuration: bool) -> String {
    let demand = if by_configuration {
        "the configuration requires a sandbox ([require] sandbox = true), and "
    } else {
        ""
    };
    match record.because.as_deref() {
        Some(_) if record.by.is_some() => {
            format!("{demand}only a part of it holds: {}", record.describe())
        }
        Some(why) => format!("{demand}there is no sandbox: {why}"),
        None => format!("{demand}--sandbox off (or MATRIX_SANDBOX) forbids it"),
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
