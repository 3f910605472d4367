//! Advice for a scenario of which nothing is left without its violation.

use std::path::{Path, PathBuf};

use crate::model::Violation;
use crate::model::evidence::Hunk;
use crate::model::scenario::{Scenario, Seed};
use crate::model::text::shown;

/// Returns the edit that gives the change of a scenario a rest, with the place for it.
pub(super) fn rest(scenario: &Scenario, taken_out: &[Hunk], tracked: &[PathBuf]) -> String {
    let of_lines = taken_out.iter().find(|hunk| hunk.lines.is_some());
    let Some(hunk) = of_lines.or(taken_out.first()) else {
        return "have it also edit a file that the gate looks at".to_owned();
    };
    let path = Path::new(&hunk.path);
    let place = |path: &Path| match &scenario.seed {
        Seed::Overlay(folder) => shown(folder.join(path)),
        Seed::Command(_) | Seed::Nothing => shown(path),
    };
    let have = match &scenario.seed {
        Seed::Overlay(_) => "",
        Seed::Command(_) => "have the seed ",
        Seed::Nothing => "have a seed ",
    };
    // The file itself has no rest: it is new, or all of it was named.
    let whole = match &scenario.violation {
        Some(Violation::Files(_)) => "which is taken out as a whole",
        _ => "which is new and so taken out as a whole",
    };
    match (of_lines, beside(path, taken_out, tracked)) {
        (Some(_), _) => format!(
            "{have}add a harmless edit to {}, such as a comment, with an unchanged line between it \
             and the violation",
            place(path)
        ),
        (None, Some(other)) if have.is_empty() => format!(
            "beside {}, {whole}, add a harmless edit of a file that the consumer has: copy {} to \
             {} and add a comment there",
            place(path),
            shown(other),
            place(other)
        ),
        (None, Some(other)) => format!(
            "{have}add a harmless edit to {}, such as a comment, beside {}, {whole}",
            shown(other),
            place(path)
        ),
        (None, None) => format!(
            "{have}add a harmless file of the same kind beside {}, {whole}",
            place(path)
        ),
    }
}

/// Returns the tracked file nearest to a path: of its kind, in its folder if there is one.
fn beside<'a>(path: &Path, taken_out: &[Hunk], tracked: &'a [PathBuf]) -> Option<&'a Path> {
    let is_out = |file: &Path| taken_out.iter().any(|hunk| Path::new(&hunk.path) == file);
    let shared = |file: &Path| {
        let both = path.components().zip(file.components());
        both.take_while(|(a, b)| a == b).count()
    };
    let of_its_kind = tracked
        .iter()
        .map(PathBuf::as_path)
        .filter(|file| file.extension() == path.extension() && !is_out(file));
    // The first of the nearest.
    of_its_kind.fold(None, |best, file| match best {
        Some(best) if shared(best) >= shared(file) => Some(best),
        _ => Some(file),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_of_the_same_kind_is_named() {
        let tracked: Vec<PathBuf> = [
            "README.md",
            "a.js",
            "src/b.js",
            "src/x/c.ts",
            "src/x/d.js",
            "src/x/e.js",
        ]
        .map(PathBuf::from)
        .to_vec();
        let out = |path: &str| {
            vec![Hunk {
                path: path.to_owned(),
                lines: None,
            }]
        };
        let near = |path: &str| beside(Path::new(path), &out(path), &tracked);
        assert_eq!(near("src/x/new.js"), Some(Path::new("src/x/d.js")));
        assert_eq!(near("src/x/d.js"), Some(Path::new("src/x/e.js")));
        assert_eq!(near("lib/new.js"), Some(Path::new("a.js")));
        assert_eq!(near("lib/new.py"), None);
    }
}
