//! Messages about reused lanes.

use std::fmt::Write as _;

use indexmap::IndexMap;

use super::decision::Decision;
use crate::artifact::reader::ReadError;
use crate::model::{RunId, ScenarioName};

/// Maximum number of names in a line.
const MAX_LISTED: usize = 20;

impl Decision {
    /// Renders the decision as lines.
    #[must_use]
    pub fn lines(&self) -> String {
        let mut out = self.refused.concat();
        let from = self
            .from
            .iter()
            .map(|(lane, run)| (lane, run.id().to_string()));
        for (run, lanes) in grouped(from) {
            let _ = writeln!(out, "reused from run {run}: {lanes}");
        }
        let played = self.played.iter().map(|(lane, why)| (lane, why.clone()));
        for (why, lanes) in grouped(played) {
            let _ = writeln!(out, "not reused: {lanes}: {why}");
        }
        out
    }
}

fn grouped<'a>(
    pairs: impl Iterator<Item = (&'a ScenarioName, String)>,
) -> impl Iterator<Item = (String, String)> {
    let mut groups: IndexMap<String, Vec<&str>> = IndexMap::new();
    for (lane, by) in pairs {
        groups.entry(by).or_default().push(lane.as_str());
    }
    groups.into_iter().map(|(by, lanes)| (by, names(&lanes)))
}

fn names(lanes: &[&str]) -> String {
    let shown = lanes.len().min(MAX_LISTED);
    let more = match lanes.len() - shown {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", lanes[..shown].join(", "))
}

/// Describes a run that could not be read.
pub(super) fn refused(error: &ReadError) -> String {
    format!("not reused from: {error}\n  next: {}\n", error.next())
}

/// Describes what changed since a run; `origin` is the run that it reused the lane from.
pub(super) fn changed(parts: &[&str], since: &RunId, origin: Option<&RunId>) -> String {
    let words: Vec<_> = parts.iter().map(|part| word(part)).collect();
    match (words.as_slice(), origin) {
        ([], None) => format!("it did not finish in run {since}"),
        ([], Some(origin)) => {
            format!("run {origin}, in which it ran, is gone or cannot be read")
        }
        (words, _) => format!("changed since run {since}: {}", words.join(", ")),
    }
}

fn word(part: &str) -> &str {
    match part {
        "source" => "files of the consumer",
        "limits" => "--timeout or --strict",
        "matrix" => "matrix itself",
        "isolation" => "the isolation of lanes",
        "profile" => "its part of matrix.toml",
        "overlay" => "its overlay",
        "package" => "the package",
        "environment" => "the environment",
        "tools" => "a tool",
        other => other,
    }
}
