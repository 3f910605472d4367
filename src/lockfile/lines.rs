//! The lines of lock files, without a parser for each of their formats.

/// Removes the quotes around a word, and the comma or colon behind it.
pub(crate) fn bare(word: &str) -> &str {
    let word = word.trim().trim_end_matches([',', ':']);
    word.trim_matches(['"', '\''])
}

/// Splits `name@rest` after the name, whose own first character may be an `@`.
pub(crate) fn split_name(text: &str) -> Option<(&str, &str)> {
    let at = text.get(1..)?.find('@')? + 1;
    Some((&text[..at], &text[at + 1..]))
}
