//! The common part of the verbs that run altered lanes.

use gate_matrix::model::ExitCode;
use gate_matrix::prepare::{Mode, Trial};

use super::mock;
use super::run::play;
use crate::args::{RunOptions, TrialPlace};
use crate::settings::Settings;

/// Runs a trial in a consumer, or in the mock consumer of a gate.
pub(super) fn try_out(
    place: &TrialPlace,
    options: &RunOptions,
    trial: &dyn Trial,
) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    let format = settings.format(options.results.format)?;
    if let Some(gate) = &place.gate {
        let mock = mock::lay_out(&settings, gate, place.into.as_deref(), options)?;
        return play(mock.request.clone(), &Mode::Trial(trial), format);
    }
    let request = settings.request(&place.consumer, options)?;
    play(request, &Mode::Trial(trial), format)
}
