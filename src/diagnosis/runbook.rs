//! Rendering the table of causes as pages.

use std::fmt::Write as _;

use super::cause::Cause;
use super::commands::{EXPLAIN, VARIABLES, shown};
use super::table::causes;

/// Lists every cause with its title, a line each.
#[must_use]
pub fn list() -> String {
    let width = causes().map(|cause| cause.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    for cause in causes() {
        let _ = writeln!(out, "{:width$}  {}", cause.id, cause.title);
    }
    out
}

/// Renders the page of a cause.
#[must_use]
pub fn page(cause: &Cause) -> String {
    let mut out = format!("{}: {}\n\n", cause.id, cause.title);
    if cause.commands != [EXPLAIN] {
        let _ = writeln!(out, "{}\n", variables());
    }
    section(&mut out, cause);
    out
}

/// Renders every page as Markdown.
#[must_use]
pub fn runbook() -> String {
    let mut out = String::from(
        "# Runbook\n\nA page for each cause of a failure (`cause` in `replay_bundle.json`); \
         `matrix explain <id>` prints one.\nIt is made from the causes that the program knows; `matrix explain --all` prints this page.\n\n",
    );
    let _ = writeln!(out, "{}\n", variables());
    let _ = writeln!(out, "| cause | what is the case |\n|---|---|");
    for cause in causes() {
        let _ = writeln!(out, "| [{0}](#{0}) | {1} |", cause.id, cause.title);
    }
    for cause in causes() {
        let _ = writeln!(out, "\n## {}\n\n{}\n", cause.id, cause.title);
        section(&mut out, cause);
    }
    out
}

fn variables() -> String {
    let named = VARIABLES.map(|(name, what)| format!("`${name}` {what}"));
    format!("In commands: {}.", named.join(", "))
}

fn section(out: &mut String, cause: &Cause) {
    let _ = writeln!(out, "Signature: {}\n\nLikely causes:\n", cause.signature);
    for likely in cause.likely {
        let _ = writeln!(out, "- {likely}");
    }
    // The page itself need not say how to print it.
    let commands = cause.commands.iter().filter(|command| **command != EXPLAIN);
    for (at, command) in commands.enumerate() {
        if at == 0 {
            let _ = writeln!(out, "\nCommands:\n");
        }
        let _ = writeln!(out, "    {}", shown(command, cause.id));
    }
    let _ = writeln!(out, "\nRemedy: {}", cause.remedy);
}

#[cfg(test)]
mod tests {
    use crate::model::FailureClass;

    use super::*;

    #[test]
    fn every_class_is_the_default_of_one_cause() {
        use FailureClass::*;
        for class in [
            Dirty,
            Config,
            Unsupported,
            Install,
            Seed,
            Contract,
            WrongReason,
            NotEnforced,
            Vacuous,
            Missing,
            Flaky,
            Timeout,
            Signal,
            Infra,
            Io,
            Interrupted,
            Incomplete,
        ] {
            let of = causes().filter(|cause| cause.default_of.contains(&class));
            assert_eq!(of.count(), 1, "{class}");
        }
    }

    #[test]
    fn every_row_is_whole_and_has_an_id_of_its_own() {
        let ids: std::collections::HashSet<_> = causes().map(|cause| cause.id).collect();
        assert_eq!(ids.len(), causes().count());
        for cause in causes() {
            let sentences = [cause.title, cause.signature, cause.remedy];
            assert!(
                sentences.iter().all(|text| text.ends_with('.')),
                "{}",
                cause.id
            );
            assert!(
                !cause.likely.is_empty() && !cause.commands.is_empty(),
                "{}",
                cause.id
            );
        }
    }
}
