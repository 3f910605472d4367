//! What came of each scenario without its violation.

use indexmap::IndexMap;

use super::violation;
use crate::artifact::MATRIX_VERSION;
use crate::artifact::summary::FinalVerdict;
use crate::artifact::vacuity::{Counts, Outcome, ScenarioRow, StageRow, VacuityReport};
use crate::model::evidence::CellVerdict;
use crate::model::evidence::Hunk;
use crate::model::profile::Scenario;
use crate::model::{
    CellEvidence, FailureClass, LaneEvidence, PackageSpec, SCHEMA_VERSION, ScenarioName, Violation,
};
use crate::run::About;

/// How much of a log is shown.
const LOG_LINES: usize = 8;

pub(super) fn report(
    scenarios: IndexMap<ScenarioName, ScenarioRow>,
    about: &About<'_>,
    failed: bool,
) -> VacuityReport {
    let count = |outcome| {
        scenarios
            .values()
            .filter(|row| row.outcome == outcome)
            .count()
    };
    let package = about.profile.package.as_ref();
    VacuityReport {
        schema_version: SCHEMA_VERSION,
        run_id: about.run_id.to_string(),
        matrix_version: MATRIX_VERSION.to_owned(),
        generated_at_utc: about.generated_at_utc.clone(),
        final_verdict: if failed {
            FinalVerdict::Fail
        } else {
            about.if_good
        },
        gate: about.profile.gate.to_string(),
        package_spec: package.map(PackageSpec::as_str).map(ToOwned::to_owned),
        package_resolved: about.package.clone(),
        source_head: about.source.head.clone(),
        counts: Counts {
            proves_something: count(Outcome::ProvesSomething),
            proves_nothing: count(Outcome::ProvesNothing),
            not_tried: count(Outcome::NotTried),
        },
        scenarios,
    }
}

/// One scenario; it has no lane where nothing says what violates.
pub(super) fn row(
    name: ScenarioName,
    scenario: &Scenario,
    lane: Option<&LaneEvidence>,
    about: &About<'_>,
) -> ScenarioRow {
    let message = match violation(scenario) {
        Some(Violation::Message(good)) => Some(good),
        _ => None,
    };
    let Some(lane) = lane else {
        let problem = "it has no reason, and nothing says what of it violates: \
                       name it with `violation = …` in the scenario";
        return ScenarioRow {
            lane: name,
            outcome: Outcome::NotTried,
            taken_out: Vec::new(),
            message,
            empty: false,
            problem: Some(problem.to_owned()),
            stages: IndexMap::new(),
        };
    };
    let stage = |cell: &CellEvidence| (cell.stage.clone(), stage(cell, scenario, about));
    let stages: IndexMap<_, _> = lane.cells.iter().map(stage).collect();
    let outcome = of_lane(lane, &stages);
    let failure = lane.failure.as_ref();
    let stopped = || "the lane did not run to its end".to_owned();
    ScenarioRow {
        lane: name,
        outcome,
        taken_out: lane.taken_out.clone(),
        message,
        empty: lane.cells.iter().any(|cell| cell.vacuous),
        problem: (outcome == Outcome::NotTried)
            .then(|| failure.map_or_else(stopped, |failure| failure.message.clone())),
        stages,
    }
}

fn stage(cell: &CellEvidence, scenario: &Scenario, about: &About<'_>) -> StageRow {
    let must_block = scenario.expect[&cell.stage].exit.is_blocking();
    let outcome = match cell.verdict {
        CellVerdict::Pass(_) if must_block => Outcome::ProvesSomething,
        CellVerdict::Pass(_) => Outcome::NeverBlocks,
        CellVerdict::Failed(FailureClass::Contract | FailureClass::Signal) => {
            Outcome::ProvesNothing
        }
        CellVerdict::Failed(_) => Outcome::NotTried,
    };
    let said = (outcome == Outcome::ProvesNothing).then(|| about.last_lines(&cell.run, LOG_LINES));
    StageRow {
        outcome,
        exit: cell.exit,
        problem: cell.problem.clone(),
        said: said.unwrap_or_default(),
        log: cell.run.log.as_ref().map(|log| log.path.clone()),
    }
}

/// One stage that still blocks is enough; else all of them must have
/// decided.
fn of_lane(lane: &LaneEvidence, stages: &IndexMap<crate::model::StageName, StageRow>) -> Outcome {
    let any = |outcome| stages.values().any(|stage| stage.outcome == outcome);
    if any(Outcome::ProvesNothing) {
        Outcome::ProvesNothing
    } else if !lane.is_pass() || !any(Outcome::ProvesSomething) {
        Outcome::NotTried
    } else {
        Outcome::ProvesSomething
    }
}

/// What was taken out, in words.
pub(super) fn what_is_out(row: &ScenarioRow) -> String {
    if row.message.is_some() {
        return "its message".to_owned();
    }
    let hunks: Vec<_> = row.taken_out.iter().map(Hunk::to_string).collect();
    hunks.join(", ")
}
