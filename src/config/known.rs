//! `known-failures.toml`: cells that may fail for a while, each with an owner.

use std::path::Path;

use chrono::NaiveDate;
use indexmap::IndexMap;
use serde::Deserialize;
use toml::Value;

use super::error::{ConfigError, Result};
use super::reader::read;
use super::spanned::Spanned;
use super::text::Text;
use crate::model::CellName;
use crate::model::text::shown;
use crate::sys::fs;

/// The name of the file, beside `matrix.toml`.
pub const FILE_NAME: &str = "known-failures.toml";

/// The longest time for which a failure may be known, in days.
pub const MAX_DAYS: i64 = 30;

/// A cell that may fail for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFailure {
    /// The cell.
    pub cell: CellName,
    /// The owner of the failure.
    pub owner: String,
    /// The reason for which it may fail.
    pub reason: String,
    /// The day on which the entry was made.
    pub created: NaiveDate,
    /// The last day on which it counts.
    pub expires: NaiveDate,
}

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFailures {
    /// The file, as it was named.
    pub file: String,
    /// Its entries, in its order.
    pub entries: Vec<KnownFailure>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    known: Vec<RawKnown>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKnown {
    cell: Spanned<String>,
    owner: Spanned<String>,
    reason: Spanned<String>,
    created: Spanned<Value>,
    expires: Spanned<Value>,
}

/// Reads and checks the file.
///
/// # Errors
/// If it cannot be read, or an entry is invalid.
pub fn load(path: &Path, today: NaiveDate) -> Result<KnownFailures> {
    let name = shown(path);
    let content = fs::read_text(path).map_err(|e| {
        ConfigError::whole(format!("{name} cannot be read: {e}"))
            .hint("give --known a TOML file with [[known]] entries (docs/triage.md)")
    })?;
    let text = Text { name, content };
    let raw: RawFile = read(&text)?;
    let mut entries: IndexMap<CellName, KnownFailure> = IndexMap::new();
    for raw in raw.known {
        let entry = entry(&text, &raw, today)?;
        if entries.insert(entry.cell.clone(), entry).is_some() {
            let message = format!("`{}` has two entries", raw.cell.get_ref());
            return Err(text
                .error(&raw.cell.span(), message)
                .hint("keep one entry for each cell"));
        }
    }
    Ok(KnownFailures {
        file: path.to_string_lossy().into_owned(),
        entries: entries.into_values().collect(),
    })
}

/// Reads the day on which an entry was made, and the last on which it counts.
pub(super) fn period(
    text: &Text,
    created_at: &Spanned<Value>,
    expires_at: &Spanned<Value>,
    today: NaiveDate,
) -> Result<(NaiveDate, NaiveDate)> {
    let created = date(text, created_at)?;
    let expires = date(text, expires_at)?;
    if created > today {
        let message = format!("{created} is in the future: today is {today} (UTC)");
        return Err(text
            .error(&created_at.span(), message)
            .hint("`created` is the day on which the entry is made"));
    }
    let days = (expires - created).num_days();
    if days < 0 {
        let message = format!("{expires} is before {created}, on which the entry was made");
        return Err(text
            .error(&expires_at.span(), message)
            .hint("`expires` is the last day on which the entry counts"));
    }
    if days > MAX_DAYS {
        let message = format!("{expires} is {days} days after {created}; {MAX_DAYS} are allowed");
        return Err(text
            .error(&expires_at.span(), message)
            .hint("fix the failure by then, or make a new entry with a reason"));
    }
    Ok((created, expires))
}

fn entry(text: &Text, raw: &RawKnown, today: NaiveDate) -> Result<KnownFailure> {
    let (created, expires) = period(text, &raw.created, &raw.expires, today)?;
    let cell = raw.cell.get_ref().parse();
    Ok(KnownFailure {
        cell: cell.map_err(|e: crate::model::cell_name::CellNameError| {
            text.error(&raw.cell.span(), e.to_string())
        })?,
        owner: words(text, &raw.owner)?,
        reason: words(text, &raw.reason)?,
        created,
        expires,
    })
}

pub(super) fn words(text: &Text, value: &Spanned<String>) -> Result<String> {
    if value.get_ref().trim().is_empty() {
        return Err(text.error(&value.span(), "expected a text that is not empty"));
    }
    Ok(value.get_ref().clone())
}

/// Reads a date of TOML, or a text of the same form.
fn date(text: &Text, value: &Spanned<Value>) -> Result<NaiveDate> {
    let written = match value.get_ref() {
        Value::String(written) => written.clone(),
        Value::Datetime(date) => date.to_string(),
        _ => String::new(),
    };
    NaiveDate::parse_from_str(&written, "%Y-%m-%d")
        .ok()
        .filter(|date| date.to_string() == written)
        .ok_or_else(|| {
            let error = text.error(&value.span(), "invalid date");
            error.hint("write a date like 2026-02-18")
        })
}
