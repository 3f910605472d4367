//! A recorded run, shown as a live one is: the same events through the same
//! reporter, with its causes first.

use std::path::{Path, PathBuf};

use super::select::{Lanes, is_green};
use crate::artifact::bundle::ReplayBundle;
use crate::artifact::reader::{ReadError, StoredRun};
use crate::artifact::summary::FinalVerdict;
use crate::model::{Cluster, Plan, PlannedScenario, ScenarioName};
use crate::report::notice::Notice;
use crate::report::reporter::Reporter;

/// The maximum number of lanes of a run that is shown whole.
const MAX_WHOLE: usize = 6;
/// The maximum number of lanes shown of a larger run.
const MAX_SHOWN: usize = 3;

/// Shows a run.
///
/// # Errors
/// If a part of it is not what it was. Nothing is shown then.
pub fn show(
    stored: &StoredRun,
    lanes: &Lanes,
    reporter: &mut dyn Reporter,
) -> Result<(), ReadError> {
    let (run, events, bundle) = (stored.run(), stored.events()?, stored.bundle()?);
    let shown = chosen(stored, &bundle.clusters, lanes);
    reporter.notice(&Notice::RecordedRun(run));
    reporter.notice(&Notice::RecordedCauses(&bundle.clusters));
    reporter.plan(&recorded_plan(stored, &shown), false);
    for event in &events {
        if event.lane.as_ref().is_none_or(|lane| shown.contains(lane)) {
            reporter.event(event);
        }
    }
    let passed = !run.kind.is_trial() && run.final_verdict == FinalVerdict::Pass;
    let package = run.package_spec.as_deref().unwrap_or(run.gate.as_str());
    reporter.finish(passed.then_some(package));
    report_hidden(stored, &shown, reporter);
    if let Some(failure) = &run.failure {
        let folder = stored.path();
        let digest = bundle.digest(failure.phase.as_deref(), &failure.step);
        reporter.notice(&Notice::RecordedFailure {
            failure,
            digest,
            folder,
            has_causes: !bundle.clusters.is_empty(),
        });
    }
    report_next(stored, &bundle, reporter);
    Ok(())
}

fn chosen(stored: &StoredRun, clusters: &[Cluster], lanes: &Lanes) -> Vec<ScenarioName> {
    let all = || stored.run().lanes.keys();
    if lanes.all || (lanes.named.is_empty() && all().len() <= MAX_WHOLE) {
        return all().cloned().collect();
    }
    if !lanes.named.is_empty() {
        return all()
            .filter(|name| lanes.named.contains(name))
            .cloned()
            .collect();
    }
    // The lane that stands for each cause.
    let cells = clusters
        .iter()
        .filter_map(|cluster| cluster.smallest.as_ref());
    let mut some: Vec<ScenarioName> = Vec::new();
    for cell in cells.take(MAX_SHOWN) {
        if !some.contains(&cell.lane) {
            some.push(cell.lane.clone());
        }
    }
    some
}

/// The plan as the console needs it, also of a run that ended before it had
/// one: the names stand in `run.json`.
fn recorded_plan(stored: &StoredRun, shown: &[ScenarioName]) -> Plan {
    let run = stored.run();
    let scenario = |name: &ScenarioName| PlannedScenario {
        name: name.clone(),
        selected: shown.contains(name),
        altered: false,
        unexpected: Vec::new(),
    };
    Plan {
        scenarios: run.lanes.keys().map(scenario).collect(),
        stages: run.stages().map(|stage| (stage, true)).collect(),
    }
}

fn report_hidden(stored: &StoredRun, shown: &[ScenarioName], reporter: &mut dyn Reporter) {
    let hidden = stored
        .run()
        .lanes
        .iter()
        .filter(|(name, _)| !shown.contains(name));
    let (green, red): (Vec<_>, Vec<_>) = hidden.partition(|(_, lane)| is_green(lane));
    if !green.is_empty() || !red.is_empty() {
        let (green, red) = (green.len(), red.len());
        reporter.notice(&Notice::NotShown { green, red });
    }
}

/// Names the next command, unless all was well. Only its own verb can repeat a
/// trial, whose lanes may fail on purpose.
fn report_next(stored: &StoredRun, bundle: &ReplayBundle, reporter: &mut dyn Reporter) {
    let run = stored.run();
    let is_red = run.failure.is_some() || !run.lanes.values().all(is_green);
    if is_red && !run.kind.is_trial() {
        reporter.notice(&Notice::Next(&bundle.one_command_replay));
    }
}

/// The artifacts folder of a run.
#[must_use]
pub fn artifacts_of(stored: &StoredRun) -> Option<PathBuf> {
    let runs = stored.path().parent()?;
    runs.parent().map(Path::to_owned)
}
