//! `matrix check --vacuity`: whatever is to be blocked is played without its
//! violation. What still blocks never proved anything.

mod advice;
mod console;
mod document;
mod report;

use std::path::PathBuf;
use std::sync::OnceLock;

use indexmap::IndexMap;

pub use self::document::VacuityReport;
use self::document::{ScenarioRow, VacuityOutcome};
use crate::artifact::to_bytes;
use crate::config::ConfigError;
use crate::model::scenario::{Scenario, Seed};
use crate::model::{
    Alteration, Expectation, Failure, FailureClass, FailureDetail, Kind, LaneEvidence, Profile,
    ScenarioName, Violation,
};
use crate::model::{BuiltinStep, StepId};
use crate::planner::Selection;
use crate::prepare::{About, Findings, Trial};
use crate::sys::fs;
use crate::sys::git::Consumer;

/// The trial `matrix check --vacuity`: scenarios without their violations.
#[derive(Debug, Clone, Default)]
pub struct Vacuity {
    selection: Selection,
    /// The files that the consumer tracks, once the lanes were made.
    tracked: OnceLock<Vec<PathBuf>>,
}

impl Vacuity {
    /// One of the scenarios and stages that were asked for.
    #[must_use]
    pub fn new(selection: Selection) -> Self {
        Self {
            selection,
            tracked: OnceLock::new(),
        }
    }
}

impl Trial for Vacuity {
    fn kind(&self) -> Kind {
        Kind::Vacuity
    }

    fn needs_contract(&self) -> bool {
        false
    }

    fn is_whole(&self) -> bool {
        self.selection.scenarios.is_empty()
    }

    fn lanes(
        &self,
        profile: &Profile,
        consumer: &Consumer,
        _: &Selection,
    ) -> Result<IndexMap<ScenarioName, Scenario>, ConfigError> {
        if self.blocked(profile).next().is_none() {
            return Err(ConfigError::whole(
                "there is no scenario among those selected that a stage must block",
            )
            .hint("only of what is blocked a violation can be taken out"));
        }
        self.tracked.get_or_init(|| own_files(profile, consumer));
        let lane = |(name, scenario): (&ScenarioName, &Scenario)| {
            let violation = report::violation(scenario)?;
            Some(lane_name(name).map(|lane| (lane, without_violation(name, scenario, violation))))
        };
        self.blocked(profile).filter_map(lane).collect()
    }

    fn takes_changes_apart(&self) -> bool {
        true
    }

    fn conclude(&self, lanes: &[LaneEvidence], about: &About<'_>) -> Findings {
        let blocked = self.blocked(about.profile);
        let rows = blocked.filter_map(|(name, scenario)| {
            let lane_name = lane_name(name).ok()?;
            let lane = lanes.iter().find(|lane| lane.scenario == lane_name);
            let tracked = self.tracked.get().map_or(&[][..], Vec::as_slice);
            let row = report::row(lane_name, scenario, lane, about, tracked);
            Some((name.clone(), row))
        });
        let rows: IndexMap<_, _> = rows.collect();
        let failure = rows.values().find_map(|row| failure(row, lanes));
        let report = report::report(rows, about, failure.is_some());
        Findings {
            summary: to_bytes(&report),
            files: vec![("vacuity.json", to_bytes(&report))],
            console: console::table(&report),
            failure,
        }
    }
}

impl Vacuity {
    /// The scenarios that a selected stage must block.
    fn blocked<'a>(
        &'a self,
        profile: &'a Profile,
    ) -> impl Iterator<Item = (&'a ScenarioName, &'a Scenario)> {
        let chosen =
            |list: &[String], name: &str| list.is_empty() || list.iter().any(|n| n == name);
        profile.scenarios.iter().filter(move |(name, scenario)| {
            let mut expected = scenario.expect.iter();
            chosen(&self.selection.scenarios, name.as_str())
                && expected.any(|(stage, expected)| {
                    chosen(&self.selection.stages, stage.as_str()) && expected.exit.is_blocking()
                })
        })
    }
}

/// The files that the consumer tracks, without those of overlays.
fn own_files(profile: &Profile, consumer: &Consumer) -> Vec<PathBuf> {
    let is_laid_over = |path: &PathBuf| {
        let mut seeds = profile.scenarios.values().map(|scenario| &scenario.seed);
        seeds.any(|seed| matches!(seed, Seed::Overlay(folder) if path.starts_with(folder)))
    };
    let mut files = consumer.tracked_files();
    files.retain(|path| !is_laid_over(path));
    files
}

/// The scenario without it, which every stage must let through.
fn without_violation(name: &ScenarioName, scenario: &Scenario, violation: Violation) -> Scenario {
    let message = match &violation {
        Violation::Message(good) => good.clone(),
        _ => scenario.message.clone(),
    };
    let stages = scenario.expect.keys();
    Scenario {
        message,
        expect: stages
            .map(|stage| (stage.clone(), Expectation::exit(0)))
            .collect(),
        expected_at: IndexMap::new(),
        // Other evidence of the stages is still required.
        reason: None,
        proofs: IndexMap::new(),
        alteration: Alteration {
            original: Some(name.clone()),
            without: Some(violation),
            ..Alteration::default()
        },
        ..scenario.clone()
    }
}

/// `violations-without-its-violation`; of a long name the beginning and a
/// digest.
fn lane_name(scenario: &ScenarioName) -> Result<ScenarioName, ConfigError> {
    const SUFFIX: &str = "-without-its-violation";
    const LONGEST: usize = 64 - SUFFIX.len();
    let whole = scenario.as_str();
    let name = if whole.len() > LONGEST {
        let digest = fs::sha256(whole.as_bytes());
        format!("{}-{}", &whole[..LONGEST - 9], &digest[..8])
    } else {
        whole.to_owned()
    };
    let lane = format!("{name}{SUFFIX}").parse();
    lane.map_err(|e: crate::model::NameError| ConfigError::whole(e.to_string()))
}

/// The failure of a scenario that proves nothing or was not tried.
fn failure(row: &ScenarioRow, lanes: &[LaneEvidence]) -> Option<Failure> {
    let lane = lanes.iter().find(|lane| lane.scenario == row.lane);
    let of_lane = lane.and_then(|lane| lane.failure.clone());
    match row.outcome {
        VacuityOutcome::ProvesSomething | VacuityOutcome::NeverBlocks => None,
        VacuityOutcome::ProvesNothing => {
            let still_blocks = |outcome| outcome == VacuityOutcome::ProvesNothing;
            let mut stages = row.stages.iter();
            let (stage, blocks) = stages.find(|(_, stage)| still_blocks(stage.outcome))?;
            let step = StepId::stage(stage);
            let message = format!(
                "it still blocks without {}: its block never proved anything",
                report::what_is_out(row)
            );
            let of_stage = of_lane.filter(|failure| failure.step == step);
            let failure = Failure::new(FailureClass::Vacuous, step, message)
                .phase(&row.lane)
                .command(of_stage.and_then(|failure| failure.command))
                .log(blocks.log.clone())
                .detail(Some(FailureDetail::StillBlocks));
            Some(failure)
        }
        VacuityOutcome::NotTried => {
            let problem = row.problem.clone().unwrap_or_default();
            let (class, message) = match &row.next {
                Some(next) => (FailureClass::Vacuous, format!("{problem}: {next}")),
                None if row.stages.is_empty() => (FailureClass::Seed, problem),
                None => (FailureClass::Vacuous, problem),
            };
            let missing =
                || Failure::new(class, BuiltinStep::SeedScenario, message).phase(&row.lane);
            Some(of_lane.unwrap_or_else(missing))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_has_a_name_of_its_own_however_long_the_scenario_s_is() {
        let lane = |name: &str| lane_name(&name.parse().unwrap()).unwrap().to_string();
        assert_eq!(lane("mixed"), "mixed-without-its-violation");
        let (a, b) = (lane(&"a".repeat(63)), lane(&"a".repeat(64)));
        assert_eq!((a.len(), b.len()), (64, 64));
        assert_ne!(a, b);
    }
}
