//! stdout of `matrix run`, byte for byte, in declared order whatever
//! finishes first.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::model::event::{Event, EventKind};
use crate::model::{CellName, Plan, ScenarioName, StageName};

/// Turns events into the lines of the contract.
pub struct Console {
    lanes: Vec<ScenarioName>,
    stages: Vec<StageName>,
    exits: HashMap<CellName, Option<i32>>,
    finished: HashMap<ScenarioName, bool>,
    next: usize,
    fail_fast: bool,
    failed: bool,
}

impl Console {
    /// The console of a plan.
    #[must_use]
    pub fn new(plan: &Plan, fail_fast: bool) -> Self {
        Self {
            lanes: plan.selected_scenarios().cloned().collect(),
            stages: plan.stages.iter().map(|(name, _)| name.clone()).collect(),
            exits: HashMap::new(),
            finished: HashMap::new(),
            next: 0,
            fail_fast,
            failed: false,
        }
    }

    /// The lines that an event completes; mostly none.
    pub fn event(&mut self, event: &Event) -> String {
        let Some(lane) = &event.lane else {
            return String::new();
        };
        match &event.kind {
            EventKind::CellFinished { stage, exit, .. } => {
                self.exits.insert(CellName::new(lane, stage), *exit);
            }
            // An earlier attempt does not count.
            EventKind::LaneRetried { .. } => self.exits.retain(|cell, _| cell.lane != *lane),
            EventKind::LaneFinished { pass, .. } => {
                self.finished.insert(lane.clone(), *pass);
            }
            _ => {}
        }
        let mut out = String::new();
        while let Some(lane) = self.lanes.get(self.next) {
            let Some(pass) = self.finished.get(lane).copied() else {
                break;
            };
            self.lane(&mut out, pass);
        }
        out
    }

    /// The lines of lanes that never finished.
    pub fn rest(&mut self) -> String {
        let mut out = String::new();
        while self.next < self.lanes.len() {
            let pass = self
                .finished
                .get(&self.lanes[self.next])
                .copied()
                .unwrap_or(false);
            self.lane(&mut out, pass);
        }
        out
    }

    fn lane(&mut self, out: &mut String, pass: bool) {
        let lane = &self.lanes[self.next];
        let cancelled = self.fail_fast && self.failed;
        let exit = |stage: &StageName| {
            let exit = self
                .exits
                .get(&CellName::new(lane, stage))
                .copied()
                .flatten();
            exit.filter(|_| !cancelled)
                .map_or("-".to_owned(), |exit| exit.to_string())
        };
        let results: Vec<_> = self
            .stages
            .iter()
            .map(|s| format!("{s}={}", exit(s)))
            .collect();
        let pass = pass && !cancelled;
        let status = if pass { "PASS" } else { "FAIL" };
        let _ = writeln!(out, "=== scenario:{lane} ===");
        let _ = writeln!(out, "results: {}", results.join(" "));
        let _ = writeln!(out, "status: {status}");
        self.failed |= !pass;
        self.next += 1;
    }
}

/// The last line of a whole pass.
#[must_use]
pub fn all_passed(package: &str) -> String {
    format!("All scenario matrix checks passed for package: {package}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PlannedScenario;
    use crate::model::evidence::CellVerdict;

    fn plan() -> Plan {
        let scenario = |name: &str| PlannedScenario {
            name: name.parse().unwrap(),
            selected: true,
            altered: false,
            unexpected: Vec::new(),
        };
        Plan {
            scenarios: vec![scenario("clean"), scenario("violations")],
            stages: vec![
                ("pre-commit".parse().unwrap(), true),
                ("ci".parse().unwrap(), false),
            ],
        }
    }

    fn event(lane: &str, kind: EventKind) -> Event {
        Event {
            seq: 1,
            at: String::new(),
            lane: Some(lane.parse().unwrap()),
            kind,
        }
    }

    fn finished(pass: bool) -> EventKind {
        EventKind::LaneFinished {
            pass,
            cancelled: false,
            duration_ms: 0,
        }
    }

    #[test]
    fn order_is_that_of_the_declaration() {
        let mut console = Console::new(&plan(), false);
        assert_eq!(console.event(&event("violations", finished(true))), "");
        let cell = EventKind::CellFinished {
            stage: "pre-commit".parse().unwrap(),
            exit: Some(0),
            hook_exit: None,
            verdict: CellVerdict::PASS,
            problem: None,
        };
        console.event(&event("clean", cell));
        assert_eq!(
            console.event(&event("clean", finished(true))),
            "=== scenario:clean ===\nresults: pre-commit=0 ci=-\nstatus: PASS\n\
             === scenario:violations ===\nresults: pre-commit=- ci=-\nstatus: PASS\n"
        );
        assert_eq!(console.rest(), "");
    }

    #[test]
    fn what_never_finished_is_said_too() {
        let mut console = Console::new(&plan(), false);
        assert_eq!(console.rest().matches("status: FAIL").count(), 2);
    }

    #[test]
    fn an_attempt_that_does_not_count_leaves_no_exit() {
        let mut console = Console::new(&plan(), false);
        let cell = EventKind::CellFinished {
            stage: "pre-commit".parse().unwrap(),
            exit: Some(0),
            hook_exit: None,
            verdict: CellVerdict::PASS,
            problem: None,
        };
        console.event(&event("clean", cell));
        let again = EventKind::LaneRetried {
            attempt: 2,
            of: 2,
            problem: String::new(),
        };
        console.event(&event("clean", again));
        let out = console.event(&event("clean", finished(false)));
        assert!(out.contains("results: pre-commit=- ci=-"), "{out}");
    }

    #[test]
    fn fail_fast_does_not_tell_who_won_the_race() {
        let mut console = Console::new(&plan(), true);
        console.event(&event("violations", finished(true)));
        let out = console.event(&event("clean", finished(false)));
        assert_eq!(out.matches("status: FAIL").count(), 2);
    }
}
