//! Recognises a file by its name and its first line.

use std::path::Path;

use super::document::Format;
use super::gates::{self, Rules};

/// The probable kind of a file.
pub(super) enum Seems {
    Shell,
    /// A part of it configures a gate: the keys that lead there.
    Config(Format, &'static [(&'static [&'static str], Rules)]),
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

/// # Errors
/// The reason why the file cannot be weakened.
pub(super) fn recognise(path: &Path, text: &str) -> Result<Seems, &'static str> {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("");
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem, extension),
        _ => (name, ""),
    };
    if let Some(parts) = parts(stem, extension) {
        let format = match extension {
            "toml" => Format::Toml,
            "json" | "jsonc" => Format::Json,
            "" if text.trim_start().starts_with(['{', '/']) => Format::Json,
            _ => Format::Yaml,
        };
        return Ok(Seems::Config(format, parts));
    }
    if matches!(extension, "js" | "cjs" | "mjs" | "ts" | "cts" | "mts") {
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

fn parts(stem: &str, extension: &str) -> Option<&'static [(&'static [&'static str], Rules)]> {
    let yaml = matches!(extension, "yml" | "yaml");
    let json = matches!(extension, "json" | "jsonc");
    let rc = yaml || matches!(extension, "" | "json");
    Some(match (stem, extension) {
        ("lefthook" | ".lefthook" | "lefthook-local" | ".lefthook-local", _)
            if yaml || json || extension == "toml" =>
        {
            LEFTHOOK
        }
        (".pre-commit-config", _) if yaml => PRE_COMMIT,
        ("prek", "toml") => PRE_COMMIT,
        (".lintstagedrc", _) if rc => LINT_STAGED,
        ("simple-git-hooks" | ".simple-git-hooks", "json") => SIMPLE_GIT_HOOKS,
        (".huskyrc", _) if rc => HUSKY,
        (".eslintrc", _) if rc => ESLINT,
        (".commitlintrc", _) if rc => COMMITLINT,
        ("biome" | ".biome", _) if json => BIOME,
        ("ruff" | ".ruff", "toml") => RUFF,
        ("pyproject", "toml") => PYPROJECT,
        ("package", "json") => PACKAGE,
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
