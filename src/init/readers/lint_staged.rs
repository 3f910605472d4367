//! lint-staged: commands by pattern.

use serde_json::Value;

use super::super::check::Covers;
use super::super::checkout::{Checkout, join};
use super::super::pattern::{Style, glob};
use super::{Entry, Run, texts};

const FILES: [&str; 4] = [
    ".lintstagedrc",
    ".lintstagedrc.json",
    ".lintstagedrc.yaml",
    ".lintstagedrc.yml",
];

/// Returns what lint-staged runs, started in a folder: by the configuration there or, for a
/// workspace, by those in the folders below.
pub(in crate::init) fn entries(checkout: &Checkout, folder: &str) -> Vec<Entry> {
    let mut all = of_folder(checkout, folder);
    if all.is_empty() {
        for below in checkout.folders_with("package.json") {
            all.extend(of_folder(checkout, &below));
        }
    }
    all
}

fn of_folder(checkout: &Checkout, folder: &str) -> Vec<Entry> {
    let mut config = checkout.manifest(folder)["lint-staged"].take();
    for name in FILES {
        if config.is_null() {
            config = checkout.config(&join(folder, name)).unwrap_or_default();
        }
    }
    if config.is_null() {
        config = program(checkout, folder).unwrap_or_default();
    }
    let mut all = Vec::new();
    for (pattern, commands) in config.as_object().into_iter().flatten() {
        let Some(regex) = pattern_below(folder, pattern) else {
            continue;
        };
        for command in texts(commands) {
            all.push(Entry {
                hook: String::new(),
                folder: folder.to_owned(),
                covers: Covers::default().below(folder).and_any(vec![regex.clone()]),
                run: Run::Command(command),
            });
        }
    }
    all
}

fn pattern_below(folder: &str, pattern: &str) -> Option<regex::Regex> {
    if pattern.contains('/') {
        glob(&join(folder, pattern), Style::Paths)
    } else {
        glob(pattern, Style::Names)
    }
}

/// The patterns of a configuration that is a program, if they are written as plain texts.
fn program(checkout: &Checkout, folder: &str) -> Option<Value> {
    let names = ["js", "mjs", "cjs", "ts", "mts", "cts"];
    let text = names.iter().find_map(|end| {
        let of = |name: &str| checkout.text(&join(folder, &format!("{name}.{end}")));
        of("lint-staged.config").or_else(|| of(".lintstagedrc"))
    })?;
    let quote = "[\"'`]";
    let entry = format!(
        "{quote}([^\"'`\\n]+){quote}\\s*:\\s*(?:\\[([^\\]]*)\\]|{quote}([^\"'`\\n]+){quote})"
    );
    let (entry, text_) = (
        regex::Regex::new(&entry).ok()?,
        regex::Regex::new(&format!("{quote}([^\"'`\\n]+){quote}")).ok()?,
    );
    let mut found = serde_json::Map::new();
    for entry in entry.captures_iter(&text) {
        let commands: Vec<Value> = match (entry.get(2), entry.get(3)) {
            (Some(list), _) => (text_.captures_iter(list.as_str()))
                .map(|text| Value::from(&text[1]))
                .collect(),
            (None, Some(one)) => vec![Value::from(one.as_str())],
            (None, None) => Vec::new(),
        };
        found.insert(entry[1].to_owned(), commands.into());
    }
    Some(Value::Object(found))
}
