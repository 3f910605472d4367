//! npm's record of an installation, `node_modules/.package-lock.json`.

use std::path::Path;

use serde_json::{Map, Value};

use super::package::package;
use super::wanted::Wanted;
use crate::lockfile::json::{read_json, text};
use crate::model::package::PackageResolved;

/// Reads the packages that npm installed in a folder or one of its workspaces.
pub(super) fn read(wanted: &Wanted<'_>, folder: &Path) -> Vec<PackageResolved> {
    let record = folder.join("node_modules/.package-lock.json");
    let Some(lock) = read_json(&record) else {
        return Vec::new();
    };
    let Some(packages) = lock["packages"].as_object() else {
        return Vec::new();
    };
    let entries = entries(wanted, folder, packages);
    let found = entries.into_iter().filter_map(|(place, entry)| {
        let (_, name) = place.rsplit_once("node_modules/")?;
        // The entry of a linked folder only leads to the entry of the folder itself.
        let entry = entry["resolved"]
            .as_str()
            .filter(|_| entry["link"] == true)
            .and_then(|target| packages.get(target))
            .unwrap_or(entry);
        let version = text(&entry["version"])?;
        package(name, &version, text(&entry["integrity"]), &record)
    });
    found.collect()
}

/// Returns the entries of the package, that of the folder itself first.
fn entries<'a>(
    wanted: &Wanted<'_>,
    folder: &Path,
    packages: &'a Map<String, Value>,
) -> Vec<(&'a String, &'a Value)> {
    for name in wanted.names_in(folder) {
        let suffix = format!("node_modules/{name}");
        // What another package depends on is in its own `node_modules`.
        let is_direct = |place: &str| {
            place.strip_suffix(&suffix).is_some_and(|before| {
                !before.contains("node_modules/") && (before.is_empty() || before.ends_with('/'))
            })
        };
        let mut found: Vec<_> = packages.iter().filter(|(at, _)| is_direct(at)).collect();
        found.sort_by_key(|(place, _)| place.len());
        if !found.is_empty() {
            return found;
        }
    }
    let is_local = |entry: &Value| {
        entry["resolved"]
            .as_str()
            .is_some_and(|at| wanted.is_local(at))
    };
    let local = packages
        .iter()
        .find(|(place, entry)| place.contains("node_modules/") && is_local(entry));
    local.into_iter().collect()
}
