//! Merges the repetitions of a lane into one lane.
//!
//! A merged lane is red if any repetition is, and its cells whose outcomes
//! differ are flaky.

use super::flaky::{describe, flaky_cells};
use crate::artifact::flakes::FlakyCell;
use crate::model::evidence::CellVerdict;
use crate::model::{ExitCode, Failure, FailureClass, LaneEvidence, StageName, StepId};

/// A lane whose repetitions have been merged.
pub(super) struct Merged {
    /// The first repetition, with the failures of all.
    pub(super) lane: LaneEvidence,
    /// The cells whose outcomes differ, in the order of the stages.
    pub(super) flaky: Vec<FlakyCell>,
}

/// Merges the repetitions of a lane; `install` is the last step that installs.
pub(super) fn merge(
    repetitions: &[LaneEvidence],
    stages: &[StageName],
    install: &StepId,
) -> Merged {
    let other = other_package(repetitions, install);
    // Another package is another input: a difference is not flaky then.
    let flaky = match other {
        Some(_) => Vec::new(),
        None => flaky_cells(repetitions, stages),
    };
    let mut lane = repetitions[0].clone();
    for flaky_cell in &flaky {
        let mut cells = lane.cells.iter_mut();
        if let Some(cell) = cells.find(|cell| cell.stage == flaky_cell.stage) {
            cell.verdict = CellVerdict::Failed(FailureClass::Flaky);
            cell.problem = Some(describe(flaky_cell));
        }
    }
    lane.cancelled = repetitions.iter().any(|run| run.cancelled);
    let attempts = repetitions.iter().flat_map(|run| &run.attempts);
    lane.attempts = attempts.cloned().collect();
    lane.failure = unwritten(repetitions)
        .or(other)
        .or_else(|| flaky.first().map(|cell| flaky_failure(cell, repetitions)))
        .or_else(|| first_failure(repetitions));
    Merged { lane, flaky }
}

/// A failed evidence write takes precedence over any verdict.
fn unwritten(repetitions: &[LaneEvidence]) -> Option<Failure> {
    let mut failures = repetitions.iter().filter_map(|run| run.failure.as_ref());
    failures.find(|f| f.exit == ExitCode::Artifact).cloned()
}

/// Fails a lane if repetitions reached a stage with different packages.
fn other_package(repetitions: &[LaneEvidence], install: &StepId) -> Option<Failure> {
    let with_cells = || repetitions.iter().filter(|run| !run.cells.is_empty());
    let version = |run: &LaneEvidence| match &run.package {
        Some(package) => package.version.clone(),
        None => "an unknown version".to_owned(),
    };
    let first = with_cells().next()?;
    let other = with_cells().find(|run| run.package != first.package)?;
    let message = format!(
        "one repetition installed {}, another {}: their inputs are not the same",
        version(first),
        version(other)
    );
    let failure = Failure::new(FailureClass::Infra, install.clone(), message);
    Some(failure.phase(&first.scenario))
}

fn first_failure(repetitions: &[LaneEvidence]) -> Option<Failure> {
    let mut failures = (1..).zip(repetitions);
    let (repetition, failure) =
        failures.find_map(|(repetition, run)| Some((repetition, run.failure.clone()?)))?;
    Some(match repetition {
        1 => failure,
        _ => Failure {
            message: format!("{} (in repetition {repetition})", failure.message),
            ..failure
        },
    })
}

/// Returns the failure of a lane with a flaky cell, with the log of the first
/// red outcome; if all are green, of the second outcome.
fn flaky_failure(cell: &FlakyCell, repetitions: &[LaneEvidence]) -> Failure {
    let mut outcomes = cell.outcomes.iter();
    let red = outcomes.find(|seen| !seen.outcome.verdict.is_pass());
    let example = &red.unwrap_or(&cell.outcomes[1]).example;
    let step = StepId::stage(&cell.stage);
    let command = repetitions[example.repetition - 1]
        .failure
        .as_ref()
        .filter(|failure| failure.step == step)
        .and_then(|failure| failure.command.clone());
    Failure::new(FailureClass::Flaky, step, describe(cell))
        .phase(&cell.scenario)
        .command(command)
        .log(example.log.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::package::PackageResolved;

    fn run(failure: Option<Failure>) -> LaneEvidence {
        LaneEvidence {
            cancelled: false,
            failure,
            ..LaneEvidence::not_run("bad".parse().unwrap())
        }
    }

    fn merged(repetitions: &[LaneEvidence]) -> Merged {
        merge(repetitions, &["a".parse().unwrap()], &"unpack".into())
    }

    #[test]
    fn the_first_failure_decides_and_names_its_repetition() {
        let contract = |text| Some(Failure::new(FailureClass::Contract, "stage_a", text));
        let same = merged(&[run(contract("one")), run(contract("two"))]);
        assert!(same.flaky.is_empty());
        assert_eq!(same.lane.failure.unwrap().message, "one");
        let infra = |text| Some(Failure::new(FailureClass::Infra, "unpack", text));
        let later = merged(&[run(None), run(infra("two"))]);
        let message = later.lane.failure.unwrap().message;
        assert_eq!(message, "two (in repetition 2)");
    }

    #[test]
    fn a_failed_evidence_write_outranks_every_failure() {
        let io = Failure::new(FailureClass::Io, "stage_a", "full").exit(ExitCode::Artifact);
        let contract = Failure::new(FailureClass::Contract, "stage_a", "red");
        let lane = merged(&[run(Some(contract)), run(Some(io))]).lane;
        assert_eq!(lane.failure.unwrap().message, "full");
    }

    #[test]
    fn a_package_is_compared_only_if_a_stage_was_reached() {
        let package = |version: &str| {
            Some(PackageResolved {
                name: "thing".to_owned(),
                version: version.to_owned(),
                integrity: None,
                read_from: None,
            })
        };
        let mut other = run(None);
        other.package = package("2.0.0");
        assert!(merged(&[run(None), other]).lane.failure.is_none());
    }
}
