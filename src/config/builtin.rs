//! The built-in profiles: `scenarios/<gate>/`, embedded in the program.

use std::io;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::text::Text;
use crate::sys::fs;

static SCENARIOS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// The gate of `matrix demo`: a few lines of shell that need git alone.
pub const DEMO: &str = "demo";

/// A built-in profile with its mock consumer and overlays.
#[derive(Debug)]
pub struct Builtin {
    folder: &'static Dir<'static>,
}

/// Returns the names of the profiles, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    all().iter().map(Builtin::name)
}

/// Returns the profile of this name.
#[must_use]
pub fn get(name: &str) -> Option<&'static Builtin> {
    all().iter().find(|builtin| builtin.name() == name)
}

/// Returns the profile of a package: the gate of its name, or the one that installs it.
#[must_use]
pub fn for_package(package: &str) -> Option<&'static Builtin> {
    let gates = || all().iter().filter(|builtin| builtin.name() != DEMO);
    let named = gates().find(|builtin| builtin.name() == package);
    named.or_else(|| {
        let start = format!("package = \"{package}@");
        gates().find(|gate| gate.toml().lines().any(|line| line.starts_with(&start)))
    })
}

fn all() -> &'static [Builtin] {
    static ALL: std::sync::LazyLock<Vec<Builtin>> = std::sync::LazyLock::new(|| {
        let mut all: Vec<_> = SCENARIOS.dirs().map(|folder| Builtin { folder }).collect();
        all.sort_by_key(Builtin::name);
        all
    });
    &ALL
}

/// The scenarios of a mock consumer that have an overlay.
const OVERLAYS: [&str; 3] = ["clean", "violations", "mixed"];

fn overlay_folder(scenario: &str) -> PathBuf {
    Path::new("scenarios").join(scenario)
}

impl Builtin {
    /// Returns the gate's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.folder.path().to_str().unwrap_or_default()
    }

    pub(super) fn text(&self) -> Text {
        let file = self.folder.get_file(self.folder.path().join("matrix.toml"));
        Text {
            name: format!("the built-in profile {}", self.name()),
            content: file
                .and_then(|file| file.contents_utf8())
                .unwrap_or_default()
                .to_owned(),
        }
    }

    /// Returns the profile as TOML.
    #[must_use]
    pub fn toml(&self) -> String {
        self.text().content
    }

    /// Returns the package that the profile names.
    #[must_use]
    pub fn package(&self) -> Option<String> {
        let profile: toml::Table = self.toml().parse().ok()?;
        Some(profile.get("package")?.as_str()?.to_owned())
    }

    /// Returns the names of its stages, in their order.
    #[must_use]
    pub fn stages(&self) -> Vec<String> {
        let profile: toml::Table = self.toml().parse().unwrap_or_default();
        let stages = profile.get("stage").and_then(toml::Value::as_table);
        let names = stages.into_iter().flat_map(toml::Table::keys);
        names.cloned().collect()
    }

    /// Returns the patterns of the files that configure its gate.
    #[must_use]
    pub fn weakened(&self) -> Vec<String> {
        let profile: toml::Table = self.toml().parse().unwrap_or_default();
        let patterns = profile.get("configuration").and_then(toml::Value::as_array);
        let patterns = patterns.into_iter().flatten();
        patterns
            .filter_map(|pattern| Some(pattern.as_str()?.to_owned()))
            .collect()
    }

    /// Returns the names of the stages that its scenario `violations` must be blocked at, with
    /// what is expected there as TOML.
    #[must_use]
    pub fn blocked(&self) -> Vec<(String, String)> {
        let profile: toml::Table = self.toml().parse().unwrap_or_default();
        let expected = (profile.get("scenario"))
            .and_then(|scenarios| scenarios.get("violations")?.get("expect")?.as_table());
        let all = expected.into_iter().flatten();
        all.map(|(stage, exit)| (stage.clone(), exit.to_string()))
            .collect()
    }

    /// Writes the mock consumer into a folder: its files, with a `matrix.toml` that inherits the
    /// profile, and the overlays below `scenarios/`.
    ///
    /// # Errors
    /// If a file cannot be written, or exists already.
    pub fn lay_consumer(&self, into: &Path) -> io::Result<()> {
        let files = self.files_below("consumer").into_iter();
        for (path, content) in files.chain(self.overlays()) {
            fs::write_new(&into.join(path), content)?;
        }
        Ok(())
    }

    /// Returns the files that `matrix init` writes: `matrix.toml` and the overlays of the mock
    /// consumer.
    #[must_use]
    pub fn configuration(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let own = self.files_below("consumer").into_iter();
        own.filter(|(path, _)| path == Path::new("matrix.toml"))
            .chain(self.overlays())
            .map(|(path, content)| (path, content.to_vec()))
            .collect()
    }

    /// Returns the files of a scenario of the mock consumer.
    #[must_use]
    pub fn overlay(&self, scenario: &str) -> Vec<(PathBuf, &'static [u8])> {
        self.files_below(scenario)
    }

    /// Returns the paths of the mock consumer's files, without its configuration.
    #[must_use]
    pub fn mock_files(&self) -> Vec<PathBuf> {
        let all = self.files_below("consumer").into_iter();
        let paths = all.map(|(path, _)| path);
        paths
            .filter(|path| path != Path::new("matrix.toml"))
            .collect()
    }

    /// Returns the folders of the mock consumer's overlays.
    #[must_use]
    pub fn overlay_folders(&self) -> Vec<PathBuf> {
        OVERLAYS.map(overlay_folder).to_vec()
    }

    fn overlays(&self) -> impl Iterator<Item = (PathBuf, &'static [u8])> {
        OVERLAYS.into_iter().flat_map(|scenario| {
            let folder = overlay_folder(scenario);
            let files = self.files_below(scenario).into_iter();
            files.map(move |(path, content)| (folder.join(path), content))
        })
    }

    fn files_below(&self, name: &str) -> Vec<(PathBuf, &'static [u8])> {
        let root = self.folder.path().join(name);
        let mut files = Vec::new();
        let mut folders: Vec<_> = self.folder.get_dir(&root).into_iter().collect();
        while let Some(folder) = folders.pop() {
            folders.extend(folder.dirs());
            files.extend(folder.files().filter_map(|file| {
                let embedded = file.path().strip_prefix(&root).ok()?;
                // A folder with a `Cargo.toml` is left out of this program's own package.
                let path = match embedded.extension() {
                    Some(extension) if extension == "mock" => embedded.with_extension(""),
                    _ => embedded.to_owned(),
                };
                Some((path, file.contents()))
            }));
        }
        files.sort();
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ConfigSource, load};

    /// A mock's message, reason and violation fit no other consumer's change.
    #[test]
    fn a_profile_says_nothing_of_its_mock_s_own_changes() {
        for builtin in all() {
            let profile: toml::Table = builtin.toml().parse().unwrap();
            let scenarios = profile["scenario"].as_table().unwrap();
            for (name, scenario) in scenarios {
                let keys: Vec<_> = scenario.as_table().unwrap().keys().collect();
                let known = |key: &str| ["overlay", "seed", "add", "expect"].contains(&key);
                assert!(
                    keys.iter().all(|key| known(key)),
                    "{}: [scenario.{name}] has {keys:?}: what is the mock's alone is in \
                     consumer/matrix.toml",
                    builtin.name()
                );
            }
        }
    }

    #[test]
    fn every_mock_consumer_is_a_configuration_without_a_mistake() {
        for builtin in all() {
            let folder = fs::TemporaryFolder::new().unwrap();
            builtin.lay_consumer(folder.path()).unwrap();
            let source = ConfigSource {
                repo_root: folder.path(),
                file: None,
                package: None,
                package_base: folder.path(),
                remote: None,
            };
            let profile = load(&source).unwrap();
            let name = builtin.name();
            assert_eq!(profile.gate.as_str(), name);
            let stages = profile.stages.len();
            assert_eq!(profile.scenarios.len(), 3, "{name}");
            for (scenario, of_mock) in &profile.scenarios {
                assert_eq!(of_mock.expect.len(), stages, "{name}: {scenario}");
            }
            if let Some(package) = profile.package {
                let found = for_package(package.package_name().unwrap());
                assert_eq!(found.map(Builtin::name), Some(name));
            }
        }
    }
}
