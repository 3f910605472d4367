//! The files of a lane that belong to programs of the gate.

use std::path::{Path, PathBuf};

use super::workspace::Workspace;
use crate::model::{Template, Vars};
use crate::sys::fs;

/// The folders below which package managers put packages, as patterns: npm, yarn and
/// hoisting bring them to the first, pnpm, bun and yarn without `node_modules` elsewhere.
const PACKAGES: [&str; 4] = [
    "node_modules",
    "node_modules/.pnpm/*/node_modules",
    "node_modules/.bun/*/node_modules",
    ".yarn/unplugged/*/node_modules",
];

/// Returns the files that a program's pattern matches inside the lane.
///
/// A relative one is looked for in the profile's folder, then in those above it: a
/// workspace has its packages in either.
pub(super) fn files_of(
    program: &Template,
    vars: &Vars,
    lane: &Workspace,
    workdir: Option<&str>,
) -> Vec<PathBuf> {
    // Only the profile's own text is a pattern, not the paths of the lane.
    let escaped = |path: &str| glob::Pattern::escape(path);
    let vars = Vars {
        tool_dir: escaped(&vars.tool_dir),
        clone_dir: escaped(&vars.clone_dir),
        ..vars.clone()
    };
    let pattern = program.expand(&vars);
    if pattern.starts_with('/') {
        return matches(&pattern, lane);
    }
    let workdir = escaped(workdir.unwrap_or_default());
    let folders = Path::new(&workdir).ancestors();
    let patterns = folders.flat_map(|folder| {
        let folder = Path::new(&vars.clone_dir).join(folder);
        alternatives(&pattern)
            .into_iter()
            .map(move |pattern| folder.join(pattern))
    });
    let mut found = patterns.map(|pattern| matches(&pattern.to_string_lossy(), lane));
    found.find(|files| !files.is_empty()).unwrap_or_default()
}

/// Returns the patterns that a relative pattern stands for, in order of preference.
fn alternatives(pattern: &str) -> Vec<String> {
    match pattern.strip_prefix("node_modules/") {
        Some(package) => PACKAGES
            .map(|folder| format!("{folder}/{package}"))
            .to_vec(),
        None => vec![pattern.to_owned()],
    }
}

fn matches(pattern: &str, lane: &Workspace) -> Vec<PathBuf> {
    let found = glob::glob(pattern).into_iter().flatten().flatten();
    let files = found.filter(|path| {
        let real = path.canonicalize();
        real.is_ok_and(|real| is_in_lane(&real, lane))
    });
    files.collect()
}

/// Returns a file, or the files in a folder, with links resolved.
pub(super) fn file_or_files(path: &Path) -> Vec<PathBuf> {
    let mut files = vec![path.to_owned()];
    if let Ok(entries) = path.read_dir() {
        files = entries.flatten().map(|entry| entry.path()).collect();
    }
    let real = files.iter().filter_map(|file| file.canonicalize().ok());
    real.filter(|file| file.is_file()).collect()
}

/// True if a path without links is in the lane's clone or tools.
pub(super) fn is_in_lane(real: &Path, lane: &Workspace) -> bool {
    let homes = [lane.clone_dir(), lane.tool_dir()];
    let mut real_homes = homes.iter().filter_map(|home| home.canonicalize().ok());
    real_homes.any(|home| real.starts_with(home))
}

/// True for a python in a virtual environment of the lane, which is a link to
/// the machine's.
pub(super) fn is_of_venv(path: &Path, lane: &Workspace) -> bool {
    let bin = fs::parent(path).canonicalize().unwrap_or_default();
    is_in_lane(&bin, lane) && fs::parent(&bin).join("pyvenv.cfg").is_file()
}
