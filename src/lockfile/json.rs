//! Reading the files of a lane, which its processes may have replaced.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde_json::Value;

/// The size up to which a record is read.
const MAX_BYTES: u64 = 64 << 20;

/// Returns the text of a regular file of a sane size.
///
/// A pipe in its place would block the runner for ever.
pub(crate) fn read_text(path: &Path) -> Option<String> {
    let is_record = |meta: &std::fs::Metadata| meta.is_file() && meta.len() <= MAX_BYTES;
    path.metadata().ok().filter(is_record)?;
    let mut bytes = Vec::new();
    let mut file = File::open(path).ok()?.take(MAX_BYTES);
    file.read_to_end(&mut bytes).ok()?;
    String::from_utf8(bytes).ok()
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
