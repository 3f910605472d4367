//! The rules of a verdict, and that recorded lanes are judged as live ones.

use super::outstanding::Green;
use super::samples::{Dice, cell, plan, step};
use super::*;
use crate::artifact::run_folder::LaneRecord;
use crate::model::evidence::CellVerdict;
use crate::model::{Plan, RunId};

const STAGES: [&str; 2] = ["pre-commit", "ci"];

fn terms(plan: &Plan) -> Terms<'_> {
    Terms {
        plan,
        install_step: None,
        recorded: None,
        before: None,
        counts_outstanding: true,
        uncommitted: false,
        signal: None,
    }
}

fn package(version: &str) -> PackageResolved {
    PackageResolved {
        name: "gate".to_owned(),
        version: version.to_owned(),
        integrity: None,
        read_from: None,
    }
}

fn green(name: &str) -> LaneEvidence {
    let cells = STAGES.map(|stage| cell(name, stage, CellVerdict::PASS));
    let steps = STAGES.map(|stage| step(stage, Ending::Exited(0)));
    LaneEvidence {
        cells: cells.into(),
        steps: steps.into(),
        cancelled: false,
        ..LaneEvidence::not_run(name.parse().unwrap())
    }
}

fn red(name: &str, class: FailureClass) -> LaneEvidence {
    let failure = Failure::new(class, "stage", "it failed").phase(name);
    let mut lane = green(name);
    lane.cells[0].verdict = CellVerdict::Failed(class);
    LaneEvidence {
        failure: Some(failure),
        ..lane
    }
}

fn unwritten() -> WriteError {
    let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
    WriteError::new("cannot write", std::path::Path::new("cell"), full)
}

#[test]
fn a_whole_plan_of_green_cells_passes() {
    let plan = plan(&["clean", "bad"], &STAGES);
    let verdict = judge(&terms(&plan), vec![green("clean"), green("bad")], None);
    assert_eq!(verdict.word, FinalVerdict::Pass);
    assert_eq!(verdict.exit, ExitCode::Pass);
    assert_eq!(verdict.outstanding, Some(Vec::new()));
}

#[test]
fn a_part_of_the_plan_is_partial() {
    let mut plan = plan(&["clean", "bad"], &STAGES);
    plan.scenarios[1].selected = false;
    let verdict = judge(&terms(&plan), vec![green("clean")], None);
    assert_eq!(verdict.word, FinalVerdict::Partial);
    assert_eq!(verdict.exit, ExitCode::Pass);
    let names: Vec<_> = verdict
        .outstanding_names(Some(&plan))
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(names, ["bad/pre-commit", "bad/ci"]);
}

#[test]
fn the_first_failed_lane_in_declared_order_decides() {
    let plan = plan(&["clean", "slow", "bad"], &STAGES);
    let lanes = vec![
        green("clean"),
        red("slow", FailureClass::Timeout),
        red("bad", FailureClass::Contract),
    ];
    let verdict = judge(&terms(&plan), lanes, None);
    assert_eq!(verdict.exit, ExitCode::Timeout);
    assert_eq!(verdict.failure.unwrap().phase.as_deref(), Some("slow"));
}

#[test]
fn evidence_that_was_not_written_outranks_a_failed_lane() {
    let plan = plan(&["bad", "full"], &STAGES);
    let lanes = vec![
        red("bad", FailureClass::Contract),
        red("full", FailureClass::Io),
    ];
    assert_eq!(judge(&terms(&plan), lanes, None).exit, ExitCode::Artifact);
}

#[test]
fn an_artifact_that_was_not_written_fails_a_green_run() {
    let plan = plan(&["clean"], &STAGES);
    let verdict = judge(&terms(&plan), vec![green("clean")], Some(unwritten()));
    assert_eq!(verdict.word, FinalVerdict::Fail);
    assert_eq!(verdict.exit, ExitCode::Artifact);
    assert!(!verdict.passes());
    // No cell has evidence that can be found, so every one is outstanding.
    assert_eq!(verdict.outstanding_names(Some(&plan)).len(), 2);
}

#[test]
fn a_signal_outranks_everything() {
    let plan = plan(&["bad"], &STAGES);
    let stopped = Terms {
        signal: Some(ExitCode::Interrupt),
        ..terms(&plan)
    };
    let lanes = vec![red("bad", FailureClass::Contract)];
    let verdict = judge(&stopped, lanes, Some(unwritten()));
    assert_eq!(verdict.exit, ExitCode::Interrupt);
    assert_eq!(verdict.failure.unwrap().class, FailureClass::Interrupted);
}

#[test]
fn a_cell_without_a_verdict_is_missing() {
    let plan = plan(&["clean"], &STAGES);
    let mut lane = green("clean");
    lane.cells.pop();
    let failure = judge(&terms(&plan), vec![lane], None).failure.unwrap();
    assert_eq!(failure.class, FailureClass::Missing);
    assert_eq!(failure.step.stage_name().unwrap().as_str(), "ci");
}

#[test]
fn lanes_with_different_packages_fail() {
    let plan = plan(&["clean", "bad"], &STAGES);
    let with = |name, version| LaneEvidence {
        package: Some(package(version)),
        ..green(name)
    };
    let lanes = vec![with("clean", "1.0.0"), with("bad", "1.0.1")];
    let failure = judge(&terms(&plan), lanes, None).failure.unwrap();
    assert_eq!(failure.class, FailureClass::Infra);
    assert_eq!(failure.message, "it installed 1.0.1, another lane 1.0.0");
}

#[test]
fn a_replay_with_another_package_fails_for_that() {
    let plan = plan(&["bad"], &STAGES);
    let (run, then) = ("one".parse::<RunId>().unwrap(), package("1.0.0"));
    let replay = Terms {
        recorded: Some((&run, &then)),
        counts_outstanding: false,
        ..terms(&plan)
    };
    let lane = LaneEvidence {
        package: Some(package("1.0.1")),
        ..red("bad", FailureClass::Contract)
    };
    let verdict = judge(&replay, vec![lane], None);
    let message = verdict.failure.unwrap().message;
    assert!(
        message.ends_with("run one had 1.0.0 (no integrity)"),
        "{message}"
    );
    assert_eq!(verdict.outstanding, None);
}

#[test]
fn a_green_rerun_with_outstanding_cells_does_not_pass() {
    let mut plan = plan(&["clean", "bad"], &STAGES);
    plan.scenarios[1].selected = false;
    let before = Green::default();
    let rerun = Terms {
        before: Some(&before),
        ..terms(&plan)
    };
    let verdict = judge(&rerun, vec![green("clean")], None);
    assert_eq!(verdict.exit, ExitCode::Outstanding);
    let message = verdict.failure.unwrap().message;
    assert!(message.ends_with("2 cells are still outstanding: bad/pre-commit, bad/ci"));
}

#[test]
fn recorded_lanes_are_judged_as_live_ones() {
    let classes = [
        FailureClass::Contract,
        FailureClass::Timeout,
        FailureClass::Infra,
        FailureClass::Io,
    ];
    for seed in 1..=200 {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let mut plan = plan(&["a", "b", "c"], &STAGES);
        let mut lanes = Vec::new();
        for lane in &mut plan.scenarios {
            lane.selected = !dice.once_in(5);
            if !lane.selected {
                continue;
            }
            let name = lane.name.as_str();
            let mut evidence = match dice.below(4) {
                0 => red(name, classes[dice.below(classes.len())]),
                1 => LaneEvidence::not_run(lane.name.clone()),
                _ => green(name),
            };
            evidence.package = (!dice.once_in(3)).then(|| package("1.0.0"));
            lanes.push(evidence);
        }
        let recorded = lanes.iter().map(|lane| {
            let json = serde_json::to_string(&LaneRecord::from(lane)).unwrap();
            let record: LaneRecord = serde_json::from_str(&json).unwrap();
            record.evidence(&lane.scenario, lane.cells.clone())
        });
        let recorded = judge(&terms(&plan), recorded.collect(), None);
        let live = judge(&terms(&plan), lanes, None);
        let told = |verdict: &Verdict| {
            let failure = verdict.failure.as_ref();
            (
                verdict.word,
                verdict.exit,
                failure.map(|f| (f.phase.clone(), f.step.clone(), f.class, f.message.clone())),
                verdict.outstanding.clone(),
            )
        };
        assert_eq!(told(&recorded), told(&live), "seed {seed}");
    }
}
