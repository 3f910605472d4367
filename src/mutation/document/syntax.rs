//! The problem with a text that cannot be read.

use std::fmt;

/// The problem with a text, and its place if the parser knows one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The line, counted from 1.
    pub line: Option<usize>,
    /// The reason, in one line.
    pub why: String,
}

impl SyntaxError {
    /// An error at a byte of a text.
    pub(super) fn at(text: &str, byte: usize, why: impl Into<String>) -> Self {
        let before = text.as_bytes().get(..byte).unwrap_or(text.as_bytes());
        Self {
            line: Some(before.split(|byte| *byte == b'\n').count()),
            why: why.into(),
        }
    }
}

impl From<&str> for SyntaxError {
    fn from(why: &str) -> Self {
        Self {
            line: None,
            why: why.to_owned(),
        }
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.why),
            None => f.write_str(&self.why),
        }
    }
}

impl From<SyntaxError> for String {
    fn from(error: SyntaxError) -> Self {
        error.to_string()
    }
}
