//! Recognises a file by its name and its first line.

use std::ffi::OsStr;
use std::path::Path;

use super::document::{At, Document, Format};
use super::gates::{self, Rules};
use crate::model::On;

/// The parts of a file that configure a gate: the keys that lead there, and its rules.
type Parts = &'static [(&'static [&'static str], Rules)];

/// The probable kind of a file.
pub(super) enum Seems {
    Shell,
    /// A part of it configures a gate.
    Config(Format, Parts),
}

const LEFTHOOK: &[(&[&str], Rules)] = &[(&[], gates::lefthook)];
const PRE_COMMIT: &[(&[&str], Rules)] = &[(&[], gates::pre_commit)];
const LINT_STAGED: &[(&[&str], Rules)] = &[(&[], gates::lint_staged)];
const SIMPLE_GIT_HOOKS: &[(&[&str], Rules)] = &[(&[], gates::hooks_map)];
const HUSKY: &[(&[&str], Rules)] = &[(&["hooks"], gates::hooks_map)];
const ESLINT: &[(&[&str], Rules)] = &[(&[], gates::eslint)];
const COMMITLINT: &[(&[&str], Rules)] = &[(&[], gates::commitlint)];
const BIOME: &[(&[&str], Rules)] = &[(&[], gates::biome)];
const RUFF: &[(&[&str], Rules)] = &[(&[], gates::ruff)];
const PYPROJECT: &[(&[&str], Rules)] = &[(&["tool", "ruff"], gates::ruff)];
const PACKAGE: &[(&[&str], Rules)] = &[
    (&["lint-staged"], gates::lint_staged),
    (&["simple-git-hooks"], gates::hooks_map),
    (&["husky", "hooks"], gates::hooks_map),
    (&["eslintConfig"], gates::eslint),
    (&["commitlint"], gates::commitlint),
];

/// Names of the files in which a gate is configured by a program, without their extension.
const PROGRAMS: [(&str, &str); 19] = [
    ("eslint.config", "ESLint"),
    (".eslintrc", "ESLint"),
    ("lint-staged.config", "lint-staged"),
    (".lintstagedrc", "lint-staged"),
    ("commitlint.config", "commitlint"),
    (".commitlintrc", "commitlint"),
    (".huskyrc", "husky"),
    ("husky.config", "husky"),
    ("oxlint.config", "oxlint"),
    ("simple-git-hooks", "simple-git-hooks"),
    (".simple-git-hooks", "simple-git-hooks"),
    (".secretlintrc", "secretlint"),
    (".prettierrc", "Prettier"),
    ("prettier.config", "Prettier"),
    (".stylelintrc", "Stylelint"),
    ("stylelint.config", "Stylelint"),
    ("cspell.config", "cspell"),
    (".cspell.config", "cspell"),
    (".markdownlint-cli2", "markdownlint"),
];

/// The usual extensions of a document, and none.
const RC: &[&str] = &["", "json", "yaml", "yml"];

/// Names of files that configure a gate in a way that is not read here: without their
/// extension, and the extensions that the gate looks for.
const UNREAD: [(&str, &[&str], &str); 20] = [
    (".secretlintrc", RC, "secretlint"),
    (".secrets", &["baseline"], "detect-secrets"),
    (".gitlint", &[""], "gitlint"),
    (".cz", &["toml", "json", "yaml", "yml"], "commitizen"),
    ("cz", &["toml", "json", "yaml", "yml"], "commitizen"),
    (".czrc", &[""], "commitizen"),
    ("hk", &["pkl", "toml", "yaml", "yml", "json"], "hk"),
    ("hk.local", &["pkl"], "hk"),
    (".prettierrc", RC, "Prettier"),
    (".prettierrc", &["json5", "toml"], "Prettier"),
    (".stylelintrc", RC, "Stylelint"),
    ("cspell", DOCUMENTS, "cspell"),
    (".cspell", DOCUMENTS, "cspell"),
    ("cSpell", &["json"], "cspell"),
    (".cSpell", &["json"], "cspell"),
    ("cspell.config", DOCUMENTS, "cspell"),
    (".cspell.config", DOCUMENTS, "cspell"),
    (".markdownlint", DOCUMENTS, "markdownlint"),
    (".markdownlint-cli2", DOCUMENTS, "markdownlint"),
    (".markdownlintrc", &[""], "markdownlint"),
];
const DOCUMENTS: &[&str] = &["json", "jsonc", "yaml", "yml", "toml"];

/// The gate that a file of this name configures in a way that is not read here.
fn unread(stem: &str, extension: &str) -> Option<&'static str> {
    let is_it = |(known, extensions, _): &&(&str, &[&str], &str)| {
        *known == stem && extensions.contains(&extension)
    };
    UNREAD.iter().find(is_it).map(|(.., gate)| *gate)
}

/// Returns the name of the gate that a file configures, by the name of the file; of a file for
/// several tools also by its keys.
pub fn gate_of(path: &Path, text: impl FnOnce() -> String) -> Option<&'static str> {
    let (name, stem, extension) = split(path);
    if let Some(gate) = unread(stem, extension) {
        return Some(gate);
    }
    if is_program(extension) {
        let mut known = PROGRAMS.iter();
        return known
            .find(|(known, _)| *known == stem)
            .map(|(_, gate)| *gate);
    }
    let of_hooks = [(".husky", 1), (".lefthook", 2), (".lefthook-local", 2)];
    let above: Vec<_> = path
        .iter()
        .rev()
        .skip(1)
        .filter_map(OsStr::to_str)
        .collect();
    for (folder, depth) in of_hooks {
        // husky's hooks are files, lefthook's are folders of scripts.
        let hook = if depth == 1 {
            Some(&name)
        } else {
            above.first()
        };
        let is_hook = hook.is_some_and(|hook| On::of_hook(hook).is_some());
        if is_hook && above.get(depth - 1) == Some(&folder) {
            return Some(folder.trim_start_matches('.').trim_end_matches("-local"));
        }
    }
    let (gate, parts) = parts(stem, extension)?;
    if !matches!(stem, "package" | "pyproject") {
        return Some(gate);
    }
    let text = text();
    let format = match extension {
        "toml" => Format::Toml,
        "json" => Format::Json,
        _ => Format::Yaml,
    };
    let document = Document::read(format, &text).ok()?;
    let root = At::root(document.root());
    let (keys, _) = parts.iter().find(|(keys, _)| root.walk(keys).is_some())?;
    Some(match *keys {
        ["eslintConfig"] => "ESLint",
        ["tool", "ruff"] => "Ruff",
        [key, ..] => key,
        [] => gate,
    })
}

/// True if the name of a file is one of lefthook's configurations.
pub(super) fn is_lefthook(path: &Path) -> bool {
    let (_, stem, extension) = split(path);
    parts(stem, extension).is_some_and(|(gate, _)| gate == "lefthook")
}

/// The name of a file, and what is before and behind its last dot.
fn split(path: &Path) -> (&str, &str, &str) {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or("");
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (name, stem, extension),
        _ => (name, name, ""),
    }
}

fn is_program(extension: &str) -> bool {
    matches!(extension, "js" | "cjs" | "mjs" | "ts" | "cts" | "mts")
}

/// # Errors
/// The reason why the file cannot be weakened.
pub(super) fn recognise(path: &Path, text: &str, is_extended: bool) -> Result<Seems, &'static str> {
    let (_, stem, extension) = split(path);
    if unread(stem, extension).is_some() {
        return Err("no rules of such a file are known here");
    }
    let is_document = matches!(extension, "yml" | "yaml" | "json" | "jsonc" | "toml");
    let extended = (is_extended && is_document).then_some(("lefthook", LEFTHOOK));
    if let Some((_, parts)) = extended.or_else(|| parts(stem, extension)) {
        let format = match extension {
            "toml" => Format::Toml,
            "json" | "jsonc" => Format::Json,
            "" if text.trim_start().starts_with(['{', '/']) => Format::Json,
            _ => Format::Yaml,
        };
        return Ok(Seems::Config(format, parts));
    }
    if is_program(extension) {
        return Err("it is a program: what it configures shows only when it is run");
    }
    match interpreter(text) {
        Some("sh" | "bash" | "dash" | "ash" | "ksh" | "zsh") => Ok(Seems::Shell),
        Some(_) => Err("it is a program, but not a shell script"),
        None if in_hooks_folder(path)
            && matches!(extension, "" | "sh")
            && !stem.starts_with('.') =>
        {
            Ok(Seems::Shell)
        }
        None => Err("it is no hook and no known configuration of a gate"),
    }
}

/// The gate that a file of this name configures, and the parts of the file that do.
fn parts(stem: &str, extension: &str) -> Option<(&'static str, Parts)> {
    let yaml = matches!(extension, "yml" | "yaml");
    let json = matches!(extension, "json" | "jsonc");
    let rc = yaml || matches!(extension, "" | "json");
    Some(match (stem, extension) {
        ("lefthook" | ".lefthook" | "lefthook-local" | ".lefthook-local", _)
            if yaml || json || extension == "toml" =>
        {
            ("lefthook", LEFTHOOK)
        }
        (".pre-commit-config", _) if yaml => ("pre-commit", PRE_COMMIT),
        ("prek", "toml") => ("prek", PRE_COMMIT),
        (".lintstagedrc", _) if rc => ("lint-staged", LINT_STAGED),
        ("simple-git-hooks" | ".simple-git-hooks", "json") => {
            ("simple-git-hooks", SIMPLE_GIT_HOOKS)
        }
        (".huskyrc", _) if rc => ("husky", HUSKY),
        (".eslintrc", _) if rc => ("ESLint", ESLINT),
        (".oxlintrc", _) if json => ("oxlint", ESLINT),
        (".commitlintrc", _) if rc => ("commitlint", COMMITLINT),
        ("biome" | ".biome", _) if json => ("Biome", BIOME),
        ("ruff" | ".ruff", "toml") => ("Ruff", RUFF),
        ("pyproject", "toml") => ("Ruff", PYPROJECT),
        // pnpm reads package.yaml, and so do lint-staged and commitlint.
        ("package", _) if yaml || extension == "json" => ("lint-staged", PACKAGE),
        _ => return None,
    })
}

/// The program that the first line names.
fn interpreter(text: &str) -> Option<&str> {
    let mut words = text.lines().next()?.strip_prefix("#!")?.split_whitespace();
    let program = words.next()?.rsplit('/').next()?;
    if program != "env" {
        return Some(program);
    }
    // env may have options and settings first.
    words
        .find(|word| !word.starts_with('-') && !word.contains('='))
        .map(|word| word.rsplit('/').next().unwrap_or(word))
}

fn in_hooks_folder(path: &Path) -> bool {
    const FOLDERS: [&str; 6] = [
        ".husky",
        "hooks",
        ".hooks",
        ".githooks",
        "githooks",
        ".git-hooks",
    ];
    let mut above = path.parent().into_iter().flat_map(Path::iter).rev();
    let is = |part: Option<&std::ffi::OsStr>, names: &[&str]| {
        part.and_then(std::ffi::OsStr::to_str)
            .is_some_and(|part| names.contains(&part))
    };
    let (nearest, next) = (above.next(), above.next());
    // lefthook keeps its scripts in a folder for each hook.
    is(nearest, &FOLDERS) || is(next, &[".lefthook", ".lefthook-local"])
}
