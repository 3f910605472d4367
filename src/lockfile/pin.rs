//! The version of a package that the consumer's lock file pins.

use std::path::{Path, PathBuf};

use super::json::read_text;
use super::{bun, npm, pnpm, python, yarn};
use crate::model::Registry;

/// A version that a lock file pins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The version, exact.
    pub version: String,
    /// The lock file, relative to the consumer.
    pub file: PathBuf,
}

/// Returns the version of a package that is pinned for one of these folders of the
/// consumer, or for a folder above it.
///
/// A package that comes from no registry (a link, a file, a branch) is not pinned.
#[must_use]
pub fn pinned(root: &Path, starts: &[PathBuf], name: &str, registry: Registry) -> Option<Pin> {
    let in_folder = |start: &Path, folder: &Path| match registry {
        Registry::Npm => of_node(root, start, folder, name),
        Registry::Pypi => python::pinned(&root.join(folder), name),
    };
    starts.iter().find_map(|start| {
        let mut above = start.ancestors();
        above.find_map(|folder| {
            let (file, version) = in_folder(start, folder)?;
            is_version(&version).then(|| Pin {
                version,
                file: folder.join(file),
            })
        })
    })
}

/// Returns the lock files of these folders, and of those above them, that are there and
/// cannot be read, with the reason: what they pin is not known.
#[must_use]
pub fn unreadable(root: &Path, starts: &[PathBuf], registry: Registry) -> Vec<(PathBuf, String)> {
    let mut all: Vec<(PathBuf, String)> = Vec::new();
    for folder in starts.iter().flat_map(|start| start.ancestors()) {
        let names: &[&str] = match registry {
            Registry::Npm => match super::manager::of_folder(&root.join(folder)) {
                Some((_, Some(lock))) => &[lock],
                _ => &[],
            },
            Registry::Pypi => &python::FILES,
        };
        for name in names {
            let file = folder.join(name);
            if let Some(why) = why_unreadable(&root.join(&file))
                && !all.iter().any(|(other, _)| *other == file)
            {
                all.push((file, why));
            }
        }
    }
    all
}

/// Returns the reason why a lock file that exists cannot be read.
fn why_unreadable(file: &Path) -> Option<String> {
    let name = file.file_name()?.to_str()?;
    file.symlink_metadata().ok()?;
    if name == "bun.lockb" {
        return Some(
            "it is binary: bun install --save-text-lockfile writes one as text".to_owned(),
        );
    }
    let Some(text) = read_text(file) else {
        return Some("it is no file of text, or too large".to_owned());
    };
    if text.lines().any(|line| line.starts_with("<<<<<<< ")) {
        return Some("it has marks of a conflict".to_owned());
    }
    let expected = match name {
        "package-lock.json" | "npm-shrinkwrap.json" | "Pipfile.lock" => {
            let read: Result<serde_json::Value, _> = serde_json::from_str(&text);
            return read.err().map(|e| format!("it is no JSON: {e}"));
        }
        "uv.lock" | "poetry.lock" | "pdm.lock" | "pylock.toml" => {
            let read: Result<toml::Table, _> = toml::from_str(&text);
            return read
                .err()
                .map(|e| format!("it is no TOML: {}", e.message()));
        }
        "pnpm-lock.yaml" => &["lockfileVersion:"][..],
        "yarn.lock" => &["__metadata:", "# yarn lockfile v1"],
        "bun.lock" => &["\"lockfileVersion\"", "\"packages\""],
        _ => return None,
    };
    let is_one = expected.iter().any(|word| text.contains(word));
    (!is_one).then(|| format!("`{}` is not in it", expected[0]))
}

fn of_node(root: &Path, start: &Path, folder: &Path, name: &str) -> Option<(PathBuf, String)> {
    let top = root.join(folder);
    let (_, lock) = super::manager::of_folder(&top)?;
    let lock = lock?;
    // A workspace is known to the lock file by its place below it.
    let below = start.strip_prefix(folder).ok()?;
    let version = match lock {
        "pnpm-lock.yaml" => pnpm::pinned(&top, below, name),
        "yarn.lock" => yarn::pinned(&top, below, name),
        "bun.lock" => bun::pinned(&top, below, name),
        "bun.lockb" => None,
        _ => npm::pinned(&top.join(lock), below, name),
    }?;
    Some((lock.into(), version))
}

/// True for one exact version, as registries have them.
fn is_version(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".-+!_".contains(c);
    text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::fs;

    fn found(files: &[(&str, &str)], start: &str, name: &str) -> Option<String> {
        let folder = fs::TemporaryFolder::new().unwrap();
        for (path, content) in files {
            fs::write(&folder.path().join(path), content.as_bytes()).unwrap();
        }
        let is_python = !files.iter().any(|(path, _)| path.contains("package"));
        let registry = if is_python {
            Registry::Pypi
        } else {
            Registry::Npm
        };
        let pin = pinned(folder.path(), &[start.into(), "".into()], name, registry)?;
        Some(format!("{} {}", pin.version, pin.file.display()))
    }

    #[track_caller]
    fn check(files: &[(&str, &str)], start: &str, name: &str, wanted: Option<&str>) {
        assert_eq!(
            found(files, start, name).as_deref(),
            wanted,
            "{name} {files:?}"
        );
    }

    const MANIFEST: (&str, &str) = (
        "package.json",
        r#"{"devDependencies": {"husky": "^9.1.0", "@scope/gate": "~1.0.1"}}"#,
    );

    #[test]
    fn npm() {
        let lock = r#"{"lockfileVersion": 3, "packages": {
            "": {"devDependencies": {"husky": "^9.1.0"}},
            "node_modules/husky": {"version": "9.1.7", "resolved": "https://registry.example.invalid/husky.tgz"},
            "node_modules/@scope/gate": {"version": "1.0.2"},
            "node_modules/own": {"resolved": "packages/own", "link": true},
            "node_modules/fork": {"version": "2.0.0", "resolved": "git+ssh://git@example.invalid/fork.git#abc"},
            "node_modules/other": {"name": "another", "version": "3.0.0"},
            "web/node_modules/husky": {"version": "8.0.3"}}}"#;
        let files = [
            MANIFEST,
            ("package-lock.json", lock),
            ("web/package.json", "{}"),
        ];
        check(&files, "", "husky", Some("9.1.7 package-lock.json"));
        check(&files, "web", "husky", Some("8.0.3 package-lock.json"));
        check(
            &files,
            "web",
            "@scope/gate",
            Some("1.0.2 package-lock.json"),
        );
        for name in ["own", "fork", "other", "usky"] {
            check(&files, "", name, None);
        }
        let first = r#"{"lockfileVersion": 1, "dependencies": {"husky": {"version": "4.3.8"}}}"#;
        check(
            &[MANIFEST, ("package-lock.json", first)],
            "",
            "husky",
            Some("4.3.8 package-lock.json"),
        );
        check(
            &[MANIFEST, ("package-lock.json", "no JSON")],
            "",
            "husky",
            None,
        );
    }

    #[test]
    fn pnpm() {
        let lock = "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    devDependencies:\n      '@scope/gate':\n        specifier: ~1.0.1\n        version: 1.0.2(typescript@5.0.0)\n      husky:\n        specifier: ^9.1.0\n        version: 9.1.7\n      own:\n        specifier: workspace:*\n        version: link:packages/own\n\n  packages/web:\n    dependencies:\n      husky:\n        specifier: 8.0.3\n        version: 8.0.3\n\npackages:\n\n  husky@9.1.7: {}\n";
        let files = [
            MANIFEST,
            ("pnpm-lock.yaml", lock),
            ("packages/web/package.json", "{}"),
        ];
        check(&files, "", "husky", Some("9.1.7 pnpm-lock.yaml"));
        check(&files, "", "@scope/gate", Some("1.0.2 pnpm-lock.yaml"));
        check(
            &files,
            "packages/web",
            "husky",
            Some("8.0.3 pnpm-lock.yaml"),
        );
        check(
            &files,
            "packages/web",
            "@scope/gate",
            Some("1.0.2 pnpm-lock.yaml"),
        );
        check(&files, "", "own", None);
        let single = "lockfileVersion: '6.0'\n\ndevDependencies:\n  husky:\n    specifier: ^8\n    version: 8.0.3\n";
        check(
            &[MANIFEST, ("pnpm-lock.yaml", single)],
            "",
            "husky",
            Some("8.0.3 pnpm-lock.yaml"),
        );
    }

    #[test]
    fn yarn() {
        let classic = "# yarn lockfile v1\n\n\n\"@scope/gate@~1.0.1\":\n  version \"1.0.2\"\n\nhusky@^8.0.0:\n  version \"8.0.3\"\n\nhusky@^9.1.0:\n  version \"9.1.7\"\n\n\"gate@file:../gate.tgz\":\n  version \"1.0.0\"\n";
        let files = [MANIFEST, ("yarn.lock", classic)];
        check(&files, "", "husky", Some("9.1.7 yarn.lock"));
        check(&files, "", "@scope/gate", Some("1.0.2 yarn.lock"));
        check(&files, "", "gate", None);
        let later = "__metadata:\n  version: 9\n\n\"husky@npm:^9.1.0\":\n  version: 9.1.7\n  resolution: \"husky@npm:9.1.7\"\n\n\"own@workspace:packages/own\":\n  version: 0.0.0-use.local\n\n\"alias@npm:other@^1.0.0\":\n  version: 1.2.3\n";
        let files = [MANIFEST, ("yarn.lock", later)];
        check(&files, "", "husky", Some("9.1.7 yarn.lock"));
        check(&files, "", "own", None);
        check(&files, "", "alias", None);
    }

    #[test]
    fn of_two_versions_without_a_range_none_is_taken() {
        let lock = "husky@^8.0.0:\n  version \"8.0.3\"\n\nhusky@^9.1.0:\n  version \"9.1.7\"\n";
        check(
            &[("package.json", "{}"), ("yarn.lock", lock)],
            "",
            "husky",
            None,
        );
        let one = "husky@^8.0.0:\n  version \"8.0.3\"\n";
        check(
            &[("package.json", "{}"), ("yarn.lock", one)],
            "",
            "husky",
            Some("8.0.3 yarn.lock"),
        );
    }

    #[test]
    fn bun() {
        let lock = "{\n  \"packages\": {\n    \"@scope/gate\": [\"@scope/gate@1.0.2\", \"\", {}, \"sha512-a==\"],\n\n    \"alias\": [\"other@1.0.0\", \"\", {}, \"sha512-b==\"],\n\n    \"husky\": [\"husky@9.1.7\", \"\", { \"bin\": {} }, \"sha512-c==\"],\n\n    \"own\": [\"own@workspace:packages/own\"],\n\n    \"web/husky\": [\"husky@8.0.3\", \"\", {}, \"sha512-d==\"],\n  }\n}\n";
        let files = [
            MANIFEST,
            ("bun.lock", lock),
            ("web/package.json", r#"{"name": "web"}"#),
        ];
        check(&files, "", "husky", Some("9.1.7 bun.lock"));
        check(&files, "web", "husky", Some("8.0.3 bun.lock"));
        check(&files, "", "@scope/gate", Some("1.0.2 bun.lock"));
        check(&files, "", "alias", None);
        check(&files, "", "own", None);
    }

    #[test]
    fn python() {
        let requirements = "# tools\nPre_Commit==4.7.0 ; python_version > '3.9'  # pinned\nprek[all]==0.5.11 \\\n    --hash=sha256:abc\nruff>=1\n";
        let files = [("requirements-dev.txt", requirements)];
        check(&files, "", "pre-commit", Some("4.7.0 requirements-dev.txt"));
        check(&files, "", "prek", Some("0.5.11 requirements-dev.txt"));
        check(&files, "", "ruff", None);
        check(
            &[("requirements/dev.txt", requirements)],
            "",
            "prek",
            Some("0.5.11 requirements/dev.txt"),
        );
        let lock = "version = 1\n\n[[package]]\nname = \"cfgv\"\nversion = \"3.4.0\"\n\n[[package]]\nname = \"pre-commit\"\nversion = \"4.7.0\"\nsource = { registry = \"https://pypi.example.invalid/simple\" }\n";
        for name in ["uv.lock", "poetry.lock", "pdm.lock"] {
            check(
                &[(name, lock)],
                "",
                "pre_commit",
                Some(&format!("4.7.0 {name}")),
            );
            check(&[(name, lock)], "", "commit", None);
        }
        let pylock =
            "lock-version = \"1.0\"\n[[packages]]\nname = \"prek\"\nversion = \"0.5.11\"\n";
        check(
            &[("pylock.toml", pylock)],
            "",
            "prek",
            Some("0.5.11 pylock.toml"),
        );
        let pipfile = "{\"develop\": {\"prek\": {\"version\": \"==0.5.11\"}}}";
        check(
            &[("Pipfile.lock", pipfile)],
            "",
            "prek",
            Some("0.5.11 Pipfile.lock"),
        );
    }
}
