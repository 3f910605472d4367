//! The package under test, as the installer is to see it.

use std::io;
use std::path::{Path, PathBuf};

use super::request::Request;
use crate::model::{PackageSpec, Profile};
use crate::replay::Recorded;
use crate::sys::fs;

/// The folder of a package that is a file, below the folder of all lanes.
const FOLDER: &str = "package";

/// A package spec for installers.
pub(super) struct Package {
    /// The value of `{package_spec}` in this run.
    pub(super) spec: String,
    /// The same for a script that runs without this run's copies.
    pub(super) origin: String,
}

/// Resolves the package: pinned by a recorded run, copied if it is a file,
/// else as typed.
///
/// # Errors
/// If a file cannot be copied.
pub(super) fn resolve(
    request: &Request,
    recorded: Option<&Recorded>,
    profile: &Profile,
    lanes_root: &Path,
) -> io::Result<Package> {
    if let Some(pinned) = recorded.and_then(|recorded| recorded.package_of(profile)) {
        return Ok(Package {
            spec: pinned.clone(),
            origin: pinned,
        });
    }
    let Some(spec) = &profile.package else {
        return Ok(Package {
            spec: String::new(),
            origin: String::new(),
        });
    };
    let origin = as_typed(request, profile, spec);
    Ok(Package {
        spec: copied(spec, &origin, &lanes_root.join(FOLDER))?,
        origin,
    })
}

/// Copies a package that is a file: every lane gets the same bytes, also if
/// the file is packed anew while the run goes on.
fn copied(spec: &PackageSpec, typed: &str, folder: &Path) -> io::Result<String> {
    let path = Path::new(typed);
    let name = spec.local_path().and(path.file_name());
    let Some(name) = name.filter(|_| path.is_file()) else {
        return Ok(typed.to_owned());
    };
    let copy = folder.join(name);
    fs::write(&copy, &fs::read(path)?)?;
    Ok(copy.to_string_lossy().into_owned())
}

/// The folders that a lane must see to install a package that comes from no
/// registry.
pub(super) fn places(request: &Request, profile: &Profile, lanes_root: &Path) -> Vec<PathBuf> {
    let spec = profile.package.as_ref();
    let Some(spec) = spec.filter(|spec| spec.local_path().is_some()) else {
        return Vec::new();
    };
    let copied = lanes_root.join(FOLDER);
    // A folder that is missing cannot be shown to a sandbox.
    let _ = fs::create_folder(&copied);
    vec![copied, as_typed(request, profile, spec).into()]
}

/// The spec for the installer. A relative path of the user is relative to the
/// working directory, one of the configuration to its file.
fn as_typed(request: &Request, profile: &Profile, spec: &PackageSpec) -> String {
    let base = match &request.package.spec {
        Some(_) => &request.package.base,
        None => &profile.package_base,
    };
    spec.for_installer(profile.registry, base)
}
