//! `accepted-openings.toml`: sabotages that may let the violation in for a while, each with
//! an owner.

use std::path::Path;

use chrono::NaiveDate;
use indexmap::IndexMap;
use serde::Deserialize;
use toml::Value;

use super::error::{ConfigError, Result};
use super::known::{period, words};
use super::reader::read;
use super::spanned::Spanned;
use super::text::Text;
use crate::model::ScenarioName;
use crate::model::text::shown;
use crate::sys::fs;

/// The name of the file, beside `matrix.toml`.
pub const FILE_NAME: &str = "accepted-openings.toml";

/// A sabotage that may let the violation in for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedOpening {
    /// The sabotage.
    pub sabotage: ScenarioName,
    /// The owner of the opening.
    pub owner: String,
    /// The reason for which it is accepted.
    pub reason: String,
    /// The last day on which it is.
    pub expires: NaiveDate,
}

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedOpenings {
    /// The file, as it was named.
    pub file: String,
    /// Its entries, in its order.
    pub entries: Vec<AcceptedOpening>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    accepted: Vec<RawAccepted>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAccepted {
    sabotage: Spanned<String>,
    owner: Spanned<String>,
    reason: Spanned<String>,
    created: Spanned<Value>,
    expires: Spanned<Value>,
}

/// Reads and checks the file.
///
/// # Errors
/// If it cannot be read, or an entry is invalid.
pub fn load(path: &Path, today: NaiveDate) -> Result<AcceptedOpenings> {
    let name = shown(path);
    let content = fs::read_text(path).map_err(|e| {
        ConfigError::whole(format!("{name} cannot be read: {e}"))
            .hint("give --accepted a TOML file with [[accepted]] entries (docs/enforcement.md)")
    })?;
    let text = Text { name, content };
    let raw: RawFile = read(&text)?;
    let mut entries: IndexMap<ScenarioName, AcceptedOpening> = IndexMap::new();
    for raw in raw.accepted {
        let (_, expires) = period(&text, &raw.created, &raw.expires, today)?;
        let sabotage: ScenarioName = (raw.sabotage.get_ref().parse())
            .map_err(|e| text.error(&raw.sabotage.span(), format!("{e}")))?;
        let entry = AcceptedOpening {
            sabotage: sabotage.clone(),
            owner: words(&text, &raw.owner)?,
            reason: words(&text, &raw.reason)?,
            expires,
        };
        if entries.insert(sabotage, entry).is_some() {
            let message = format!("`{}` has two entries", raw.sabotage.get_ref());
            return Err(text
                .error(&raw.sabotage.span(), message)
                .hint("keep one entry for each sabotage"));
        }
    }
    Ok(AcceptedOpenings {
        file: path.to_string_lossy().into_owned(),
        entries: entries.into_values().collect(),
    })
}
