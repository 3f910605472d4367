//! Configurations of gates: the commands of each hook, and the files that they look at.

mod lefthook;
mod lint_staged;
mod pre_commit;
mod scripts;

use serde_json::Value;

pub(super) use lefthook::{configuration as lefthook_file, entries as lefthook};
pub(super) use lint_staged::entries as lint_staged;
pub(super) use pre_commit::{configuration as pre_commit_file, entries as pre_commit};
pub(super) use scripts::{hooks_of_folder, husky_4, simple_git_hooks};

use super::check::Covers;
use super::pattern::{Style, glob};

/// The hooks that become stages: those with which a gate decides on a commit or a push.
pub(super) const HOOKS: [&str; 3] = ["pre-commit", "commit-msg", "pre-push"];

/// The part that is run.
#[derive(Debug, Clone)]
pub(super) enum Run {
    /// A command, or several lines of them.
    Command(String),
    /// A file of the consumer.
    Script(String),
    /// A hook of pre-commit: id, words of its own, and its language.
    Hook(PreCommitHook),
}

/// A hook of pre-commit's configuration.
#[derive(Debug, Clone)]
pub(super) struct PreCommitHook {
    pub(super) id: String,
    /// None if the hook's own repository has it.
    pub(super) entry: Option<String>,
    pub(super) args: Vec<String>,
    pub(super) language: String,
}

/// One thing that runs at a hook.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) hook: String,
    /// The folder in which it runs.
    pub(super) folder: String,
    pub(super) covers: Covers,
    pub(super) run: Run,
}

/// A command at a hook.
pub(super) fn command(hook: &str, text: &str, files: Vec<regex::Regex>) -> Entry {
    Entry {
        hook: hook.to_owned(),
        folder: String::new(),
        covers: Covers::default().and_any(files),
        run: Run::Command(text.to_owned()),
    }
}

/// The steps of hk's configuration: a program, of which only plain texts are read.
pub(super) fn hk(text: &str) -> Vec<Entry> {
    let mut files = Vec::new();
    let mut all = Vec::new();
    let values = regex::Regex::new(r#"^\s*(glob|check)\s*=\s*"([^"]+)""#).ok();
    for line in text.lines() {
        if line.contains('{') && !line.contains('=') {
            files.clear();
        }
        let Some(found) = values.as_ref().and_then(|values| values.captures(line)) else {
            continue;
        };
        match &found[1] {
            "glob" => files = glob(&found[2], Style::Names).into_iter().collect(),
            _ => all.push(command("pre-commit", &found[2], files.clone())),
        }
    }
    all
}

/// A text, or a list of texts.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => (items.iter().filter_map(Value::as_str))
            .map(ToOwned::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}
