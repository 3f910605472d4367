//! The package of a gate: the spec that the user typed, and what was installed.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A package spec as the user typed it, parsed as far as no registry is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageSpec {
    typed: String,
}

/// The reason for which a text is no package spec.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// An installer would read it as an option.
    #[error("package spec `{0}` begins with a dash: an installer would read it as an option")]
    Dash(String),
    /// It is empty, or would reach an installer as more than one line.
    #[error("package spec {0:?} is empty or holds a control character")]
    Unusable(String),
}

/// The package that was installed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PackageResolved {
    /// The package's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The registry's digest of it; null if the installer kept none.
    pub integrity: Option<String>,
    /// The file or folder that it was read from, relative to the lane's folder; absent in
    /// runs of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_from: Option<String>,
}

/// Compares the packages alone: the same one can be recorded in two places.
impl PartialEq for PackageResolved {
    fn eq(&self, other: &Self) -> bool {
        let what = |package: &Self| {
            let Self {
                name,
                version,
                integrity,
                read_from: _,
            } = package.clone();
            (name, version, integrity)
        };
        what(self) == what(other)
    }
}

impl Eq for PackageResolved {}

/// The origin of the package that a run tries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackageFrom {
    /// The user named it.
    User,
    /// The consumer's configuration names it, or says that there is none.
    Configuration,
    /// A lock file of the consumer pins it; its path, relative to the consumer.
    LockFile(PathBuf),
    /// The built-in profile has it as its default.
    Profile,
}

impl PackageFrom {
    /// Returns the lock file that pins it.
    #[must_use]
    pub fn lock_file(&self) -> Option<String> {
        match self {
            Self::LockFile(file) => Some(file.to_string_lossy().into_owned()),
            Self::User | Self::Configuration | Self::Profile => None,
        }
    }
}

/// The registry that a gate is installed from. It decides how the installer spells a spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Registry {
    /// `name@version`, as npm reads it.
    #[default]
    Npm,
    /// `name==version`, as pip reads it.
    Pypi,
}

impl PackageSpec {
    /// Parses a spec as typed.
    ///
    /// # Errors
    /// If it is empty, begins with a dash or holds a control character.
    pub fn parse(typed: &str) -> Result<Self, SpecError> {
        if typed.starts_with('-') {
            return Err(SpecError::Dash(typed.to_owned()));
        }
        if typed.trim().is_empty() || typed.chars().any(char::is_control) {
            return Err(SpecError::Unusable(typed.to_owned()));
        }
        Ok(Self {
            typed: typed.to_owned(),
        })
    }

    /// Returns the spec as typed, as artifacts have it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    /// Returns the file or folder that the spec names, unless it names a package of a
    /// registry.
    #[must_use]
    pub fn local_path(&self) -> Option<&Path> {
        let text = self.typed.strip_prefix("file:").unwrap_or(&self.typed);
        let is_path = text.starts_with("./")
            || text.starts_with("../")
            || text.starts_with('/')
            || text == "."
            || text == ".."
            || self.typed.starts_with("file:");
        is_path.then(|| Path::new(text))
    }

    /// Returns the package's name, if the spec contains it.
    ///
    /// Of a registry spec it is the part before the version; of a tarball, the part before
    /// the version in the name that `npm pack` gives it.
    #[must_use]
    pub fn package_name(&self) -> Option<&str> {
        match self.local_path() {
            Some(path) => tarball_name(path),
            None => Some(self.split_version().0),
        }
    }

    /// Returns the version, tag or range of a registry spec, if it names one.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        match self.local_path() {
            Some(_) => None,
            None => self.split_version().1,
        }
    }

    fn split_version(&self) -> (&str, Option<&str>) {
        let text = self.typed.as_str();
        if let Some((name, version)) = text.split_once("==") {
            return (name, Some(version));
        }
        // A scope's own `@` is the first character, never the version's.
        match text.get(1..).and_then(|rest| rest.rfind('@')) {
            Some(at) => (&text[..=at], Some(&text[at + 2..])),
            None => (text, None),
        }
    }

    /// Returns the spec as its installer spells it: the value of `{package_spec}`.
    ///
    /// Local paths are made absolute against `base`.
    #[must_use]
    pub fn for_installer(&self, registry: Registry, base: &Path) -> String {
        if let Some(path) = self.local_path() {
            return normalise(&base.join(path)).to_string_lossy().into_owned();
        }
        match (registry, self.split_version()) {
            (Registry::Npm, _) => self.typed.clone(),
            (Registry::Pypi, (name, None | Some("latest"))) => name.to_owned(),
            (Registry::Pypi, (name, Some(version))) => format!("{name}=={version}"),
        }
    }

    /// Returns the spec of the same package at the version that was installed.
    ///
    /// None if no registry has the package.
    #[must_use]
    pub fn pinned(&self, registry: Registry, resolved: &PackageResolved) -> Option<String> {
        let (name, version) = self.split_version();
        // An alias, an address or a branch is not followed by a version.
        let is_of_registry = version.is_none_or(|version| !version.contains([':', '/']));
        if self.local_path().is_some() || name.contains(':') || !is_of_registry {
            return None;
        }
        let by = match registry {
            Registry::Npm => "@",
            Registry::Pypi => "==",
        };
        Some(format!("{name}{by}{}", resolved.version))
    }
}

fn tarball_name(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?;
    let stem = name.strip_suffix(".tgz").or(name.strip_suffix(".tar.gz"))?;
    let digit_after_dash =
        |(at, _): &(usize, &str)| stem.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit);
    let (at, _) = stem.match_indices('-').find(digit_after_dash)?;
    Some(&stem[..at])
}

/// Removes `.` and `..` from an absolute path by its text alone.
fn normalise(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(text: &str) -> PackageSpec {
        PackageSpec::parse(text).unwrap()
    }

    #[test]
    fn a_name_is_what_stands_before_the_version() {
        assert_eq!(spec("pumuki@latest").package_name(), Some("pumuki"));
        assert_eq!(spec("pumuki").package_name(), Some("pumuki"));
        assert_eq!(spec("@scope/gate@1.2").package_name(), Some("@scope/gate"));
        assert_eq!(spec("@scope/gate").package_name(), Some("@scope/gate"));
        assert_eq!(spec("prek==0.5.11").package_name(), Some("prek"));
        assert_eq!(
            spec("./x/lint-staged-16.4.0.tgz").package_name(),
            Some("lint-staged")
        );
        assert_eq!(spec("./gate-dir").package_name(), None);
    }

    #[test]
    fn each_installer_gets_its_own_spelling() {
        let base = Path::new("/base");
        assert_eq!(
            spec("prek@0.5.11").for_installer(Registry::Pypi, base),
            "prek==0.5.11"
        );
        assert_eq!(
            spec("prek@latest").for_installer(Registry::Pypi, base),
            "prek"
        );
        assert_eq!(spec("prek@1").for_installer(Registry::Npm, base), "prek@1");
        assert_eq!(
            spec("./a/../gate.tgz").for_installer(Registry::Npm, base),
            "/base/gate.tgz"
        );
    }

    #[test]
    fn a_spec_is_never_an_option() {
        assert!(matches!(
            PackageSpec::parse("--registry=x"),
            Err(SpecError::Dash(_))
        ));
        assert!(PackageSpec::parse(" ").is_err());
        assert!(PackageSpec::parse("a\nb").is_err());
    }
}
