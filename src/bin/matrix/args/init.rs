//! The command line of `matrix init`.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use clap_complete::ArgValueCompleter;

use crate::complete;

#[derive(Debug, ClapArgs)]
pub(crate) struct InitArgs {
    /// Built-in gate to start from [default: the one that the consumer uses]
    #[arg(long, value_name = "NAME", add = ArgValueCompleter::new(complete::gates))]
    pub(crate) gate: Option<String>,
    /// Write a commented template for the package that --gate names, from this registry
    #[arg(long, value_parser = ["npm", "pypi"], requires = "gate")]
    pub(crate) registry: Option<String>,
    /// Write the profile out in full, also if a built-in one could be inherited
    #[arg(long)]
    pub(crate) eject: bool,
    /// Repository to write to [default: the one around the working directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) repo: Option<PathBuf>,
}
