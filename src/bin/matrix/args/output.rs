//! Flags of every verb: the amount of what is said, and colours.

use clap::{Args as ClapArgs, ValueEnum};

#[derive(Debug, Clone, Copy, Default, ClapArgs)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Say less on stderr: errors, warnings and failures alone
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more on stderr: -v each step's command, its outcome and decisions; -vv also each command
    /// that matrix runs for itself [env: MATRIX_LOG=quiet|info|verbose|debug]
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Colours on stderr: auto (on a terminal, unless NO_COLOR is set), always or never
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        hide_possible_values = true
    )]
    pub(crate) color: Option<Color>,
}

/// The use of colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// As NO_COLOR, CLICOLOR_FORCE and the terminal say
    Auto,
    /// Also in a file or a pipe
    Always,
    /// None
    Never,
}
