//! The set of outstanding cells, held against a model that looks at all that
//! ever ran.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::model::Failure;
use crate::model::evidence::{CellVerdict, Ending};
use crate::verdict::samples::{Dice, cell, failure, plan, step};

/// The `run.json` of a run, written and read again.
fn stored(plan: &Plan, green: &Green) -> Run {
    let lanes = crate::artifact::summary::scenarios(plan, &[]);
    let outstanding = green.outstanding(planned(plan));
    let owed: Vec<_> = outstanding.iter().map(ToString::to_string).collect();
    let text = json!({
        "schema_version": 1, "run_id": "x", "matrix_version": "", "generated_at_utc": "",
        "gate": "g", "final_verdict": "FAIL", "exit_code": 1, "scenarios": lanes,
        "lanes": {}, "outstanding": owed, "kind": "matrix",
        "asked": {
            "repo": "/", "package_base": "/", "scenarios": [], "stages": [], "repeat": 1, "retries": 0, "strict": false,
            "fail_fast": false, "fresh": false, "sandbox": "off", "trust_filters": false,
        },
    });
    serde_json::from_value(text).unwrap()
}

/// The cells of a lane with a verdict, or started, as the model remembers it.
type Ran = Vec<(String, bool)>;

/// Plays a lane in one of the ways in which a lane can end.
fn play(lane: &str, plan: &Plan, dice: &mut Dice) -> (LaneEvidence, Ran) {
    let mut evidence = LaneEvidence::not_run(lane.parse().unwrap());
    let mut ran = Vec::new();
    // Cancelled before it began, or failed while it was set up.
    if dice.once_in(6) {
        evidence.cancelled = dice.once_in(2);
        evidence.failure = (!evidence.cancelled).then(|| failure("git_clone"));
        return (evidence, ran);
    }
    evidence.cancelled = false;
    for stage in plan.selected_stages() {
        let name = stage.as_str();
        let id = format!("{lane}/{name}");
        // Stopped, or past its limit without a cell's end.
        if dice.once_in(12) {
            evidence.cancelled = dice.once_in(2);
            evidence.steps.push(step(name, Ending::Cancelled));
            ran.push((id, false));
            break;
        }
        let green = !dice.once_in(5);
        let verdict = if green {
            CellVerdict::PASS
        } else {
            evidence.failure.get_or_insert(failure("stage"));
            CellVerdict::Failed(FailureClass::Contract)
        };
        evidence.steps.push(step(name, Ending::Exited(0)));
        evidence.cells.push(cell(lane, name, verdict));
        ran.push((id, green));
    }
    (evidence, ran)
}

/// The declared names of a run: lanes and stages come and go.
fn declare(dice: &mut Dice) -> Plan {
    let pick = |all: &[&'static str], dice: &mut Dice| -> Vec<&'static str> {
        let mut some: Vec<_> = all.to_vec();
        some.retain(|_| !dice.once_in(7));
        if some.is_empty() { all.to_vec() } else { some }
    };
    let lanes = pick(&["clean", "violations", "mixed", "a-1", "b"], dice);
    let stages = pick(&["pre-commit", "pre-push", "ci"], dice);
    plan(&lanes, &stages)
}

fn names(cells: &[CellName]) -> Vec<String> {
    cells.iter().map(ToString::to_string).collect()
}

#[test]
fn whatever_happens_the_outstanding_cells_are_those_of_a_naive_model() {
    let (mut owed_some, mut owed_none) = (0, 0);
    for seed in 1..=300 {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let mut plan = declare(&mut dice);
        let mut green = Green::default();
        // All that ever happened: what each run declared, and what ran in it.
        let mut history: Vec<(Vec<String>, Ran)> = Vec::new();
        for round in 0..10 {
            let before = names(&green.outstanding(planned(&plan)));
            let changed = round > 0 && dice.once_in(3);
            if changed {
                plan = declare(&mut dice);
            }
            for lane in &mut plan.scenarios {
                lane.selected = !dice.once_in(4);
            }
            for stage in &mut plan.stages {
                stage.1 = !dice.once_in(5);
            }
            if round > 0 {
                green.narrow(&mut plan);
            }
            let mut ran_now = Vec::new();
            let mut evidence = Vec::new();
            for lane in plan.selected_scenarios() {
                let (lane, ran) = play(lane.as_str(), &plan, &mut dice);
                evidence.push(lane);
                ran_now.extend(ran);
            }
            let ran_cells = evidence.iter().flat_map(|lane| ran(lane, &plan));
            green = Green::of(&stored(&plan, &green.and(ran_cells))).unwrap();
            let outstanding = names(&green.outstanding(planned(&plan)));
            let declared = names(&planned(&plan));
            history.push((declared.clone(), ran_now.clone()));

            assert_eq!(outstanding, model(&history), "seed {seed}, round {round}");
            let ever_green: BTreeSet<_> = history.iter().flat_map(|(_, ran)| ran).collect();
            for cell in declared.iter().filter(|cell| !outstanding.contains(cell)) {
                let was = ever_green.contains(&(cell.clone(), true));
                assert!(was, "{cell} never ran green: seed {seed}, round {round}");
            }
            let red = ran_now.iter().any(|(_, green)| !green);
            if round > 0 && !changed && !red {
                let shrank = outstanding.iter().all(|cell| before.contains(cell));
                assert!(
                    shrank,
                    "{before:?} {outstanding:?}: seed {seed}, round {round}"
                );
            }
            if outstanding.is_empty() {
                owed_none += 1;
            } else {
                owed_some += 1;
            }
        }
    }
    assert!(
        owed_some > 100 && owed_none > 100,
        "{owed_some} {owed_none}"
    );
}

/// For each cell that is declared now: it is owed unless, in the runs without
/// a gap in which it was declared, the last time that it ran it was green.
fn model(history: &[(Vec<String>, Ran)]) -> Vec<String> {
    let (declared, _) = history.last().unwrap();
    let owed = |cell: &&String| {
        let runs = history.iter().rev();
        let last = runs
            .take_while(|(declared, _)| declared.contains(cell))
            .flat_map(|(_, ran)| ran)
            .find(|(name, _)| name == *cell);
        !last.is_some_and(|(_, green)| *green)
    };
    declared.iter().filter(owed).cloned().collect()
}

#[test]
fn a_lane_that_was_refused_vouches_for_none_of_its_green_cells() {
    let plan = plan(&["clean"], &["ci"]);
    let mut lane = LaneEvidence::not_run("clean".parse().unwrap());
    lane.cells.push(cell("clean", "ci", CellVerdict::PASS));
    assert!(ran(&lane, &plan)[0].1);
    lane.failure = Some(failure("npm_install_package"));
    assert!(!ran(&lane, &plan)[0].1);
}

#[test]
fn a_flaky_lane_owes_also_what_its_first_repetition_did_not_come_to() {
    let plan = plan(&["clean"], &["ci"]);
    let mut lane = LaneEvidence::not_run("clean".parse().unwrap());
    assert!(ran(&lane, &plan).is_empty());
    lane.failure = Some(Failure {
        class: FailureClass::Flaky,
        ..failure("stage_ci")
    });
    assert!(!ran(&lane, &plan)[0].1);
}
