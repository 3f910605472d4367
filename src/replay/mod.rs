//! A recorded run, shown as a live one is: the same events through the same
//! face, with its causes first.

use std::path::{Path, PathBuf};

use crate::artifact::bundle::BUNDLE;
use crate::artifact::folder::replay_command;
use crate::artifact::reader::StoredRun;
use crate::artifact::run_folder::LaneRecord;
use crate::artifact::summary::FinalVerdict;
use crate::model::text::plain;
use crate::model::{Cluster, Plan, PlannedScenario, ScenarioName};
use crate::report::{clusters, failure};
use crate::run::Face;

type Result<T> = std::result::Result<T, crate::artifact::reader::ReadError>;

/// So many lanes are shown whole; of more only those that stand for a cause.
const LANES: usize = 6;
/// How many lanes are shown of a run that has more.
const SOME: usize = 3;

/// How many causes are told.
const CAUSES: usize = 5;

/// Which lanes of a run are meant.
#[derive(Debug, Clone, Default)]
pub struct Lanes {
    /// Those of these names, in any order.
    pub named: Vec<ScenarioName>,
    /// All of them.
    pub all: bool,
}

impl Lanes {
    /// The lanes that are run again: those that were named, else those in
    /// which something was not green.
    #[must_use]
    pub fn to_run(&self, stored: &StoredRun) -> Vec<ScenarioName> {
        let meant = |name: &ScenarioName, lane: &LaneRecord| {
            self.all || self.named.contains(name) || (self.named.is_empty() && !is_green(lane))
        };
        let lanes = stored.run().lanes.iter();
        let lanes = lanes.filter(|(name, lane)| meant(name, lane));
        lanes.map(|(name, _)| name.clone()).collect()
    }

    /// The first name that is none of a lane.
    #[must_use]
    pub fn unknown(&self, stored: &StoredRun) -> Option<&ScenarioName> {
        self.named.iter().find(|name| stored.lane(name).is_none())
    }
}

/// Whether a lane kept its contract to its end.
#[must_use]
pub fn is_green(lane: &LaneRecord) -> bool {
    lane.failure.is_none() && !lane.cancelled
}

/// Shows a run.
///
/// # Errors
/// If a part of it is not what it was. Nothing is shown then.
pub fn show(stored: &StoredRun, lanes: &Lanes, face: &mut dyn Face) -> Result<()> {
    let (run, events, bundle) = (stored.run(), stored.events()?, stored.bundle()?);
    let shown = chosen(stored, &bundle.clusters, lanes);
    let plan = recorded_plan(stored, &shown);
    face.say(&head(stored));
    face.say(&causes(&bundle.clusters));
    face.planned(&plan, false);
    for event in &events {
        if event.lane.as_ref().is_none_or(|lane| shown.contains(lane)) {
            face.event(event);
        }
    }
    let passed = run.final_verdict == FinalVerdict::Pass;
    let package = run.package_spec.as_deref().unwrap_or(run.gate.as_str());
    face.closed(passed.then_some(package));
    face.say(&left_out(stored, &shown));
    if let Some(record) = &run.failure {
        face.say(&failure::recorded(record, stored.path()));
    }
    face.say(&next(stored));
    Ok(())
}

/// One line that says what run this is.
fn head(stored: &StoredRun) -> String {
    let run = stored.run();
    let package = run.package_spec.as_deref().unwrap_or(run.gate.as_str());
    let source = run.source.as_ref().map_or(String::new(), |source| {
        let head = &source.head[..source.head.len().min(12)];
        let branch = source
            .branch
            .as_deref()
            .map(|name| format!(" on {}", plain(name)));
        format!(", commit {head}{}", branch.unwrap_or_default())
    });
    format!(
        "run {}: {} (exit {}), {} of {}{source}\n",
        run.run_id,
        run.final_verdict.as_str(),
        run.exit_code,
        plain(package),
        plain(&run.generated_at_utc),
    )
}

/// The causes; nothing of a run in which all was well.
fn causes(all: &[Cluster]) -> String {
    let shown = all.len().min(CAUSES);
    let more = match all.len() - shown {
        0 => String::new(),
        more => format!("and {more} more causes: see {BUNDLE} in its folder\n"),
    };
    clusters::clusters(&all[..shown]) + &more
}

fn chosen(stored: &StoredRun, clusters: &[Cluster], lanes: &Lanes) -> Vec<ScenarioName> {
    let all = || stored.run().lanes.keys();
    if lanes.all || (lanes.named.is_empty() && all().len() <= LANES) {
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
    for cell in cells.take(SOME) {
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
    };
    Plan {
        scenarios: run.lanes.keys().map(scenario).collect(),
        stages: run.stages().map(|stage| (stage, true)).collect(),
    }
}

fn left_out(stored: &StoredRun, shown: &[ScenarioName]) -> String {
    let rest = stored.run().lanes.iter();
    let rest: Vec<_> = rest.filter(|(name, _)| !shown.contains(name)).collect();
    if rest.is_empty() {
        return String::new();
    }
    let green = rest.iter().filter(|(_, lane)| is_green(lane)).count();
    let red = rest.len() - green;
    format!("not shown: {green} lanes PASS, {red} FAIL (--all, --lane NAME)\n")
}

/// What to run next; nothing after a run in which all was well.
fn next(stored: &StoredRun) -> String {
    let mut lanes = stored.run().lanes.values();
    let is_red = stored.run().failure.is_some() || !lanes.all(is_green);
    let Some(artifacts) = artifacts_of(stored).filter(|_| is_red) else {
        return String::new();
    };
    format!(
        "  next: {} --execute\n",
        plain(&replay_command(&artifacts, stored.id()))
    )
}

/// The artifacts folder of a run.
#[must_use]
pub fn artifacts_of(stored: &StoredRun) -> Option<PathBuf> {
    let runs = stored.path().parent()?;
    runs.parent().map(Path::to_owned)
}
