//! The versions in npm's lock file.

use std::path::Path;

use serde_json::Value;

use super::json::{read_json, text};

/// Returns the version that a lock file pins for a folder below it.
pub(super) fn pinned(lock: &Path, below: &Path, name: &str) -> Option<String> {
    let lock = read_json(lock)?;
    let mut above = below.ancestors();
    let nearest = above.find_map(|folder| {
        let place = folder.join("node_modules").join(name);
        lock["packages"].get(place.to_str()?)
    });
    // Until npm 6 there were no places.
    let entry = nearest.or_else(|| lock["dependencies"].get(name))?;
    version(entry)
}

/// Returns the version of a package that comes from a registry under its own name.
fn version(entry: &Value) -> Option<String> {
    let from = entry["resolved"].as_str().unwrap_or("https:");
    let is_of_registry = from.starts_with("https:") || from.starts_with("http:");
    let is_itself = entry["link"] != true && entry["name"].is_null();
    text(&entry["version"]).filter(|_| is_of_registry && is_itself)
}
