//! Values and messages of jq, as messages show them.

use jaq_json::Val;

use crate::model::text::plain;

/// Renders a value as compact JSON, harmless and cut to a line.
pub(super) fn shown(value: &Val) -> String {
    cut(&value.to_string())
}

/// Makes a text harmless and cuts it to a line.
pub(super) fn cut(text: &str) -> String {
    const MAX_BYTES: usize = 160;
    // Text that is cut off need not be made harmless.
    let start: String = text.chars().take(MAX_BYTES + 1).collect();
    let text = plain(&start);
    match text.char_indices().nth(MAX_BYTES) {
        None => text,
        Some((at, _)) => format!("{} …", &text[..at]),
    }
}
