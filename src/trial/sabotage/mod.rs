//! `matrix sabotage`: what becomes of a violation when the gate's
//! installation is broken in a known way.
//!
//! Each sabotage is a lane that replays one blocking scenario. What broke is
//! to show in a stage, so our own checks of version and hooks are left out.

mod badge;
mod console;
mod markdown;
mod score;

use indexmap::IndexMap;

use crate::artifact::{text_to_bytes, to_bytes};
use crate::config::{ConfigError, nearest, sabotages};
use crate::model::BuiltinStep;
use crate::model::evidence::StageOutcome;
use crate::model::sabotage::Sabotage;
use crate::model::scenario::Scenario;
use crate::model::{Alteration, Failure, FailureClass, Kind, LaneEvidence, Profile, ScenarioName};
use crate::planner::Selection;
use crate::prepare::{About, Findings, Trial, blocking_scenario, not_tried};
use crate::sys::git::Consumer;
use score::names;
pub use score::{SabotageOutcome, SabotageRow, Scorecard};

/// The trial `matrix sabotage`: the selected sabotages, and their limit.
#[derive(Debug, Clone, Default)]
pub struct Saboteur {
    /// Only these, by id; all where none is named.
    pub only: Vec<String>,
    /// The number of sabotages that may let the violation in; None for any number.
    pub max_open: Option<usize>,
}

impl Trial for Saboteur {
    fn kind(&self) -> Kind {
        Kind::Sabotage
    }

    fn is_whole(&self) -> bool {
        self.only.is_empty()
    }

    fn check(&self, profile: &Profile) -> Result<(), ConfigError> {
        self.chosen(profile).map(drop)
    }

    fn lanes(
        &self,
        profile: &Profile,
        _: &Consumer,
        _: &Selection,
    ) -> Result<IndexMap<ScenarioName, Scenario>, ConfigError> {
        let (name, violations) = blocking_scenario(profile)?;
        let lane = |mut sabotage: Sabotage| {
            if let Some((_, _, command)) = &mut sabotage.alteration.command {
                let folder = command.workdir.take().or_else(|| profile.workdir.clone());
                command.workdir = folder.filter(|folder| folder != ".");
            }
            let scenario = Scenario {
                alteration: Alteration {
                    original: Some(name.clone()),
                    ..sabotage.alteration
                },
                ..violations.clone()
            };
            (sabotage.id, scenario)
        };
        let names = names(profile);
        let chosen = self.chosen(profile)?.into_iter();
        let about_it = chosen.filter(|sabotage| {
            sabotage.is_about(&names) && profile.is_changed_by(&sabotage.alteration)
        });
        let lanes: IndexMap<_, _> = about_it.map(lane).collect();
        if lanes.is_empty() {
            let text = format!(
                "no sabotage that was asked for is about {}, or changes its lanes",
                profile.gate
            );
            return Err(ConfigError::whole(text).hint("leave --only away to try all that are"));
        }
        Ok(lanes)
    }

    fn conclude(&self, lanes: &[LaneEvidence], about: &About<'_>) -> Findings {
        // What could be chosen for the lanes can be chosen again.
        let sabotages = self.chosen(about.profile).unwrap_or_default();
        let scenario = blocking_scenario(about.profile)
            .map(|(name, _)| name.to_string())
            .unwrap_or_default();
        let mut card = Scorecard::new(&sabotages, lanes, about, scenario, self.max_open);
        let failure = self.failure(&card, lanes);
        card.close(failure.is_some());
        Findings {
            summary: to_bytes(&card),
            files: vec![
                ("sabotage.json", to_bytes(&card)),
                ("sabotage.md", text_to_bytes(&markdown::document(&card))),
                ("sabotage.svg", badge::badge(&card).into_bytes()),
            ],
            console: console::table(&card),
            failure,
        }
    }
}

impl Saboteur {
    /// The sabotages that were asked for, whatever gate they are about.
    fn chosen(&self, profile: &Profile) -> Result<Vec<Sabotage>, ConfigError> {
        let all = sabotages::with_own(&profile.sabotages)?;
        let known: Vec<_> = all.iter().map(|sabotage| sabotage.id.to_string()).collect();
        if let Some(unknown) = self.only.iter().find(|id| !known.contains(id)) {
            let error = ConfigError::whole(format!("there is no sabotage `{unknown}`"));
            let near = nearest(unknown, known.iter().map(String::as_str));
            return Err(match near {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("they are {}", known.join(", "))),
            });
        }
        let is_asked_for = |sabotage: &Sabotage| {
            self.only.is_empty() || self.only.iter().any(|id| sabotage.id.as_str() == id)
        };
        Ok(all.into_iter().filter(is_asked_for).collect())
    }

    /// The failure of a scorecard: a lane that could not be tried, else
    /// too many that are open. The evidence is that of the first.
    fn failure(&self, card: &Scorecard, lanes: &[LaneEvidence]) -> Option<Failure> {
        let of = |row: &SabotageRow| lanes.iter().find(|lane| lane.scenario == row.id);
        if let Some(row) = card
            .rows
            .iter()
            .find(|row| row.outcome == SabotageOutcome::NotTried)
        {
            return Some(not_tried(row.id.as_str(), of(row), BuiltinStep::Sabotage));
        }
        let allowed = self.max_open.filter(|max| card.counts.fails_open > *max)?;
        let open = card.counts.fails_open;
        let row = card
            .rows
            .iter()
            .find(|row| row.outcome == SabotageOutcome::FailsOpen)?;
        let lane = of(row)?;
        let mut cells = lane.cells.iter();
        let cell = cells.find(|cell| cell.outcome() == StageOutcome::Open)?;
        // The first failure may be at another stage.
        let of_cell = lane.failure.as_ref();
        let of_cell = of_cell.filter(|failure| failure.step == cell.run.step);
        let what = if open == 1 {
            "1 sabotage fails open".to_owned()
        } else {
            format!("{open} sabotages fail open")
        };
        let message = format!(
            "{what}, {allowed} may (--max-open); the first: {}",
            row.seen
        );
        let failure = Failure::new(FailureClass::NotEnforced, cell.run.step.clone(), message)
            .phase(&row.id)
            .command(of_cell.and_then(|failure| failure.command.clone()))
            .log(cell.run.log.as_ref().map(|log| log.path.clone()));
        Some(failure)
    }
}
