//! The command line of `matrix config`.

use clap::{Args as ClapArgs, Subcommand};

use super::{ConsumerArgs, SelectArgs};

#[derive(Debug, ClapArgs)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) verb: ConfigVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigVerb {
    /// Print every setting of the merged configuration, as TOML
    Show(ConfigShowArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ConfigShowArgs {
    #[command(flatten)]
    pub(crate) consumer: ConsumerArgs,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// Also print the origin of each: file and line, profile, lock file, flag or default
    #[arg(long)]
    pub(crate) origin: bool,
}
