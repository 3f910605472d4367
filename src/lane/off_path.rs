//! Explains why a program was not found that the user has.

use std::sync::LazyLock;

use regex::Regex;

use super::state::Lane;
use crate::model::evidence::LogRef;
use crate::model::text::last_lines;
use crate::sys::env;
use crate::sys::fs;

/// Maximum number of a log's last lines that are searched.
const MAX_LINES: usize = 60;

/// The ways in which shells, env, node, Go, pre-commit and git name a program that they do
/// not find.
const NOT_FOUND: [&str; 6] = [
    r"(?:^|: )([\w.+@-]+): (?:command )?not found$",
    r"command not found: ([\w.+@-]+)$",
    r"\benv: \W?([\w.+@-]+)\W?: No such file or directory$",
    r"\bspawn ([\w.+@-]+) ENOENT\b",
    r#"\b(?:exec: |Executable )["`]([\w.+@-]+)["`]:? (?:executable file )?not found"#,
    r"\bcannot (?:run|spawn|exec) \W?([\w.+@-]+)\W?: No such file or directory$",
];

static PATTERNS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let patterns = NOT_FOUND.iter();
    patterns.filter_map(|text| Regex::new(text).ok()).collect()
});

impl Lane<'_> {
    /// Names the program that a failed command did not find, if it is in a folder of the
    /// user's PATH that lanes do not have.
    pub(super) fn why_off_path(&self, log: Option<&LogRef>) -> Option<String> {
        let off = &self.cx.off_path;
        if off.is_empty() {
            return None;
        }
        let bytes = fs::read(self.cx.run_folder.join(&log?.path)).ok()?;
        let lines = last_lines(&bytes, MAX_LINES);
        let mut missing = lines.iter().filter_map(|line| missing_program(line));
        missing.find_map(|name| env::why_off_path(name, off))
    }
}

/// Returns the program that a line says was not found.
fn missing_program(line: &str) -> Option<&str> {
    let found = PATTERNS
        .iter()
        .find_map(|pattern| pattern.captures(line.trim_end()))?;
    found.get(1).map(|name| name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_in_the_words_of_those_that_look_for_them() {
        assert_eq!(PATTERNS.len(), NOT_FOUND.len());
        for line in [
            "sh: 1: eslint: not found",
            "/bin/sh: line 3: eslint: command not found",
            ".git/hooks/pre-commit: 3: eslint: not found",
            "zsh:1: command not found: eslint",
            "/usr/bin/env: \u{2018}eslint\u{2019}: No such file or directory",
            "env: 'eslint': No such file or directory",
            "Error: spawn eslint ENOENT",
            "exec: \"eslint\": executable file not found in $PATH",
            "Executable `eslint` not found",
            "error: cannot run eslint: No such file or directory",
        ] {
            assert_eq!(missing_program(line), Some("eslint"), "{line}");
        }
        for line in ["page not found", "src/a.js: not a module", "2 errors found"] {
            let name = missing_program(line);
            assert!(name.is_none_or(|name| name != "eslint"), "{line}");
        }
    }
}
