//! Values and messages of jq, as messages show them.

use jaq_json::Val;

use crate::model::text::plain;

/// Renders a value as compact JSON, harmless and cut to a line.
pub(super) fn shown(value: &Val) -> String {
    cut(&value.to_string())
}

/// Makes a text harmless and cuts it to a line.
pub(super) fn cut(text: &str) -> String {
    const LONGEST: usize = 160;
    // What is cut off need not be made harmless.
    let start: String = text.chars().take(LONGEST + 1).collect();
    let text = plain(&start);
    match text.char_indices().nth(LONGEST) {
        None => text,
        Some((at, _)) => format!("{} …", &text[..at]),
    }
}
