//! Comparing the package of an earlier lane with the one that this run would install.

use std::path::Path;

use serde_json::Value;

use crate::model::package::PackageResolved;
use crate::model::package::Registry;
use crate::model::text::plain;
use crate::model::{PackageSpec, Profile};
use crate::sys::env::Snapshot;
use crate::sys::process;

/// The package that an earlier lane must have installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Package {
    /// The inputs cover it: it is local, or there is none.
    InInputs,
    /// This version, with a digest of the registry's.
    Version(String),
    /// Exactly this.
    Resolved(PackageResolved),
    /// It is unknown; the reason, to follow "since".
    Unknown(String),
}

impl Package {
    /// Returns the package that a profile would install now.
    ///
    /// For a tag or a range the registry is asked, once.
    #[must_use]
    pub fn from_profile(profile: &Profile, wanted: &str, consumer: &Path, env: &Snapshot) -> Self {
        let loose = |companion: &&String| {
            let spec = PackageSpec::parse(companion).ok();
            let spec = spec.filter(|spec| spec.local_path().is_none());
            spec.is_none_or(|spec| exact(&spec, profile.registry).is_none())
        };
        if let Some(loose) = profile.companions.iter().find(loose) {
            let text = format!("the companion `{}` names no exact version", plain(loose));
            return Self::Unknown(text);
        }
        let Some(spec) = profile
            .package
            .as_ref()
            .filter(|spec| spec.local_path().is_none())
        else {
            return Self::InInputs;
        };
        match (exact(spec, profile.registry), profile.registry) {
            (Some(version), _) => Self::Version(version.to_owned()),
            (None, Registry::Npm) => match ask_npm(wanted, consumer, env) {
                Ok(package) => Self::Resolved(package),
                Err(why) => Self::Unknown(format!(
                    "npm cannot resolve `{}`: {}",
                    plain(wanted),
                    plain(&why)
                )),
            },
            (None, Registry::Pypi) => Self::Unknown(format!(
                "`{}` names no exact version, and PyPI is not asked",
                plain(spec.as_str())
            )),
        }
    }

    /// Returns the reason why a lane with this package cannot be reused.
    #[must_use]
    pub fn differs(&self, installed: Option<&PackageResolved>) -> Option<String> {
        let version = |package: &PackageResolved| plain(&package.version);
        match (self, installed) {
            (Self::InInputs, _) => None,
            (Self::Unknown(why), _) => Some(format!("not reusable, since {why}")),
            (_, None) => Some("the earlier run did not record what it installed".to_owned()),
            (Self::Version(wanted), Some(had)) if had.version != *wanted => {
                Some(format!("the earlier run installed {}", version(had)))
            }
            (Self::Version(_), Some(had)) if had.integrity.is_none() => {
                Some("the earlier run recorded no digest of the package".to_owned())
            }
            (Self::Version(_), Some(_)) => None,
            (Self::Resolved(now), Some(had)) if now == had => None,
            (Self::Resolved(now), Some(had)) => Some(format!(
                "the package is {} now and was {}",
                described(now, had),
                version(had)
            )),
        }
    }
}

fn described(now: &PackageResolved, had: &PackageResolved) -> String {
    let version = plain(&now.version);
    if now.version == had.version {
        format!("another {version}")
    } else {
        version
    }
}

/// The version of a spec that names exactly one.
fn exact(spec: &PackageSpec, registry: Registry) -> Option<&str> {
    let version = spec.version()?;
    let pattern = match registry {
        Registry::Npm => r"^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$",
        Registry::Pypi => r"^([0-9]+!)?[0-9]+(\.[0-9]+)*[0-9A-Za-z.+-]*$",
    };
    let regex = regex::Regex::new(pattern).ok()?;
    regex.is_match(version).then_some(version)
}

/// Asks the registry with the settings of the user and of the consumer, as lanes do.
fn ask_npm(spec: &str, consumer: &Path, env: &Snapshot) -> Result<PackageResolved, String> {
    let npm = env.find_program("npm").ok_or("npm is not on PATH")?;
    let words = [
        "view",
        "--json",
        "--",
        spec,
        "name",
        "version",
        "dist.integrity",
    ];
    let words = words.map(Into::into);
    let json = process::helper::run(&npm, &words, &env.all(), consumer, &[])?;
    let answer: Value = serde_json::from_slice(&json).map_err(|e| e.to_string())?;
    let text = |key: &str| {
        answer
            .get(key)
            .and_then(Value::as_str)
            .map(ToOwned::to_owned)
    };
    let package = PackageResolved {
        name: text("name").ok_or("it names more than one version")?,
        version: text("version").ok_or("it reports no version")?,
        integrity: text("dist.integrity"),
        read_from: None,
    };
    match package.integrity {
        Some(_) => Ok(package),
        None => Err("it reports no digest".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_version_is_exact() {
        let of = |text: &str, registry| {
            let spec = PackageSpec::parse(text).unwrap();
            exact(&spec, registry).is_some()
        };
        for (spec, is_exact) in [
            ("gate@1.2.3", true),
            ("@scope/gate@1.2.3-rc.1", true),
            ("gate", false),
            ("@scope/gate", false),
            ("gate@latest", false),
            ("gate@1.2", false),
            ("gate@^1.2.3", false),
            ("gate@1.2.x", false),
            ("https://example.invalid/gate.tgz", false),
            ("github:owner/gate", false),
        ] {
            assert_eq!(of(spec, Registry::Npm), is_exact, "{spec}");
        }
        for (spec, is_exact) in [
            ("gate==1.2", true),
            ("gate@1.2.3rc1", true),
            ("gate==1.*", false),
            ("gate@latest", false),
            ("gate", false),
            ("gate>=1.2", false),
        ] {
            assert_eq!(of(spec, Registry::Pypi), is_exact, "{spec}");
        }
    }
}
