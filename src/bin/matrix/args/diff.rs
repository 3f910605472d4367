//! The command line of `matrix diff`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};
use clap_complete::ArgValueCompleter;
use gate_matrix::model::report_format::ReportFile;

use super::{ListFormat, help};
use crate::complete;

#[derive(Debug, ClapArgs)]
pub(crate) struct DiffArgs {
    /// Earlier run: `latest`, `latest~1`, `last-pass`, `last-fail`, a run id or its beginning, or a file or folder of a run
    #[arg(value_name = "BASE", add = ArgValueCompleter::new(complete::runs))]
    pub(crate) base: String,
    /// Run to compare with it [default: latest]
    #[arg(value_name = "CURRENT", add = ArgValueCompleter::new(complete::runs))]
    pub(crate) current: Option<String>,
    /// Artifacts folder of the runs [default: artifacts/ in the repository around the working
    /// directory] [env: MATRIX_ARTIFACTS]
    #[arg(long, value_name = "DIR")]
    pub(crate) artifacts: Option<PathBuf>,
    /// Known failures [default: known-failures.toml beside the configuration]
    #[arg(long, value_name = "FILE")]
    pub(crate) known: Option<PathBuf>,
    /// Exit with 1 if there is a cell of this kind; may be repeated or separated by commas
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    pub(crate) fail_on: Vec<FailOn>,
    #[arg(long = "report", value_name = "FORMAT=PATH", add = ArgValueCompleter::new(complete::report_files), help = help::compared())]
    pub(crate) reports: Vec<ReportFile>,
    /// Format of stdout
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: ListFormat,
}

/// The differences for which `matrix diff` exits with 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// A cell that passed before and fails now
    Regression,
    /// A cell that fails now and had no verdict before
    NewFailure,
    /// A cell without a verdict now
    Incomplete,
    /// A cell that failed before and now, or is listed in --known
    KnownFailure,
    /// A cell that is no longer declared
    Removed,
    /// A cell with the same exit code for another reason
    OtherReason,
    /// A cell with other evidence
    OtherEvidence,
    /// Any cell that is not stable
    Any,
}
