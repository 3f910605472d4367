//! pre-commit and prek: hooks of repositories.

use regex::Regex;
use serde_json::Value;

use super::super::check::Covers;
use super::super::checkout::Checkout;
use super::super::pattern::{Style, glob};
use super::{Entry, PreCommitHook, Run, texts};

/// Returns the configuration that pre-commit, or prek, reads.
pub(in crate::init) fn configuration(checkout: &Checkout) -> Option<String> {
    let names = [
        "prek.toml",
        ".pre-commit-config.yaml",
        ".pre-commit-config.yml",
    ];
    let found = names.into_iter().find(|path| checkout.has(path))?;
    Some(found.to_owned())
}

/// Returns what runs at each hook that the configuration sets up.
pub(in crate::init) fn entries(config: &Value) -> Vec<Entry> {
    let default_stages = stages(&config["default_stages"]);
    let installed = stages(&config["default_install_hook_types"]);
    let mut all = Vec::new();
    for repo in config["repos"].as_array().into_iter().flatten() {
        for hook in repo["hooks"].as_array().into_iter().flatten() {
            let Some(id) = hook["id"].as_str() else {
                continue;
            };
            let own = stages(&hook["stages"]);
            let at = match (own.is_empty(), message_hook(id), default_stages.is_empty()) {
                (false, _, _) => own,
                (true, true, _) => vec!["commit-msg".to_owned()],
                (true, false, false) => default_stages.clone(),
                // It runs at all of them, and git has the first alone unless asked.
                (true, false, true) if installed.is_empty() => vec!["pre-commit".to_owned()],
                (true, false, true) => installed.clone(),
            };
            let run = Run::Hook(PreCommitHook {
                id: id.to_owned(),
                entry: hook["entry"].as_str().map(ToOwned::to_owned),
                args: texts(&hook["args"]),
                language: hook["language"].as_str().unwrap_or_default().to_owned(),
            });
            for stage in at.into_iter().filter(|stage| stage != "manual") {
                all.push(Entry {
                    hook: stage,
                    folder: String::new(),
                    covers: covered(config, hook),
                    run: run.clone(),
                });
            }
        }
    }
    // What the configuration installs is all that git has.
    all.retain(|entry: &Entry| installed.is_empty() || installed.contains(&entry.hook));
    all
}

/// True for hooks that their own repositories run on messages.
fn message_hook(id: &str) -> bool {
    [
        "gitlint",
        "commitizen",
        "commitlint",
        "conventional-pre-commit",
    ]
    .contains(&id)
}

/// Hooks by their names; older configurations call them `commit` and `push`.
fn stages(value: &Value) -> Vec<String> {
    let named = texts(value).into_iter();
    named
        .map(|name| match &*name {
            "commit" | "push" | "merge-commit" => format!("pre-{name}"),
            _ => name,
        })
        .collect()
}

fn covered(config: &Value, hook: &Value) -> Covers {
    let mut covers = Covers::default();
    for at in [config, hook] {
        covers = covers
            .and_any(expressions(&at["files"]))
            .but(expressions(&at["exclude"]));
    }
    let of =
        |tags: &[String]| -> Vec<Regex> { tags.iter().filter_map(|tag| tagged(tag)).collect() };
    for tag in texts(&hook["types"]) {
        covers = covers.and_any(of(&[tag]));
    }
    let any = of(&texts(&hook["types_or"]));
    covers.and_any(any).but(of(&texts(&hook["exclude_types"])))
}

/// An expression, or prek's globs.
fn expressions(value: &Value) -> Vec<Regex> {
    match value {
        Value::Object(_) => (texts(&value["glob"]).iter())
            .filter_map(|pattern| glob(pattern, Style::Paths))
            .collect(),
        _ => (value.as_str().into_iter())
            .filter_map(|text| Regex::new(text).ok())
            .collect(),
    }
}

/// The names of files that have a tag of `identify`; None if it says nothing about names.
fn tagged(tag: &str) -> Option<Regex> {
    let ends = match tag {
        "python" => "pyi?",
        "javascript" => "[cm]?js",
        "jsx" => "jsx",
        "ts" => "[cm]?ts",
        "tsx" => "tsx",
        "yaml" => "ya?ml",
        "json" => "json",
        "toml" => "toml",
        "markdown" => "md|markdown",
        "shell" | "sh" | "bash" => "sh|bash",
        "rust" => "rs",
        "go" => "go",
        "html" => "html?",
        "css" => "css",
        "scss" => "scss",
        "java" => "java",
        "ruby" => "rb",
        "c" => "c|h",
        "c++" => "cpp|hpp|cc",
        "xml" => "xml",
        "plain-text" => "txt",
        "sql" => "sql",
        _ => return None,
    };
    Regex::new(&format!(r"\.(?:{ends})$")).ok()
}
