//! The entries of `yarn.lock`, of yarn 1 and of the later ones.

use std::path::Path;

use super::json::{read_json, read_text};
use super::lines::{bare, split_name};

/// One entry of the lock file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The ranges that it answers, each as `name@range`.
    pub(crate) keys: Vec<String>,
    pub(crate) version: String,
    /// The digest of the package, or of yarn's own archive of it.
    pub(crate) integrity: Option<String>,
}

/// Returns the digest that the lock file of a folder has of a package.
pub(crate) fn integrity(folder: &Path, name: &str, version: &str) -> Option<String> {
    let is_it = |entry: &Entry| entry.version == version && entry.is_of(name);
    let entry = entries(folder).into_iter().find(is_it)?;
    entry.integrity
}

/// Returns the entries of the lock file of a folder; none if there is no such file.
pub(crate) fn entries(folder: &Path) -> Vec<Entry> {
    let text = read_text(&folder.join("yarn.lock")).unwrap_or_default();
    parse(&text)
}

/// Returns the version that the lock file of a folder pins for a folder below it: the one
/// for the range of the manifest, else the only one.
pub(super) fn pinned(folder: &Path, below: &Path, name: &str) -> Option<String> {
    let mut own = entries(folder);
    own.retain(|entry| entry.ranges(name).any(is_of_registry));
    let ranges = below.ancestors().filter_map(|below| {
        let manifest = read_json(&folder.join(below).join("package.json"))?;
        let kinds = ["devDependencies", "dependencies", "optionalDependencies"];
        let mut found = kinds
            .iter()
            .filter_map(|kind| manifest[kind][name].as_str());
        found.next().map(ToOwned::to_owned)
    });
    let for_range = ranges.filter_map(|range| {
        let is_it = |known: &str| known == range || known.strip_prefix("npm:") == Some(&*range);
        own.iter().find(|entry| entry.ranges(name).any(is_it))
    });
    let entry = for_range.into_iter().next().or(match &own[..] {
        [only] => Some(only),
        _ => None,
    });
    entry.map(|entry| entry.version.clone())
}

/// True for a range of versions, and not for a link, a file or another package.
fn is_of_registry(range: &str) -> bool {
    let range = range.strip_prefix("npm:").unwrap_or(range);
    !range.contains([':', '@'])
}

impl Entry {
    /// Returns the ranges that it answers of the package with this name.
    fn ranges<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let keys = self.keys.iter().filter_map(|key| split_name(key));
        keys.filter_map(move |(of, range)| (of == name).then_some(range))
    }

    /// True if it is an entry of the package with this name.
    pub(crate) fn is_of(&self, name: &str) -> bool {
        self.ranges(name).next().is_some()
    }
}

fn parse(text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if line.ends_with(':') && !line.starts_with(' ') {
            // The later yarn quotes all ranges together, yarn 1 each on its own.
            let keys = line.split(',').map(bare).map(ToOwned::to_owned);
            entries.push(Entry {
                keys: keys.collect(),
                ..Entry::default()
            });
        }
        let field = line
            .strip_prefix("  ")
            .filter(|rest| !rest.starts_with(' '));
        let pair = field.and_then(|field| field.split_once(' '));
        let (Some((key, value)), Some(entry)) = (pair, entries.last_mut()) else {
            continue;
        };
        match bare(key) {
            "version" => bare(value).clone_into(&mut entry.version),
            "integrity" | "checksum" => entry.integrity = Some(bare(value).to_owned()),
            _ => {}
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLASSIC: &str = "# yarn lockfile v1\n\n\n\"@scope/gate@^1.0.0\", \"@scope/gate@~1.0.1\":\n  version \"1.0.2\"\n  resolved \"https://example.invalid/gate.tgz#d46a\"\n  integrity sha512-scope==\n  dependencies:\n    version \"^9.0.0\"\n\nhusky@9.1.7:\n  version \"9.1.7\"\n  integrity sha512-nine==\n\n\"gate@file:../gate-1.0.0.tgz\":\n  version \"1.0.0\"\n";
    const BERRY: &str = "__metadata:\n  version: 9\n  cacheKey: 10c0\n\n\"@scope/gate@npm:^1.0.0, @scope/gate@npm:~1.0.1\":\n  version: 1.0.2\n  checksum: 10c0/scope\n\n\"husky@npm:9.1.7\":\n  version: 9.1.7\n  resolution: \"husky@npm:9.1.7\"\n  bin:\n    husky: bin.js\n  checksum: 10c0/nine\n";

    fn digest(text: &str, name: &str, version: &str) -> Option<String> {
        let is_it = |entry: &Entry| entry.version == version && entry.is_of(name);
        parse(text).into_iter().find(is_it)?.integrity
    }

    #[test]
    fn reads_both_formats() {
        for (text, name, version, wanted) in [
            (CLASSIC, "husky", "9.1.7", Some("sha512-nine==")),
            (CLASSIC, "@scope/gate", "1.0.2", Some("sha512-scope==")),
            (CLASSIC, "@scope/gate", "9.0.0", None),
            (CLASSIC, "gate", "1.0.0", None),
            (BERRY, "husky", "9.1.7", Some("10c0/nine")),
            (BERRY, "@scope/gate", "1.0.2", Some("10c0/scope")),
            (BERRY, "husky", "9", None),
        ] {
            assert_eq!(digest(text, name, version).as_deref(), wanted, "{name}");
        }
    }

    #[test]
    fn an_entry_without_a_digest_has_a_version() {
        let entry = parse(CLASSIC).pop().unwrap();
        assert!(entry.is_of("gate"));
        assert_eq!((entry.version.as_str(), entry.integrity), ("1.0.0", None));
    }
}
