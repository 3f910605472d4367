//! Errors that point.

use std::fmt;
use std::ops::Range;

use crate::model::text::plain;

/// A text with the name under which errors speak of it.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) name: String,
    pub(super) content: String,
}

/// A configuration that cannot be used: where, why and what to do.
#[derive(Debug, Clone)]
pub struct ConfigError {
    place: Option<Place>,
    message: String,
    hint: Option<String>,
}

/// A place in a text, as people count: from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    file: String,
    line: usize,
    column: usize,
    source: String,
    width: usize,
}

impl Text {
    pub(super) fn place(&self, span: &Range<usize>) -> Place {
        let start = span.start.min(self.content.len());
        let before = &self.content[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let source = self.content[line_start..]
            .lines()
            .next()
            .unwrap_or_default();
        let shown = self.content.get(start..span.end).unwrap_or_default();
        let width = shown.lines().next().unwrap_or_default().chars().count();
        Place {
            file: self.name.clone(),
            line: before.matches('\n').count() + 1,
            column: self.content[line_start..start].chars().count() + 1,
            source: source.to_owned(),
            width: width.max(1),
        }
    }

    pub(super) fn error(&self, span: &Range<usize>, message: impl Into<String>) -> ConfigError {
        ConfigError::at(self.place(span), message)
    }
}

impl ConfigError {
    pub(super) fn at(place: Place, message: impl Into<String>) -> Self {
        Self {
            place: Some(place),
            message: message.into(),
            hint: None,
        }
    }

    /// An error that has no line of its own.
    pub(crate) fn whole(message: impl Into<String>) -> Self {
        Self {
            place: None,
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            None => f.write_str(&plain(&self.message))?,
            Some(place) => {
                let number = place.line.to_string();
                let margin = " ".repeat(number.len());
                let (file, column) = (plain(&place.file), place.column);
                writeln!(f, "{file}:{number}:{column}: {}", plain(&self.message))?;
                writeln!(f, "  {number} | {}", plain(&place.source))?;
                let caret = "^".repeat(place.width);
                write!(f, "  {margin} | {}{caret}", " ".repeat(column - 1))?;
            }
        }
        match &self.hint {
            Some(hint) => write!(f, "\n  {}", plain(hint)),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ConfigError {}

/// The known word that somebody most likely meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let close = |known: &'a str| (strsim::damerau_levenshtein(word, known), known);
    let (distance, best) = known.into_iter().map(close).min()?;
    (distance <= 1 + word.len() / 3).then_some(best)
}
