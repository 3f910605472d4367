//! Deciding which lanes can be reused.

use std::collections::HashMap;
use std::rc::Rc;

use super::decision::Decision;
use super::inputs::Inputs;
use super::messages;
use super::package::Package;
use crate::artifact::reader::{Head, History, ReadError, StoredRun};
use crate::model::text::plain;
use crate::model::{GateName, RunId, ScenarioName};

/// A query for reusable lanes.
pub struct ReuseQuery<'a> {
    /// The runs.
    pub history: &'a History,
    /// The gate.
    pub gate: &'a GateName,
    /// The current inputs of the lanes.
    pub inputs: &'a Inputs,
    /// The lanes to run.
    pub lanes: &'a [ScenarioName],
    /// The package that they would install.
    pub package: &'a Package,
}

/// Looks for each lane of the query in earlier runs, the newest first.
#[must_use]
pub fn decide(query: &ReuseQuery<'_>) -> Decision {
    let mut heads: Vec<Head> = query.history.complete().collect();
    heads.retain(|head| head.gate == query.gate.as_str());
    let mut search = Search {
        query,
        asked: HashMap::new(),
        decision: Decision::default(),
    };
    for lane in query.lanes {
        match search.find(lane, &heads) {
            Ok(stored) => {
                search.decision.from.insert(lane.clone(), stored);
            }
            Err(why) => {
                search.decision.played.insert(lane.clone(), why);
            }
        }
    }
    search.decision
}

/// The result of opening an earlier run.
#[derive(Clone)]
enum Opened {
    Found(Rc<StoredRun>),
    /// It was pruned, which is no fault.
    Pruned,
    Refused,
}

struct Search<'a> {
    query: &'a ReuseQuery<'a>,
    /// Runs that were opened.
    asked: HashMap<RunId, Opened>,
    decision: Decision,
}

impl Search<'_> {
    /// Returns the run to reuse a lane from, or the reason why there is none.
    ///
    /// The newest run that ran the lane with these inputs decides: a red lane
    /// is never skipped for an older green one.
    fn find(&mut self, lane: &ScenarioName, heads: &[Head]) -> Result<Rc<StoredRun>, String> {
        let Some(inputs) = self.query.inputs.digest(lane) else {
            let known = self.query.inputs.unknown.as_deref();
            let why = plain(known.unwrap_or("not recorded"));
            return Err(format!("its inputs are unknown: {why}"));
        };
        for head in heads {
            let Some(there) = head.lanes.get(lane).filter(|there| !there.cancelled) else {
                continue;
            };
            if there.inputs_sha256.as_ref() != Some(&inputs) {
                continue;
            }
            let origin = there.reused.as_ref().unwrap_or(&head.run_id);
            let stored = match self.open(origin) {
                Opened::Found(stored) => stored,
                Opened::Pruned => continue,
                // It may have been red. An older green one must not replace it.
                Opened::Refused => return Err(format!("run {origin} cannot be reused")),
            };
            let Some(record) = stored.lane(lane).filter(|record| {
                let same = record.inputs_sha256.as_ref() == Some(&inputs);
                same && !record.cancelled && record.reused.is_none()
            }) else {
                continue;
            };
            if record.failure.is_some() {
                return Err(format!("it was red in run {}", stored.id()));
            }
            let differs = self.query.package.differs(record.package_resolved.as_ref());
            return differs.map_or_else(|| Ok(Rc::clone(&stored)), Err);
        }
        Err(self.changed(lane, heads))
    }

    fn open(&mut self, id: &RunId) -> Opened {
        if let Some(known) = self.asked.get(id) {
            return known.clone();
        }
        let asked = match self.query.history.open(id) {
            Ok(stored) => Opened::Found(Rc::new(stored)),
            Err(ReadError::Missing(_)) => Opened::Pruned,
            Err(e) => {
                self.decision.refused.push(messages::refused(&e));
                Opened::Refused
            }
        };
        self.asked.insert(id.clone(), asked.clone());
        asked
    }

    /// Describes what changed since the newest run that knows the lane.
    fn changed(&mut self, lane: &ScenarioName, heads: &[Head]) -> String {
        let knows = |head: &&Head| {
            let there = head.lanes.get(lane);
            there.is_some_and(|there| there.inputs_sha256.is_some())
        };
        let Some(head) = heads.iter().find(knows) else {
            return "no earlier run has it".to_owned();
        };
        let plan = match self.open(&head.run_id) {
            Opened::Found(stored) => stored.plan().ok(),
            Opened::Pruned | Opened::Refused => None,
        };
        let Some(plan) = plan else {
            return format!("run {} cannot be reused", head.run_id);
        };
        let before = |name: &str| {
            let own = plan
                .lane_inputs_sha256
                .get(lane)
                .and_then(|own| own.get(name));
            own.or_else(|| plan.inputs_sha256.get(name))
        };
        let inputs = &self.query.inputs;
        let now = inputs
            .shared
            .iter()
            .chain(inputs.lanes.get(lane).into_iter().flatten());
        let changed: Vec<&str> = now
            .filter(|(name, digest)| before(name) != Some(digest))
            .map(|(name, _)| name.as_str())
            .collect();
        let origin = head.lanes.get(lane).and_then(|there| there.reused.as_ref());
        messages::changed(&changed, &head.run_id, origin)
    }
}
