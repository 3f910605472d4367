//! Rendering the table of causes as pages.

use std::fmt::Write as _;

use super::cause::Cause;
use super::commands::{self, EXPLAIN, VARIABLES, shown};
use super::table::causes;
use crate::model::text::plain;
use crate::model::{Cluster, RunId};

/// Lists every cause with its title.
#[must_use]
pub fn list() -> Vec<[String; 2]> {
    let row = |cause: &Cause| [cause.id, cause.title].map(str::to_owned);
    causes().map(row).collect()
}

/// Renders the page of a cause, with the commands of failures that had it in a run.
///
/// Without such failures, names stand for what a run would give.
#[must_use]
pub fn page(cause: &Cause, seen: Option<(&RunId, &Cluster)>) -> String {
    let mut out = format!("{}: {}\n\n", cause.id, cause.title);
    let Some((run, cluster)) = seen else {
        let named = |command: &str| commands::named(command, cause.id);
        section(&mut out, cause, &named);
        out += &names(cause);
        remedy(&mut out, cause.remedy);
        return out;
    };
    about(&mut out, cause);
    let of = match &cluster.smallest {
        Some(cell) => format!(" for {cell}"),
        None => String::new(),
    };
    let itself = format!("{} {}", EXPLAIN.replace(" {cause}", ""), cause.id);
    let others = cluster
        .commands
        .iter()
        .filter(|command| **command != itself);
    let filled = others.map(|command| plain(command));
    list_commands(&mut out, &format!("Commands{of} of run {run}"), filled);
    remedy(&mut out, &plain(&cluster.remediation));
    out
}

/// Explains the names that the commands of a cause hold.
fn names(cause: &Cause) -> String {
    let templates = cause.commands.join(" ").replace("{run_id}", "{run}");
    let is_used = |name: &str| templates.contains(&format!("{{{}}}", name.to_lowercase()));
    let used = VARIABLES.iter().filter(|(name, _)| is_used(name));
    let named: Vec<_> = used
        .map(|(name, what)| format!("{name} is {what}"))
        .collect();
    if named.is_empty() {
        return String::new();
    }
    format!(
        "\n{}. In a consumer whose newest run failed so, this page has them filled in.\n",
        named.join(", ")
    )
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
        let of_shell = |command: &str| shown(command, cause.id);
        section(&mut out, cause, &of_shell);
        remedy(&mut out, cause.remedy);
    }
    out
}

fn variables() -> String {
    let named = VARIABLES.map(|(name, what)| format!("`${name}` {what}"));
    format!("In commands: {}.", named.join(", "))
}

/// The signature, the likely causes and the commands, each rendered by `render`.
fn section(out: &mut String, cause: &Cause, render: &dyn Fn(&str) -> String) {
    about(out, cause);
    // The page itself need not say how to print it.
    let others = cause.commands.iter().filter(|command| **command != EXPLAIN);
    list_commands(out, "Commands", others.map(|command| render(command)));
}

fn about(out: &mut String, cause: &Cause) {
    let _ = writeln!(out, "Signature: {}\n\nLikely causes:\n", cause.signature);
    for likely in cause.likely {
        let _ = writeln!(out, "- {likely}");
    }
}

fn list_commands(out: &mut String, title: &str, commands: impl Iterator<Item = String>) {
    for (at, command) in commands.enumerate() {
        if at == 0 {
            let _ = writeln!(out, "\n{title}:\n");
        }
        let _ = writeln!(out, "    {command}");
    }
}

fn remedy(out: &mut String, remedy: &str) {
    let _ = writeln!(out, "\nRemedy: {remedy}");
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
