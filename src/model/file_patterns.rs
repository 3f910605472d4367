//! Patterns of tracked files, as `configuration` has them.

use std::path::Path;

/// The files that a list of patterns names, without those of patterns that begin with `!`.
///
/// `*` ends at a slash. A `!` counts wherever it stands in the list.
#[derive(Debug, Clone, Default)]
pub struct FilePatterns {
    named: Vec<String>,
    left: Vec<String>,
}

/// Before a pattern of files that are left as they are.
const NOT: char = '!';

impl FilePatterns {
    /// Reads a list of patterns.
    #[must_use]
    pub fn new(patterns: &[String]) -> Self {
        let (left, named): (Vec<_>, Vec<_>) =
            patterns.iter().partition(|text| text.starts_with(NOT));
        let own = |list: Vec<&String>| -> Vec<String> {
            list.into_iter().map(|text| bare(text).to_owned()).collect()
        };
        Self {
            named: own(named),
            left: own(left),
        }
    }

    /// Returns the patterns of files that are named, in the order of the list.
    #[must_use]
    pub fn named(&self) -> &[String] {
        &self.named
    }

    /// True if a pattern with `!` fits the file.
    #[must_use]
    pub fn leaves(&self, file: &Path) -> bool {
        self.left.iter().any(|pattern| fits(pattern, file))
    }

    /// True if a pattern fits the file, with `!` or without.
    #[must_use]
    pub fn covers(&self, file: &Path) -> bool {
        self.leaves(file) || self.named.iter().any(|pattern| fits(pattern, file))
    }

    /// True if the file is named, and not left as it is. A pattern without a folder means
    /// files in every folder here, as a gate may be configured in any.
    #[must_use]
    pub fn names_in_any_folder(&self, file: &Path) -> bool {
        let is_it = |pattern: &String| fits(pattern, file) || fits_name(pattern, file);
        self.named.iter().any(is_it) && !self.left.iter().any(is_it)
    }
}

/// Returns a pattern without the `!` and the `./` before it.
#[must_use]
pub fn bare(pattern: &str) -> &str {
    let pattern = pattern.strip_prefix(NOT).unwrap_or(pattern);
    pattern.trim_start_matches("./")
}

/// True if a pattern fits a file.
#[must_use]
pub fn fits(pattern: &str, file: &Path) -> bool {
    let options = glob::MatchOptions {
        require_literal_separator: true,
        ..glob::MatchOptions::new()
    };
    glob::Pattern::new(pattern).is_ok_and(|pattern| pattern.matches_path_with(file, options))
}

/// True if a pattern without a folder fits the name of a file.
fn fits_name(pattern: &str, file: &Path) -> bool {
    let name = file.file_name().map(Path::new);
    !pattern.contains('/') && name.is_some_and(|name| fits(pattern, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(list: &[&str]) -> FilePatterns {
        let list: Vec<_> = list.iter().map(|text| (*text).to_owned()).collect();
        FilePatterns::new(&list)
    }

    #[test]
    fn a_star_ends_at_a_slash() {
        let all = patterns(&["hooks/*"]);
        assert!(all.covers(Path::new("hooks/pre-commit")));
        assert!(all.names_in_any_folder(Path::new("hooks/pre-commit")));
        assert!(!all.covers(Path::new("hooks/old/pre-commit")));
        assert!(!all.names_in_any_folder(Path::new("hooks/old/pre-commit")));
        let deep = patterns(&["hooks/**/*"]);
        assert!(deep.covers(Path::new("hooks/old/pre-commit")));
    }

    #[test]
    fn what_is_left_is_not_named_wherever_that_stands() {
        let all = patterns(&["!./keep.json", "*.json", "!app/**"]);
        assert!(all.names_in_any_folder(Path::new("a.json")));
        assert!(all.names_in_any_folder(Path::new("lib/a.json")));
        for left in ["keep.json", "lib/keep.json", "app/b/a.json"] {
            assert!(!all.names_in_any_folder(Path::new(left)), "{left}");
        }
        assert!(all.leaves(Path::new("keep.json")));
        assert!(!all.leaves(Path::new("lib/keep.json")));
    }
}
