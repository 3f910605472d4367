//! The package to look for.

use std::path::Path;

use serde_json::Value;

use crate::lockfile::json::read_json;
use crate::model::PackageSpec;

/// The package to look for in the records.
pub(super) struct Wanted<'a> {
    pub(super) spec: &'a PackageSpec,
}

impl<'a> Wanted<'a> {
    /// The file or folder name of a local package.
    pub(super) fn file_name(&self) -> Option<&'a str> {
        self.spec.local_path()?.file_name()?.to_str()
    }

    /// True if the text, an address or a path, ends with the local package.
    pub(super) fn is_local(&self, from: &str) -> bool {
        let path = from.split(['#', '?']).next().map(Path::new);
        let name = path
            .and_then(Path::file_name)
            .and_then(|name| name.to_str());
        self.file_name().is_some() && name == self.file_name()
    }

    /// Returns the name under which the package is installed, as far as its spec says.
    pub(super) fn name(&self) -> Option<&'a str> {
        let name = self.spec.package_name()?;
        // `name@npm:other@1.0.0` installs another package under this name.
        let alias = name.get(1..).and_then(|rest| rest.find("@npm:"));
        let name_alone = alias.map_or(name, |at| &name[..=at]);
        (!name_alone.contains(':')).then_some(name_alone)
    }

    /// Returns the names under which a folder may have it, the most certain first.
    ///
    /// For a file or an address, the manifest says which dependency it became: the name
    /// of a tarball is not always that of its package.
    pub(super) fn names_in(&self, folder: &Path) -> Vec<String> {
        let manifest = read_json(&folder.join("package.json")).unwrap_or_default();
        let kinds = ["dependencies", "devDependencies", "optionalDependencies"];
        let all = kinds.iter().filter_map(|kind| manifest[kind].as_object());
        let is_it = |value: &Value| {
            let value = value.as_str().unwrap_or_default();
            value == self.spec.as_str() || self.is_local(value)
        };
        let named = all
            .flatten()
            .filter(|(_, value)| is_it(value))
            .map(|(name, _)| name.clone());
        let own = self.name().map(ToOwned::to_owned);
        named.chain(own).collect()
    }

    /// The version, tag or range that was asked for.
    pub(super) fn version(&self) -> Option<&'a str> {
        self.spec.version()
    }
}
