//! The common part of the verbs that run altered lanes.

use gate_matrix::model::ExitCode;
use gate_matrix::prepare::{Mode, Trial};

use super::mock;
use super::run::play;
use crate::args::{CiArgs, RunOptions, TrialPlace};
use crate::settings::Settings;

/// Runs a trial in a consumer, or in the mock consumer of a gate.
pub(super) fn try_out(
    place: &TrialPlace,
    options: &RunOptions,
    ci: CiArgs,
    trial: &dyn Trial,
) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    let format = settings.format(options.results.format)?;
    if let Some(gate) = &place.gate {
        let mock = mock::lay_out(&settings, gate, place.into.as_deref(), options)?;
        let mut request = mock.request.clone();
        settings.report_to_ci(&mut request.output, ci)?;
        return play(request, &Mode::Trial(trial), format);
    }
    let mut request = settings.request(&place.consumer, options)?;
    settings.report_to_ci(&mut request.output, ci)?;
    play(request, &Mode::Trial(trial), format)
}
