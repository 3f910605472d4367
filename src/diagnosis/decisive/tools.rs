//! The lines of known tools that are never, or seldom, the decisive one: a table by tool.

use std::sync::LazyLock;

use regex::RegexSet;

use super::checks::CHECKS;
use super::part::Part::{self, Complaint, Frame, Summary};
use super::part::Tool;
use super::runners::RUNNERS;

/// The lines of any tool.
const ANY: &[Tool] = &[(
    "any",
    &[
        (Frame, r"^\W*$"),
        (
            Complaint,
            r"^(?:\S+: (?:line )?\d+: +(?:\d+ +)?)?(?:Killed|Terminated|Aborted|Segmentation fault|Bus error|Illegal instruction)\b",
        ),
        (
            Summary,
            r"^[\w.-]+: \d+ (?i:errors?|problems?|warnings?|failures?|failed|issues?)\.?$|^\W*\d+ [\w ]+, \d+ (?i:broken|failed|failures?|errors?|bad|red)\b",
        ),
        (
            Frame,
            r"^\s+at (?:async )?\S+.*[:(]|^\s*File \S+, line \d+|^\s*(?:>|→)?\s*\d+ *[|│]|^\s*[|│] ",
        ),
        (Frame, r"^\s*(?:ok\b|✓|✔|√|PASS\b)"),
        (Frame, r"^\s*\+ |^[#>] |^- \S.*[;{}()]$"),
        (
            Summary,
            r"^(?i:finished|done|completed|took|total)\b.*\b(?:in )?\d+(?:\.\d+)? ?(?:ms|s|sec|seconds?|minutes?)\b|\(\d+(?:\.\d+)? ?(?:ms|s|seconds?)\)$",
        ),
        (
            Summary,
            r"^\W*(?i:errors?|failures?|warnings?)\W*$|^\W*(?i:found |total:? )?\d+ (?i:errors?|problems?|warnings?|failures?|failed|issues?|violations?|leaks?)\b[^:]*$",
        ),
    ],
)];

/// Returns the table. The first line that matches decides.
pub(super) fn tools() -> impl Iterator<Item = &'static Tool> {
    [RUNNERS, CHECKS, ANY].into_iter().flatten()
}

/// A matcher over the table.
pub(super) struct Table {
    set: RegexSet,
    parts: Vec<Part>,
}

impl Table {
    /// Returns the part of a line; None if no tool of the table has such a line.
    pub(super) fn part(&self, line: &str) -> Option<Part> {
        let first = self.set.matches(line).iter().next()?;
        self.parts.get(first).copied()
    }
}

pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let lines = || tools().flat_map(|(_, lines)| *lines);
    Table {
        set: RegexSet::new(lines().map(|(_, line)| ascii(line)))
            .unwrap_or_else(|_| RegexSet::empty()),
        parts: lines().map(|(part, _)| *part).collect(),
    }
});

/// Writes an expression so that words, digits and their boundaries are those of ASCII: the
/// tables of Unicode would take most of the memory of the whole set.
pub(super) fn ascii(expression: &str) -> String {
    let mut written = String::with_capacity(expression.len() * 2);
    let mut is_class = false;
    let mut characters = expression.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match (characters.next(), is_class) {
                (Some('w'), true) => written += "0-9A-Za-z_",
                (Some('w'), false) => written += "[0-9A-Za-z_]",
                (Some('d'), true) => written += "0-9",
                (Some('d'), false) => written += "[0-9]",
                (Some('W'), false) => written += "[^0-9A-Za-z_]",
                (Some('b'), false) => written += r"(?-u:\b)",
                (Some(other), _) => written.extend(['\\', other]),
                (None, _) => written.push('\\'),
            },
            '[' => {
                is_class = true;
                written.push('[');
            }
            ']' => {
                is_class = false;
                written.push(']');
            }
            other => written.push(other),
        }
    }
    written
}
