//! Doors to the parsers of this module, for `fuzz/`.

use std::path::Path;

use super::wanted::Wanted;
use super::{node_modules, npm, pip, plug_and_play, site_packages};
use crate::model::PackageSpec;
use crate::model::package::PackageResolved;

/// Returns what each reader finds of a package in a folder.
#[must_use]
pub fn installed(spec: &PackageSpec, folder: &Path) -> Vec<PackageResolved> {
    let wanted = Wanted { spec };
    let mut found = npm::read(&wanted, folder);
    found.extend(node_modules::read(&wanted, folder, folder));
    found.extend(plug_and_play::read(&wanted, folder, folder));
    found.extend(pip::read(&wanted, &folder.join("pip-report.json")));
    found.extend(site_packages::read(&wanted, folder));
    found
}
