//! Logs of steps, as the diagnosis reads them.

use std::path::Path;

use gate_matrix::diagnosis::{Subject, cause, decisive_line, diagnose, held_back};
use gate_matrix::model::{CellEvidence, Failure, FailureClass, LaneEvidence, RunId};
use gate_matrix::report::{clusters, failure};

use super::{folder, is_harmless};

pub fn logs(data: &[u8]) {
    let line = decisive_line(data);
    assert!(line.is_none_or(|line| line == line.trim()));
    let _ = held_back(data, "husky").map(|held| held.said);
    let (folder, _) = folder(&[("log", data.to_vec())]);
    let run_id: RunId = "20260301-101500-0a1b2c3d".parse().unwrap();
    for lanes in [vec![red_stage()], vec![failed_step()]] {
        let subject = Subject {
            run_id: &run_id,
            artifacts: folder.path(),
            folder: folder.path(),
            repo: Path::new("/repo"),
            plan: None,
            lanes: &lanes,
            all_lanes: &lanes,
            failure: None,
            outstanding: Vec::new(),
        };
        let (digests, found) = diagnose(&subject);
        assert_eq!(digests.len(), 1);
        assert!(cause(&digests[0].cause).is_some());
        is_harmless(&failure::before_lanes(&digests[0]));
        is_harmless(&clusters::clusters(&found));
        super::comes_back(&digests[0]);
    }
}

/// A stage that had to let a change through and exited 1.
fn red_stage() -> LaneEvidence {
    let cell = serde_json::json!({
        "schema_version": 1, "run_id": "x", "scenario": "clean", "stage": "pre-commit",
        "verdict": "contract", "problem": "exited 1, expected 0",
        "expected": {"exit": {"one_of": [0]}}, "exit": 1, "hook_exit": 1, "vacuous": false,
        "witness": {"hooks": [{"name": "pre-commit", "argv": [], "exit": 1, "duration_ms": 1}],
            "programs": [], "got_in_by": []},
        "argv": ["git", "commit"], "env_delta": {}, "network": false, "head": "", "run": step("stage_pre_commit"),
    });
    let cell: CellEvidence = serde_json::from_value(cell).unwrap();
    let mut lane = LaneEvidence::not_run("clean".parse().unwrap());
    (lane.cancelled, lane.cells) = (false, vec![cell]);
    lane
}

/// An installation that exited 1.
fn failed_step() -> LaneEvidence {
    let mut failure = Failure::new(FailureClass::Install, "install_1", "exited 1");
    failure.log = Some("log".to_owned());
    failure.phase = Some("clean".to_owned());
    let mut lane = LaneEvidence::not_run("clean".parse().unwrap());
    lane.steps = vec![serde_json::from_value(step("install_1")).unwrap()];
    (lane.cancelled, lane.failure) = (false, Some(failure));
    lane
}

fn step(id: &str) -> serde_json::Value {
    serde_json::json!({
        "step": id, "command": "git commit", "ending": {"exited": 1}, "leaked": false,
        "started_at_utc": "", "duration_ms": 1, "problem": null,
        "log": {"path": "log", "sha256": "", "bytes": 1, "bytes_total": 1},
    })
}
