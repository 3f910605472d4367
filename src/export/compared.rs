//! A comparison of a run with an earlier one, as its document (`triage_diff.json`) has it.

use serde::Deserialize;
use serde_json::Value;

/// The part of the document that readers are shown.
#[derive(Deserialize)]
pub(super) struct Compared {
    pub(super) base: Base,
    status: String,
    #[serde(default)]
    pub(super) differences: Vec<Differs>,
    #[serde(default)]
    cells: Vec<CellDiff>,
}

/// The earlier run.
#[derive(Deserialize)]
pub(super) struct Base {
    pub(super) run_id: String,
    pub(super) final_verdict: String,
}

/// Another difference between the runs.
#[derive(Deserialize)]
pub(super) struct Differs {
    pub(super) what: String,
    pub(super) base: Option<String>,
    pub(super) current: Option<String>,
}

/// A cell in both runs.
#[derive(Deserialize)]
pub(super) struct CellDiff {
    pub(super) cell: String,
    pub(super) status: String,
    before: Option<Seen>,
    now: Option<Seen>,
}

#[derive(Deserialize)]
struct Seen {
    verdict: Option<String>,
    exit: Option<i32>,
}

impl Compared {
    /// Reads the document. None if it is none of a comparison.
    pub(super) fn new(document: &Value) -> Option<Self> {
        Self::deserialize(document).ok()
    }

    /// Returns the result in a sentence.
    pub(super) fn sentence(&self) -> &str {
        match self.status.as_str() {
            "regression" => "A cell is red that was not.",
            "incomplete" => "A cell has no verdict, or the run failed beside its cells.",
            "known_failures_only" => "Everything red was red before, or is excused.",
            "stable" => "Nothing is red, and nothing is missing.",
            other => other,
        }
    }

    /// Returns the cells that changed, in order.
    pub(super) fn changed(&self) -> impl Iterator<Item = &CellDiff> {
        let cells = self.cells.iter();
        cells.filter(|cell| cell.status != "unchanged")
    }
}

impl CellDiff {
    /// Returns the change in words.
    pub(super) fn change(&self) -> String {
        self.status.replace('_', " ")
    }

    /// Returns the outcomes in words: then and now.
    pub(super) fn sides(&self) -> [String; 2] {
        [&self.before, &self.now].map(|seen| match seen {
            None => "not declared".to_owned(),
            Some(seen) => {
                let verdict = seen.verdict.as_deref().unwrap_or("no verdict");
                let exit = seen.exit.map(|exit| format!(", exit {exit}"));
                format!("{verdict}{}", exit.unwrap_or_default())
            }
        })
    }
}
