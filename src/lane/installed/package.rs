//! A package that a record names.

use std::path::Path;

use crate::model::package::PackageResolved;

/// Returns a package as a record has it, unless its version says nothing.
pub(super) fn package(
    name: &str,
    version: &str,
    integrity: Option<String>,
    record: &Path,
) -> Option<PackageResolved> {
    let is_usable = |text: &str| !text.is_empty() && !text.chars().any(char::is_control);
    (is_usable(name) && is_usable(version)).then(|| PackageResolved {
        name: name.to_owned(),
        version: version.to_owned(),
        integrity,
        read_from: Some(record.to_string_lossy().into_owned()),
    })
}
