//! The ways to weaken the configuration of each gate.

mod biome;
mod commitlint;
mod eslint;
mod hooks_map;
mod lefthook;
mod lint_staged;
mod pre_commit;
mod ruff;
mod severity;

pub(super) use biome::biome;
pub(super) use commitlint::commitlint;
pub(super) use eslint::eslint;
pub(super) use hooks_map::hooks_map;
pub(super) use lefthook::lefthook;
pub(super) use lint_staged::lint_staged;
pub(super) use pre_commit::pre_commit;
pub(super) use ruff::ruff;

use super::document::{At, Edit, Node};
use super::kind::MutationKind;

/// Finds the ways to weaken one gate's configuration.
pub(super) type Rules = fn(&At, &mut Found);

/// A glob under which no file is.
const NO_GLOB: &str = "matches-nothing/**";

/// One way to weaken a configuration, before it is written.
pub(super) struct Weakening {
    pub(super) kind: MutationKind,
    /// Last part of the id: `drop-hook`.
    pub(super) slug: String,
    /// The byte at which the weakened part begins.
    pub(super) start: usize,
    /// Names on the way to it, outermost first.
    pub(super) names: Vec<String>,
    /// The effect in words: "its command always succeeds".
    pub(super) what: String,
    /// The files that the rule looks at, as a relative clause.
    pub(super) files: Option<String>,
    /// Done one after the other.
    pub(super) edits: Vec<Edit>,
}

/// Keys of a rule that are no rules themselves.
const OPTIONS: [&str; 11] = [
    "run",
    "runner",
    "script",
    "glob",
    "files",
    "file_types",
    "entry",
    "types",
    "types_or",
    "include",
    "includes",
];

impl Weakening {
    /// The names of the rule that is weakened: without the key of what is weakened of it.
    pub(super) fn rule(&self) -> &[String] {
        let is_part = matches!(
            self.kind,
            MutationKind::PassAlways | MutationKind::EmptyGlob
        );
        match self.names.split_last() {
            Some((last, rest))
                if is_part && !rest.is_empty() && OPTIONS.contains(&last.as_str()) =>
            {
                // `files › glob` of prek.
                match rest.split_last() {
                    Some((files, rest)) if files == "files" && !rest.is_empty() => rest,
                    _ => rest,
                }
            }
            _ => &self.names,
        }
    }
}

/// The weakenings that the rules of a gate found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) list: Vec<Weakening>,
    /// The files that the rule at hand looks at, as a relative clause.
    files: Option<String>,
}

impl Found {
    /// Notes the files that the rules which follow look at: patterns or types of an entry.
    fn looks_at(&mut self, clause: &str, patterns: Option<&At>) {
        let Some(at) = patterns else { return };
        let items = at.children();
        let texts: Vec<&str> = match at.as_text() {
            Some(text) => vec![text],
            None => items.iter().filter_map(At::as_text).collect(),
        };
        if !texts.is_empty() {
            let list: Vec<_> = texts.iter().map(|text| format!("`{text}`")).collect();
            self.files = Some(format!("{clause} {}", list.join(" or ")));
        }
    }

    fn add(&mut self, kind: MutationKind, noun: &str, at: &At, what: &str, edits: Vec<Edit>) {
        let slug = match kind {
            MutationKind::PassAlways => "pass-always".to_owned(),
            MutationKind::DropEntry => format!("drop-{noun}"),
            MutationKind::EmptyGlob => "empty-glob".to_owned(),
            MutationKind::LowerSeverity => "lower-severity".to_owned(),
        };
        self.list.push(Weakening {
            kind,
            slug,
            start: at.start,
            names: at.names.clone(),
            what: what.to_owned(),
            files: self.files.clone(),
            edits,
        });
    }

    fn passes(&mut self, at: &At, with: &str) {
        let edit = Edit::Replace(at.path.clone(), Node::text(with));
        let what = "its command always succeeds";
        self.add(MutationKind::PassAlways, "", at, what, vec![edit]);
    }

    fn drops(&mut self, noun: &str, at: &At) {
        let edit = Edit::Remove(at.path.clone());
        let what = format!("the {noun} is dropped");
        self.add(MutationKind::DropEntry, noun, at, &what, vec![edit]);
    }

    fn matches_nothing(&mut self, at: &At, with: Node) {
        let edit = Edit::Replace(at.path.clone(), with);
        self.add(
            MutationKind::EmptyGlob,
            "",
            at,
            "it matches no file",
            vec![edit],
        );
    }

    /// A glob, or a list of globs, that matches nothing.
    fn empties_glob(&mut self, at: &At) {
        if at.is_list() {
            self.matches_nothing(at, Node::list(vec![Node::text(NO_GLOB)]));
        } else if at.as_text().is_some() {
            self.matches_nothing(at, Node::text(NO_GLOB));
        }
    }
}

/// A command that the gate does not run in a shell, and that succeeds with
/// whatever the gate appends to it.
fn wrapped(command: &str) -> Option<String> {
    let command = command.trim();
    (!command.is_empty()).then(|| format!("sh -c '\"$@\" || true' -- {command}"))
}
