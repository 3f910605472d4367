//! yarn's map of an installation without `node_modules`: Plug'n'Play.

use std::path::Path;

use serde_json::Value;

use super::package::package;
use super::wanted::Wanted;
use crate::lockfile::json::read_text;
use crate::lockfile::yarn::{self, Entry};
use crate::model::package::PackageResolved;

/// Reads the package that a folder depends on, by the map in the folder or above it.
pub(super) fn read(wanted: &Wanted<'_>, folder: &Path, top: &Path) -> Option<PackageResolved> {
    let inside = folder.ancestors().take_while(|at| at.starts_with(top));
    let maps = inside.flat_map(|at| [at.join(".pnp.cjs"), at.join(".pnp.data.json")]);
    let (record, map) = maps
        .filter_map(|path| Some((parse(&read_text(&path)?)?, path)))
        .map(|(map, path)| (path, map))
        .next()?;
    let root = record.parent()?;
    let below = folder.strip_prefix(root).ok()?;
    let names = wanted.names_in(folder);
    names.iter().find_map(|name| {
        let (name, reference) = dependency(&map, below, name)?;
        let entry = entry_of(&yarn::entries(root), &name, &reference);
        let of_reference = reference.strip_prefix("npm:").map(ToOwned::to_owned);
        let (version, integrity) = match entry {
            Some(entry) => (entry.version, entry.integrity),
            None => (of_reference?, None),
        };
        package(&name, &version, integrity, &record)
    })
}

/// Returns the map, which is a document of its own or a text within a program.
fn parse(text: &str) -> Option<Value> {
    if let Ok(map) = serde_json::from_str(text) {
        return Some(map);
    }
    let (_, rest) = text.split_once("RAW_RUNTIME_STATE =\n'")?;
    let (quoted, _) = rest.split_once("';")?;
    let mut json = String::with_capacity(quoted.len());
    let mut chars = quoted.chars();
    // In a text of JavaScript a backslash at the end of a line joins it to the next.
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (c, false) => json.push(c),
            (_, true) => json.extend(chars.next().filter(|c| *c != '\n')),
        }
    }
    serde_json::from_str(&json).ok()
}

/// Returns the package and the reference to which a workspace's dependency leads.
fn dependency(map: &Value, workspace: &Path, name: &str) -> Option<(String, String)> {
    let packages = map["packageRegistryData"].as_array()?;
    let versions = packages.iter().filter_map(|of| of[1].as_array()).flatten();
    let is_workspace = |version: &&Value| {
        let place = version[1]["packageLocation"].as_str().unwrap_or_default();
        let place = place.trim_start_matches("./").trim_end_matches('/');
        Path::new(place) == workspace && version[1]["linkType"] == "SOFT"
    };
    let dependencies = versions
        .filter(is_workspace)
        .filter_map(|version| version[1]["packageDependencies"].as_array());
    let found = dependencies.flatten().find(|pair| pair[0] == name)?;
    let (name, reference) = match &found[1] {
        // An alias names the package too.
        Value::Array(alias) => (alias.first()?.as_str()?, alias.get(1)?.as_str()?),
        other => (name, other.as_str()?),
    };
    // A package with peers has a virtual reference in front of its own.
    let own = match reference.strip_prefix("virtual:") {
        Some(rest) => rest.split_once('#')?.1,
        None => reference,
    };
    Some((name.to_owned(), own.to_owned()))
}

/// Returns the lock file's entry for what the map refers to.
fn entry_of(entries: &[Entry], name: &str, reference: &str) -> Option<Entry> {
    let version = reference.strip_prefix("npm:");
    let mut own = entries.iter().filter(|entry| entry.is_of(name));
    let found = match version {
        Some(version) => own.find(|entry| entry.version == version),
        // Of a file there is one version.
        None => own.next(),
    }?;
    Some(Entry {
        keys: found.keys.clone(),
        version: found.version.clone(),
        integrity: found.integrity.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = r#"{"packageRegistryData": [
        [null, [[null, {"packageLocation": "./", "linkType": "SOFT",
            "packageDependencies": [["husky", "npm:8.0.0"], ["shop", "workspace:."]]}]]],
        ["husky", [
            ["npm:8.0.0", {"packageLocation": "x/husky/", "linkType": "HARD"}],
            ["npm:9.1.7", {"packageLocation": "y/husky/", "linkType": "HARD",
                "packageDependencies": [["husky", "npm:9.1.7"]]}]]],
        ["web", [["workspace:web", {"packageLocation": "./web/", "linkType": "SOFT",
            "packageDependencies": [["husky", "virtual:0f#npm:9.1.7"], ["short", ["long", "npm:1.0.0"]],
                ["gone", null]]}]]]
    ]}"#;

    fn found(workspace: &str, name: &str) -> Option<String> {
        let map = parse(MAP).unwrap();
        let (name, reference) = dependency(&map, Path::new(workspace), name)?;
        Some(format!("{name}@{reference}"))
    }

    #[test]
    fn each_workspace_has_its_own_version() {
        assert_eq!(found("", "husky").as_deref(), Some("husky@npm:8.0.0"));
        assert_eq!(found("web", "husky").as_deref(), Some("husky@npm:9.1.7"));
        assert_eq!(found("web", "short").as_deref(), Some("long@npm:1.0.0"));
        assert_eq!(found("web", "gone"), None);
        assert_eq!(found("elsewhere", "husky"), None);
    }

    #[test]
    fn the_program_holds_the_same_map() {
        let quoted = MAP.replace('\\', "\\\\").replace('\'', "\\'");
        let lines = quoted.replace('\n', "\\\n");
        let program = format!(
            "\"use strict\";\nconst RAW_RUNTIME_STATE =\n'{lines}';\n\nfunction x() {{}}\n"
        );
        assert_eq!(parse(&program), parse(MAP));
        assert!(parse("const RAW_RUNTIME_STATE =\n'{").is_none());
    }
}
