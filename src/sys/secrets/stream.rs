//! Removes secrets from a stream, whatever the size of the reads.

use std::sync::Arc;

use aho_corasick::Input;

use super::finder::Secrets;
use super::shapes::{Measured, Rest, Shape};

/// A stream whose secrets are replaced. Bytes that may be the beginning of a
/// secret are held back: at most some KiB.
pub struct Stream {
    secrets: Arc<Secrets>,
    pub(super) state: State,
}

impl Stream {
    /// Creates a stream from which these secrets are removed.
    #[must_use]
    pub fn new(secrets: Arc<Secrets>) -> Self {
        Self {
            secrets,
            state: State::default(),
        }
    }

    /// Adds bytes to the stream and appends to `out` what is safe to write.
    pub fn take(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.state.take(&self.secrets, bytes, out);
    }

    /// Ends the stream and appends to `out` what was held back.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        self.state.finish(&self.secrets, out);
    }
}

/// The state of a stream.
#[derive(Default)]
pub(super) struct State {
    /// Bytes that may be the beginning of a secret.
    pub(super) held: Vec<u8>,
    /// A token whose end was not read yet.
    inside: Option<Rest>,
    /// The marker that was the last thing written.
    marked: Option<String>,
}

/// The result of examining a place at which a pattern was found.
enum Found {
    /// No secret; go on after its first byte.
    Nothing,
    /// Unknown until more bytes are read.
    Unsure,
    /// A secret that ends here.
    Secret(usize),
}

impl State {
    pub(super) fn take(&mut self, secrets: &Secrets, bytes: &[u8], out: &mut Vec<u8>) {
        if self.held.is_empty() {
            self.pass(secrets, bytes, false, out);
        } else {
            let mut all = std::mem::take(&mut self.held);
            all.extend_from_slice(bytes);
            self.pass(secrets, &all, false, out);
        }
    }

    pub(super) fn finish(&mut self, secrets: &Secrets, out: &mut Vec<u8>) {
        let held = std::mem::take(&mut self.held);
        self.pass(secrets, &held, true, out);
        self.inside = None;
    }

    fn pass(&mut self, secrets: &Secrets, bytes: &[u8], last: bool, out: &mut Vec<u8>) {
        let Some(finder) = &secrets.finder else {
            if !bytes.is_empty() {
                self.mark(None, out);
            }
            return;
        };
        let mut at = self.rest(bytes);
        // Bytes before this are written or dropped.
        let mut done = at;
        // No JWT begins before this: else each `eyJ` of a long run of base64
        // would be measured to its end again.
        let mut no_jwt = 0;
        let sure_from = |at: usize| {
            if last {
                bytes.len()
            } else {
                at + secrets.hold(&bytes[at..])
            }
        };
        // A match that begins in the part held back may become a longer one.
        let mut sure = sure_from(at);
        let end = loop {
            let input = Input::new(bytes).range(at..);
            let Some(found) = finder.find(input).filter(|m| m.start() < sure) else {
                break sure;
            };
            let start = found.start();
            let place = Place {
                start,
                end: found.end(),
                pattern: found.pattern().as_usize(),
            };
            match self.examine(secrets, bytes, &place, &mut no_jwt) {
                Found::Nothing => at = start + 1,
                Found::Unsure if last => at = start + 1,
                Found::Unsure => break start,
                Found::Secret(end) => {
                    self.copy(&bytes[done..start], out);
                    self.mark(secrets.names.get(place.pattern), out);
                    (at, done) = (end, end);
                }
            }
            if at > sure {
                sure = sure_from(at);
            }
        };
        self.copy(&bytes[done..end], out);
        self.held.extend_from_slice(&bytes[end..]);
    }

    /// Drops the rest of a token and returns its size.
    fn rest(&mut self, bytes: &[u8]) -> usize {
        let Some(rest) = &mut self.inside else {
            return 0;
        };
        let size = rest.swallow(bytes);
        if size < bytes.len() {
            self.inside = None;
        }
        size
    }

    fn examine(
        &mut self,
        secrets: &Secrets,
        bytes: &[u8],
        place: &Place,
        no_jwt: &mut usize,
    ) -> Found {
        let opening = place.pattern.checked_sub(secrets.names.len());
        let Some(shape) = opening.map(|at| secrets.openings[at]) else {
            return Found::Secret(place.end);
        };
        if matches!(shape, Shape::Jwt) && place.start < *no_jwt {
            return Found::Nothing;
        }
        match shape.measure(&bytes[place.start..], place.end - place.start) {
            Measured::No(size) => {
                *no_jwt = (*no_jwt).max(place.start + size);
                Found::Nothing
            }
            Measured::Unsure => Found::Unsure,
            Measured::Token(size, rest) => {
                let sure = place.start + size;
                self.inside = Some(rest);
                Found::Secret(sure + self.rest(&bytes[sure..]))
            }
        }
    }

    fn copy(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if !bytes.is_empty() {
            self.marked = None;
            out.extend_from_slice(bytes);
        }
    }

    /// Writes a marker, one for all pieces of a long value.
    fn mark(&mut self, name: Option<&String>, out: &mut Vec<u8>) {
        let is_word = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        let marker = match name.filter(|name| name.chars().all(is_word)) {
            Some(name) => format!("[secret {name}]"),
            None => "[secret]".to_owned(),
        };
        if self.marked.as_ref() != Some(&marker) {
            out.extend_from_slice(marker.as_bytes());
        }
        self.marked = Some(marker);
    }
}

/// A place at which a pattern was found.
struct Place {
    start: usize,
    end: usize,
    pattern: usize,
}
