//! Reading the files of a lane, which its processes may have replaced.

use std::path::Path;

use serde_json::Value;

use crate::sys::fs;

/// Returns the text of a file.
pub(crate) fn read_text(path: &Path) -> Option<String> {
    fs::read_text(path).ok()
}

/// Returns the document of a file.
pub(crate) fn read_json(path: &Path) -> Option<Value> {
    serde_json::from_str(&read_text(path)?).ok()
}

/// Returns a text that says something.
pub(crate) fn text(value: &Value) -> Option<String> {
    let text = value.as_str().filter(|text| !text.is_empty())?;
    Some(text.to_owned())
}
