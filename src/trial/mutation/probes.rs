//! The lanes of mutations: one for each scenario that may notice it.

use std::collections::HashSet;

use super::configuration::is_replaced;
use crate::config::ConfigError;
use crate::model::evidence::{CellVerdict, StageOutcome};
use crate::model::expectation::ExitSet;
use crate::model::scenario::Scenario;
use crate::model::{
    Alteration, CellEvidence, FailureClass, LaneEvidence, Profile, ScenarioName, StageName,
};
use crate::mutation::Mutation;
use crate::sys::fs;

/// A mutation in one scenario.
pub(super) struct Probe {
    pub(super) scenario: ScenarioName,
    pub(super) lane: ScenarioName,
}

/// Returns the lanes of each mutation, without the scenarios that have the weakened file of
/// their own. The first has the name of its mutation.
pub(super) fn of(
    mutations: &[Mutation],
    replayed: &[(&ScenarioName, &Scenario)],
    profile: &Profile,
) -> Vec<Vec<Probe>> {
    let mut taken: HashSet<String> = mutations.iter().map(|one| one.id.clone()).collect();
    let mut probes = |mutation: &Mutation| {
        let mut own = replayed.to_vec();
        own.retain(|(_, scenario)| !is_replaced(&mutation.file, scenario, &profile.root));
        // The likeliest first, so that most mutations need one lane; else as declared.
        own.sort_by_key(|(name, scenario)| !is_about(mutation, name, scenario));
        let probe = |(at, (scenario, _)): (usize, (&ScenarioName, &Scenario))| {
            let name = match at {
                0 => mutation.id.clone(),
                _ => unused(&mutation.id, scenario, &mut taken),
            };
            Some(Probe {
                scenario: scenario.clone(),
                lane: name.parse().ok()?,
            })
        };
        own.into_iter().enumerate().filter_map(probe).collect()
    };
    mutations.iter().map(&mut probes).collect()
}

/// True if a scenario seems to be about the rule that is weakened: one names the other.
fn is_about(mutation: &Mutation, name: &ScenarioName, scenario: &Scenario) -> bool {
    const SHORTEST: usize = 3;
    let rule = mutation.rule.to_string().to_lowercase();
    let last = mutation.rule.names.last().map(|name| name.to_lowercase());
    let wanted = scenario.reason.as_ref();
    let reason = wanted.map(|reason| reason.as_str().to_lowercase());
    let has = |text: &str, part: &str| part.len() >= SHORTEST && text.contains(part);
    let says = reason
        .is_some_and(|reason| has(&rule, &reason) || last.is_some_and(|last| has(&reason, &last)));
    says || has(&rule, name.as_str())
}

/// The mutation and the scenario; of a long name the beginning and a digest.
fn unused(mutation: &str, scenario: &ScenarioName, taken: &mut HashSet<String>) -> String {
    const LONGEST: usize = 64;
    let whole = format!("{mutation}-{scenario}");
    let mut name = whole.clone();
    while name.len() > LONGEST || !taken.insert(name.clone()) {
        let digest = fs::sha256(format!("{name} {whole}").as_bytes());
        let cut = mutation.len().min(LONGEST - 9);
        name = format!("{}-{}", mutation[..cut].trim_end_matches('-'), &digest[..8]);
    }
    name
}

impl Probe {
    /// Returns the lane that plays it.
    pub(super) fn lane(
        &self,
        mutation: &Mutation,
        profile: &Profile,
    ) -> Result<(ScenarioName, Scenario), ConfigError> {
        let original = profile
            .scenarios
            .get(&self.scenario)
            .ok_or_else(|| ConfigError::whole(format!("the scenario {} is gone", self.scenario)))?;
        let altered = Scenario {
            alteration: Alteration {
                original: Some(self.scenario.clone()),
                files: vec![(mutation.file.clone(), mutation.content.clone())],
                unchecked: true,
                ..Alteration::default()
            },
            ..original.clone()
        };
        Ok((self.lane.clone(), altered))
    }

    pub(super) fn evidence<'a>(&self, ran: &'a [LaneEvidence]) -> Option<&'a LaneEvidence> {
        ran.iter().find(|lane| lane.scenario == self.lane)
    }
}

/// The answer of one scenario.
pub(super) enum Answer {
    Noticed(Noticed),
    /// Every stage decided as if nothing had been changed.
    Unnoticed,
    /// The gate broke rather than weakened: the observation.
    Broke(String),
    /// The lane did not run to its end: the observation, if there is one.
    NotTried(Option<String>),
}

/// The stage that noticed a mutation.
pub(super) struct Noticed {
    pub(super) stage: StageName,
    /// False if it blocked what it must let in.
    pub(super) let_in: bool,
}

impl Answer {
    pub(super) fn of(lane: &LaneEvidence) -> Self {
        let failure = lane.failure.as_ref();
        if let Some(failure) = failure.filter(|failure| !failure.step.is_stage()) {
            let seen = format!("{}: {}", failure.step, failure.message);
            return match failure.class {
                FailureClass::Install => Self::Broke(seen),
                _ => Self::NotTried(Some(seen)),
            };
        }
        let unfinished = lane.unfinished();
        if lane.cancelled || lane.cells.is_empty() || unfinished.is_some() {
            let why = unfinished.and_then(|step| step.problem.clone());
            let seen = why.unwrap_or_else(|| "a stage did not end".to_owned());
            return Self::NotTried(Some(seen));
        }
        let noticed = |let_in, cell: &CellEvidence| {
            Self::Noticed(Noticed {
                stage: cell.stage.clone(),
                let_in,
            })
        };
        if let Some(cell) = lane.cells.iter().find(|cell| lets_in(cell)) {
            return noticed(true, cell);
        }
        if let Some(cell) = lane.cells.iter().find(|cell| keeps_out(cell)) {
            return noticed(false, cell);
        }
        match lane.cells.iter().find_map(|cell| cell.problem.clone()) {
            Some(seen) => Self::Broke(seen),
            None => Self::Unnoticed,
        }
    }
}

/// True if a stage let in what it must block.
fn lets_in(cell: &CellEvidence) -> bool {
    let of_hook = cell.expected.hook_exit.as_ref();
    let hook_passed = of_hook.is_some_and(ExitSet::is_blocking) && cell.hook_exit == Some(0);
    (cell.expected.exit.is_blocking() && cell.outcome() == StageOutcome::Open) || hook_passed
}

/// True if a stage decided to block what it must let in.
fn keeps_out(cell: &CellEvidence) -> bool {
    let is_contract = cell.verdict == CellVerdict::Failed(FailureClass::Contract);
    let is_closed = cell.outcome() == StageOutcome::Closed;
    let is_decision = !cell.is_blocked_by_accident(&cell.expected);
    !cell.expected.exit.is_blocking() && is_contract && is_closed && is_decision
}
