//! `triage_diff.json`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use crate::artifact::summary::FinalVerdict;
use crate::model::evidence::CellVerdict;
use crate::model::package::PackageResolved;
use crate::model::plan::Source;
use crate::model::text::own;
use crate::model::{CellName, GateName, Kind, RunId};

/// The document's name in the folder of a run.
pub const FILE: &str = "triage_diff.json";

/// The result of a comparison: the first that holds, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A cell is red that was not, or that is new.
    Regression,
    /// A cell has no verdict, or the run failed beside its cells.
    Incomplete,
    /// Everything red was red before, or is excused.
    KnownFailuresOnly,
    /// Nothing is red, and nothing is missing.
    Stable,
}

/// The change of a cell, ordered by severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CellStatus {
    /// Green before, red now.
    Regression,
    /// Red now, without a verdict before.
    NewFailure,
    /// Selected in either run, and without a verdict now.
    Missing,
    /// Red before and now, or excused by the known failures.
    KnownFailure,
    /// Not green before, green now.
    Fixed,
    /// Of the baseline, and not declared any more.
    Removed,
    /// Green now, and not selected before.
    Added,
    /// Green before and now.
    Unchanged,
}

impl CellStatus {
    /// Every status, the most severe first.
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

    /// Returns its name in documents.
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
    /// Returns its name in documents.
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

/// The whole file. Null if there is nothing to say.
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
    /// The run that is compared with it.
    pub current: RunRef,
    /// The result.
    pub status: Status,
    /// Number of cells by status and by other change.
    pub counts: StatusCounts,
    /// Other differences between the runs.
    pub differences: Vec<Difference>,
    /// The known failures that were considered; null without such a file.
    pub known_failures: Option<KnownReport>,
    /// Every cell that either run selected: those declared now, in their order,
    /// then those no longer declared.
    pub cells: Vec<CellDiff>,
    /// Noteworthy changes, the most severe first.
    pub diagnostics: Vec<Diagnostic>,
    /// Commands that a shell can run in any folder.
    pub recommended_commands: Vec<String>,
}

/// One of both runs.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RunRef {
    /// Its id.
    pub run_id: RunId,
    /// Its purpose.
    pub kind: Kind,
    /// Its verdict.
    pub final_verdict: FinalVerdict,
    /// The package as typed.
    pub package_spec: Option<String>,
    /// The installed package.
    pub package_resolved: Option<PackageResolved>,
    /// The consumer.
    pub source: Option<Source>,
    /// The version of `matrix`.
    pub matrix_version: String,
}

/// Number of cells of each kind.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Counts")]
pub struct StatusCounts {
    /// By status; every status is there.
    #[serde(flatten)]
    #[schemars(with = "EveryStatus")]
    pub by_status: IndexMap<&'static str, usize>,
    /// Cells with an unchanged exit and another reason.
    pub same_exit_other_reason: usize,
    /// Cells with other evidence.
    pub other_evidence: usize,
}

/// The counts as the schema describes them.
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
    /// Returns the number of cells with a status.
    #[must_use]
    pub fn count(&self, status: CellStatus) -> usize {
        self.by_status.get(status.as_str()).copied().unwrap_or(0)
    }
}

/// A difference between the runs.
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
    /// Its change.
    pub status: CellStatus,
    /// True if the exit is unchanged and the reason is not: verdict, problem,
    /// exit of the hook, or whether its `reason` was found.
    pub same_exit_other_reason: bool,
    /// Proofs that differ: `marker`, `files`, `document`, `assertions`.
    pub other_evidence: Vec<&'static str>,
    /// The known failure that excuses it, if any.
    pub known: Option<Excuse>,
    /// In the earlier run; null if it was not declared.
    pub before: Option<Seen>,
    /// In the later run; null if it is not declared.
    pub now: Option<Seen>,
}

/// The state of a cell in one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Seen {
    /// True if the run selected it.
    pub selected: bool,
    /// `pass`, or the kind of the failure; null if it did not run.
    pub verdict: Option<CellVerdict>,
    /// The exit code of the stage's command.
    pub exit: Option<i32>,
    /// The exit code of the hook.
    pub hook_exit: Option<i32>,
    /// The reason why it is not green, or did not run.
    pub problem: Option<String>,
}

/// An entry of the known failures that waivers a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Excuse {
    /// The owner.
    pub owner: String,
    /// The reason why it may fail.
    pub reason: String,
    /// The last day on which it may.
    pub expires: String,
}

/// The known failures and their faults.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct KnownReport {
    /// The file.
    pub file: String,
    /// Number of its entries.
    pub entries: usize,
    /// Invalid entries; with any of them `matrix diff` exits 1.
    pub faults: Vec<KnownFault>,
}

/// An invalid entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KnownFault {
    /// The kind of fault.
    pub kind: KnownFaultKind,
    /// The cell of the entry.
    pub cell: CellName,
    /// The owner.
    pub owner: String,
    /// The fault in a sentence.
    pub sentence: String,
    /// The remedy.
    pub remedy: &'static str,
}

/// The kinds of invalid entries.
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

/// A noteworthy change.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Diagnostic {
    /// Its name, the same whenever the same is found: `<status>:<cell>`, or
    /// `run` for the run as a whole.
    pub id: String,
    /// The status of the cell; null for the run as a whole.
    pub status: Option<CellStatus>,
    /// The cell; null for the run as a whole.
    pub cell: Option<CellName>,
    /// The change in a sentence.
    pub sentence: String,
    /// The state before.
    pub before: Option<Seen>,
    /// The state now.
    pub now: Option<Seen>,
}
