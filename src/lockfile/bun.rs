//! The digests and versions in bun's lock file.

use std::path::Path;

use super::json::{read_json, read_text, text};

/// Returns the digest that the lock file of a folder has of a package.
///
/// The older `bun.lockb` is binary, so it gives none.
pub(crate) fn integrity(folder: &Path, name: &str, version: &str) -> Option<String> {
    in_text(&read_text(&folder.join("bun.lock"))?, name, version)
}

/// Returns the version that the lock file of a folder pins for a folder below it.
///
/// The version of one workspace alone has the workspace's name before it.
pub(super) fn pinned(folder: &Path, below: &Path, name: &str) -> Option<String> {
    let lock = read_text(&folder.join("bun.lock"))?;
    let manifest = read_json(&folder.join(below).join("package.json"));
    let workspace = manifest.and_then(|manifest| text(&manifest["name"]));
    let own = workspace.map(|workspace| format!("{workspace}/{name}"));
    let mut keys = own.into_iter().chain([name.to_owned()]);
    keys.find_map(|key| {
        let start = format!("\"{key}\": [\"{name}@");
        let mut lines = lock.lines().map(str::trim_start);
        let rest = lines.find_map(|line| line.strip_prefix(&start))?;
        rest.split('"').next().map(ToOwned::to_owned)
    })
}

/// Searches the lines: the format is JSON with comments and superfluous commas, but
/// bun writes one package per line.
fn in_text(lock: &str, name: &str, version: &str) -> Option<String> {
    let start = format!("[\"{name}@");
    let is_it = |line: &&str| {
        let reference = line
            .split_once(&start)
            .and_then(|(_, rest)| rest.split('"').next());
        // The version of a file or an address is not in the lock file: both are paths.
        reference.is_some_and(|it| it == version || it.contains('/'))
    };
    let line = lock.lines().find(is_it)?;
    let last = line.trim_end().trim_end_matches(',').strip_suffix("\"]")?;
    let (_, digest) = last.rsplit_once('"')?;
    digest.starts_with("sha").then(|| digest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "{\n  \"lockfileVersion\": 1,\n  \"packages\": {\n    \"@scope/gate\": [\"@scope/gate@1.0.0\", \"\", {}, \"sha512-scope==\"],\n\n    \"gate\": [\"gate@gate-1.0.0.tgz\", {}],\n\n    \"husky\": [\"husky@9.1.7\", \"\", { \"bin\": { \"husky\": \"bin.js\" } }, \"sha512-nine==\"],\n  }\n}\n";

    /// Version 2 of the format, as bun 1.4.5 writes it.
    #[test]
    fn a_file_has_a_digest_from_version_2_on() {
        let lock = "{\n  \"lockfileVersion\": 2,\n  \"configVersion\": 1,\n  \"packages\": {\n    \"@acme/gate\": [\"@acme/gate@/tmp/acme-gate-1.2.3.tgz\", { \"hasInstallScript\": true, \"bin\": { \"gate\": \"bin/gate.js\" } }, \"sha512-file==\"],\n  }\n}\n";
        let digest = in_text(lock, "@acme/gate", "1.2.3");
        assert_eq!(digest.as_deref(), Some("sha512-file=="));
        assert_eq!(in_text(lock, "gate", "1.2.3"), None);
    }

    #[test]
    fn finds_the_digest_of_exactly_this_version() {
        for (name, version, digest) in [
            ("husky", "9.1.7", Some("sha512-nine==")),
            ("@scope/gate", "1.0.0", Some("sha512-scope==")),
            ("husky", "9.1", None),
            ("gate", "1.0.0", None),
            ("gate", "gate-1.0.0.tgz", None),
        ] {
            let found = in_text(LOCK, name, version);
            assert_eq!(found.as_deref(), digest, "{name} {version}");
        }
    }
}
