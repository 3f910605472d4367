//! `matrix sabotage`.

use anyhow::{anyhow, bail};
use gate_matrix::config::accepted::{self, AcceptedOpenings};
use gate_matrix::model::ExitCode;
use gate_matrix::prepare::{Mode, Request, load};
use gate_matrix::trial::sabotage::{self, EarlierCard, EarlierCardError, Saboteur};

use super::baseline::artifacts_of;
use super::diff::beside_configuration;
use super::trial::try_out;
use super::{mock, print};
use crate::args::SabotageArgs;
use crate::settings::Settings;

pub(super) fn run(args: &SabotageArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    if args.list {
        return list(args, &settings);
    }
    let request = settings.request(&args.place.consumer, &args.options)?;
    let saboteur = Saboteur {
        only: args.only.clone(),
        max_open: args.max_open,
        accepted: accepted_openings(args, &settings, &request)?,
        earlier: earlier(args, &settings, &request)?,
        today: request.clock.today(),
    };
    try_out(&args.place, &args.options, args.ci, &saboteur)
}

/// Lists the sabotages of the gate of a consumer, or of a mock consumer.
fn list(args: &SabotageArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let place = &args.place;
    let mock = place.gate.as_deref();
    let mock = mock.map(|gate| mock::lay_out(settings, gate, place.into.as_deref(), &args.options));
    let laid_out = mock.transpose()?;
    let request = match &laid_out {
        Some(mock) => mock.request.clone(),
        None => settings.request(&place.consumer, &args.options)?,
    };
    let profile = load(&request, &Mode::MATRIX).profile;
    let listed = profile.and_then(|profile| sabotage::list(&profile));
    print(&listed.map_err(anyhow::Error::new)?);
    Ok(ExitCode::Pass)
}

/// The openings of the file that was named, else those beside the configuration, where there
/// are some. A mock consumer has none of its own.
fn accepted_openings(
    args: &SabotageArgs,
    settings: &Settings,
    request: &Request,
) -> anyhow::Result<Option<AcceptedOpenings>> {
    let path = match &args.accepted {
        Some(file) => settings.cwd.join(file),
        None if args.place.gate.is_some() => return Ok(None),
        None => beside_configuration(settings, Some(request), accepted::FILE_NAME),
    };
    if args.accepted.is_none() && path.symlink_metadata().is_err() {
        return Ok(None);
    }
    let read = accepted::load(&path, request.clock.today());
    Ok(Some(read.map_err(anyhow::Error::new)?))
}

/// Reads the scorecard to compare with, before the run removes or prunes anything.
fn earlier(
    args: &SabotageArgs,
    settings: &Settings,
    request: &Request,
) -> anyhow::Result<Option<EarlierCard>> {
    let Some(word) = args.baseline.as_deref() else {
        return Ok(None);
    };
    let stored = match settings.open_run(word, &artifacts_of(request)) {
        Ok(stored) => stored,
        Err(e) => bail!("--baseline: {e}\n  next: {}", e.next()),
    };
    let card = EarlierCard::new(&stored).map_err(|e| match e {
        EarlierCardError::Unreadable(e) => anyhow!("--baseline: {e}\n  next: {}", e.next()),
        none @ EarlierCardError::None(_) => {
            anyhow!("--baseline: {none}\n  next: name a run of matrix sabotage")
        }
    })?;
    Ok(Some(card))
}
