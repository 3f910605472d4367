//! The package that the installer installed, read from its own record.

use std::path::Path;

use serde_json::Value;

use super::workspace::Workspace;
use crate::model::PackageSpec;
use crate::model::package::PackageResolved;

/// Returns the package that a lane got; None if the installer left no readable
/// record.
#[must_use]
pub(super) fn resolved(spec: &PackageSpec, lane: &Workspace) -> Option<PackageResolved> {
    by_npm(spec, &lane.clone_dir()).or_else(|| by_pip(spec, &lane.tool_dir()))
}

fn read_json(path: &Path) -> Option<Value> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(ToOwned::to_owned)
}

/// Reads npm's record, `node_modules/.package-lock.json`.
fn by_npm(spec: &PackageSpec, clone: &Path) -> Option<PackageResolved> {
    let lock = read_json(&clone.join("node_modules/.package-lock.json"))?;
    let packages = lock.get("packages")?.as_object()?;
    let wanted = spec
        .package_name()
        .map(|name| format!("node_modules/{name}"));
    let of_name = wanted.and_then(|wanted| packages.get_key_value(&wanted));
    let is_package = |entry: &Value| {
        let from = entry["resolved"]
            .as_str()
            .and_then(|from| from.strip_prefix("file:"));
        let file = spec.local_path().and_then(Path::file_name);
        file.is_some() && from.map(Path::new).and_then(Path::file_name) == file
    };
    let (place, entry) =
        of_name.or_else(|| packages.iter().find(|(_, entry)| is_package(entry)))?;
    Some(PackageResolved {
        name: place.rsplit_once("node_modules/")?.1.to_owned(),
        version: text(&entry["version"])?,
        integrity: text(&entry["integrity"]),
    })
}

/// Reads the report that pip writes for `--report`.
fn by_pip(spec: &PackageSpec, tools: &Path) -> Option<PackageResolved> {
    let report = read_json(&tools.join("pip-report.json"))?;
    let items = report.get("install")?.as_array()?;
    let canonical = |name: &str| name.to_lowercase().replace(['_', '.'], "-");
    let wanted = spec.package_name().map(canonical);
    let is_package = |item: &&Value| {
        let name = item["metadata"]["name"].as_str().map(canonical);
        match &wanted {
            Some(wanted) => name.as_ref() == Some(wanted),
            None => item["requested"] == true,
        }
    };
    let item = items.iter().find(is_package)?;
    let sha256 = item["download_info"]["archive_info"]["hashes"]["sha256"].as_str();
    Some(PackageResolved {
        name: canonical(item["metadata"]["name"].as_str()?),
        version: text(&item["metadata"]["version"])?,
        integrity: sha256.map(|hash| format!("sha256:{hash}")),
    })
}
