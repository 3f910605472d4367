//! Secrets that must not reach the disk or the console.
//!
//! What is secret is a fact of this process: the values of variables of its
//! environment whose names say so, and what the user's `.npmrc` names. Beyond
//! these, whatever has the shape of a well-known kind of token. All of it is
//! replaced by a marker where it is about to be written, never where a gate
//! is judged.

mod named;
mod shapes;
mod stream;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

pub(super) use named::variables_named_in;
pub use stream::Stream;

use crate::sys::env::Snapshot;
use shapes::Shape;

/// A longer piece of a value is looked for in pieces of this size, so that a
/// stream never holds back more than that.
const PIECE: usize = 1024;
/// Up to so many bytes of secrets, time weighs more than memory: some MiB.
const FAST: usize = 8 * 1024;

/// What is looked for. It cannot be printed.
pub struct Secrets {
    /// The known pieces, then the openings of the shapes.
    finder: AhoCorasick,
    /// The names of the known pieces, in the order of the finder.
    names: Vec<String>,
    /// The openings, in the order of the finder, after the known pieces.
    openings: Vec<Shape>,
    /// All of it, sorted.
    sorted: Vec<Vec<u8>>,
    /// Bytes that begin something.
    first: [bool; 256],
    /// The size of the longest.
    longest: usize,
}

/// The secrets of this process. Its environment never changes, so they are
/// read once.
#[must_use]
pub fn for_this_process() -> Arc<Secrets> {
    static KNOWN: LazyLock<Arc<Secrets>> =
        LazyLock::new(|| Arc::new(Secrets::of(&Snapshot::capture())));
    Arc::clone(&KNOWN)
}

impl Secrets {
    /// The secrets of an environment.
    #[must_use]
    pub fn of(env: &Snapshot) -> Self {
        Self::new(named::values(env))
    }

    /// These values, each with the name of its variable.
    pub(crate) fn new(values: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let mut known: BTreeMap<Vec<u8>, String> = BTreeMap::new();
        for (name, value) in values {
            // Pieces of one size: none is short enough to be a common word.
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
            .expect("an environment is smaller than the finder's bounds");
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

    /// Bytes without secrets.
    #[must_use]
    pub fn redact<'b>(&self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        if self.finder.find(bytes).is_none() {
            return Cow::Borrowed(bytes);
        }
        let mut out = Vec::with_capacity(bytes.len());
        let mut state = stream::State::default();
        state.take(self, bytes, &mut out);
        state.finish(self, &mut out);
        Cow::Owned(out)
    }

    /// A text without secrets.
    #[must_use]
    pub fn redact_text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.redact(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// Where the end of some bytes begins that may be the beginning of
    /// something.
    fn hold(&self, bytes: &[u8]) -> usize {
        let from = bytes.len().saturating_sub(self.longest.saturating_sub(1));
        let held = (from..bytes.len())
            .find(|&at| self.first[usize::from(bytes[at])] && self.is_beginning(&bytes[at..]));
        held.unwrap_or(bytes.len())
    }

    fn is_beginning(&self, bytes: &[u8]) -> bool {
        // What begins with these bytes and is longer comes right after them.
        let after = self.sorted.partition_point(|pattern| &pattern[..] <= bytes);
        let next = self.sorted.get(after);
        next.is_some_and(|pattern| pattern.starts_with(bytes))
    }
}

#[cfg(test)]
mod tests;
