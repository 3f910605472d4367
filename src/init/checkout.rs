//! The consumer's own files, as `init` reads them.

use std::cell::RefCell;
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::lockfile;
use crate::model::Registry;
use crate::model::text::plain;
use crate::mutation::{self, SyntaxError};
use crate::sys::fs;
use crate::sys::git::Consumer;

/// Largest file that is read.
const MAX_BYTES: u64 = 256 << 10;

/// The tracked files of a consumer.
pub(super) struct Checkout {
    root: PathBuf,
    files: Vec<String>,
    /// Configurations that were looked at and have a mistake.
    broken: RefCell<Vec<Broken>>,
}

/// A configuration that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The file, relative to the consumer.
    pub file: String,
    /// The mistake.
    pub error: SyntaxError,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, why) = (plain(&self.file), plain(&self.error.why));
        match self.error.line {
            Some(line) => write!(f, "{file}:{line}: {why}"),
            None => write!(f, "{file}: {why}"),
        }
    }
}

impl Checkout {
    /// Lists the tracked files; paths that are not UTF-8 are left out.
    pub(super) fn of(consumer: &Consumer) -> Self {
        let files = consumer.tracked_files().into_iter();
        let files = files.filter_map(|path| path.into_os_string().into_string().ok());
        Self::new(consumer.root(), files.collect())
    }

    /// Returns the checkout of a folder with these files.
    pub(super) fn new(root: &Path, files: Vec<String>) -> Self {
        Self {
            root: root.to_owned(),
            broken: RefCell::default(),
            files,
        }
    }

    /// Writes files into a folder of a test.
    #[cfg(test)]
    pub(super) fn with(folder: &Path, files: &[(&str, &str)]) -> Self {
        for (path, text) in files {
            crate::sys::fs::write(&folder.join(path), text.as_bytes()).unwrap();
        }
        let paths = files.iter().map(|(path, _)| (*path).to_owned());
        Self::new(folder, paths.collect())
    }

    /// Returns the paths of the tracked files, in git's order.
    pub(super) fn files(&self) -> &[String] {
        &self.files
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.files.iter().any(|file| file == path)
    }

    /// True if a tracked file is below a folder; every file is below the root.
    pub(super) fn has_folder(&self, folder: &str) -> bool {
        self.files.iter().any(|file| is_below(file, folder))
    }

    /// Returns the text of a tracked file of a sane size.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        if !self.has(path) {
            return None;
        }
        let path = self.root.join(path);
        // A pipe in the place of the file would block for ever.
        let is_file = |meta: &std::fs::Metadata| meta.is_file() && meta.len() <= MAX_BYTES;
        path.symlink_metadata().ok().filter(is_file)?;
        fs::read_text(path).ok()
    }

    /// Returns the content of a tracked configuration file.
    pub(super) fn config(&self, path: &str) -> Option<Value> {
        match mutation::configuration(Path::new(path), &self.text(path)?) {
            Ok(value) => Some(value),
            Err(error) => {
                let file = path.to_owned();
                let broken = Broken { file, error };
                let mut all = self.broken.borrow_mut();
                if !all.contains(&broken) {
                    all.push(broken);
                }
                None
            }
        }
    }

    /// Returns the configurations that were looked at so far and cannot be read.
    pub(super) fn broken(&self) -> Vec<Broken> {
        self.broken.borrow().clone()
    }

    /// Returns the content of a folder's `package.json`.
    pub(super) fn manifest(&self, folder: &str) -> Value {
        self.config(&join(folder, "package.json"))
            .unwrap_or_default()
    }

    /// True if the `package.json` of a folder asks for a package.
    pub(super) fn asks_for(&self, folder: &str, name: &str) -> bool {
        self.range(folder, name).is_some()
    }

    /// Returns the range at which the `package.json` of a folder asks for a package.
    pub(super) fn range(&self, folder: &str, name: &str) -> Option<String> {
        let manifest = self.manifest(folder);
        let kinds = ["devDependencies", "dependencies", "optionalDependencies"];
        let range = kinds
            .iter()
            .find_map(|kind| manifest[kind][name].as_str())?;
        Some(range.to_owned())
    }

    /// Returns the project of node that a folder belongs to.
    pub(super) fn project(&self, folder: &str) -> Option<lockfile::Project> {
        let is_tracked = |path: &Path| self.has_path(path.strip_prefix(&self.root).unwrap_or(path));
        lockfile::Project::find_with(&self.root, Path::new(folder), &is_tracked)
    }

    /// Returns the version of a package that a tracked lock file pins.
    pub(super) fn pinned(&self, folder: &str, name: &str, registry: Registry) -> Option<String> {
        let starts = [folder.into(), "".into()];
        let pin = lockfile::pinned(&self.root, &starts, name, registry)?;
        self.has_path(&pin.file).then_some(pin.version)
    }

    fn has_path(&self, path: &Path) -> bool {
        path.to_str().is_some_and(|path| self.has(path))
    }

    /// Returns the folders of all tracked files with this name, the shallowest first.
    pub(super) fn folders_with(&self, name: &str) -> Vec<String> {
        let mut folders: Vec<String> = (self.files.iter())
            .filter_map(|file| match file.strip_suffix(name)? {
                "" => Some(String::new()),
                folder => Some(folder.strip_suffix('/')?.to_owned()),
            })
            .filter(|folder| !is_generated(folder))
            .collect();
        folders.sort_by_key(|folder| (depth(folder), folder.clone()));
        folders
    }
}

/// The number of names in a path.
pub(super) fn depth(path: &str) -> usize {
    path.split('/').filter(|part| !part.is_empty()).count()
}

/// A path below a folder; the root is empty.
pub(super) fn join(folder: &str, path: &str) -> String {
    let path = path.trim_start_matches("./");
    match (folder.trim_end_matches('/'), path) {
        ("" | ".", path) => path.to_owned(),
        (folder, "" | ".") => folder.to_owned(),
        (folder, path) => format!("{folder}/{path}"),
    }
}

/// True if a file is below a folder.
pub(super) fn is_below(file: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    folder.is_empty()
        || folder == "."
        || file
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
}

/// True if a path is that of what others wrote, or tools made.
pub(super) fn is_generated(path: &str) -> bool {
    const FOLDERS: [&str; 14] = [
        "node_modules",
        "vendor",
        "third_party",
        "dist",
        "build",
        "out",
        "target",
        "artifacts",
        "scenarios",
        "fixtures",
        "__snapshots__",
        "generated",
        "migrations",
        "testdata",
    ];
    path.split('/').any(|part| FOLDERS.contains(&part)) || path.contains(".min.")
}
