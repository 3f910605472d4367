//! `matrix demo`.

use gate_matrix::config::builtin;
use gate_matrix::model::ExitCode;
use gate_matrix::prepare::Mode;

use super::mock;
use super::run::play;
use crate::args::DemoArgs;
use crate::settings::Settings;

pub(super) fn run(args: &DemoArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    let format = settings.format(args.options.results.format)?;
    let name = args.gate.as_deref().unwrap_or(builtin::DEMO);
    let mock = mock::lay_out(&settings, name, args.into.as_deref(), &args.options)?;
    play(mock.request.clone(), &Mode::MATRIX, format)
}
