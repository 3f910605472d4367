//! The lines of a configuration that `matrix init` could not write, and that still ask for
//! something.

use std::path::{Path, PathBuf};

use super::error::Result;
use super::text::Text;
use crate::model::scenario::Seed;
use crate::model::text::shown;
use crate::model::{Plan, Profile};
use crate::sys::fs;

/// Begins a comment that asks for something.
pub const FILL_IN: &str = "# FILL IN: ";
/// The line of an overlay that the user replaces.
pub const FILL_IN_OVERLAY: &str = "FILL IN: what the gate blocks, in the place of this line.";

/// A line that asks for something.
#[derive(Debug, Clone)]
pub struct ToFillIn {
    /// The file, relative to the consumer.
    file: PathBuf,
    /// The line, counted from 1.
    line: usize,
    /// The thing that is expected there.
    what: String,
    /// The part of the configuration that it belongs to.
    part: Part,
    is_comment: bool,
}

/// A part of the configuration that a selection may leave out.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Whole,
    Stage(String),
    Scenario(String),
}

impl ToFillIn {
    /// The place and the expectation, in a sentence.
    #[must_use]
    pub fn text(&self) -> String {
        let what = self.what.trim_end_matches('.');
        format!("{}: still to be filled in: {what}", self.place())
    }

    /// The remedy.
    #[must_use]
    pub fn next(&self) -> &'static str {
        if self.is_comment {
            "write it there, then remove the comment `# FILL IN: …`"
        } else {
            "replace the line"
        }
    }

    /// True if a run with this plan would use what is missing.
    #[must_use]
    pub fn is_used(&self, plan: &Plan) -> bool {
        match &self.part {
            Part::Whole => true,
            Part::Stage(name) => plan.selected_stages().any(|one| one.as_str() == name),
            Part::Scenario(name) => plan.selected_scenarios().any(|one| one.as_str() == name),
        }
    }

    fn place(&self) -> String {
        format!("{}:{}", shown(&self.file), self.line)
    }
}

/// Returns the lines of the consumer's own configuration and of its overlays that ask for
/// something, in their order. What is inherited may be overridden, and is not read.
#[must_use]
pub fn to_fill_in(profile: &Profile, repo_root: &Path) -> Vec<ToFillIn> {
    let below = |path: &Path| path.strip_prefix(repo_root).unwrap_or(path).to_owned();
    let mut all = Vec::new();
    if let Some(file) = &profile.file {
        let text = fs::read_text(file).unwrap_or_default();
        all.extend(of_text(&text).map(|(line, what, part)| ToFillIn {
            file: below(file),
            line,
            what,
            part,
            is_comment: true,
        }));
    }
    for (name, scenario) in &profile.scenarios {
        let Seed::Overlay(folder) = &scenario.seed else {
            continue;
        };
        let folder = profile.root.join(folder);
        for path in fs::list_tree(&folder).unwrap_or_default() {
            let file = folder.join(path);
            // A link may lead to a pipe, which would block the read.
            let is_file = file.symlink_metadata().is_ok_and(|meta| meta.is_file());
            let bytes = is_file.then(|| fs::read(&file).unwrap_or_default());
            let text = String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned();
            let lines = text.lines().enumerate();
            let asking = lines.filter(|(_, line)| line.contains(FILL_IN_OVERLAY));
            all.extend(asking.map(|(at, _)| ToFillIn {
                file: below(&file),
                line: at + 1,
                what: "what the gate blocks".to_owned(),
                part: Part::Scenario(name.to_string()),
                is_comment: false,
            }));
        }
    }
    all
}

/// Refuses a configuration of which a run with this plan would use what is missing.
///
/// # Errors
/// The first such line; the others are named.
pub fn check_filled_in(profile: &Profile, plan: &Plan, repo_root: &Path) -> Result<()> {
    let mut all = to_fill_in(profile, repo_root);
    all.retain(|one| one.is_used(plan));
    let Some((first, others)) = all.split_first() else {
        return Ok(());
    };
    let what = first.what.trim_end_matches('.');
    let text = Text {
        name: shown(&first.file),
        content: fs::read_text(repo_root.join(&first.file)).unwrap_or_default(),
    };
    let start: usize = text
        .content
        .split_inclusive('\n')
        .take(first.line - 1)
        .map(str::len)
        .sum();
    let width = text.content[start..].lines().next().unwrap_or_default();
    let error = text.error(
        &(start..start + width.len()),
        format!("still to be filled in: {what}"),
    );
    let more: Vec<_> = others.iter().map(ToFillIn::place).collect();
    let more = match more.as_slice() {
        [] => String::new(),
        more => format!("; the same at {}", more.join(", ")),
    };
    Err(error.hint(format!("{}{more}", first.next())))
}

/// The comments of a text that ask for something: line, what, and the part.
fn of_text(text: &str) -> impl Iterator<Item = (usize, String, Part)> {
    let mut part = Part::Whole;
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if let Some(header) = header(line) {
            part = match header.as_slice() {
                [kind, name, ..] if kind == "stage" => Part::Stage(name.clone()),
                [kind, name, ..] if kind == "scenario" => Part::Scenario(name.clone()),
                _ => Part::Whole,
            };
        }
        let Some(what) = line.trim_start().strip_prefix(FILL_IN) else {
            continue;
        };
        // In a text of several lines it would be a part of a value.
        let mut without = lines.clone();
        without.remove(at);
        let table = |text: &str| text.parse::<toml::Table>().ok();
        if table(text) == table(&without.join("\n")) {
            found.push((at + 1, what.trim_end().to_owned(), part.clone()));
        }
    }
    found.into_iter()
}

/// The keys of a table's header.
fn header(line: &str) -> Option<Vec<String>> {
    let inner = line.trim_start().strip_prefix('[')?;
    let (keys, rest) = inner.trim_start_matches('[').split_once(']')?;
    let rest = rest.trim_start_matches(']').trim_start();
    let is_key = |c: char| c.is_ascii_alphanumeric() || "_-.\"' \t".contains(c);
    if !keys.chars().all(is_key) || !(rest.is_empty() || rest.starts_with('#')) {
        return None;
    }
    let keys = keys.split('.');
    let bare = |key: &str| key.trim().trim_matches(['"', '\'']).to_owned();
    Some(keys.map(bare).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_belongs_to_the_table_above_it_and_a_text_is_no_comment() {
        let text = "# FILL IN: a\n[[activate]]\nrun = [\n  [\"x\"]\n]\n# FILL IN: b.\n\
                    [ stage . \"ci\" ] # here\n  # FILL IN: c\n[scenario.clean.evidence.ci]\n\
                    # FILL IN: d\nmessage = '''\n# FILL IN: e\n'''\n";
        let found: Vec<_> = of_text(text).collect();
        let of = |line, what: &str, part| (line, what.to_owned(), part);
        assert_eq!(
            found,
            [
                of(1, "a", Part::Whole),
                of(6, "b.", Part::Whole),
                of(8, "c", Part::Stage("ci".to_owned())),
                of(10, "d", Part::Scenario("clean".to_owned())),
            ]
        );
    }
}
