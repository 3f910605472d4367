//! The command line of verbs that read recorded runs.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use clap_complete::ArgValueCompleter;

use super::{ListFormat, help};
use crate::complete;

#[derive(Debug, ClapArgs)]
pub(crate) struct RunsArgs {
    /// Artifacts folder of the runs [default: artifacts/ in the repository around the working
    /// directory] [env: MATRIX_ARTIFACTS]
    #[arg(long, value_name = "DIR")]
    pub(crate) artifacts: Option<PathBuf>,
    /// Format of stdout
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: ListFormat,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ReportArgs {
    #[arg(value_name = "RUN|FORMAT[=PATH]", add = ArgValueCompleter::new(complete::report_words), help = help::report_words())]
    pub(crate) words: Vec<String>,
    /// Artifacts folder of the run [default: artifacts/ in the repository around the working
    /// directory] [env: MATRIX_ARTIFACTS]
    #[arg(long, value_name = "DIR")]
    pub(crate) artifacts: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct VerifyArgs {
    /// A verdict file [default: each of the artifacts folder]
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Folder of verdicts and run folders [default: artifacts/ in the consumer]
    #[arg(long, value_name = "DIR", conflicts_with = "file")]
    pub(crate) artifacts: Option<PathBuf>,
}
