//! `matrix run`.

use gate_matrix::model::ExitCode;
use gate_matrix::run::{self, Face, Request, Trial};
use gate_matrix::sys::process::Control;
use gate_matrix::sys::{env, namespace, signals};

use super::baseline;
use crate::args::{Format, RunArgs};
use crate::display::{Human, Jsonl};
use crate::settings::Settings;

pub(super) fn run(args: &RunArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    let request = settings.request(&args.consumer, &args.options)?;
    let request = settings.again(&args.again, request)?;
    let format = settings.format(args.options.format)?;
    let request = baseline::with_baseline(args, &settings, request)?;
    play(&request, None, format)
}

/// Runs the matrix, or tries something with altered lanes.
pub(super) fn play(
    request: &Request,
    trial: Option<&dyn Trial>,
    format: Format,
) -> anyhow::Result<ExitCode> {
    // A process that is not root may have a user namespace only as long as it
    // has no second thread.
    let request = &Request {
        namespaces: namespace::prepare(&env::this_program()),
        ..request.clone()
    };
    let control = Control::new(env::this_program()).adopt_orphans()?;
    signals::watch(control.clone())?;
    let face: &mut dyn Face = match format {
        Format::Human => &mut Human::new(),
        Format::Jsonl => &mut Jsonl,
    };
    Ok(match trial {
        None => run::run(request, &control, face),
        Some(trial) => run::try_out(request, trial, &control, face),
    })
}
