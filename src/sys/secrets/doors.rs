//! Doors to the parsers of this module, for `fuzz/`.

use super::finder::Secrets;

/// Creates a finder of values, each with the name of its variable.
#[must_use]
pub fn secrets(values: &[(String, Vec<u8>)]) -> Secrets {
    let mut all = Vec::new();
    for (name, value) in values {
        super::named::add(&mut all, name, value);
    }
    Secrets::new(all)
}

/// Returns the secrets in a file of settings, in every form.
#[must_use]
pub fn in_settings(text: &str) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    super::files::in_settings(&mut all, "settings", text);
    all
}
