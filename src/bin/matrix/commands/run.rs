//! `matrix run`.

use gate_matrix::model::ExitCode;
use gate_matrix::run::{self, Request};
use gate_matrix::sys::process::Control;
use gate_matrix::sys::{env, signals};

use crate::args::{Format, RunArgs};
use crate::display::{Human, Jsonl};
use crate::settings::Settings;

pub(super) fn run(args: &RunArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    let request = settings.request(&args.consumer, &args.options)?;
    let format = settings.format(args.options.format)?;
    play(&request, format)
}

pub(super) fn play(request: &Request, format: Format) -> anyhow::Result<ExitCode> {
    let control = Control::new(env::this_program()).adopt_orphans()?;
    signals::watch(control.clone())?;
    let code = match format {
        Format::Human => run::run(request, &control, &mut Human::new()),
        Format::Jsonl => run::run(request, &control, &mut Jsonl),
    };
    Ok(code)
}
