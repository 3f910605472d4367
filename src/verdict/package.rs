//! Lanes must have been given the same package, and a replay the package of
//! the run that it repeats.

use crate::model::package::PackageResolved;
use crate::model::text::plain;
use crate::model::{Failure, FailureClass, LaneEvidence, RunId};

use super::terms::Terms;

/// The package that was installed, as far as a lane recorded it.
pub(super) fn installed(lanes: &[LaneEvidence]) -> Option<PackageResolved> {
    lanes.iter().find_map(|lane| lane.package.clone())
}

/// Fails the first lane that installed another package than the rest, and the
/// first that installed another one than the recorded run.
pub(super) fn blame_other_packages(terms: &Terms<'_>, lanes: &mut [LaneEvidence]) {
    if let Some((at, message)) = disagreement(lanes) {
        let failure = of_install(terms, &lanes[at], message);
        lanes[at].failure.get_or_insert(failure);
    }
    // A failure under another package is no failure of the recorded one.
    if let Some((run, then)) = terms.recorded
        && let Some((at, message)) = not_as_recorded(run, then, lanes)
    {
        lanes[at].failure = Some(of_install(terms, &lanes[at], message));
    }
}

/// A package that is not the expected one: the machine's fault.
fn of_install(terms: &Terms<'_>, lane: &LaneEvidence, message: String) -> Failure {
    let step = terms.install_step.cloned().unwrap_or_default();
    Failure::new(FailureClass::Infra, step, message).phase(&lane.scenario)
}

/// The first lane with another package than the first that has one.
fn disagreement(lanes: &[LaneEvidence]) -> Option<(usize, String)> {
    let first = lanes.iter().find_map(|lane| lane.package.as_ref())?;
    // A lane without a cell may have failed before its install.
    let differs =
        |lane: &LaneEvidence| !lane.cells.is_empty() && lane.package.as_ref() != Some(first);
    let at = lanes.iter().position(differs)?;
    let version = match &lanes[at].package {
        Some(package) => package.version.as_str(),
        None => "an unknown version",
    };
    let message = format!("it installed {version}, another lane {}", first.version);
    Some((at, message))
}

/// The first lane with another package than the recorded run.
fn not_as_recorded(
    run: &RunId,
    then: &PackageResolved,
    lanes: &[LaneEvidence],
) -> Option<(usize, String)> {
    let named = |package: &PackageResolved| {
        let integrity = package.integrity.as_deref().unwrap_or("no integrity");
        format!("{} ({})", plain(&package.version), plain(integrity))
    };
    lanes.iter().enumerate().find_map(|(at, lane)| {
        let now = lane.package.as_ref().filter(|now| *now != then)?;
        let (now, then) = (named(now), named(then));
        Some((at, format!("it installed {now}, run {run} had {then}")))
    })
}
