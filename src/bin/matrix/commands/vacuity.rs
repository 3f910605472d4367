//! `matrix check --vacuity`.

use gate_matrix::model::ExitCode;
use gate_matrix::prepare::Mode;
use gate_matrix::vacuity::Vacuity;

use super::run::play;
use crate::args::{CheckArgs, RunOptions};
use crate::settings::Settings;

/// Every scenario counts, whatever became of another, and an empty change is
/// no fault: what is to be found is a gate that blocks it.
pub(super) fn run(args: &CheckArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let play_args = args.play.clone();
    let options = RunOptions {
        select: args.select.clone(),
        artifacts: play_args.artifacts,
        work_dir: play_args.work_dir,
        jobs: play_args.jobs,
        timeout: play_args.timeout,
        keep: play_args.keep,
        run_id: play_args.run_id,
        ..RunOptions::default()
    };
    let mut request = settings.request(&args.consumer, &options)?;
    request.execution.fail_fast = false;
    request.execution.strict = false;
    let vacuity = Vacuity {
        selection: request.selection.clone(),
    };
    play(request, &Mode::Trial(&vacuity), settings.format(None)?)
}
