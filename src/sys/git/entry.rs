//! Entries of git's configuration. A name without a value is allowed, and means true.
#![expect(
    clippy::disallowed_methods,
    reason = "here it is known that there is a value"
)]

use git2::ConfigEntry;

/// Returns the value of a setting; None for a name alone.
pub(super) fn value_of<'a>(entry: &'a ConfigEntry<'_>) -> Option<&'a [u8]> {
    entry.has_value().then(|| entry.value_bytes())
}

/// Returns the value of a setting as text; None for a name alone, or another encoding.
pub(super) fn text_of<'a>(entry: &'a ConfigEntry<'_>) -> Option<&'a str> {
    std::str::from_utf8(value_of(entry)?).ok()
}
