//! The digests and versions in pnpm's lock file.

use std::path::Path;

use super::json::read_text;
use super::lines::{bare, split_name};

/// Returns the digest that the lock file of a folder has of a package.
pub(crate) fn integrity(folder: &Path, name: &str, version: &str) -> Option<String> {
    // The record of the installation comes first: a frozen lock file can hold more.
    let places = ["node_modules/.pnpm/lock.yaml", "pnpm-lock.yaml"];
    let mut texts = places.iter().filter_map(|at| read_text(&folder.join(at)));
    texts.find_map(|text| in_text(last_document(&text), name, version))
}

/// Returns the document of the packages: since pnpm 11 one can be before it, of pnpm itself.
fn last_document(text: &str) -> &str {
    text.rsplit("\n---\n").next().unwrap_or(text)
}

/// Returns the version that the lock file of a folder pins for a folder below it.
pub(super) fn pinned(folder: &Path, below: &Path, name: &str) -> Option<String> {
    let text = read_text(&folder.join("pnpm-lock.yaml"))?;
    let mut above = below.ancestors();
    let of_importer = above.find_map(|importer| {
        let importer = match importer.to_str()? {
            "" => ".",
            path => path,
        };
        version_below(last_document(&text), &["importers", importer], name)
    });
    // Until pnpm 8 a project alone had no importers.
    of_importer.or_else(|| version_below(last_document(&text), &[], name))
}

fn version_below(text: &str, path: &[&str], name: &str) -> Option<String> {
    let kinds = ["devDependencies", "dependencies", "optionalDependencies"];
    let mut found = kinds.iter().filter_map(|kind| {
        let keys = [path, &[*kind, name, "version"]].concat();
        value(text, &keys)
    });
    // The packages that it is tested with stand in brackets behind it.
    let version = found.next()?;
    Some(version.split('(').next().unwrap_or_default().to_owned())
}

/// Returns the value to which these keys lead, each indented by two more than the last.
fn value<'a>(text: &'a str, keys: &[&str]) -> Option<&'a str> {
    let mut depth = 0;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let indent = line.len() - line.trim_start().len();
        if indent < 2 * depth {
            return None;
        }
        let (key, value) = line.rsplit_once(": ").unwrap_or((line, ""));
        if indent == 2 * depth && bare(key) == keys[depth] {
            depth += 1;
            if depth == keys.len() {
                return Some(bare(value));
            }
        }
    }
    None
}

fn in_text(text: &str, name: &str, version: &str) -> Option<String> {
    let mut lines = text
        .lines()
        .skip_while(|line| !line.starts_with("packages:"))
        .skip(1)
        .take_while(|line| line.is_empty() || line.starts_with(' '));
    // Until pnpm 8 keys began with a slash, and had the peers in brackets behind them.
    let is_key = |line: &&str| {
        let is_entry = line.starts_with("  ") && !line.starts_with("   ");
        let key = bare(line).trim_start_matches('/');
        let (key_name, rest) = split_name(key).unwrap_or_default();
        let rest = rest.split('(').next().unwrap_or_default();
        is_entry && key_name == name && (rest == version || rest.starts_with("file:"))
    };
    lines.find(is_key)?;
    let entry = lines.take_while(|line| line.starts_with("    "));
    entry
        .filter_map(|line| line.split_once("integrity:"))
        .map(|(_, rest)| rest.trim_start())
        .find_map(|rest| rest.split([',', '}', ' ']).next())
        .filter(|digest| !digest.is_empty())
        .map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    devDependencies:\n      husky:\n        specifier: 9.1.7\n        version: 9.1.7\n\npackages:\n\n  '@scope/gate@1.0.0':\n    resolution: {integrity: sha512-scope==}\n\n  gate@file:../gate-1.0.0.tgz:\n    resolution: {integrity: sha512-file==, tarball: file:../gate-1.0.0.tgz}\n    version: 1.0.0\n\n  husky@8.0.0:\n    engines: {node: '>=14'}\n\n  husky@9.1.7:\n    resolution: {integrity: sha512-nine==}\n    hasBin: true\n\nsnapshots:\n\n  husky@9.1.7: {}\n";

    #[test]
    fn finds_the_digest_of_exactly_this_version() {
        for (name, version, digest) in [
            ("husky", "9.1.7", Some("sha512-nine==")),
            ("@scope/gate", "1.0.0", Some("sha512-scope==")),
            ("gate", "1.0.0", Some("sha512-file==")),
            ("husky", "8.0.0", None),
            ("husky", "9.1", None),
            ("usky", "9.1.7", None),
        ] {
            let found = in_text(LOCK, name, version);
            assert_eq!(found.as_deref(), digest, "{name} {version}");
        }
    }

    #[test]
    fn reads_the_last_document() {
        let of_pnpm = "---\nlockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    configDependencies: {}\n\npackages:\n\n  pnpm@11.0.0:\n    resolution: {integrity: sha512-pnpm==}\n";
        let text = format!("{of_pnpm}\n---\n{LOCK}");
        let text = last_document(&text);
        assert_eq!(
            in_text(text, "husky", "9.1.7").as_deref(),
            Some("sha512-nine==")
        );
        let pinned = version_below(text, &["importers", "."], "husky");
        assert_eq!(pinned.as_deref(), Some("9.1.7"));
    }

    #[test]
    fn reads_the_keys_of_pnpm_8() {
        let lock = "packages:\n\n  /gate@1.0.0(typescript@5.0.0):\n    resolution: {integrity: sha512-eight==}\n";
        assert_eq!(
            in_text(lock, "gate", "1.0.0").as_deref(),
            Some("sha512-eight==")
        );
    }
}
