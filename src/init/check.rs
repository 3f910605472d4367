//! One thing that a hook runs, and the files that it looks at.

use super::checkout::join;
use super::outcome::Outcome;
use super::pattern::escaped;
use std::path::Path;

use regex::Regex;

/// The files that a check looks at.
#[derive(Debug, Clone, Default)]
pub(super) struct Covers {
    /// A file is covered if each of these lists has an expression that matches it.
    all: Vec<Vec<Regex>>,
    none: Vec<Regex>,
}

impl Covers {
    /// Covers of these only what one of the expressions matches too.
    pub(super) fn and_any(mut self, any: Vec<Regex>) -> Self {
        if !any.is_empty() {
            self.all.push(any);
        }
        self
    }

    /// Does not cover what one of the expressions matches.
    pub(super) fn but(mut self, none: Vec<Regex>) -> Self {
        self.none.extend(none);
        self
    }

    /// Covers only what is below a folder.
    pub(super) fn below(self, folder: &str) -> Self {
        if folder.is_empty() || folder == "." {
            return self;
        }
        let folder = escaped(folder.trim_end_matches('/'));
        let below = Regex::new(&format!("^{folder}/")).into_iter().collect();
        self.and_any(below)
    }

    pub(super) fn covers(&self, path: &str) -> bool {
        let matches = |all: &[Regex]| all.iter().any(|regex| regex.is_match(path));
        self.all.iter().all(|any| matches(any)) && !matches(&self.none)
    }
}

/// One thing that a hook runs.
#[derive(Debug, Clone, Default)]
pub(super) struct Check {
    /// Name of the program, or of a hook of pre-commit.
    pub(super) tool: String,
    /// The word that starts it, as it is written.
    pub(super) called: String,
    /// Its words.
    pub(super) args: Vec<String>,
    /// The folder in which it runs, relative to the consumer.
    pub(super) folder: String,
    /// The commands among which it is.
    pub(super) text: String,
    /// The script of the consumer that it runs.
    pub(super) script: Option<String>,
    pub(super) covers: Covers,
    /// The gate's exit by that of the check.
    pub(super) outcome: Outcome,
    /// Id of its hook in a configuration of pre-commit.
    pub(super) hook_id: Option<String>,
}

/// Options whose value is a file that configures the program.
pub(super) const CONFIGURING: [&str; 13] = [
    "-c",
    "-p",
    "-f",
    "--config",
    "--config-file",
    "--config-path",
    "--configuration",
    "--project",
    "--tsconfig",
    "--rcfile",
    "--settings",
    "--ignore-path",
    "--ignore-file",
];

impl Check {
    pub(super) fn has(&self, arg: &str) -> bool {
        self.args.iter().any(|one| one == arg)
    }

    pub(super) fn has_any(&self, args: &[&str]) -> bool {
        args.iter().any(|arg| self.has(arg))
    }

    /// Returns the files, relative to the consumer, that it reads and does not look at: its
    /// script, and what its options name.
    pub(super) fn own_files(&self) -> impl Iterator<Item = String> {
        let value = |option: &&str| {
            let value = self.value_of(option)?;
            // `isort -c FILE` checks the file.
            (option.starts_with("--") || is_setting(value)).then_some(value)
        };
        let named = CONFIGURING.iter().filter_map(value);
        let named = named
            .map(|value| join(&self.folder, value))
            .collect::<Vec<_>>();
        self.script.iter().cloned().chain(named)
    }

    /// Returns the value of an option: `--name VALUE` or `--name=VALUE`.
    pub(super) fn value_of(&self, option: &str) -> Option<&str> {
        let mut args = self.args.iter();
        while let Some(arg) = args.next() {
            if arg == option {
                return args.next().map(String::as_str);
            }
            if let Some(value) = arg.strip_prefix(option).and_then(|r| r.strip_prefix('=')) {
                return Some(value);
            }
        }
        None
    }

    /// True if it changes files, and the gate lets that pass.
    pub(super) fn only_rewrites(&self, checking: &[&str]) -> bool {
        self.hook_id.is_none() && !self.has_any(checking)
    }

    /// The check in words.
    pub(super) fn shown(&self) -> String {
        match (&self.hook_id, &self.script) {
            (Some(id), _) => format!("hook {id}"),
            (None, Some(script)) if self.tool == "script" => script.clone(),
            (None, Some(script)) => format!("{} in {script}", self.tool),
            (None, None) => self.tool.clone(),
        }
    }
}

/// True for a file that configures something, by its name.
fn is_setting(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ends = [
        ".json", ".toml", ".yml", ".yaml", ".ini", ".cfg", ".conf", ".txt",
    ];
    name.starts_with('.') || name.contains("config") || ends.iter().any(|end| name.ends_with(end))
}

/// The name of a program without its folder and its end on Windows.
pub(super) fn program(word: &str) -> &str {
    let name = (Path::new(word).file_name().and_then(|name| name.to_str())).unwrap_or(word);
    name.strip_suffix(".cmd").unwrap_or(name)
}
