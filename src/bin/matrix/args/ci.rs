//! Options of the report to a CI engine.

use clap::Args as ClapArgs;

#[derive(Debug, Clone, Copy, Default, ClapArgs)]
#[command(next_help_heading = "Results")]
pub(crate) struct CiArgs {
    /// Report nothing to the CI engine: no summary, outputs, annotations and files [env: MATRIX_NO_CI_REPORT]
    #[arg(long)]
    pub(crate) no_ci_report: bool,
}
