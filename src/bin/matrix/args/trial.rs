//! The command line of the verbs that run altered lanes.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use clap_complete::ArgValueCompleter;

use super::{CiArgs, ConsumerArgs, RunOptions};
use crate::complete;

#[derive(Debug, ClapArgs)]
pub(crate) struct SabotageArgs {
    #[command(flatten)]
    pub(crate) place: TrialPlace,
    /// List the sabotages of the gate and their effects, and run none
    #[arg(long, conflicts_with_all = ["only", "max_open", "accepted", "baseline"])]
    pub(crate) list: bool,
    /// Run only this sabotage; may be repeated
    #[arg(long, value_name = "ID", add = ArgValueCompleter::new(complete::sabotages))]
    pub(crate) only: Vec<String>,
    /// Fail if more than N sabotages let the violation in, those accepted left out
    #[arg(long, value_name = "N")]
    pub(crate) max_open: Option<usize>,
    /// Accepted openings [default: accepted-openings.toml beside the configuration]
    #[arg(long, value_name = "FILE")]
    pub(crate) accepted: Option<PathBuf>,
    /// Fail if the violation gets in where this earlier scorecard has it blocked: `latest`, a run
    /// id or its beginning, or a file or folder of a run
    #[arg(long, value_name = "RUN|FILE", add = ArgValueCompleter::new(complete::runs))]
    pub(crate) baseline: Option<String>,
    #[command(flatten)]
    pub(crate) options: RunOptions,
    #[command(flatten)]
    pub(crate) ci: CiArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct MutateArgs {
    #[command(flatten)]
    pub(crate) place: TrialPlace,
    /// Fail if more than N mutations go unnoticed
    #[arg(long, value_name = "N")]
    pub(crate) max_survivors: Option<usize>,
    #[command(flatten)]
    pub(crate) options: RunOptions,
    #[command(flatten)]
    pub(crate) ci: CiArgs,
}

/// A consumer, or the mock consumer of a built-in gate.
#[derive(Debug, ClapArgs)]
pub(crate) struct TrialPlace {
    #[command(flatten)]
    pub(crate) consumer: ConsumerArgs,
    /// Use the mock consumer of this built-in gate, instead of --repo
    #[arg(long, value_name = "NAME", conflicts_with_all = ["repo", "config"], add = ArgValueCompleter::new(complete::gates))]
    pub(crate) gate: Option<String>,
    /// Create that consumer in this folder and keep it [default: a temporary folder]
    #[arg(long, value_name = "DIR", requires = "gate")]
    pub(crate) into: Option<PathBuf>,
}
