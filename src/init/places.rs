//! The tracked files in which a change can be made.

use super::check::Check;
use super::checkout::{Checkout, depth, is_generated};
use super::language;
use super::violations::{Violation, is_test};

/// The files that scenarios may change, the best ones first.
pub(super) struct Places<'a> {
    checkout: &'a Checkout,
    files: Vec<String>,
}

impl<'a> Places<'a> {
    /// Leaves out what the gate itself consists of.
    pub(super) fn new(checkout: &'a Checkout, checks: &[&Check], seen_in: &str) -> Self {
        let own: Vec<String> = checks.iter().flat_map(|check| check.own_files()).collect();
        let is_own = |file: &String| {
            own.contains(file)
                || file == seen_in
                || super::checkout::is_below(file, seen_in) && !seen_in.is_empty()
        };
        let mut files: Vec<String> = (checkout.files().iter())
            .filter(|file| !is_generated(file) && !is_lock(file) && !is_own(file))
            .filter(|file| checkout.text(file).is_some())
            .cloned()
            .collect();
        files.sort_by_key(|file| (rank(file), file.clone()));
        Self { checkout, files }
    }

    pub(super) fn text(&self, file: &str) -> String {
        self.checkout.text(file).unwrap_or_default()
    }

    /// The files to which a harmless line can be added.
    pub(super) fn editable(&self) -> impl Iterator<Item = &String> {
        self.files.iter().filter(|file| language::is_editable(file))
    }

    /// The files in which a check sees a violation.
    pub(super) fn of(&self, check: &Check, violation: &Violation) -> Vec<String> {
        let seen = (self.files.iter()).filter(|file| sees(check, violation, file));
        let fitting = seen.filter(|file| !violation.in_tests || is_test(file));
        fitting.cloned().collect()
    }
}

/// True if a check sees a violation in a file.
pub(super) fn sees(check: &Check, violation: &Violation, file: &str) -> bool {
    let end = language::extension(file);
    let holds = if violation.ends.is_empty() {
        language::is_editable(file)
    } else {
        violation.ends.contains(&&*end)
    };
    holds && check.covers.covers(file) && violation.covers.covers(file)
}

fn is_lock(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    let ends = [
        ".lock",
        "-lock.json",
        "-lock.yaml",
        "shrinkwrap.json",
        ".lockb",
    ];
    ends.iter().any(|end| name.ends_with(end)) || name == "go.sum"
}

/// True for files that configure something: the last ones to change.
pub(super) fn is_setting(file: &str) -> bool {
    rank(file) >= SETTING - 1
}

const SETTING: usize = 6;

/// Sources first, then other folders, documents, tests, and what configures something.
fn rank(file: &str) -> usize {
    const SOURCES: [&str; 7] = ["src", "lib", "app", "apps", "packages", "pkg", "server"];
    const DOCUMENTS: [&str; 4] = ["md", "txt", "rst", "markdown"];
    let name = file.rsplit('/').next().unwrap_or(file);
    let end = language::extension(file);
    let is_hidden = file.split('/').any(|part| part.starts_with('.'));
    let is_setting =
        name.contains("config") || name.contains("rc.") || ["toml", "ini", "cfg"].contains(&&*end);
    match () {
        () if is_hidden => 7,
        () if is_setting
            || ["setup.py", "conftest.py", "makefile", "dockerfile"]
                .contains(&&*name.to_lowercase()) =>
        {
            6
        }
        () if name.starts_with("__init__") => SETTING - 1,
        () if is_test(file) => 4,
        () if DOCUMENTS.contains(&&*end) => 3,

        () if file.split('/').any(|part| SOURCES.contains(&part)) => 0,
        () if depth(file) > 1 => 1,
        () => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::fs::TemporaryFolder;

    #[test]
    fn a_file_that_a_check_names_is_a_place_and_its_settings_are_none() {
        let files = ["src/index.js", "src/rules.js", "src/b.js", "check.js"];
        for (words, own) in [
            ("index.js", &[][..]),
            ("--fix ./index.js b.js", &[]),
            ("-c index.js", &[]),
            ("--config rules.js index.js", &["src/rules.js"]),
            ("--config=rules.js", &["src/rules.js"]),
        ] {
            let folder = TemporaryFolder::new().unwrap();
            let checkout = Checkout::with(folder.path(), &files.map(|file| (file, "a();\n")));
            let check = Check {
                args: words.split(' ').map(ToOwned::to_owned).collect(),
                folder: "src".to_owned(),
                script: Some("check.js".to_owned()),
                ..Check::default()
            };
            let places = Places::new(&checkout, &[&check], "");
            let left = files
                .iter()
                .filter(|file| !places.files.iter().any(|one| one == *file));
            let others: Vec<_> = left.filter(|file| **file != "check.js").copied().collect();
            assert_eq!(others, own, "{words}");
            assert!(!places.files.iter().any(|file| file == "check.js"));
        }
    }
}
