//! The names of configurations.

use std::path::Path;

use crate::mutation::{cannot_be_weakened, gate_of};

/// The names under which each gate looks for its configuration.
const NAMES: [(&str, &str); 15] = [
    (
        "ESLint",
        "eslint.config.{js mjs cjs ts mts cts} .eslintrc.{js cjs yaml yml json} .eslintrc",
    ),
    (
        "Prettier",
        ".prettierrc .prettierrc.{json json5 yaml yml toml js mjs cjs ts mts cts} \
         prettier.config.{js mjs cjs ts mts cts}",
    ),
    (
        "Stylelint",
        ".stylelintrc .stylelintrc.{json yaml yml js mjs cjs} stylelint.config.{js mjs cjs ts}",
    ),
    (
        "commitlint",
        ".commitlintrc .commitlintrc.{json yaml yml js cjs mjs ts cts mts} \
         commitlint.config.{js cjs mjs ts cts mts}",
    ),
    (
        "lint-staged",
        ".lintstagedrc .lintstagedrc.{json yaml yml js cjs mjs ts cts mts} \
         lint-staged.config.{js cjs mjs ts cts mts}",
    ),
    ("Biome", "biome.{json jsonc} .biome.{json jsonc}"),
    ("oxlint", ".oxlintrc.{json jsonc} oxlint.config.ts"),
    (
        "cspell",
        "cspell.{json jsonc yaml yml toml} .cspell.{json jsonc yaml yml} {cSpell .cSpell}.json \
         {cspell .cspell}.config.{json jsonc yaml yml toml js mjs cjs ts}",
    ),
    (
        "markdownlint",
        ".markdownlint.{json jsonc yaml yml} .markdownlintrc \
         .markdownlint-cli2.{jsonc yaml cjs mjs}",
    ),
    (
        "secretlint",
        ".secretlintrc .secretlintrc.{json yaml yml js cjs}",
    ),
    (
        "commitizen",
        ".cz.{toml json yaml} cz.{toml json yaml} .czrc",
    ),
    (
        "husky",
        ".huskyrc .huskyrc.{json yaml yml js} husky.config.js",
    ),
    (
        "simple-git-hooks",
        "{simple-git-hooks .simple-git-hooks}.{js cjs json}",
    ),
    (
        "lefthook",
        "{lefthook .lefthook lefthook-local}.{yml yaml toml json jsonc}",
    ),
    ("Ruff", "ruff.toml .ruff.toml"),
];

/// Returns `a.b` and `a.c` of `a.{b c}`.
fn expanded(text: &str) -> Vec<String> {
    let Some((before, rest)) = text.split_once('{') else {
        return vec![text.to_owned()];
    };
    let (inside, after) = rest.split_once('}').unwrap();
    let parts = inside.split_whitespace();
    parts
        .flat_map(|part| expanded(&format!("{before}{part}{after}")))
        .collect()
}

/// Splits at the spaces outside of braces.
fn names(list: &str) -> Vec<String> {
    let mut depth = 0;
    let is_end = |c: char| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ' ' && depth == 0
    };
    let words = list.split(is_end).filter(|word| !word.is_empty());
    words.flat_map(expanded).collect()
}

#[test]
fn every_name_under_which_a_gate_looks_for_its_configuration_is_known() {
    for (gate, list) in NAMES {
        for name in names(list) {
            let found = gate_of(Path::new("app").join(&name).as_path(), String::new);
            assert_eq!(found, Some(gate), "{name}");
        }
    }
}

#[test]
fn what_is_not_read_has_a_reason() {
    for name in [".secretlintrc.yaml", ".prettierrc.json5", "cz.yaml"] {
        let why = cannot_be_weakened(Path::new(name), b"");
        let told = "no rules of such a file are known here";
        assert_eq!(why.as_deref(), Some(told), "{name}");
    }
}

#[test]
fn a_package_in_yaml_has_the_keys_of_one_in_json() {
    let package = |text: &str| gate_of(Path::new("package.yaml"), || text.to_owned());
    assert_eq!(
        package("name: a\nlint-staged:\n  '*.js': eslint\n"),
        Some("lint-staged")
    );
    assert_eq!(package("name: a\n"), None);
}
