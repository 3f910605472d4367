//! Removes secrets from whole texts.

use std::borrow::Cow;

use aho_corasick::AhoCorasick;

use super::finder::Secrets;
use super::stream::State;

impl Secrets {
    /// Replaces secrets in bytes.
    #[must_use]
    pub fn redact<'b>(&self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        let is_clean = |finder: &AhoCorasick| finder.find(bytes).is_none();
        if bytes.is_empty() || self.finder.as_ref().is_some_and(is_clean) {
            return Cow::Borrowed(bytes);
        }
        let mut out = Vec::with_capacity(bytes.len());
        let mut state = State::default();
        state.take(self, bytes, &mut out);
        state.finish(self, &mut out);
        Cow::Owned(out)
    }

    /// Replaces secrets in a text.
    #[must_use]
    pub fn redact_text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.redact(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }
}
