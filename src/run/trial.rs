//! The second half of a trial: its altered lanes have run.

use super::outcome::Outcome;
use crate::artifact::context::RunContext;
use crate::artifact::summary::FinalVerdict;
use crate::model::Plan;
use crate::model::evidence::PackageResolved;
use crate::prepare::{About, Prepared, Trial};
use crate::runner::Played;
use crate::runner::cancel;
use crate::sys::process::Control;
use crate::verdict::interrupted;

/// Adds the altered lanes, and what the trial concludes from them.
pub(super) fn conclude<'a>(
    mut outcome: Outcome<'a>,
    trial: &dyn Trial,
    altered: Played,
    context: &RunContext,
    control: &Control,
) -> Outcome<'a> {
    let Some(prepared) = outcome.prepared else {
        return outcome;
    };
    // The lanes of the contract need not have run.
    let installed = || altered.lanes.iter().find_map(|lane| lane.package.clone());
    let package = outcome.verdict.package().or_else(installed);
    let about = about(trial, prepared, context, package);
    let failure = if let Some(code) = cancel::exit_code(control) {
        Some(interrupted(code, &altered.lanes))
    } else {
        let findings = trial.conclude(&altered.lanes, &about);
        let failure = findings.failure.clone();
        outcome.findings = Some(findings);
        failure
    };
    let verdict = outcome.verdict;
    outcome.verdict = verdict.with_altered(altered.lanes, failure, about.if_good);
    outcome.verdict.note_unwritten(altered.unwritten);
    outcome
}

/// The facts for the document of a trial.
fn about<'a>(
    trial: &dyn Trial,
    prepared: &'a Prepared,
    context: &'a RunContext,
    package: Option<PackageResolved>,
) -> About<'a> {
    About {
        if_good: if is_whole(trial, &prepared.plan) {
            FinalVerdict::Pass
        } else {
            FinalVerdict::Partial
        },
        run_id: &context.run_id,
        generated_at_utc: context.clock.now_utc(),
        profile: &prepared.context.profile,
        package,
        source: &prepared.context.source,
        run_folder: &prepared.context.run_folder,
    }
}

/// True if nothing was left out. A trial that does not need the contract runs
/// no scenario of the profile.
fn is_whole(trial: &dyn Trial, plan: &Plan) -> bool {
    let scenarios = !trial.needs_contract() || plan.scenarios.iter().all(|s| s.selected);
    let stages = plan.stages.iter().all(|(_, selected)| *selected);
    scenarios && stages && trial.is_whole()
}
