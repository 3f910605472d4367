//! The folder of the consumer whose dependencies are installed.

use std::path::{Path, PathBuf};

use super::json::read_text;
use super::manager::{self, Manager};

/// A folder with a `package.json`, from which its dependencies are installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The folder, relative to the consumer.
    pub folder: PathBuf,
    /// Its package manager.
    pub manager: Manager,
    /// The name of its lock file, if it has one.
    pub lock: Option<&'static str>,
}

impl Project {
    /// Finds the project of the first of these folders that has one.
    ///
    /// A folder without a lock file may be part of a workspace: then the folder above it
    /// with a lock file is the one in which its dependencies are installed.
    #[must_use]
    pub fn find(root: &Path, starts: &[PathBuf]) -> Option<Self> {
        starts
            .iter()
            .find_map(|start| Self::above(root, start, &|_| true))
    }

    /// As `find` with one start, and with those lock files alone that are to count.
    #[must_use]
    pub fn find_with(root: &Path, start: &Path, counts: &dyn Fn(&Path) -> bool) -> Option<Self> {
        Self::above(root, start, counts)
    }

    fn above(root: &Path, start: &Path, counts: &dyn Fn(&Path) -> bool) -> Option<Self> {
        let all = || {
            start.ancestors().filter_map(|folder| {
                let (manager, lock) = manager::of_folder_with(&root.join(folder), counts)?;
                Some(Self {
                    folder: folder.to_owned(),
                    manager,
                    lock,
                })
            })
        };
        all()
            .find(|project| project.lock.is_some())
            .or_else(|| all().next())
    }

    /// Returns the words of its plain installation.
    #[must_use]
    pub fn plain_install(&self) -> &'static [&'static str] {
        self.manager.plain_install(self.lock.is_some())
    }

    /// Returns the path of its `package.json`, relative to the consumer.
    #[must_use]
    pub fn manifest(&self) -> PathBuf {
        self.folder.join("package.json")
    }

    /// Returns the file and the line with which the consumer keeps its own scripts from
    /// running at an installation.
    #[must_use]
    pub fn scripts_switch(&self, root: &Path) -> Option<(PathBuf, String)> {
        let files: &[&str] = match self.manager {
            Manager::Npm => &[".npmrc"],
            Manager::Pnpm => &[".npmrc", "pnpm-workspace.yaml"],
            Manager::YarnClassic => &[".yarnrc", ".npmrc"],
            Manager::Yarn | Manager::Bun => &[],
        };
        files.iter().find_map(|file| {
            let path = self.folder.join(file);
            let text = read_text(&root.join(&path))?;
            let is_switch = |line: &&str| {
                let all: String = line.split_whitespace().collect();
                let word = all.replace(['=', ':', '"', '-'], "").to_lowercase();
                ["ignorescriptstrue", "ignorescripts"].contains(&&*word)
            };
            let line = text.lines().find(is_switch)?;
            Some((path, line.trim().to_owned()))
        })
    }

    /// True if its own manifest, or that of one of these folders, asks for a package.
    #[must_use]
    pub fn asks_for(&self, root: &Path, starts: &[PathBuf], name: &str) -> bool {
        let mut folders = starts.iter().chain([&self.folder]);
        folders.any(|folder| manager::asks_for(&root.join(folder), name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::fs;

    fn found(files: &[(&str, &str)], start: &str) -> Option<(String, String)> {
        let folder = fs::TemporaryFolder::new().unwrap();
        for (path, content) in files {
            fs::write(&folder.path().join(path), content.as_bytes()).unwrap();
        }
        let project = Project::find(folder.path(), &[start.into(), "".into()])?;
        let install = project.plain_install().join(" ");
        Some((project.folder.to_string_lossy().into_owned(), install))
    }

    #[track_caller]
    fn check(files: &[(&str, &str)], start: &str, folder: &str, install: &str) {
        let wanted = (folder.to_owned(), install.to_owned());
        assert_eq!(found(files, start), Some(wanted), "{files:?}");
    }

    #[test]
    fn the_lock_file_decides_how_a_fresh_clone_is_installed() {
        for (lock, content, install) in [
            ("package-lock.json", "{}", "npm ci"),
            ("npm-shrinkwrap.json", "{}", "npm ci"),
            ("pnpm-lock.yaml", "", "pnpm install --frozen-lockfile"),
            (
                "yarn.lock",
                "# yarn lockfile v1\n",
                "yarn install --frozen-lockfile",
            ),
            (
                "yarn.lock",
                "__metadata:\n  version: 9\n",
                "yarn install --immutable",
            ),
            ("bun.lock", "{}", "bun install --frozen-lockfile"),
            ("bun.lockb", "", "bun install --frozen-lockfile"),
            ("README.md", "", "npm install"),
        ] {
            check(&[("package.json", "{}"), (lock, content)], "", "", install);
        }
        assert_eq!(found(&[("package-lock.json", "{}")], ""), None);
    }

    #[test]
    fn of_several_managers_the_declared_one_counts() {
        let declared = ("package.json", r#"{"packageManager": "yarn@4.9.1"}"#);
        check(&[declared], "", "", "yarn install");
        let locks = [("package-lock.json", "{}"), ("yarn.lock", "__metadata:\n")];
        check(
            &[declared, locks[0], locks[1]],
            "",
            "",
            "yarn install --immutable",
        );
        check(
            &[("package.json", "{}"), locks[0], locks[1]],
            "",
            "",
            "npm ci",
        );
        check(&[declared, locks[0]], "", "", "npm ci");
    }

    #[test]
    fn a_workspace_is_installed_as_a_whole_and_a_subfolder_alone() {
        let workspace = [
            ("package.json", "{}"),
            ("pnpm-lock.yaml", ""),
            ("packages/web/package.json", "{}"),
        ];
        let frozen = "pnpm install --frozen-lockfile";
        check(&workspace, "packages/web", "", frozen);
        let subfolder = [("frontend/package.json", "{}"), ("frontend/yarn.lock", "")];
        check(
            &subfolder,
            "frontend",
            "frontend",
            "yarn install --frozen-lockfile",
        );
        check(
            &[("frontend/package.json", "{}")],
            "frontend",
            "frontend",
            "npm install",
        );
        assert_eq!(found(&subfolder, "backend"), None);
    }
}
