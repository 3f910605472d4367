//! The package manager of a folder, and the installation that a fresh clone gets from it.

use std::path::Path;

use super::json::{read_json, read_text};

/// A package manager of Node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    /// npm.
    Npm,
    /// pnpm.
    Pnpm,
    /// yarn 1.
    YarnClassic,
    /// yarn 2 and later.
    Yarn,
    /// bun.
    Bun,
}

/// The lock files, the most certain of each manager first.
const LOCKS: [(&str, Manager); 6] = [
    ("npm-shrinkwrap.json", Manager::Npm),
    ("package-lock.json", Manager::Npm),
    ("pnpm-lock.yaml", Manager::Pnpm),
    ("yarn.lock", Manager::YarnClassic),
    ("bun.lock", Manager::Bun),
    ("bun.lockb", Manager::Bun),
];

impl Manager {
    /// Returns the name of its program.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Pnpm => "pnpm",
            Self::YarnClassic | Self::Yarn => "yarn",
            Self::Bun => "bun",
        }
    }

    /// Returns the installation that changes no lock file, as CI and careful colleagues
    /// run it; without a lock file, the plain one.
    #[must_use]
    pub fn plain_install(self, has_lock: bool) -> &'static [&'static str] {
        match (self, has_lock) {
            (Self::Npm, true) => &["npm", "ci"],
            (Self::Npm, false) => &["npm", "install"],
            (Self::Pnpm, true) => &["pnpm", "install", "--frozen-lockfile"],
            (Self::Pnpm, false) => &["pnpm", "install"],
            (Self::YarnClassic, true) => &["yarn", "install", "--frozen-lockfile"],
            (Self::Yarn, true) => &["yarn", "install", "--immutable"],
            (Self::YarnClassic | Self::Yarn, false) => &["yarn", "install"],
            (Self::Bun, true) => &["bun", "install", "--frozen-lockfile"],
            (Self::Bun, false) => &["bun", "install"],
        }
    }

    /// True if it keeps what install scripts made, and need not run them again in the next
    /// checkout.
    #[must_use]
    pub fn caches_script_results(self) -> bool {
        self == Self::Pnpm
    }

    /// Returns the script of a project that a plain installation runs.
    #[must_use]
    pub fn install_script(self) -> &'static str {
        match self {
            // Later yarns run `prepare` for packages only.
            Self::Yarn => "postinstall",
            Self::Npm | Self::Pnpm | Self::YarnClassic | Self::Bun => "prepare",
        }
    }
}

/// Returns the manager of a folder with a `package.json`, and its lock file if it is there.
pub(super) fn of_folder(folder: &Path) -> Option<(Manager, Option<&'static str>)> {
    of_folder_with(folder, &|_| true)
}

/// As `of_folder`, with those lock files alone that are to count.
pub(super) fn of_folder_with(
    folder: &Path,
    counts: &dyn Fn(&Path) -> bool,
) -> Option<(Manager, Option<&'static str>)> {
    let manifest = read_text(&folder.join("package.json"))?;
    let declared = declared(&manifest);
    let mut present = LOCKS
        .iter()
        .filter(|(name, _)| folder.join(name).is_file() && counts(&folder.join(name)))
        .map(|(name, manager)| (*name, precise(*manager, folder)))
        .collect::<Vec<_>>()
        .into_iter();
    let is_declared = |manager: Manager| {
        let declared = declared.as_ref();
        declared.is_some_and(|(name, _)| name == manager.program())
    };
    let found = present
        .clone()
        .find(|(_, manager)| is_declared(*manager))
        .or_else(|| present.next());
    if let Some((lock, manager)) = found {
        return Some((manager, Some(lock)));
    }
    let manager = match declared.as_ref().map(|(name, major)| (&**name, *major)) {
        Some(("pnpm", _)) => Manager::Pnpm,
        Some(("yarn", 2..)) => Manager::Yarn,
        Some(("yarn", _)) => precise(Manager::YarnClassic, folder),
        Some(("bun", _)) => Manager::Bun,
        _ => Manager::Npm,
    };
    Some((manager, None))
}

/// Returns name and major version of the manager that a manifest asks for.
fn declared(manifest: &str) -> Option<(String, u64)> {
    let manifest: serde_json::Value = serde_json::from_str(manifest).ok()?;
    let (name, version) = manifest["packageManager"].as_str()?.split_once('@')?;
    let major = version.split('.').next()?.parse().ok()?;
    Some((name.to_owned(), major))
}

/// Tells the yarns apart, which share the name of their lock file.
fn precise(manager: Manager, folder: &Path) -> Manager {
    let is_later = || {
        let lock = read_text(&folder.join("yarn.lock")).unwrap_or_default();
        lock.lines().any(|line| line.starts_with("__metadata:"))
            || folder.join(".yarnrc.yml").is_file()
    };
    match manager {
        Manager::YarnClassic if is_later() => Manager::Yarn,
        other => other,
    }
}

/// True if a manifest asks for a package by this name.
pub(super) fn asks_for(folder: &Path, name: &str) -> bool {
    let manifest = read_json(&folder.join("package.json")).unwrap_or_default();
    let kinds = ["dependencies", "devDependencies", "optionalDependencies"];
    kinds.iter().any(|kind| manifest[kind].get(name).is_some())
}
