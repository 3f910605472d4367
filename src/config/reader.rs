//! Reads TOML into raw values, and raw values into checked ones: every value is
//! checked on its own, and every error points at it.

use serde::de::DeserializeOwned;

use super::error::{ConfigError, Result};
use super::spanned::Spanned;
use super::text::{Located, Text};

/// Reads the raw values of a text.
pub(super) fn read<T: DeserializeOwned>(text: &Text) -> Result<T> {
    toml::from_str(&text.content).map_err(|e| syntax_error(text, &e))
}

/// Translates an error of serde, and adds the nearest known key.
fn syntax_error(text: &Text, error: &toml::de::Error) -> ConfigError {
    let message = error.message();
    let span = error.span().unwrap_or(0..0);
    let mut words = message.split('`').skip(1).step_by(2);
    if message.starts_with("unknown field") {
        let key = words.next().unwrap_or_default();
        let error = text.error(&span, format!("unknown key `{key}`"));
        return error.suggest(key, words, "known here are");
    }
    let error = text.error(&span, message.to_owned());
    if message.contains("string") && message.contains("expected a sequence") {
        let before = text.content.get(..span.start).unwrap_or_default();
        if before.trim_end().ends_with("args =") {
            return error.hint("arguments are a list of words: args = [\"x\"]");
        }
        return error.hint("a command is a list of words: run = [\"sh\", \"-c\", \"…\"]");
    }
    if message.contains("boolean `false`, expected a string") {
        return error.hint("`false` drops an inherited variable of a [stage.…]; every other list is replaced whole");
    }
    if text
        .content
        .get(..span.start)
        .is_some_and(|before| before.trim_end().ends_with("timeout ="))
    {
        return error.hint("write a duration like \"90s\" or \"5m\"");
    }
    error
}

/// Checks the values of one text.
pub(super) struct Reader<'a> {
    pub(super) text: &'a Text,
}

impl Reader<'_> {
    pub(super) fn error<T>(&self, at: &Spanned<T>, message: impl Into<String>) -> ConfigError {
        self.text.error(&at.span(), message)
    }

    /// Returns a value with the place of the text that it was read from.
    pub(super) fn located<T, V>(&self, at: &Spanned<T>, value: V) -> Located<V> {
        Located {
            value,
            location: self.text.location(&at.span()),
        }
    }

    pub(super) fn parsed<T: std::str::FromStr>(&self, text: &Spanned<String>) -> Result<T>
    where
        T::Err: std::fmt::Display,
    {
        text.get_ref()
            .parse()
            .map_err(|e: T::Err| self.error(text, e.to_string()))
    }
}
