//! The folders of the consumer in which commands install dependencies.

use std::path::{Component, Path, PathBuf};

use crate::model::Template;
use crate::model::command::CommandTemplate;

/// The files by which a folder that a command names is known to be a project.
const PROJECT: [&str; 6] = [
    "package.json",
    "pyproject.toml",
    "uv.lock",
    "poetry.lock",
    "Pipfile",
    "requirements.txt",
];

/// Returns the folders of projects that commands name or run in, relative to the
/// consumer, and the consumer itself; the most certain first.
///
/// The last command counts most: it is the one that installs the package.
#[must_use]
pub fn folders(root: &Path, commands: &[&CommandTemplate]) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for command in commands.iter().rev() {
        let workdir = command.workdir.as_deref().unwrap_or_default();
        let words = command.argv.iter().filter_map(Template::as_literal);
        let named = words.filter_map(|word| {
            let value = word.split_once('=').map_or(word, |(_, value)| value);
            below(Path::new(workdir), value)
        });
        let is_project = |folder: &PathBuf| {
            let has = |file: &&str| root.join(folder).join(file).is_file();
            PROJECT.iter().any(has)
        };
        found.extend(named.filter(is_project));
        found.extend(below(Path::new(""), workdir));
    }
    found.push(PathBuf::new());
    let mut seen = std::collections::HashSet::new();
    found.retain(|folder| seen.insert(folder.clone()));
    found
}

/// Joins a path by its text; none if it leads out of the consumer or is an option.
fn below(folder: &Path, text: &str) -> Option<PathBuf> {
    let mut out = folder.to_owned();
    for part in Path::new(text).components() {
        match part {
            Component::CurDir => {}
            Component::Normal(name) => out.push(name),
            Component::ParentDir if out.pop() => {}
            _ => return None,
        }
    }
    (!text.starts_with('-')).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::fs;

    #[test]
    fn a_folder_is_named_by_a_word_or_by_the_working_directory() {
        let top = fs::TemporaryFolder::new().unwrap();
        fs::write(&top.path().join("api/pyproject.toml"), b"").unwrap();
        for folder in ["web", "apps/shop"] {
            fs::write(&top.path().join(folder).join("package.json"), b"{}").unwrap();
        }
        let check = |words: &[&str], workdir: Option<&str>, wanted: &[&str]| {
            let mut command = CommandTemplate::from_words(words);
            command.workdir = workdir.map(ToOwned::to_owned);
            let found = folders(top.path(), &[&command]);
            let wanted: Vec<PathBuf> = wanted.iter().map(PathBuf::from).collect();
            assert_eq!(found, wanted, "{words:?} {workdir:?}");
        };
        check(&["npm", "install", "{package_spec}"], None, &[""]);
        check(&["uv", "sync", "--project", "api"], None, &["api", ""]);
        check(&["npm", "install", "--prefix", "web"], None, &["web", ""]);
        check(&["npm", "install", "--prefix=./web/"], None, &["web", ""]);
        check(&["npm", "install"], Some("apps/shop"), &["apps/shop", ""]);
        check(
            &["pnpm", "-C", "../web", "install"],
            Some("apps"),
            &["web", "apps", ""],
        );
        check(
            &["npm", "install", "--prefix", "../../outside", "/web"],
            None,
            &[""],
        );
    }
}
