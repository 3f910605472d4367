use serde_json::json;

use super::*;
use crate::model::{Failure, StepId};

/// One repetition of a lane with the cells `a` and `b`.
fn run(cells: &[CellEvidence]) -> LaneEvidence {
    LaneEvidence {
        cancelled: false,
        cells: cells.to_vec(),
        ..LaneEvidence::not_run("bad".parse().unwrap())
    }
}

fn cell_of(stage: &str, verdict: CellVerdict, exit: i32) -> CellEvidence {
    let text = json!({
        "schema_version": 1, "run_id": "x", "scenario": "bad", "stage": stage,
        "verdict": verdict, "exit": exit, "expected": {"exit": {"one_of": [0]}},
        "vacuous": false, "witness": {"hooks": [], "programs": [], "got_in_by": []},
        "argv": [], "env_delta": {}, "network": false, "head": "",
        "run": {"step": "stage_a", "leaked": false, "started_at_utc": "", "duration_ms": 0},
    });
    serde_json::from_value(text).unwrap()
}

fn failed(class: FailureClass) -> CellVerdict {
    CellVerdict::Failed(class)
}

fn flaky(repetitions: &[LaneEvidence]) -> Vec<FlakyCell> {
    flaky_cells(repetitions, &["a".parse().unwrap(), "b".parse().unwrap()])
}

#[test]
fn equal_outcomes_are_not_flaky_whatever_else_differs() {
    let mut other = cell_of("a", CellVerdict::PASS, 0);
    other.run.duration_ms = 99;
    other.run.leaked = true;
    other.problem = Some("words".to_owned());
    let repetitions = [run(&[cell_of("a", CellVerdict::PASS, 0)]), run(&[other])];
    assert!(flaky(&repetitions).is_empty());
}

#[test]
fn outcomes_are_counted_in_the_order_of_their_first_repetition() {
    let pass = || run(&[cell_of("a", CellVerdict::PASS, 1)]);
    let red = run(&[cell_of("a", failed(FailureClass::Contract), 0)]);
    let found = flaky(&[pass(), red, pass()]);
    assert_eq!(found.len(), 1);
    let counts: Vec<_> = found[0]
        .outcomes
        .iter()
        .map(|seen| (seen.count, seen.repetitions.clone()))
        .collect();
    assert_eq!(counts, [(2, vec![1, 3]), (1, vec![2])]);
    assert_eq!(found[0].outcomes[1].example.repetition, 2);
    assert_eq!(
        describe(&found[0]),
        "the same inputs had more than one outcome in 3 repetitions: \
         2 × pass, exit 1; 1 × contract, exit 0"
    );
}

#[test]
fn another_way_to_be_red_is_another_outcome() {
    let red = |exit| run(&[cell_of("a", failed(FailureClass::Contract), exit)]);
    assert_eq!(flaky(&[red(0), red(2)]).len(), 1);
    assert!(flaky(&[red(0), red(0)]).is_empty());
}

#[test]
fn a_failure_of_the_machine_is_no_outcome() {
    for class in [
        FailureClass::Infra,
        FailureClass::Timeout,
        FailureClass::Io,
        FailureClass::Interrupted,
    ] {
        let machine = class.is_infrastructure();
        let repetitions = [
            run(&[cell_of("a", CellVerdict::PASS, 0)]),
            run(&[cell_of("a", failed(class), 0)]),
        ];
        assert_eq!(flaky(&repetitions).is_empty(), machine, "{class}");
    }
}

#[test]
fn a_missing_cell_counts_once_and_only_if_the_lane_failed_by_itself() {
    let both = || {
        run(&[
            cell_of("a", CellVerdict::PASS, 0),
            cell_of("b", CellVerdict::PASS, 0),
        ])
    };
    let ended = |class| LaneEvidence {
        failure: Some(Failure::new(class, StepId::default(), "")),
        ..run(&[])
    };
    // The later cell is missing for the same reason.
    let found = flaky(&[both(), ended(FailureClass::Seed)]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].stage.as_str(), "a");
    assert!(flaky(&[both(), ended(FailureClass::Infra)]).is_empty());
    let cancelled = LaneEvidence {
        cancelled: true,
        ..ended(FailureClass::Seed)
    };
    assert!(flaky(&[both(), cancelled]).is_empty());
    assert!(flaky(&[both(), run(&[])]).is_empty());
}
