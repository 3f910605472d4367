//! The command line of `matrix check`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;
use clap_complete::ArgValueCompleter;
use gate_matrix::model::RunId;
use gate_matrix::model::report_format::ReportFile;

use super::{ConsumerArgs, SelectArgs, duration, help};
use crate::complete;

#[derive(Debug, ClapArgs)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) consumer: ConsumerArgs,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// Run what must be blocked without its violation: whatever is still blocked proves nothing
    #[arg(long)]
    pub(crate) vacuity: bool,
    #[command(flatten)]
    pub(crate) execution: VacuityArgs,
}

/// Options of `check --vacuity`.
#[derive(Debug, Clone, ClapArgs)]
#[command(next_help_heading = "With --vacuity")]
pub(crate) struct VacuityArgs {
    /// Folder for verdicts and run folders [default: artifacts/ in the consumer]
    #[arg(long, value_name = "DIR", requires = "vacuity")]
    pub(crate) artifacts: Option<PathBuf>,
    /// Folder for lanes and caches [default: gate-matrix in the user's cache folder]
    #[arg(long, value_name = "DIR", requires = "vacuity")]
    pub(crate) work_dir: Option<PathBuf>,
    /// Number of steps to run at the same time [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), requires = "vacuity")]
    pub(crate) jobs: Option<u16>,
    /// Time limit of each step that sets none, such as 90s or 5m [default: 10m]
    #[arg(long, value_name = "DUR", value_parser = duration, requires = "vacuity")]
    pub(crate) timeout: Option<Duration>,
    /// Keep the lanes on disk
    #[arg(long, requires = "vacuity")]
    pub(crate) keep: bool,
    #[arg(long = "report", value_name = "FORMAT=PATH", requires = "vacuity", add = ArgValueCompleter::new(complete::report_files), help = help::reports("the run"))]
    pub(crate) reports: Vec<ReportFile>,
    /// Report nothing to the CI engine: no summary, outputs, annotations and files [env: MATRIX_NO_CI_REPORT]
    #[arg(long, requires = "vacuity")]
    pub(crate) no_ci_report: bool,
    /// Id of this run [default: gate, time and a random part]
    #[arg(long, value_name = "ID", requires = "vacuity")]
    pub(crate) run_id: Option<RunId>,
}
