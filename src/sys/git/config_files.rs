//! Looks at a configuration, and at those that it includes, before libgit2 reads them.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::includes::includes;
use crate::model::text::shown;
use crate::sys::env::Snapshot;
use crate::sys::fs;

/// A device that ends at once.
pub(super) const NOTHING: &str = "/dev/null";

/// How deep configurations may include others; git's own limit.
const MAX_INCLUDES: usize = 10;

/// How many configurations one may include, directly or not.
const MAX_FILES: usize = 1000;

/// Fails if a configuration, or one that it includes, is something else than a file.
/// None is as good as an empty one.
pub(super) fn check_config(path: &Path) -> Result<(), String> {
    // By depth, so that a file is met first where the most of its includes count.
    let mut seen = BTreeSet::from([path.to_owned()]);
    let mut of_depth = vec![path.to_owned()];
    for depth in 0..=MAX_INCLUDES {
        let mut included = Vec::new();
        for file in &of_depth {
            let found = included_by(file)?;
            if depth < MAX_INCLUDES {
                included.extend(found);
            }
        }
        included.retain(|file| seen.insert(file.clone()));
        if seen.len() > MAX_FILES {
            return Err(format!(
                "{} includes more than {MAX_FILES} files",
                shown(path)
            ));
        }
        of_depth = included;
    }
    Ok(())
}

/// Returns the files that a configuration includes.
fn included_by(path: &Path) -> Result<Vec<PathBuf>, String> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(_) if path == Path::new(NOTHING) => return Ok(Vec::new()),
        Err(e) => return Err(format!("{}: {e}", shown(path))),
    };
    let text = String::from_utf8_lossy(&bytes);
    let above = fs::parent(path);
    let mut files = Vec::new();
    for included in includes(&text) {
        if included
            .to_string_lossy()
            .contains(char::REPLACEMENT_CHARACTER)
        {
            let file = shown(path);
            return Err(format!("{file} includes a file whose name is not UTF-8"));
        }
        let file = place(above, &included);
        // Of each file there is one path, however it is written.
        files.push(file.canonicalize().unwrap_or(file));
    }
    Ok(files)
}

/// Returns the place of a file that a configuration in a folder includes.
fn place(folder: &Path, included: &Path) -> PathBuf {
    let below_home = included.strip_prefix("~").ok();
    let home = below_home.and_then(|_| Snapshot::capture().folder("HOME"));
    match (below_home, home) {
        (Some(below), Some(home)) => home.join(below),
        _ => folder.join(included),
    }
}
