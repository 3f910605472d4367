//! Errors that point at their place in the configuration.

use std::fmt;
use std::ops::Range;

use super::text::{Location, Text};
use crate::model::text::plain;

/// A configuration that cannot be used: the place, the reason and the remedy.
#[derive(Debug, Clone)]
pub struct ConfigError {
    location: Option<Box<Location>>,
    message: String,
    hint: Option<String>,
    names_no_profile: bool,
    /// The places at which the file of the location is inherited, the nearest first.
    inherited_at: Vec<String>,
}

pub(super) type Result<T> = std::result::Result<T, ConfigError>;

impl Text {
    /// Returns an error that points at a part of the text.
    pub(super) fn error(&self, span: &Range<usize>, message: impl Into<String>) -> ConfigError {
        ConfigError::at(self.location(span), message)
    }
}

impl ConfigError {
    pub(super) fn at(location: Location, message: impl Into<String>) -> Self {
        Self {
            location: Some(Box::new(location)),
            message: message.into(),
            hint: None,
            names_no_profile: false,
            inherited_at: Vec::new(),
        }
    }

    /// Returns an error that has no line of its own.
    pub(crate) fn whole(message: impl Into<String>) -> Self {
        Self {
            location: None,
            message: message.into(),
            hint: None,
            names_no_profile: false,
            inherited_at: Vec::new(),
        }
    }

    /// Marks an error of a package, named by the user, for which there is no profile.
    pub(super) fn no_profile(self) -> Self {
        Self {
            names_no_profile: true,
            ..self
        }
    }

    /// Adds the place at which the file with the error is inherited.
    pub(super) fn inherited_at(mut self, location: &Location) -> Self {
        if self
            .location
            .as_ref()
            .is_some_and(|own| own.file != location.file)
        {
            let Location {
                file, line, column, ..
            } = location;
            self.inherited_at.push(format!("{file}:{line}:{column}"));
        }
        self
    }

    /// True if it points at a line of a file.
    pub(crate) fn has_place(&self) -> bool {
        self.location.is_some()
    }

    /// True if the user named a package for which there is no profile.
    pub(crate) fn names_no_profile(&self) -> bool {
        self.names_no_profile
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the known word that is nearest to one that is not known, else lists
    /// the known words after `known_are`.
    pub(super) fn suggest<'a>(
        self,
        word: &str,
        known: impl IntoIterator<Item = &'a str>,
        known_are: &str,
    ) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        match nearest(word, known.iter().copied()) {
            Some(near) => self.hint(format!("did you mean `{near}`?")),
            None => self.hint(format!("{known_are} {}", known.join(", "))),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.location {
            None => f.write_str(&plain(&self.message))?,
            Some(location) => {
                let number = location.line.to_string();
                let margin = " ".repeat(number.len());
                let (file, column) = (plain(&location.file), location.column);
                writeln!(f, "{file}:{number}:{column}: {}", plain(&self.message))?;
                writeln!(f, "  {number} | {}", plain(&location.source))?;
                let caret = "^".repeat(location.width);
                write!(f, "  {margin} | {}{caret}", " ".repeat(location.indent))?;
            }
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  {}", plain(hint))?;
        }
        let mut places = self.inherited_at.iter();
        places.try_for_each(|place| write!(f, "\n  inherited at {}", plain(place)))
    }
}

impl std::error::Error for ConfigError {}

/// Returns the known word that a misspelt one most likely stands for.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let close = |known: &'a str| (strsim::damerau_levenshtein(word, known), known);
    let (distance, best) = known.into_iter().map(close).min()?;
    (distance <= 1 + word.len() / 3).then_some(best)
}
