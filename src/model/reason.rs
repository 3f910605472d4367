//! The text that a stage must print, and whether it did.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a stage must print.
#[derive(Debug, Clone)]
pub enum Reason {
    /// This text.
    Text(String),
    /// A match of this regular expression, within one line.
    Regex(regex::bytes::Regex),
}

impl Reason {
    /// As the profile has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Regex(regex) => regex.as_str(),
        }
    }

    /// Whether a line of output says it.
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

/// What a stage had to print, and whether it did.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ReasonEvidence {
    /// The text or regular expression.
    pub wanted: String,
    /// Whether the output held it.
    pub found: bool,
}
