//! Killed before any of its calls to the disk, the program leaves nothing
//! torn, nothing contradictory, and nothing in the next run's way.

use serde_json::Value;

use crate::support::{Consumer, Ran, World, script_gate};

/// What the verdict files of a consumer say, from the view of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Left {
    /// What was there before.
    Old,
    /// No verdict at all.
    Nothing,
    /// The marker of this run.
    Incomplete,
    /// No verdict any more: the marker is gone and the summary yet to come.
    Between,
    /// The verdict of this run.
    Verdict,
}

/// Reads both files; half a file, or one with a wrong digest, fails here.
#[track_caller]
fn left(consumer: &Consumer, run_id: &str, begun: bool) -> Left {
    let summary = consumer.summary("fake");
    let failure = consumer.last_failure("fake");
    let of_this_run = |file: &Value| file["run_id"] == run_id;
    match (&summary, &failure) {
        (Some(_), Some(_)) => panic!("two verdicts after {run_id}"),
        (None, None) if begun => Left::Between,
        (None, None) => Left::Nothing,
        (Some(summary), None) if of_this_run(summary) => Left::Verdict,
        (None, Some(failure)) if of_this_run(failure) => {
            if failure["failure_step"] == "run_incomplete" {
                return Left::Incomplete;
            }
            if !failure["failure_log_artifact"].is_null() {
                consumer.failed_with_log("fake", failure["failure_step"].as_str().unwrap());
            }
            Left::Verdict
        }
        _ => Left::Old,
    }
}

/// Kills runs before their n-th call for n = `first`, `first + step`, … until
/// one survives with `code`; runs that must pass come in between.
fn campaign(gate: &str, first: usize, step: usize, code: i32) {
    let world = World::new();
    let consumer = world.configured_consumer(gate);
    let pass = |run_id: &str| {
        let args = ["--run-id", run_id, "--retain-runs", "2", "--wait"];
        let mut command = world.run_command(&consumer, &args);
        command.env("EXPECTED", "0");
        Ran::of(command.output().unwrap()).expect(0);
        assert_eq!(consumer.passed("fake")["run_id"], run_id);
    };
    pass("before");
    let mut furthest = Left::Old;
    for n in (first..).step_by(step) {
        let run_id = format!("killed-{n}");
        // What the one before was about to start may hold the lock a moment
        // longer than itself.
        let mut command = world.run_command(&consumer, &["--run-id", &run_id, "--wait"]);
        command.env("MATRIX_FAULT", format!("kill@{n}"));
        command.env("EXPECTED", code.to_string());
        let ran = Ran::of(command.output().unwrap());
        let now = left(&consumer, &run_id, furthest >= Left::Incomplete);
        // A later death never leaves less, and never an old verdict again.
        assert!(now >= furthest, "{now:?} after {furthest:?} at {n}");
        if furthest == Left::Old && now == Left::Old {
            let begun = consumer.artifacts().join("runs").join(&run_id);
            assert!(!begun.exists(), "{n}");
        }
        furthest = now;
        if ran.code != 137 {
            ran.expect(code);
            assert_eq!(now, Left::Verdict);
            world.nobody_lives();
            return;
        }
        // While lanes run nothing but logs is written: there the next run may
        // as well be killed in its turn, over what this one left.
        if now != Left::Incomplete || n % 10 < 2 {
            pass(&format!("after-{n}"));
            assert_eq!(world.lanes_left().len(), 0);
        }
    }
}

/// A gate whose stage exits as the environment says.
fn gate() -> String {
    let gate = script_gate("echo ran; exit $EXPECTED");
    gate.replace("[stage", "pass_env = [\"EXPECTED\"]\n[stage")
}

/// A gate whose lane ends soon after it began where the environment says so.
fn failing_gate() -> String {
    let install = "package = \"\"\n[[install]]\nstep = \"fake_install\"\n\
                   run = [\"sh\", \"-c\", \"echo ran; exit $EXPECTED\"]\n[stage";
    gate().replace("[stage", install)
}

#[test]
fn a_run_that_passes_can_be_killed_before_every_odd_call() {
    campaign(&gate(), 1, 2, 0);
}

#[test]
fn a_run_that_passes_can_be_killed_before_every_even_call() {
    campaign(&gate(), 2, 2, 0);
}

#[test]
fn a_run_that_fails_can_be_killed_before_every_call() {
    campaign(&failing_gate(), 1, 1, 1);
}
