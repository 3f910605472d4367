//! Weakened copies of the files that configure a gate: does the set of
//! scenarios notice when a rule is gone?
//!
//! [`mutations`] is pure: files in, files out. One mutation weakens one thing
//! and keeps the rest of its file as it is, so that a diff shows it alone.
//!
//! | files | what is weakened |
//! |---|---|
//! | hooks and scripts of a shell | commands that can decide (` \|\| true`), `exit 1` and `return 1` |
//! | lefthook (YAML, JSON, TOML) | commands, scripts, jobs and groups of jobs; `run`, `runner`, `glob`, `files`, `file_types` |
//! | pre-commit and prek (YAML, TOML) | hooks; `entry`, `files`, `types`, `types_or` |
//! | lint-staged, simple-git-hooks, husky 4 (JSON, YAML, `package.json` and `package.yaml`) | patterns, hooks and their commands |
//! | `ESLint` (not flat), oxlint, commitlint, Biome | rules, severities; globs of what blocks |
//! | Ruff (`ruff.toml`, `pyproject.toml`) | selected rules, `include` |
//!
//! # What is not covered
//!
//! - Configurations that are programs (`eslint.config.js`,
//!   `lint-staged.config.mjs`, `commitlint.config.ts`) and hooks in other
//!   languages than shell: told as [`Unread`].
//! - What a file takes from elsewhere: `remotes`, YAML merge keys, `extends` but
//!   for lefthook's files of the same repository, hooks that only the repository of a remote hook defines, sourced files.
//! - Options that narrow a gate: `exclude`, `skip`, `only`, `args`, `stages`,
//!   ignore files, `set -e`, thresholds.
//! - In a shell: lines that only print, set or source something; conditions
//!   (`if …`) and commands whose `$?` the next one reads, which may decide
//!   either way; commands in `$(…)`, what is assigned among them; functions
//!   written on one line. `return 1` becomes `return 0` also where that means
//!   yes, and the gate may then be stricter.
//! - Entries without a command: `pygrep`, `fail` and `docker_image`
//!   of pre-commit. A hook of a remote repository whose `entry` is overridden
//!   without a `language` is taken for a command.
//!
//! YAML with several documents or tags, and a key that stands twice in one
//! place, are reported as [`Unread`]: parsers disagree about them. If an entry
//! is shared by aliases, only the one use is weakened, and the file is written
//! on one line.

mod document;
mod gates;
mod kind;
mod read;
mod recognise;
mod shell;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};

pub use document::SyntaxError;
pub use kind::MutationKind;
pub use read::{commands, configuration};
pub use shell::{Link, Simple};

use document::{At, Document};
use gates::{Found, Weakening};
pub use recognise::gate_of;
use recognise::{Seems, is_lefthook, recognise};

use crate::model::On;
use crate::model::file_patterns::fits;
use crate::model::text::plain;

/// One way to weaken a gate's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutation {
    /// A lane's name, such as `lefthook-yml-3-drop-command`: one of its kind
    /// in a list, and the same for the same input.
    pub id: String,
    /// The way in which it weakens.
    pub kind: MutationKind,
    /// The file, as it was given.
    pub file: PathBuf,
    /// The line of the weakened part in the original, counted from 1.
    pub line: usize,
    /// The change in words; harmless on a console.
    pub description: String,
    /// The rule that is weaker then; harmless on a console.
    pub rule: Rule,
    /// The whole mutated file.
    pub content: Vec<u8>,
}

/// A part of a configuration that decides about a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The names on the way to it, outermost first; of a shell its command.
    pub names: Vec<String>,
    /// The hook of git that it belongs to, as far as the file says so.
    pub hook: Option<String>,
    /// The files that it looks at, as a relative clause: "that matches `*.js`".
    pub files: Option<String>,
}

impl Rule {
    fn new(names: &[String], file: &Path, files: Option<&str>) -> Self {
        let of_file = [file.file_name(), file.parent().and_then(Path::file_name)];
        let of_path = of_file.iter().flatten().filter_map(|name| name.to_str());
        let mut known = names.iter().map(String::as_str).chain(of_path);
        Self {
            hook: known.find(|name| On::of_hook(name).is_some()).map(plain),
            names: names.iter().map(|name| plain(name)).collect(),
            files: files.map(plain),
        }
    }

    /// True if the other rule is a part of this one.
    #[must_use]
    pub fn has(&self, other: &Self) -> bool {
        self.names.len() < other.names.len() && other.names.starts_with(&self.names)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names.join(" › "))
    }
}

/// A file, or a part of one, that was not mutated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The file, as it was given.
    pub file: PathBuf,
    /// The reason, as the end of a sentence that the file begins; harmless on a console.
    pub why: String,
}

/// Every way to weaken the files, in their order and in each by position; and
/// what could not be read as what it seems to be.
#[must_use]
pub fn mutations(files: &[(PathBuf, Vec<u8>)]) -> (Vec<Mutation>, Vec<Unread>) {
    let (mut all, mut unread) = (Vec::new(), Vec::new());
    let mut ids = HashSet::new();
    let extended = extended_by(files);
    for (file, content) in files {
        match of_file(file, content, is_extended(file, &extended)) {
            Ok(found) => {
                for one in found {
                    match one {
                        Ok(mut mutation) => {
                            mutation.id = unused(&mutation.id, &mut ids);
                            all.push(mutation);
                        }
                        Err(why) => unread.push(unread_because(file, &why)),
                    }
                }
            }
            Err(why) => unread.push(unread_because(file, &why)),
        }
    }
    (all, unread)
}

/// Returns the files that lefthook's configurations extend, as patterns of paths from the
/// root of the repository. They may have any name, and extend others in turn.
#[must_use]
pub fn extended_by(files: &[(PathBuf, Vec<u8>)]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut read = HashSet::new();
    loop {
        let more = files.iter().find(|(file, _)| {
            (is_lefthook(file) || is_extended(file, &all)) && !read.contains(file)
        });
        let Some((file, content)) = more else {
            return all;
        };
        read.insert(file);
        let text = String::from_utf8_lossy(content);
        let Ok(Seems::Config(format, _)) = recognise(file, &text, true) else {
            continue;
        };
        let Ok(document) = Document::read(format, &text) else {
            continue;
        };
        let list = At::root(document.root()).get("extends");
        for path in list.iter().flat_map(At::children) {
            let text = path.as_text();
            all.extend(text.map(|path| path.trim_start_matches("./").to_owned()));
        }
    }
}

/// True if one of these patterns matches a file.
fn is_extended(file: &Path, patterns: &[String]) -> bool {
    patterns.iter().any(|pattern| fits(pattern, file))
}

/// Returns the reason why nothing in a file can be weakened; None if something can, or if it
/// holds no rule yet.
#[must_use]
pub fn cannot_be_weakened(file: &Path, content: &[u8]) -> Option<String> {
    let (all, unread) = mutations(&[(file.to_owned(), content.to_owned())]);
    let first = unread.into_iter().next().filter(|_| all.is_empty());
    first.map(|unread| unread.why)
}

fn unread_because(file: &Path, why: &str) -> Unread {
    Unread {
        file: file.to_owned(),
        why: plain(why),
    }
}

/// The mutations of one file; in the place of one that cannot be written, why.
fn of_file(
    file: &Path,
    content: &[u8],
    is_extended: bool,
) -> Result<Vec<Result<Mutation, String>>, String> {
    let text = std::str::from_utf8(content).map_err(|_| "it is not UTF-8".to_owned())?;
    // Some editors put a mark at the beginning, which no parser has to know.
    let (mark, text) = match text.strip_prefix('\u{feff}') {
        Some(rest) => ("\u{feff}", rest),
        None => ("", text),
    };
    let written = |start: usize, kind, slug: &str, description: &str, rule, text: &str| {
        let line = line_of(content, mark.len() + start);
        Mutation {
            id: id(file, line, slug),
            kind,
            file: file.to_owned(),
            line,
            description: plain(description),
            rule,
            content: format!("{mark}{text}").into_bytes(),
        }
    };
    match recognise(file, text, is_extended)? {
        Seems::Shell => Ok(shell::weakened(text)?
            .into_iter()
            .map(|one| {
                let kind = MutationKind::PassAlways;
                Ok(written(
                    one.start,
                    kind,
                    "pass-always",
                    &format!("{}: {}", one.command, one.what),
                    Rule::new(&[one.command], file, None),
                    &one.text,
                ))
            })
            .collect()),
        Seems::Config(format, parts) => {
            let document = Document::read(format, text)?;
            let root = At::root(document.root());
            let mut found = Found::default();
            for (keys, rules) in parts {
                if let Some(at) = root.walk(keys) {
                    rules(&at, &mut found);
                }
            }
            found.list.sort_by_key(|one| (one.start, one.kind));
            let write = |one: &Weakening| {
                let what = format!("{}: {}", one.names.join(" › "), one.what);
                let rule = Rule::new(one.rule(), file, one.files.as_deref());
                match edited(format, text, one) {
                    // It is as weak already.
                    Some(new) if new == text => None,
                    Some(new) => {
                        let (start, kind) = (one.start, one.kind);
                        Some(Ok(written(start, kind, &one.slug, &what, rule, &new)))
                    }
                    None => Some(Err(format!(
                        "line {}: this cannot be written: {what}",
                        line_of(content, mark.len() + one.start)
                    ))),
                }
            };
            Ok(found.list.iter().filter_map(write).collect())
        }
    }
}

fn edited(format: document::Format, text: &str, weakening: &Weakening) -> Option<String> {
    let mut out = text.to_owned();
    for edit in &weakening.edits {
        out = Document::read(format, &out).ok()?.edited(edit)?;
    }
    Some(out)
}

fn line_of(content: &[u8], byte: usize) -> usize {
    let before = content.get(..byte).unwrap_or(content);
    before.split(|b| *b == b'\n').count()
}

/// Longest name of a lane.
const LONGEST: usize = 64;

/// File, line and what was done; of a long path its end.
fn id(file: &Path, line: usize, slug: &str) -> String {
    let rest = format!("{line}-{slug}");
    let whole = slugged(&file.to_string_lossy());
    // Room for the number that makes an id one of its kind.
    let room = LONGEST.saturating_sub(rest.len() + "-".len() + "-9999".len());
    let path = match whole.len().checked_sub(room) {
        None | Some(0) => whole.as_str(),
        // Not from the middle of a word, if there is a whole one.
        Some(cut) => whole[cut..]
            .split_once('-')
            .map_or(&whole[cut..], |(_, end)| end),
    };
    if path.is_empty() {
        format!("file-{rest}")
    } else {
        format!("{path}-{rest}")
    }
}

/// Lower case letters, digits and single dashes.
fn slugged(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

fn unused(id: &str, ids: &mut HashSet<String>) -> String {
    let mut candidate = id.to_owned();
    let mut count = 1;
    while !ids.insert(candidate.clone()) {
        count += 1;
        candidate = format!("{id}-{count}");
    }
    candidate
}
