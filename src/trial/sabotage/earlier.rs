//! An earlier scorecard, and what has changed since.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::row::{SabotageOutcome, SabotageRow};
use crate::artifact::reader::{ReadError, StoredRun};
use crate::model::ScenarioName;

/// An earlier scorecard, read before anything runs.
#[derive(Debug, Clone)]
pub struct EarlierCard {
    /// Its run.
    pub run_id: String,
    /// Its gate.
    pub gate: String,
    outcomes: IndexMap<String, SabotageOutcome>,
}

/// The reason for which a run has no scorecard to compare with.
#[derive(Debug, thiserror::Error)]
pub enum EarlierCardError {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// It is of another kind, or did not come that far.
    #[error("run {0} left no scorecard of `matrix sabotage`")]
    None(String),
}

#[derive(Deserialize)]
struct Card {
    sabotages: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    outcome: SabotageOutcome,
}

/// The openings that differ from an earlier scorecard.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CardDiff {
    /// The earlier run.
    pub run_id: String,
    /// Sabotages that let the violation in, and were blocked then.
    pub opened: Vec<ScenarioName>,
    /// Sabotages that let the violation in, and were not tried then: those that the earlier
    /// scorecard does not have, or could not try.
    pub untried_before: Vec<ScenarioName>,
    /// Sabotages that let the violation in then, and are blocked.
    pub closed: Vec<ScenarioName>,
}

impl EarlierCard {
    /// Reads the scorecard of a run.
    ///
    /// # Errors
    /// If there is none, or it cannot be read.
    pub fn new(stored: &StoredRun) -> Result<Self, EarlierCardError> {
        let none = || EarlierCardError::None(stored.id().to_string());
        stored.digest(FILE).map_err(|_| none())?;
        let card: Card = serde_json::from_slice(&stored.file(FILE)?).map_err(|_| none())?;
        let rows = card.sabotages.into_iter();
        Ok(Self {
            run_id: stored.id().to_string(),
            gate: stored.run().gate.to_string(),
            outcomes: rows.map(|row| (row.id, row.outcome)).collect(),
        })
    }

    pub(super) fn compared(&self, rows: &[SabotageRow]) -> CardDiff {
        let before = |row: &SabotageRow| {
            let known = self.outcomes.get(row.id.as_str()).copied();
            known.unwrap_or(SabotageOutcome::NotTried)
        };
        let those = |now: SabotageOutcome, is_it: &dyn Fn(SabotageOutcome) -> bool| {
            let found = rows
                .iter()
                .filter(|row| row.outcome == now && is_it(before(row)));
            found.map(|row| row.id.clone()).collect()
        };
        let (open, closed) = (SabotageOutcome::FailsOpen, SabotageOutcome::FailsClosed);
        CardDiff {
            run_id: self.run_id.clone(),
            opened: those(open, &|then| then == closed),
            untried_before: those(open, &|then| then != closed && then != open),
            closed: those(closed, &|then| then == open),
        }
    }
}

/// The document's name in the folder of a run.
const FILE: &str = "sabotage.json";
