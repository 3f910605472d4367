//! The files of a lane that belong to programs of the gate.

use std::path::{Path, PathBuf};

use super::workspace::Workspace;
use crate::model::{Template, Vars};
use crate::sys::fs;

/// Returns the files that a program's pattern matches inside the lane.
pub(super) fn files_of(program: &Template, vars: &Vars, lane: &Workspace) -> Vec<PathBuf> {
    // Only the profile's own text is a pattern, not the paths of the lane.
    let escaped = |path: &str| glob::Pattern::escape(path);
    let vars = Vars {
        tool_dir: escaped(&vars.tool_dir),
        clone_dir: escaped(&vars.clone_dir),
        ..vars.clone()
    };
    let below = format!("{}/{}", vars.clone_dir, program.expand(&vars));
    let pattern = match program.expand(&vars) {
        absolute if absolute.starts_with('/') => absolute,
        _ => below,
    };
    let found = glob::glob(&pattern).into_iter().flatten().flatten();
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
