//! The text that a stage must print, and whether it did.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A text that a stage must print.
#[derive(Debug, Clone)]
pub enum Reason {
    /// This text.
    Text(String),
    /// A match of this regular expression, within one line.
    Regex(regex::bytes::Regex),
}

impl Reason {
    /// Returns the text or pattern, as the profile has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Regex(regex) => regex.as_str(),
        }
    }

    /// True if a line of output contains it.
    #[must_use]
    pub fn matches(&self, line: &[u8]) -> bool {
        match self {
            Self::Text(text) => {
                let wanted = text.as_bytes();
                wanted.is_empty() || line.windows(wanted.len()).any(|window| window == wanted)
            }
            Self::Regex(regex) => regex.is_match(line),
        }
    }
}

/// A text that a stage had to print, and the search for it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ReasonEvidence {
    /// The text or regular expression.
    pub wanted: String,
    /// True if the output contained it.
    pub found: bool,
}
