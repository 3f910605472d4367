//! What a person is told of lanes that are taken over, or not.

use std::fmt::Write as _;

use indexmap::IndexMap;

use super::decision::Decision;
use crate::artifact::reader::ReadError;
use crate::model::{RunId, ScenarioName};

/// More names than this in a line are a count.
const MAX_LISTED: usize = 20;

impl Decision {
    /// What is said of it: lines, each ended.
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

/// A run that could not be asked.
pub(super) fn refused(error: &ReadError) -> String {
    format!("not reused from: {error}\n  next: {}\n", error.next())
}

/// What has changed since a run, in words; `origin` is the run that it was
/// taken over from there.
pub(super) fn changed(parts: &[&str], since: &RunId, origin: Option<&RunId>) -> String {
    let words: Vec<_> = parts.iter().map(|part| word(part)).collect();
    match (words.as_slice(), origin) {
        ([], None) => format!("it did not end in run {since}"),
        ([], Some(origin)) => {
            format!("run {origin}, in which it really ran, is gone or cannot be read")
        }
        (words, _) => format!("changed since run {since}: {}", words.join(", ")),
    }
}

fn word(part: &str) -> &str {
    match part {
        "source" => "files of the consumer",
        "limits" => "--timeout or --strict",
        "matrix" => "matrix itself",
        "isolation" => "how lanes are kept apart",
        "profile" => "what matrix.toml says of it",
        "overlay" => "its overlay",
        "package" => "the package",
        "environment" => "the environment",
        "tools" => "a tool",
        other => other,
    }
}
