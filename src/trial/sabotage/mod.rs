//! `matrix sabotage`: what becomes of a violation when the gate's
//! installation is broken in a known way.
//!
//! Each sabotage is a lane that replays one blocking scenario. What broke is
//! to show in a stage, so our own checks of version and hooks are left out.

mod accepted;
mod badge;
mod console;
mod earlier;
mod markdown;
mod row;
mod score;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use chrono::NaiveDate;
use indexmap::IndexMap;

use crate::artifact::{text_to_bytes, to_bytes};
use crate::config::accepted::AcceptedOpenings;
use crate::config::{ConfigError, nearest, sabotages};
use crate::model::BuiltinStep;
use crate::model::evidence::StageOutcome;
use crate::model::sabotage::Sabotage;
use crate::model::scenario::Scenario;
use crate::model::text::plain;
use crate::model::{
    Alteration, Failure, FailureClass, FailureDetail, Kind, LaneEvidence, Profile, ScenarioName,
};
use crate::planner::Selection;
use crate::prepare::{About, Findings, Trial, blocking_scenario, not_tried};
use crate::sys::git::Consumer;
pub use accepted::{AcceptedFault, AcceptedReport};
pub use earlier::{CardDiff, EarlierCard, EarlierCardError};
pub use row::{SabotageOutcome, SabotageRow};
pub use score::Scorecard;
use score::{Asked, names};

/// True if a sabotage has a lane in a profile.
fn is_tried(sabotage: &Sabotage, profile: &Profile) -> bool {
    sabotage.is_about(&names(profile)) && profile.is_changed_by(&sabotage.alteration)
}

/// Names the sabotages that a profile has lanes of.
fn known_are(all: &[Sabotage], profile: &Profile) -> String {
    let tried = all.iter().filter(|one| is_tried(one, profile));
    let ids: Vec<_> = tried.map(|one| one.id.as_str()).collect();
    let (gate, ids) = (&profile.gate, ids.join(", "));
    format!("those of {gate} are {ids} (matrix sabotage --list)")
}

/// Lists every sabotage of a profile with its effect, and the ids of the others.
///
/// # Errors
/// If the configuration has none that can be read.
pub fn list(profile: &Profile) -> Result<String, ConfigError> {
    let all = sabotages::with_own(&profile.sabotages)?;
    let (tried, others): (Vec<_>, Vec<_>) = all.iter().partition(|one| is_tried(one, profile));
    let widest = tried.iter().map(|one| one.id.as_str().len()).max();
    let width = widest.unwrap_or(0);
    let mut out = String::new();
    for one in tried {
        let _ = writeln!(out, "{:width$}  {}", one.id.as_str(), plain(&one.does));
    }
    let ids: Vec<_> = others.iter().map(|one| one.id.as_str()).collect();
    if !ids.is_empty() {
        let _ = writeln!(out, "not of {}: {}", profile.gate, ids.join(", "));
    }
    Ok(out)
}

/// The trial `matrix sabotage`: the selected sabotages, and their limit.
#[derive(Debug, Clone, Default)]
pub struct Saboteur {
    /// Only these, by id; all where none is named.
    pub only: Vec<String>,
    /// The number of sabotages that may let the violation in besides those accepted; None for
    /// any number.
    pub max_open: Option<usize>,
    /// The accepted openings, if there is such a file.
    pub accepted: Option<AcceptedOpenings>,
    /// The scorecard to compare with.
    pub earlier: Option<EarlierCard>,
    /// Today's date, UTC.
    pub today: NaiveDate,
}

impl Trial for Saboteur {
    fn kind(&self) -> Kind {
        Kind::Sabotage
    }

    fn is_whole(&self) -> bool {
        self.only.is_empty()
    }

    fn check(&self, profile: &Profile) -> Result<(), ConfigError> {
        let chosen = self.chosen(profile)?;
        if self.only.is_empty() || chosen.iter().any(|one| is_tried(one, profile)) {
            return Ok(());
        }
        let name = |one: &Sabotage| format!("`{}`", one.id);
        let names: Vec<_> = chosen.iter().map(name).collect();
        let gates: BTreeSet<_> = chosen.iter().flat_map(|one| &one.gates).flatten().collect();
        let others: Vec<_> = gates.into_iter().map(String::as_str).collect();
        let why = match others.as_slice() {
            [] => format!("changes no lane of {}", profile.gate),
            gates => format!(
                "is about {}, and this gate is {}",
                gates.join(", "),
                profile.gate
            ),
        };
        let error = ConfigError::whole(format!("sabotage {} {why}", names.join(", ")));
        Err(error.hint(known_are(
            &sabotages::with_own(&profile.sabotages)?,
            profile,
        )))
    }

    fn lanes(
        &self,
        profile: &Profile,
        _: &Consumer,
        _: &Selection,
    ) -> Result<IndexMap<ScenarioName, Scenario>, ConfigError> {
        let (name, violations) = blocking_scenario(profile)?;
        let others = self.earlier.as_ref();
        if let Some(card) = others.filter(|card| card.gate != profile.gate.as_str()) {
            let (run, gate) = (&card.run_id, &card.gate);
            let text = format!("run {run} tried {gate}, this one tries {}", profile.gate);
            return Err(ConfigError::whole(text).hint("name a scorecard of the same gate"));
        }
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
        let chosen = self.chosen(profile)?.into_iter();
        let about_it = chosen.filter(|sabotage| is_tried(sabotage, profile));
        let lanes: IndexMap<_, _> = about_it.map(lane).collect();
        if lanes.is_empty() {
            let text = format!("no sabotage changes a lane of {}", profile.gate);
            return Err(ConfigError::whole(text).hint("add a [[sabotage]] that does"));
        }
        Ok(lanes)
    }

    fn conclude(&self, lanes: &[LaneEvidence], about: &About<'_>) -> Findings {
        // What could be chosen for the lanes can be chosen again.
        let sabotages = self.chosen(about.profile).unwrap_or_default();
        let scenario = blocking_scenario(about.profile)
            .map(|(name, _)| name.to_string())
            .unwrap_or_default();
        let asked = Asked {
            is_whole: self.only.is_empty(),
            max_open: self.max_open,
            accepted: self.accepted.as_ref(),
            earlier: self.earlier.as_ref(),
            today: self.today,
        };
        let mut card = Scorecard::new(&sabotages, lanes, about, scenario, asked);
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
                None => error.hint(known_are(&all, profile)),
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
        let opened = card.opened();
        let open: Vec<_> = card.unaccepted().collect();
        let count = |rows: &[_]| match rows.len() {
            1 => "1 sabotage".to_owned(),
            several => format!("{several} sabotages"),
        };
        let (row, what) = match (opened.first(), self.max_open) {
            (Some(row), _) => {
                let run = self
                    .earlier
                    .as_ref()
                    .map_or("", |card| card.run_id.as_str());
                let what = count(&opened);
                (
                    *row,
                    format!("{what} let the violation in and did not in {run} (--baseline)"),
                )
            }
            (None, Some(max)) if open.len() > max => {
                let what = count(&open);
                (
                    *open.first()?,
                    format!("{what} let the violation in, {max} may (--max-open)"),
                )
            }
            _ => return accepted_at_fault(card),
        };
        let lane = of(row)?;
        let mut cells = lane.cells.iter();
        let cell = cells.find(|cell| cell.outcome() == StageOutcome::Open)?;
        // The first failure may be at another stage.
        let of_cell = lane.failure.as_ref();
        let of_cell = of_cell.filter(|failure| failure.step == cell.run.step);
        let message = format!("{what}; the first: {}", row.seen);
        let failure = Failure::new(FailureClass::NotEnforced, cell.run.step.clone(), message)
            .phase(&row.id)
            .detail(Some(FailureDetail::Opened))
            .command(of_cell.and_then(|failure| failure.command.clone()))
            .log(cell.run.log.as_ref().map(|log| log.path.clone()));
        Some(failure)
    }
}

/// The failure of a scorecard whose accepted openings are at fault: the first of them.
fn accepted_at_fault(card: &Scorecard) -> Option<Failure> {
    let accepted = card.accepted.as_ref()?;
    let fault = accepted.faults.first()?;
    let entries = match accepted.faults.len() {
        1 => "1 entry is".to_owned(),
        several => format!("{several} entries are"),
    };
    let message = format!("{}: {entries} at fault: {}", accepted.file, fault.line());
    let failure = Failure::new(FailureClass::NotEnforced, BuiltinStep::Sabotage, message)
        .phase(&fault.sabotage)
        .detail(Some(FailureDetail::AcceptedAtFault));
    Some(failure)
}
