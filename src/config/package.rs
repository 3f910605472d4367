//! The package that a run tries: the user's, that of the configuration, the one that the
//! consumer's lock file pins, or the default of the built-in profile.

use std::path::{Path, PathBuf};

use super::error::{ConfigError, Result};
use super::layer::{Layer, PackageChoice};
use crate::lockfile::{self, Pin};
use crate::model::command::CommandTemplate;
use crate::model::package::PackageFrom;
use crate::model::step::ProfileStep;
use crate::model::template::Placeholder;
use crate::model::{GateName, PackageSpec, Profile};

/// The inputs that decide on the package beside the merged layers.
pub(super) struct Given<'a> {
    /// The package that the user named.
    pub(super) package: Option<&'a PackageSpec>,
    /// Set if the consumer's own configuration names a package, or none.
    pub(super) is_configured: bool,
    /// Set if the consumer's own configuration lists the companions.
    pub(super) has_companions: bool,
    /// The consumer.
    pub(super) repo_root: &'a Path,
}

/// Returns the steps that install and activate the gate.
pub(super) fn commands(layer: &Layer) -> impl Iterator<Item = &ProfileStep> {
    layer.install.iter().chain(&layer.activate).flatten()
}

/// Returns the version of the gate's package that the consumer's lock file pins.
#[must_use]
pub fn pinned(profile: &Profile, repo_root: &Path) -> Option<Pin> {
    let name = profile.package.as_ref()?.package_name()?;
    lockfile::pinned(
        repo_root,
        &folders(profile, repo_root),
        name,
        profile.registry,
    )
}

/// Returns the folders of the consumer in which a profile installs its package.
#[must_use]
pub fn folders(profile: &Profile, repo_root: &Path) -> Vec<PathBuf> {
    let steps = profile.activate.iter().chain(&profile.install);
    folders_of(steps, repo_root)
}

fn folders_of<'a>(steps: impl Iterator<Item = &'a ProfileStep>, repo_root: &Path) -> Vec<PathBuf> {
    let commands: Vec<&CommandTemplate> = steps.map(|step| &step.command).collect();
    lockfile::folders(repo_root, &commands)
}

/// Chooses the package, and checks that the commands and the package need each other.
pub(super) fn chosen(
    gate: &GateName,
    given: &Given<'_>,
    layer: &Layer,
) -> Result<(Option<PackageSpec>, PackageFrom)> {
    let of_layer = match &layer.package {
        Some(PackageChoice::Spec(spec)) => Some(spec),
        Some(PackageChoice::InConsumer) | None => None,
    };
    let steps = commands(layer).map(|step| &step.command);
    let runs = layer
        .stages
        .values()
        .filter_map(|stage| stage.value.run.as_ref());
    let is_used = steps
        .chain(runs)
        .any(|command| command.uses(Placeholder::PackageSpec));
    let (package, from) = match (given.package, given.is_configured) {
        (Some(spec), _) => (Some(spec.clone()), PackageFrom::User),
        (None, true) => (of_layer.cloned(), PackageFrom::Configuration),
        (None, false) if is_used => match of_lock_file(gate, given, layer, of_layer) {
            Some((spec, file)) => (Some(spec), PackageFrom::LockFile(file)),
            None => (of_layer.cloned(), PackageFrom::Profile),
        },
        (None, false) => (of_layer.cloned(), PackageFrom::Profile),
    };
    match &package {
        None if is_used => Err(ConfigError::whole(format!(
            "the gate `{gate}` is installed from a package, and none is named"
        ))
        .hint("add: package = \"NAME@VERSION\", or pass --package")),
        // Otherwise a run would pass in the name of a package that nothing installed.
        Some(package) if !is_used => Err(ConfigError::whole(format!(
            "no command of the gate `{gate}` takes the package `{}`",
            package.as_str()
        ))
        .hint("put {package_spec} into the command that installs it, or name no package")),
        _ => Ok((package, from)),
    }
}

/// Returns the package at the version that the consumer's lock file pins, and that file.
/// Without a default, its name is that of the gate.
fn of_lock_file(
    gate: &GateName,
    given: &Given<'_>,
    layer: &Layer,
    default: Option<&PackageSpec>,
) -> Option<(PackageSpec, PathBuf)> {
    let name = match default {
        Some(default) => default.package_name()?,
        None => gate.as_str(),
    };
    let folders = folders_of(all_steps(layer), given.repo_root);
    let registry = layer.registry.unwrap_or_default();
    let pin = lockfile::pinned(given.repo_root, &folders, name, registry)?;
    let spec = PackageSpec::parse(&format!("{name}@{}", pin.version)).ok()?;
    Some((spec, pin.file))
}

/// Returns the companions, each with its origin; inherited ones at the versions that the
/// consumer's lock file pins.
pub(super) fn companions(given: &Given<'_>, layer: &Layer) -> Vec<(String, PackageFrom)> {
    let listed = layer.companions.clone().unwrap_or_default().into_iter();
    if given.has_companions {
        let own = listed.map(|spec| (spec, PackageFrom::Configuration));
        return own.collect();
    }
    let folders = folders_of(all_steps(layer), given.repo_root);
    let registry = layer.registry.unwrap_or_default();
    let at_pin = |companion: String| {
        let spec = PackageSpec::parse(&companion).ok();
        let name = spec.as_ref().and_then(PackageSpec::package_name);
        let pin = name.and_then(|name| {
            let pin = lockfile::pinned(given.repo_root, &folders, name, registry)?;
            let spec = format!("{name}@{}", pin.version);
            Some((spec, PackageFrom::LockFile(pin.file)))
        });
        pin.unwrap_or((companion, PackageFrom::Profile))
    };
    listed.map(at_pin).collect()
}

/// Returns the lock files that should say which versions to take, and cannot be read.
pub(super) fn unread_locks(given: &Given<'_>, layer: &Layer) -> Vec<(PathBuf, String)> {
    let is_asked = (given.package.is_none() && !given.is_configured)
        || (!given.has_companions && layer.companions.is_some());
    if !is_asked || commands(layer).next().is_none() {
        return Vec::new();
    }
    let folders = folders_of(all_steps(layer), given.repo_root);
    lockfile::unreadable(
        given.repo_root,
        &folders,
        layer.registry.unwrap_or_default(),
    )
}

fn all_steps(layer: &Layer) -> impl Iterator<Item = &ProfileStep> {
    let activate = layer.activate.iter().flatten();
    activate.chain(layer.install.iter().flatten())
}

#[cfg(test)]
mod tests {
    use crate::config::{ConfigSource, load};
    use crate::sys::fs;

    #[track_caller]
    fn check(own: &str, wanted: &str) {
        let folder = fs::TemporaryFolder::new().unwrap();
        let lock = r#"{"packages": {"node_modules/lint-staged": {"version": "15.5.2"}}}"#;
        let toml = format!("schema = 1\ngate = \"husky\"\ninherits = \"husky\"\n{own}");
        for (path, content) in [
            ("package.json", "{}"),
            ("package-lock.json", lock),
            ("matrix.toml", &toml),
        ] {
            fs::write(&folder.path().join(path), content.as_bytes()).unwrap();
        }
        for scenario in ["clean", "violations", "mixed"] {
            let path = folder.path().join("scenarios").join(scenario);
            std::fs::create_dir_all(path).unwrap();
        }
        let source = ConfigSource {
            repo_root: folder.path(),
            file: None,
            package: None,
            package_base: folder.path(),
            remote: None,
        };
        assert_eq!(load(&source).unwrap().companions, [wanted]);
    }

    #[test]
    fn an_inherited_companion_takes_the_pinned_version() {
        check("", "lint-staged@15.5.2");
        check(
            "companions = [\"lint-staged@16.0.0\"]\n",
            "lint-staged@16.0.0",
        );
    }
}
