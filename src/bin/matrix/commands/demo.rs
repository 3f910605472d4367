//! `matrix demo`.

use gate_matrix::config::builtin;
use gate_matrix::model::ExitCode;
use gate_matrix::prepare::Mode;

use super::run::play;
use super::{complain, mock};
use crate::args::{DemoArgs, Format};
use crate::settings::Settings;

pub(super) fn run(args: &DemoArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    let format = settings.format(args.options.results.format)?;
    let name = args.gate.as_deref().unwrap_or(builtin::DEMO);
    let mock = mock::lay_out(&settings, name, args.into.as_deref(), &args.options)?;
    let code = play(mock.request.clone(), &Mode::MATRIX, format)?;
    if code == ExitCode::Pass && matches!(format, Format::Human) {
        complain(&next(name));
    }
    Ok(code)
}

/// The commands that follow a demo.
fn next(name: &str) -> String {
    let init = match name {
        builtin::DEMO => "matrix init".to_owned(),
        gate => format!("matrix init --gate {gate}"),
    };
    format!(
        "next, in a repository of yours:\n  \
         {init}: writes matrix.toml and scenarios/, to be edited and committed\n  \
         matrix check: reports what a run would do, and what is missing\n  \
         matrix run: tries the gate\n\
         next, with this mock consumer: matrix sabotage --gate {name}, which breaks its installation\n"
    )
}
