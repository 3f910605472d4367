//! `matrix check --vacuity`.

use gate_matrix::model::ExitCode;
use gate_matrix::prepare::Mode;
use gate_matrix::trial::vacuity::Vacuity;

use super::run::play;
use crate::args::{CheckArgs, CiArgs, ResultArgs, RunOptions};
use crate::settings::Settings;

/// Every scenario counts, whatever became of another, and an empty change is
/// no fault: what is to be found is a gate that blocks it.
pub(super) fn run(args: &CheckArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let execution = args.execution.clone();
    let options = RunOptions {
        select: args.select.clone(),
        results: ResultArgs {
            artifacts: execution.artifacts,
            run_id: execution.run_id,
            reports: execution.reports,
            ..ResultArgs::default()
        },
        work_dir: execution.work_dir,
        jobs: execution.jobs,
        timeout: execution.timeout,
        keep: execution.keep,
        ..RunOptions::default()
    };
    let mut request = settings.request(&args.consumer, &options)?;
    settings.report_to_ci(
        &mut request.output,
        CiArgs {
            no_ci_report: execution.no_ci_report,
        },
    )?;
    request.execution.fail_fast = false;
    request.execution.strict = false;
    let vacuity = Vacuity::new(request.selection.clone());
    play(request, &Mode::Trial(&vacuity), settings.format(None)?)
}
