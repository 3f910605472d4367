//! Makes `vacuity.json` from the lanes that ran.

use std::path::PathBuf;

use indexmap::IndexMap;

use super::advice;
use super::document::{ScenarioRow, StageRow, VacuityCounts, VacuityOutcome, VacuityReport};
use crate::artifact::summary::FinalVerdict;
use crate::model::evidence::CellVerdict;
use crate::model::evidence::Hunk;
use crate::model::scenario::Scenario;
use crate::model::{CellEvidence, FailureClass, LaneEvidence, ScenarioName, StageName, Violation};
use crate::prepare::About;
use crate::trial::header::ReportHeader;

/// The number of lines shown of a log.
const LOG_LINES: usize = 8;

/// The violation of a scenario: the one that it names, else the lines with its reason.
pub(super) fn violation(scenario: &Scenario) -> Option<Violation> {
    let of_reason = || scenario.reason.clone().map(Violation::Lines);
    scenario.violation.clone().or_else(of_reason)
}

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
    let mut header = ReportHeader::new(about);
    if failed {
        header.final_verdict = FinalVerdict::Fail;
    }
    VacuityReport {
        header,
        counts: VacuityCounts {
            proves_something: count(VacuityOutcome::ProvesSomething),
            proves_nothing: count(VacuityOutcome::ProvesNothing),
            not_tried: count(VacuityOutcome::NotTried),
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
    tracked: &[PathBuf],
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
            outcome: VacuityOutcome::NotTried,
            taken_out: Vec::new(),
            message,
            empty: false,
            problem: Some(problem.to_owned()),
            stages: IndexMap::new(),
            next: None,
        };
    };
    // A message is judged whatever the change is.
    let is_looked_at = message.is_some();
    let stage = |cell: &CellEvidence| {
        let row = stage(cell, scenario, is_looked_at, about);
        (cell.stage.clone(), row)
    };
    let stages: IndexMap<_, _> = lane.cells.iter().map(stage).collect();
    let outcome = of_lane(lane, &stages);
    let is_empty = outcome == VacuityOutcome::NotTried && lane.nothing_left.is_some();
    ScenarioRow {
        lane: name,
        outcome,
        taken_out: lane.taken_out.clone(),
        message,
        empty: lane.cells.iter().any(|cell| cell.vacuous),
        problem: (outcome == VacuityOutcome::NotTried).then(|| problem(lane, &stages)),
        stages,
        next: is_empty.then(|| advice::rest(scenario, &lane.taken_out, tracked)),
    }
}

/// Returns the reason why a lane that ran did not try its scenario.
fn problem(lane: &LaneEvidence, stages: &IndexMap<StageName, StageRow>) -> String {
    if let Some(failure) = &lane.failure {
        return failure.message.clone();
    }
    if let Some(why) = lane.nothing_left {
        return format!("{why}, and most gates check nothing then");
    }
    let mut untried = stages
        .iter()
        .filter(|(_, row)| row.outcome == VacuityOutcome::NotTried);
    let of_stage =
        untried.find_map(|(stage, row)| Some(format!("{stage}: {}", row.problem.as_ref()?)));
    of_stage.unwrap_or_else(|| "the lane did not run to its end".to_owned())
}

fn stage(
    cell: &CellEvidence,
    scenario: &Scenario,
    is_looked_at: bool,
    about: &About<'_>,
) -> StageRow {
    let meant = &scenario.expect[&cell.stage];
    let must_block = meant.exit.is_blocking();
    let outcome = match cell.verdict {
        CellVerdict::Pass(_) if must_block && cell.vacuous && !is_looked_at => {
            VacuityOutcome::NotTried
        }
        CellVerdict::Pass(_) if must_block => VacuityOutcome::ProvesSomething,
        CellVerdict::Pass(_) => VacuityOutcome::NeverBlocks,
        CellVerdict::Failed(FailureClass::Contract | FailureClass::Signal)
            if !cell.is_blocked_by_accident(meant) =>
        {
            VacuityOutcome::ProvesNothing
        }
        CellVerdict::Failed(_) => VacuityOutcome::NotTried,
    };
    let said =
        (outcome == VacuityOutcome::ProvesNothing).then(|| about.last_lines(&cell.run, LOG_LINES));
    StageRow {
        outcome,
        exit: cell.exit,
        problem: cell.problem.clone().or_else(|| {
            let untried = outcome == VacuityOutcome::NotTried;
            cell.vacuous_because.clone().filter(|_| untried)
        }),
        said: said.unwrap_or_default(),
        log: cell.run.log.as_ref().map(|log| log.path.clone()),
    }
}

/// One stage that still blocks is enough; else all of them must have
/// decided.
fn of_lane(lane: &LaneEvidence, stages: &IndexMap<StageName, StageRow>) -> VacuityOutcome {
    let any = |outcome| stages.values().any(|stage| stage.outcome == outcome);
    if any(VacuityOutcome::ProvesNothing) {
        VacuityOutcome::ProvesNothing
    } else if !lane.is_pass()
        || any(VacuityOutcome::NotTried)
        || !any(VacuityOutcome::ProvesSomething)
    {
        VacuityOutcome::NotTried
    } else {
        VacuityOutcome::ProvesSomething
    }
}

/// The parts that were taken out, in words.
pub(super) fn what_is_out(row: &ScenarioRow) -> String {
    if row.message.is_some() {
        return "its message".to_owned();
    }
    let hunks: Vec<_> = row.taken_out.iter().map(Hunk::to_string).collect();
    hunks.join(", ")
}
