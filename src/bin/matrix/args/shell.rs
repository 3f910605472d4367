//! The command line of the verbs that help a shell.

use clap::{Args as ClapArgs, ValueEnum};

#[derive(Debug, ClapArgs)]
pub(crate) struct CompletionsArgs {
    /// Shell that reads the script
    #[arg(value_enum)]
    pub(crate) shell: Shell,
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
