//! The command line of the verbs that concern no consumer: shells, manual, machine.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};
use clap_complete::ArgValueCompleter;

use super::ListFormat;
use crate::complete;

#[derive(Debug, ClapArgs)]
pub(crate) struct CompletionsArgs {
    /// Shell that reads the script
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ManArgs {
    /// Verb to describe [default: the program as a whole]
    #[arg(value_name = "VERB", add = ArgValueCompleter::new(complete::verbs))]
    pub(crate) verb: Option<String>,
    /// Write every page into this folder: matrix.1, matrix-run.1, …
    #[arg(long, value_name = "DIR", conflicts_with = "verb")]
    pub(crate) into: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DoctorArgs {
    /// Folder for lanes and caches [default: gate-matrix in the user's cache folder]
    /// [env: MATRIX_WORK_DIR]
    #[arg(long, value_name = "DIR")]
    pub(crate) work_dir: Option<PathBuf>,
    /// Format of stdout
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: ListFormat,
}

/// A shell that can complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// source <(matrix completions bash)
    Bash,
    /// source <(matrix completions zsh)
    Zsh,
    /// matrix completions fish | source
    Fish,
    /// matrix completions powershell | Out-String | Invoke-Expression
    Powershell,
    /// eval (matrix completions elvish | slurp)
    Elvish,
}

impl Shell {
    /// Returns its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
            Self::Elvish => "elvish",
        }
    }
}
