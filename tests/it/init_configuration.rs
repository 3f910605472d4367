//! The `configuration` that `init` writes is all that `mutate` can weaken.

use std::fs;

use crate::support::{Consumer, World};

#[track_caller]
fn configuration(consumer: &Consumer, world: &World, more: &[&str]) -> String {
    let mut args = vec!["init", "--repo", consumer.root.to_str().unwrap()];
    args.extend(more);
    world.matrix(&args).expect(0);
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let lines: Vec<_> = toml
        .lines()
        .filter(|line| line.starts_with("configuration = "))
        .collect();
    lines.join("\n")
}

/// The files of a consumer with its own hook and configurations of four linters.
const FILES: [(&str, &str); 8] = [
    (
        ".githooks/pre-commit",
        "#!/bin/sh\n! git diff --cached | grep -n FIXME\n",
    ),
    (
        "web/.eslintrc.json",
        "{\"rules\": {\"no-debugger\": \"error\"}}\n",
    ),
    ("pyproject.toml", "[tool.ruff.lint]\nselect = [\"E\"]\n"),
    (
        "biome.json",
        "{\"linter\": {\"rules\": {\"style\": {\"noVar\": \"error\"}}}}\n",
    ),
    (
        "package.json",
        "{\"lint-staged\": {\"*.js\": \"eslint\"}}\n",
    ),
    // A program, and a file of whose rules none is known.
    ("eslint.config.js", "export default [];\n"),
    (".secretlintrc.json", "{\"rules\": []}\n"),
    ("src/a.js", "a();\n"),
];

#[test]
fn what_can_be_weakened_is_listed_and_so_the_limit_counts_survivors_alone() {
    let world = World::new();
    let consumer = world.consumer("consumer", &FILES);
    assert_eq!(
        configuration(&consumer, &world, &["--gate", "hooks"]),
        "configuration = [\".githooks/*\", \"biome.json\", \"package.json\", \"pyproject.toml\", \
         \"web/.eslintrc.json\"]"
    );
    consumer.commit("Try our gate");
    let limit = ["--max-survivors", "100", "--run-id", "a"];
    let ran = world.try_out("mutate", &consumer, &limit);
    assert!(
        !ran.expect(0).stdout.contains("not covered"),
        "{}",
        ran.stdout
    );
    for told in [
        "not weakened    eslint.config.js: it is a program",
        "not weakened    .secretlintrc.json: no rules of such a file are known here",
    ] {
        assert!(ran.stdout.contains(told), "{}", ran.stdout);
    }
}

/// A profile that is inherited whole has patterns of its own.
#[test]
fn files_beyond_the_patterns_of_a_profile_are_added_to_them() {
    let rules = "[lint]\nselect = [\"F\"]\n";
    let all = "configuration = [\"ruff.toml\", \"lib/ruff.toml\"]";
    for (files, options, wanted) in [
        (vec![("ruff.toml", rules)], vec![], ""),
        (
            vec![("ruff.toml", rules)],
            vec!["--eject"],
            "configuration = [\"ruff.toml\"]",
        ),
        (
            vec![("ruff.toml", rules), ("lib/ruff.toml", rules)],
            vec![],
            all,
        ),
        (
            vec![("ruff.toml", rules), ("lib/ruff.toml", rules)],
            vec!["--eject"],
            all,
        ),
    ] {
        let world = World::new();
        let files = [files, vec![("a.py", "a = 1\n")]].concat();
        let consumer = world.consumer("consumer", &files);
        assert_eq!(configuration(&consumer, &world, &options), wanted);
        consumer.commit("Try our gate");
        let repo = consumer.root.to_str().unwrap();
        world.matrix(&["check", "--repo", repo]).expect(0);
    }
}
