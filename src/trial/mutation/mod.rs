//! `matrix mutate`: does the set of scenarios notice a weakened gate?
//!
//! Each lane is a scenario whose baseline has one weakened file. A stage that
//! lets in what it must block, or blocks what it must let in, has noticed it;
//! a mutation that no scenario notices is a rule that none exercises.

mod advice;
mod configuration;
mod console;
mod document;
mod found;
mod probes;
mod report;

use std::sync::OnceLock;

use indexmap::IndexMap;

pub use self::document::{MutationOutcome, MutationReport};
use self::found::Found;
use self::probes::Answer;
use crate::artifact::to_bytes;
use crate::config::ConfigError;
use crate::model::BuiltinStep;
use crate::model::scenario::Scenario;
use crate::model::text::shown;
use crate::model::{
    Failure, FailureClass, FailureDetail, Kind, LaneEvidence, Profile, ScenarioName,
};
use crate::mutation::mutations;
use crate::planner::Selection;
use crate::prepare::{About, Findings, Trial, not_tried};
use crate::sys::git::Consumer;

/// The trial `matrix mutate`: the weakened configurations, and their limit.
#[derive(Default)]
pub struct Mutator {
    /// The number of mutations that may survive; None for any number.
    max_survivors: Option<usize>,
    /// The mutations, once the lanes were made.
    found: OnceLock<Found>,
}

impl Mutator {
    /// One that allows so many survivors.
    #[must_use]
    pub fn new(max_survivors: Option<usize>) -> Self {
        Self {
            max_survivors,
            found: OnceLock::new(),
        }
    }
}

impl Trial for Mutator {
    fn kind(&self) -> Kind {
        Kind::Mutation
    }

    fn lanes(
        &self,
        profile: &Profile,
        consumer: &Consumer,
        selection: &Selection,
    ) -> Result<IndexMap<ScenarioName, Scenario>, ConfigError> {
        let replayed = replayed(profile, selection)?;
        let scenarios: Vec<&Scenario> = replayed.iter().map(|(_, scenario)| *scenario).collect();
        let (files, left_out) = configuration::read(profile, &scenarios, consumer)?;
        let found = self.found.get_or_init(|| {
            let (mutations, unread) = mutations(&files);
            let read: Vec<_> = files.iter().map(|(file, _)| file.clone()).collect();
            let (uncovered, programs) = configuration::uncovered(profile, consumer, &read);
            Found {
                probes: probes::of(&mutations, &replayed, profile),
                files: files
                    .iter()
                    .filter(|(file, _)| mutations.iter().any(|one| one.file == *file))
                    .cloned()
                    .collect(),
                mutations,
                unread: [unread, left_out, programs].concat(),
                uncovered,
            }
        });
        if found.mutations.is_empty() {
            let unread = found.unread.first();
            let why = unread.map(|unread| format!("; {}: {}", shown(&unread.file), unread.why));
            let text = format!(
                "there is nothing to weaken in the gate's configuration{}",
                why.unwrap_or_default()
            );
            return Err(ConfigError::whole(text).hint(
                "name the files that can be: configuration = [\"lefthook.yml\", \".husky/*\"]",
            ));
        }
        let all = found.mutations.iter().zip(&found.probes);
        all.flat_map(|(mutation, probes)| probes.iter().map(move |probe| (mutation, probe)))
            .map(|(mutation, probe)| probe.lane(mutation, profile))
            .collect()
    }

    /// The first scenario that a mutation was not tried with, unless one noticed it.
    fn next(&self, _: &[ScenarioName], ran: &[LaneEvidence]) -> Vec<ScenarioName> {
        let Some(found) = self.found.get() else {
            return Vec::new();
        };
        let lanes = found.probes.iter().filter_map(|probes| {
            let mut untried = None;
            for probe in probes {
                match probe.evidence(ran) {
                    Some(lane) if matches!(Answer::of(lane), Answer::Noticed(_)) => return None,
                    Some(_) => {}
                    None => {
                        untried.get_or_insert(&probe.lane);
                    }
                }
            }
            untried.cloned()
        });
        lanes.collect()
    }

    fn conclude(&self, lanes: &[LaneEvidence], about: &About<'_>) -> Findings {
        let nothing = Found::default();
        let found = self.found.get().unwrap_or(&nothing);
        let mut report = report::report(found, lanes, about, self.max_survivors);
        let failure = self.failure(&report, lanes);
        report.close(failure.is_some());
        Findings {
            summary: to_bytes(&report),
            files: vec![("mutation.json", to_bytes(&report))],
            console: console::text(&report),
            failure,
        }
    }
}

impl Mutator {
    /// A mutation that could not be tried, else too many that survive, else a configuration
    /// that was left out.
    fn failure(&self, report: &MutationReport, lanes: &[LaneEvidence]) -> Option<Failure> {
        let first = |outcome| report.mutations.iter().find(|row| row.outcome == outcome);
        if let Some(row) = first(MutationOutcome::NotTried) {
            let lane = lanes.iter().find(|lane| lane.scenario.as_str() == row.lane);
            return Some(not_tried(&row.lane, lane, BuiltinStep::ReplaceFiles));
        }
        let allowed = self.max_survivors?;
        let failure =
            |text: String| Failure::new(FailureClass::Vacuous, BuiltinStep::ReplaceFiles, text);
        let survived = report.counts.survived;
        if survived > allowed {
            let row = first(MutationOutcome::Survived)?;
            let text = format!(
                "{survived} {} survived, {allowed} may (--max-survivors); the first: {}:{}  {}",
                if survived == 1 {
                    "mutation"
                } else {
                    "mutations"
                },
                row.file,
                row.line,
                row.description
            );
            let detail = Some(FailureDetail::Survived);
            return Some(failure(text).phase(&row.id).detail(detail));
        }
        let left_out = report.uncovered.first()?;
        let text = format!(
            "{} configures {}, and no pattern of `configuration` covers it (--max-survivors): {}",
            left_out.file,
            left_out.gate,
            left_out.remedy()
        );
        Some(failure(text).detail(Some(FailureDetail::NotCovered)))
    }
}

/// Returns the scenarios that a stage must block, of those that are selected.
fn replayed<'a>(
    profile: &'a Profile,
    selection: &Selection,
) -> Result<Vec<(&'a ScenarioName, &'a Scenario)>, ConfigError> {
    let is_chosen =
        |list: &[String], name: &str| list.is_empty() || list.iter().any(|one| one == name);
    let all: Vec<_> = profile
        .scenarios
        .iter()
        .filter(|(name, scenario)| {
            let mut expected = scenario.expect.iter();
            is_chosen(&selection.scenarios, name.as_str())
                && expected.any(|(stage, expected)| {
                    is_chosen(&selection.stages, stage.as_str()) && expected.blocks()
                })
        })
        .collect();
    if all.is_empty() {
        return Err(ConfigError::whole(
            "there is no scenario among those selected that a stage must block",
        )
        .hint("what is weakened shows in a change that was blocked before"));
    }
    Ok(all)
}
