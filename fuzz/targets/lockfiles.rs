//! Lock files and manifests of package managers, and their records of an installation.

use std::path::{Path, PathBuf};

use gate_matrix::lane::doors::installed;
use gate_matrix::lockfile::{Project, pinned, unreadable};
use gate_matrix::model::{PackageSpec, Registry};

use super::{files, folder};

/// A package of a registry, one whose name has a scope, and files.
const PACKAGES: [&str; 4] = [
    "husky@9.1.7",
    "@scope/gate@1.0.2",
    "./acme-gate-1.2.3.tgz",
    "ruff==0.1.0",
];

pub fn lockfiles(data: &[u8]) {
    let (folder, written) = folder(&files(data));
    let root = folder.path();
    let starts: [PathBuf; 2] = ["web".into(), "".into()];
    for registry in [Registry::Npm, Registry::Pypi] {
        for name in ["husky", "@scope/gate", "ruff", "Typing_Extensions"] {
            let Some(pin) = pinned(root, &starts, name, registry) else {
                continue;
            };
            assert!(
                pin.version.starts_with(|c: char| c.is_ascii_digit()),
                "{pin:?}"
            );
            let file = pin.file.to_string_lossy().into_owned();
            assert!(written.contains(&file), "{file} of {written:?}");
        }
        for (file, why) in unreadable(root, &starts, registry) {
            assert!(root.join(file).exists() && !why.is_empty());
        }
    }
    if let Some(project) = Project::find(root, &starts) {
        let _ = (project.plain_install(), project.manifest());
        let _ = project.scripts_switch(root);
        let _ = project.asks_for(root, &starts, "husky");
    }
    for package in PACKAGES {
        let spec = PackageSpec::parse(package).unwrap();
        for found in installed(&spec, root) {
            assert!(!found.name.is_empty() && !found.version.is_empty());
            assert!(!found.version.chars().any(char::is_control));
            assert!(
                found
                    .read_from
                    .is_some_and(|file| Path::new(&file).starts_with(root))
            );
        }
    }
}
