//! Lanes and plans for the tests of this room.

use serde_json::json;

use crate::model::evidence::{CellVerdict, Ending};
use crate::model::{
    CellEvidence, Failure, FailureClass, Plan, PlannedScenario, StepEvidence, StepId,
};

/// Numbers that look like chance and repeat.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).unwrap()
    }

    pub(super) fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

pub(super) fn step(stage: &str, ending: Ending) -> StepEvidence {
    StepEvidence {
        step: StepId::stage(&stage.parse().unwrap()),
        command: None,
        ending: Some(ending),
        leaked: false,
        started_at_utc: String::new(),
        duration_ms: 0,
        log: None,
        problem: None,
    }
}

pub(super) fn cell(lane: &str, stage: &str, verdict: CellVerdict) -> CellEvidence {
    let text = json!({
        "schema_version": 1, "run_id": "x", "scenario": lane, "stage": stage,
        "verdict": verdict, "expected": {"exit": {"one_of": [0]}}, "vacuous": false,
        "witness": {"hooks": [], "programs": [], "got_in_by": []},
        "argv": [], "env_delta": {}, "network": false, "head": "",
        "run": step(stage, Ending::Exited(0)),
    });
    serde_json::from_value(text).unwrap()
}

pub(super) fn failure(step: &str) -> Failure {
    Failure::new(FailureClass::Contract, step, "")
}

pub(super) fn plan(lanes: &[&str], stages: &[&str]) -> Plan {
    let lane = |name: &&str| PlannedScenario {
        name: name.parse().unwrap(),
        selected: true,
        altered: false,
        unexpected: Vec::new(),
    };
    let stage = |name: &&str| (name.parse().unwrap(), true);
    Plan {
        scenarios: lanes.iter().map(lane).collect(),
        stages: stages.iter().map(stage).collect(),
    }
}
