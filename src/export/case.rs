//! A case of a report: a cell, or what failed outside of every cell.

use crate::model::text::plain;
use crate::model::{FailureClass, FailureDigest};

/// One cell, or a step outside of every cell.
#[derive(Debug, Clone)]
pub struct Case {
    /// `<lane>/<stage>`, or `<phase>/<step>`.
    pub name: String,
    /// The outcome.
    pub outcome: Outcome,
    /// The exit codes that the contract expects, in words.
    pub expected: Option<String>,
    /// The exit code, if the command had one.
    pub exit: Option<i32>,
    /// Start time, UTC, RFC 3339, if the command ran.
    pub started_at: Option<String>,
    /// Duration in milliseconds.
    pub duration_ms: u64,
    /// The failure and its cause, if it failed.
    pub digest: Option<FailureDigest>,
    /// The last lines of its log, each made harmless; none if it did not fail.
    pub log: Vec<String>,
}

/// The outcome of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It kept its contract.
    Passed,
    /// The gate broke its contract: the class, and a sentence.
    Failed(FailureClass, String),
    /// Nothing is known of the gate, since something else failed: the class, and a sentence.
    Error(FailureClass, String),
    /// It did not run; the reason.
    Skipped(&'static str),
}

impl Outcome {
    /// Returns the outcome of a failure of a class.
    pub(super) fn of(class: FailureClass, message: String) -> Self {
        use FailureClass::{Contract, Flaky, NotEnforced, Vacuous, WrongReason};
        match class {
            Contract | WrongReason | NotEnforced | Vacuous | Flaky => Self::Failed(class, message),
            _ => Self::Error(class, message),
        }
    }
}

impl Case {
    /// Returns a case that passed.
    pub(super) fn named(name: String) -> Self {
        Self {
            name,
            outcome: Outcome::Passed,
            expected: None,
            exit: None,
            started_at: None,
            duration_ms: 0,
            digest: None,
            log: Vec::new(),
        }
    }

    /// Returns what is known of a failure, in lines: the exit beside what was expected, the
    /// cause with the line that shows it, the remedy, and the commands.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(expected) = &self.expected {
            let exit = self.exit.map_or("none".to_owned(), |exit| exit.to_string());
            lines.push(format!("exit: {exit}, expected {expected}"));
        }
        let Some(digest) = &self.digest else {
            return lines;
        };
        let at = digest
            .expected_at
            .as_deref()
            .map(|at| format!("contract: {at}"));
        lines.extend(at);
        lines.push(format!("cause: {}", digest.cause));
        let place = digest.line.as_ref();
        lines
            .extend(place.map(|line| format!("line: {} ({}:{})", line.text, line.file, line.line)));
        lines.push(format!("remedy: {}", digest.remediation));
        lines.extend(digest.commands.iter().map(|it| format!("command: {it}")));
        lines.iter().map(|line| plain(line)).collect()
    }

    /// True if it failed, or is in error.
    pub(super) fn is_red(&self) -> bool {
        matches!(self.outcome, Outcome::Failed(..) | Outcome::Error(..))
    }
}
