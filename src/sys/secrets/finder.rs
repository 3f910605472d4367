//! Finds secrets in bytes.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::shapes::{self, Shape};
use super::{files, named};
use crate::sys::env::Snapshot;

/// The largest pattern: a longer value is searched in pieces of this size, so
/// that a stream never holds back more than that.
const PIECE: usize = 1024;
/// The total size of patterns up to which a fast automaton is used, which
/// takes some MiB of memory.
const FAST: usize = 8 * 1024;

/// The secrets to find. They cannot be printed.
pub struct Secrets {
    /// Finds the known pieces, then the openings of the shapes. None if they are too many to
    /// be found: then all text counts as secret.
    pub(super) finder: Option<AhoCorasick>,
    /// The names of the known pieces, in the order of the finder.
    pub(super) names: Vec<String>,
    /// The openings, in the order of the finder, after the known pieces.
    pub(super) openings: Vec<Shape>,
    /// All patterns, sorted.
    sorted: Vec<Vec<u8>>,
    /// The bytes that begin a pattern.
    first: [bool; 256],
    /// The size of the longest pattern.
    longest: usize,
}

/// The secrets of this process.
static KNOWN: LazyLock<RwLock<Arc<Secrets>>> = LazyLock::new(|| {
    let of_env = Secrets::from_env(&Snapshot::capture());
    RwLock::new(Arc::new(of_env))
});

/// Returns the secrets of this process: those of its environment, which never changes,
/// and what [`learn`] added.
#[must_use]
pub fn for_this_process() -> Arc<Secrets> {
    Arc::clone(&KNOWN.read().unwrap_or_else(PoisonError::into_inner))
}

/// Returns the secrets of an environment, each with the name of its variable or file.
fn values(env: &Snapshot) -> Vec<(String, Vec<u8>)> {
    [named::values(env), files::values(env)].concat()
}

/// Adds secrets, each with the name of the setting that holds it. What is written from
/// now on is without them.
///
/// A value of less than 8 bytes or more than 8 KiB is left out, and so is what comes after
/// the first 256 KiB: settings may be of any size, and each value is searched in everything.
pub fn learn(settings: &[(String, Vec<u8>)]) {
    if settings.is_empty() {
        return;
    }
    let mut values = values(&Snapshot::capture());
    for (name, value) in named::bounded(settings) {
        named::add(&mut values, name, value);
    }
    *KNOWN.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Secrets::new(values));
}

impl Secrets {
    /// Collects the secrets of an environment.
    #[must_use]
    pub fn from_env(env: &Snapshot) -> Self {
        Self::new(values(env))
    }

    /// Creates a finder of values, each with the name of its variable.
    pub(crate) fn new(values: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let mut known: BTreeMap<Vec<u8>, String> = BTreeMap::new();
        for (name, value) in values {
            // Pieces of equal size: a short rest could be a common word.
            let pieces = value.len().div_ceil(PIECE).max(1);
            for piece in value.chunks(value.len().div_ceil(pieces).max(1)) {
                known
                    .entry(piece.to_owned())
                    .or_insert_with(|| name.clone());
            }
        }
        let (mut sorted, names): (Vec<Vec<u8>>, Vec<String>) = known.into_iter().unzip();
        let mut openings = Vec::new();
        for (opening, shape) in shapes::OPENINGS {
            sorted.push(opening.as_bytes().to_owned());
            openings.push(*shape);
        }
        let size: usize = sorted.iter().map(Vec::len).sum();
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind((size <= FAST).then_some(AhoCorasickKind::DFA))
            .build(&sorted)
            .ok();
        sorted.sort();
        let mut first = [false; 256];
        for pattern in &sorted {
            first[usize::from(pattern[0])] = true;
        }
        Self {
            finder,
            names,
            openings,
            first,
            longest: sorted.iter().map(Vec::len).max().unwrap_or(0),
            sorted,
        }
    }

    /// Returns the position from which bytes must be held back: their end may be
    /// the beginning of a pattern.
    pub(super) fn hold(&self, bytes: &[u8]) -> usize {
        let from = bytes.len().saturating_sub(self.longest.saturating_sub(1));
        let held = (from..bytes.len())
            .find(|&at| self.first[usize::from(bytes[at])] && self.is_beginning(&bytes[at..]));
        held.unwrap_or(bytes.len())
    }

    fn is_beginning(&self, bytes: &[u8]) -> bool {
        // Sorted patterns that begin with these bytes come right after them.
        let after = self.sorted.partition_point(|pattern| &pattern[..] <= bytes);
        let next = self.sorted.get(after);
        next.is_some_and(|pattern| pattern.starts_with(bytes))
    }
}
