//! The report that pip writes for `--report`.

use std::path::Path;

use serde_json::Value;

use super::package::package;
use super::wanted::Wanted;
use crate::lockfile::json::{read_json, text};
use crate::lockfile::python::canonical;
use crate::model::package::PackageResolved;

/// Reads the package from a report.
pub(super) fn read(wanted: &Wanted<'_>, record: &Path) -> Option<PackageResolved> {
    let report = read_json(record)?;
    let items = report["install"].as_array()?;
    let name = wanted.name().map(canonical);
    let is_package = |item: &&Value| {
        let of = item["metadata"]["name"].as_str().map(canonical);
        match &name {
            Some(name) => of.as_ref() == Some(name),
            None => item["requested"] == true,
        }
    };
    let item = items.iter().find(is_package)?;
    let sha256 = item["download_info"]["archive_info"]["hashes"]["sha256"].as_str();
    package(
        &canonical(item["metadata"]["name"].as_str()?),
        &text(&item["metadata"]["version"])?,
        sha256.map(|hash| format!("sha256:{hash}")),
        record,
    )
}
