//! The commits between two runs, and the configuration that changed with them.

use std::fmt::Write as _;
use std::path::Path;

use super::document::Triage;
use crate::model::text::{plain, shown};
use crate::mutation::gate_of;
use crate::sys::git;

/// Maximum number of commits that are named, and of changed lines that are shown.
const MAX_COMMITS: usize = 5;
const MAX_LINES: usize = 10;

/// Describes the commits between both runs, if the repository around a folder has them, and the
/// lines of configuration that they change.
#[must_use]
pub fn between(triage: &Triage, folder: &Path) -> String {
    let (Some(base), Some(current)) = (&triage.base.source, &triage.current.source) else {
        return String::new();
    };
    // A comparison may be read far from the consumer.
    if base.head == current.head || git::work_tree_above(folder).is_none() {
        return String::new();
    }
    match git::way(folder, (&base.head, &current.head), &is_configuration) {
        Ok(way) => described(&way),
        Err(why) => format!("  commits between them: {}\n", plain(&why)),
    }
}

/// True for our own configuration, and for that of a known gate.
fn is_configuration(path: &Path, text: &str) -> bool {
    let is_ours = path == Path::new("matrix.toml") || path == Path::new(".config/matrix.toml");
    is_ours || gate_of(path, || text.to_owned()).is_some()
}

fn described(way: &git::Way) -> String {
    let mut out = format!("  before: {}\n", plain(&way.from));
    for subject in way.subjects.iter().take(MAX_COMMITS) {
        let _ = writeln!(out, "  since:  {}", plain(subject));
    }
    let more = way.subjects.len().saturating_sub(MAX_COMMITS);
    if more > 0 {
        let _ = writeln!(out, "  … and {more} more commits");
    }
    if way.subjects.is_empty() {
        out += "  since:  no commit: the later run tried an earlier commit\n";
    }
    let mut left = MAX_LINES;
    for file in &way.files {
        let _ = writeln!(out, "  configuration changed: {}", shown(&file.path));
        for line in file.lines.iter().take(left) {
            let _ = writeln!(out, "    {}", plain(line));
        }
        let more = file.lines.len().saturating_sub(left);
        if more > 0 {
            let _ = writeln!(out, "    … and {more} more lines");
        }
        left = left.saturating_sub(file.lines.len());
    }
    out
}
