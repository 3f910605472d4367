//! `triage_diff.json`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use crate::artifact::summary::FinalVerdict;
use crate::model::evidence::{CellVerdict, PackageResolved};
use crate::model::plan::Source;
use crate::model::text::own;
use crate::model::{CellName, GateName, Kind, RunId};

/// The document's name in the folder of a run.
pub const FILE: &str = "triage_diff.json";

/// What a comparison comes to. The first that holds, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A cell is red that was not, or that is new.
    Regression,
    /// A cell has no verdict, or the run failed beside its cells.
    Incomplete,
    /// What is red was red before, or is excused.
    KnownFailuresOnly,
    /// Nothing is red, and nothing is missing.
    Stable,
}

/// What became of a cell. The order is that of their weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CellStatus {
    /// Green before, red now.
    Regression,
    /// Red now, without a verdict before.
    NewFailure,
    /// Asked for then or now, and without a verdict now.
    Missing,
    /// Red before and now, or excused by the known failures.
    KnownFailure,
    /// Not green before, green now.
    Fixed,
    /// Of the baseline, and not declared any more.
    Removed,
    /// Green now, and not asked for before.
    Added,
    /// Green before and now.
    Unchanged,
}

impl CellStatus {
    /// Every status, the weightiest first.
    pub const ALL: [Self; 8] = [
        Self::Regression,
        Self::NewFailure,
        Self::Missing,
        Self::KnownFailure,
        Self::Fixed,
        Self::Removed,
        Self::Added,
        Self::Unchanged,
    ];

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Regression => "regression",
            Self::NewFailure => "new_failure",
            Self::Missing => "missing",
            Self::KnownFailure => "known_failure",
            Self::Fixed => "fixed",
            Self::Removed => "removed",
            Self::Added => "added",
            Self::Unchanged => "unchanged",
        }
    }
}

impl Status {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Regression => "regression",
            Self::Incomplete => "incomplete",
            Self::KnownFailuresOnly => "known_failures_only",
            Self::Stable => "stable",
        }
    }
}

/// The whole file. Null where there is nothing to say.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Triage {
    /// Version of this format.
    pub schema_version: u32,
    /// When the file was made, UTC.
    #[serde(serialize_with = "own")]
    pub generated_at_utc: String,
    /// The gate of both runs.
    pub gate: GateName,
    /// The earlier run.
    pub base: RunRef,
    /// The run that is held against it.
    pub current: RunRef,
    /// What it comes to.
    pub status: Status,
    /// How many cells there are of each status, and of each other change.
    pub counts: StatusCounts,
    /// What else is not the same in both runs.
    pub differences: Vec<Difference>,
    /// The known failures that were allowed for; null where there is no
    /// such file.
    pub known_failures: Option<KnownReport>,
    /// Every cell that one of both was asked for: those that are declared
    /// now, in their order, then those that are not any more.
    pub cells: Vec<CellDiff>,
    /// What is worth a look, the weightiest first.
    pub diagnostics: Vec<Diagnostic>,
    /// Commands that a shell can run in any folder.
    pub recommended_commands: Vec<String>,
}

/// One of both runs.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RunRef {
    /// Its id.
    pub run_id: RunId,
    /// What it was for.
    pub kind: Kind,
    /// Its verdict.
    pub final_verdict: FinalVerdict,
    /// The package as typed.
    pub package_spec: Option<String>,
    /// What was really installed.
    pub package_resolved: Option<PackageResolved>,
    /// The consumer.
    pub source: Option<Source>,
    /// The version of `matrix`.
    pub matrix_version: String,
}

/// How many cells there are of each kind.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Counts")]
pub struct StatusCounts {
    /// By status; every status is there.
    #[serde(flatten)]
    #[schemars(with = "EveryStatus")]
    pub by_status: IndexMap<&'static str, usize>,
    /// Cells with the exit that they had, for another reason.
    pub same_exit_other_reason: usize,
    /// Cells with other evidence.
    pub other_evidence: usize,
}

/// The counts as the schema tells them.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it is only described")]
struct EveryStatus {
    regression: usize,
    new_failure: usize,
    missing: usize,
    known_failure: usize,
    fixed: usize,
    removed: usize,
    added: usize,
    unchanged: usize,
}

impl StatusCounts {
    /// How many cells have a status.
    #[must_use]
    pub fn count(&self, status: CellStatus) -> usize {
        self.by_status.get(status.as_str()).copied().unwrap_or(0)
    }
}

/// Something that is not the same in both runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Difference {
    /// `source`, `package` or `matrix_version`.
    pub what: &'static str,
    /// In the earlier run.
    pub base: Option<String>,
    /// In the other.
    pub current: Option<String>,
}

/// A cell, then and now.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CellDiff {
    /// Its name.
    pub cell: CellName,
    /// What became of it.
    pub status: CellStatus,
    /// Whether it has the exit that it had, for another reason: verdict,
    /// problem, exit of the hook, or whether its `reason` was found.
    pub same_exit_other_reason: bool,
    /// What it proved otherwise: `marker`, `files`, `document`, `assertions`.
    pub other_evidence: Vec<&'static str>,
    /// Who answers for it, where it is excused.
    pub known: Option<Excuse>,
    /// In the earlier run; null where it was not declared.
    pub before: Option<Seen>,
    /// In the other run; null where it is not declared.
    pub now: Option<Seen>,
}

/// What a run knows of a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Seen {
    /// Whether the run meant to play it.
    pub selected: bool,
    /// `pass`, or the kind of the failure; null where it was not played.
    pub verdict: Option<CellVerdict>,
    /// The exit code of the stage's command.
    pub exit: Option<i32>,
    /// The exit code of the hook.
    pub hook_exit: Option<i32>,
    /// Why it is not green, or why it was not played.
    pub problem: Option<String>,
}

/// An entry of the known failures that waivers a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Excuse {
    /// Who answers for it.
    pub owner: String,
    /// Why it may fail.
    pub reason: String,
    /// The last day on which it may.
    pub expires: String,
}

/// What the known failures came to.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct KnownReport {
    /// The file.
    pub file: String,
    /// How many entries it has.
    pub entries: usize,
    /// The entries that cannot stand; with one `matrix diff` exits 1.
    pub faults: Vec<KnownFault>,
}

/// An entry that cannot stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KnownFault {
    /// What is wrong.
    pub kind: KnownFaultKind,
    /// The cell of the entry.
    pub cell: CellName,
    /// Who answers for it.
    pub owner: String,
    /// What is wrong, in a sentence.
    pub sentence: String,
    /// What to do.
    pub remedy: &'static str,
}

/// Why an entry cannot stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KnownFaultKind {
    /// Its last day is over.
    Expired,
    /// There is no such cell.
    Unmatched,
    /// The cell is green.
    UnexpectedPass,
}

/// Something worth a look.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Diagnostic {
    /// Its name, the same whenever the same is found: `<status>:<cell>`, or
    /// `run` for the run as a whole.
    pub id: String,
    /// The status of the cell; null for the run as a whole.
    pub status: Option<CellStatus>,
    /// The cell; null for the run as a whole.
    pub cell: Option<CellName>,
    /// What happened, in a sentence.
    pub sentence: String,
    /// What was before.
    pub before: Option<Seen>,
    /// What is now.
    pub now: Option<Seen>,
}
