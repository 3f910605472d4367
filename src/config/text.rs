//! The texts of configurations, and values with the place that they come from.

use std::ops::Range;
use std::path::{Path, PathBuf};

use unicode_width::UnicodeWidthStr as _;

use crate::model::Seed;
use crate::model::text::plain;

/// A text, and the name that errors give it.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) name: String,
    pub(super) content: String,
}

/// A value and the place that it came from.
#[derive(Debug, Clone)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) location: Location,
}

/// A place in a text; lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) source: String,
    /// Columns of a terminal before the place.
    pub(super) indent: usize,
    /// Columns of the place itself.
    pub(super) width: usize,
}

impl Text {
    pub(super) fn location(&self, span: &Range<usize>) -> Location {
        let start = span.start.min(self.content.len());
        let before = &self.content[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let source = self.content[line_start..]
            .lines()
            .next()
            .unwrap_or_default();
        let shown = self.content.get(start..span.end).unwrap_or_default();
        // In columns of a terminal: a sign of Chinese has two, a joined accent none.
        let columns = |part: &str| plain(&without_passwords(part)).width();
        let width = columns(shown.lines().next().unwrap_or_default());
        Location {
            file: self.name.clone(),
            line: before.matches('\n').count() + 1,
            column: self.content[line_start..start].chars().count() + 1,
            source: without_passwords(source),
            indent: columns(&self.content[line_start..start]),
            width: width.max(1),
        }
    }
}

impl Located<Seed> {
    /// Returns the overlay's folder below `root`, if the seed is one.
    pub(super) fn overlay(&self, root: &Path) -> Option<PathBuf> {
        match &self.value {
            Seed::Overlay(folder) => Some(root.join(folder)),
            Seed::Command(_) | Seed::Nothing => None,
        }
    }
}

/// Replaces the users of addresses, who may be credentials.
fn without_passwords(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out += before;
        let is_end = |c: char| c == '/' || c == '"' || c == '\'' || c.is_whitespace();
        let host = after.split(is_end).next().unwrap_or_default();
        rest = after;
        if let Some((user, _)) = host.rsplit_once('@').filter(|(user, _)| *user != "git") {
            out += "…";
            rest = &after[user.len()..];
        }
    }
    out + rest
}
