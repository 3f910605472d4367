use std::collections::HashSet;
use std::path::PathBuf;

use super::of;
use crate::mutation::mutations;

/// One file of each language, with what is easily got wrong.
const FILES: [(&str, &str); 6] = [
    (
        "hooks/pre-commit",
        "\u{feff}#!/bin/sh\r\nlint\r\nexit 1\r\n",
    ),
    (
        "a/lefthook.yml",
        "pre-push:\n  jobs:\n  - run: \"é\"\n  - run: >-\n      b\n      c",
    ),
    (
        "b/lefthook.yml",
        "pre-push: {jobs: [{run: a}, {run: b, glob: é}]}",
    ),
    (
        "package.json",
        "{\"lint-staged\": {\"*.é\": [\"a\"]}, \"eslintConfig\": {\"rules\": {\"a\": 2, \"b\": \"error\"}}}",
    ),
    (
        "prek.toml",
        "[[repos]]\nrepo = 'a'\nhooks = [{id = 'é'}]\n[[repos]]\nrepo = 'b'\nhooks = []\n",
    ),
    ("ruff.toml", "lint.select = [ # é\n 'E', # e\n 'F' ]"),
];

fn given() -> Vec<(PathBuf, Vec<u8>)> {
    let file = |(name, text): &(&str, &str)| (PathBuf::from(name), text.as_bytes().to_vec());
    FILES.iter().map(file).collect()
}

#[test]
fn ids_are_names_of_lanes_each_once_and_always_the_same() {
    let mut files = given();
    let long = format!(".{}/x/hooks/pre-commit", "very-long".repeat(20));
    files.push((PathBuf::from(&long), b"lint\n".to_vec()));
    files.push((
        PathBuf::from(long.replace("very", "mary")),
        b"lint\n".to_vec(),
    ));
    let (found, _) = mutations(&files);
    let ids: HashSet<_> = found.iter().map(|one| &one.id).collect();
    assert_eq!(ids.len(), found.len());
    for id in &ids {
        assert!(id.parse::<crate::model::ScenarioName>().is_ok(), "{id}");
    }
    assert_eq!(mutations(&files).0, found);
}

#[test]
fn every_mutation_differs_and_its_file_can_be_read() {
    let files = given();
    let (found, unread) = mutations(&files);
    assert_eq!(unread, []);
    let mut contents = HashSet::new();
    for one in &found {
        let (_, old) = files.iter().find(|(name, _)| *name == one.file).unwrap();
        assert_ne!(&one.content, old, "{}", one.id);
        assert!(contents.insert((&one.file, &one.content)), "{}", one.id);
        let text = std::str::from_utf8(&one.content).unwrap();
        match one.file.extension().and_then(std::ffi::OsStr::to_str) {
            Some("json") => drop(serde_json::from_str::<serde_json::Value>(text).unwrap()),
            Some("toml") => drop(text.parse::<toml::Table>().unwrap()),
            _ => assert_eq!(of(&one.file.to_string_lossy(), text).1, [], "{}", one.id),
        }
    }
    let order: Vec<_> = (found.iter())
        .map(|one| {
            (
                files.iter().position(|(name, _)| *name == one.file),
                one.line,
            )
        })
        .collect();
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!(
        order
            .iter()
            .map(|(file, _)| file)
            .collect::<HashSet<_>>()
            .len(),
        FILES.len()
    );
}

#[test]
fn what_cannot_be_read_is_told() {
    for (name, text, why) in [
        ("eslint.config.js", "export default []", "it is a program"),
        ("lint-staged.config.mjs", "", "it is a program"),
        (
            "hooks/pre-commit",
            "#!/usr/bin/env python3\n",
            "not a shell script",
        ),
        ("README.md", "# x", "no known configuration"),
        ("hooks/pre-push", "echo 'a\nb", "line 1: a quote"),
        ("lefthook.yml", "a: [", "line 2"),
        ("lefthook.yml", "", "it is empty"),
        ("lefthook.yml", "a: 1\n---\nb: 2\n", "several documents"),
        ("lefthook.yml", "a: !x 1\n", "tags"),
        ("lefthook.yml", "a: 1\na: 2\n", "\"a\" twice"),
        ("lefthook.yml", "a: &a [*a]\n", "alias"),
        ("package.json", "{'a': 1}", "line 1"),
        ("package.json", "{\"a\": 1, \"a\": 2}", "\"a\" twice"),
        ("prek.toml", "a = ", ""),
    ] {
        let (found, unread) = of(name, text);
        assert_eq!(found, [], "{name}: {text}");
        assert!(
            unread.len() == 1 && unread[0].why.contains(why),
            "{text}: {unread:?}"
        );
    }
    let (_, unread) = mutations(&[(PathBuf::from("lefthook.yml"), vec![0xff])]);
    assert_eq!(unread[0].why, "it is not UTF-8");
}

#[test]
fn nothing_of_a_gate_is_nothing_to_weaken() {
    let (found, unread) = of("package.json", "{\"name\": \"x\"}");
    assert!(found.is_empty() && unread.is_empty());
}

#[test]
fn words_of_a_file_are_harmless_in_a_description() {
    let (found, _) = of(
        "lefthook.yml",
        "pre-push:\n  commands:\n    \"a\\n::error::\": {run: x}\n",
    );
    assert_eq!(
        found[0].description,
        "pre-push › commands › a⏎::error::: the command is dropped"
    );
}
