//! `matrix run`.

use gate_matrix::model::ExitCode;
use gate_matrix::model::text::plain;
use gate_matrix::prepare::{Mode, Request};
use gate_matrix::report::reporter::Reporter;
use gate_matrix::run;
use gate_matrix::sys::process::Control;
use gate_matrix::sys::{env, namespace, signals};

use super::{baseline, complain};
use crate::args::{Format, RunArgs};
use crate::display::{Human, Jsonl};
use crate::settings::Settings;

pub(super) fn run(args: &RunArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    let mut request = settings.request(&args.consumer, &args.options)?;
    request.consumer.worktree = args.worktree;
    settings.report_to_ci(&mut request.output, args.ci)?;
    settings.repeat(&args.repeat, &mut request)?;
    let format = settings.format(args.options.results.format)?;
    let baseline = baseline::find(args, &settings, &request)?;
    let mode = Mode::Matrix {
        rerun_from: args.repeat.rerun_from.as_deref(),
        baseline: baseline.as_ref(),
    };
    play(request, &mode, format)
}

/// Runs lanes, with signals watched and results shown.
pub(super) fn play(
    mut request: Request,
    mode: &Mode<'_>,
    format: Format,
) -> anyhow::Result<ExitCode> {
    // A process that is not root may have a user namespace only as long as it
    // has no second thread.
    request.execution.namespaces = namespace::prepare(&env::this_program());
    let control = Control::new(env::this_program()).adopt_orphans()?;
    if let Err(e) = signals::watch(control.clone()) {
        complain(&format!(
            "ERROR: no thread for signals can be had: {}\n  next: raise the limit of processes (ulimit -u, or the container's pids limit)\n",
            plain(&e.to_string())
        ));
        return Ok(ExitCode::Unusable);
    }
    let reporter: &mut dyn Reporter = match format {
        Format::Human => &mut Human::new(),
        Format::Jsonl => &mut Jsonl,
    };
    Ok(run::run(&request, mode, &control, reporter))
}
