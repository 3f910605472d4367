//! First configurations, made from the consumer's own files.

use std::fs;
use std::path::Path;

use crate::support::{Consumer, Ran, World};

/// One of the fresh repositories that `cargo xtask first-hour` tries.
fn fresh(world: &World, kind: &str) -> Consumer {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap().flatten() {
            let target = to.join(entry.file_name());
            if entry.path().is_dir() {
                copy(&entry.path(), &target);
            } else {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("xtask/first-hour")
        .join(kind);
    let root = world.path().join(kind);
    copy(&source, &root);
    let consumer = Consumer { root };
    consumer.git(&["init", "--quiet", "--initial-branch=main"]);
    consumer.commit("Begin");
    consumer
}

fn init(world: &World, consumer: &Consumer, more: &[&str]) -> Ran {
    let mut args = vec!["init", "--repo", consumer.root.to_str().unwrap()];
    args.extend(more);
    world.matrix(&args)
}

/// The configuration that `init` writes for these files.
#[track_caller]
fn written(files: &[(&str, &str)]) -> (String, String) {
    let world = World::new();
    let consumer = world.consumer("consumer", files);
    let ran = init(&world, &consumer, &[]);
    let toml = fs::read_to_string(consumer.root.join("matrix.toml"));
    (
        toml.unwrap_or_else(|_| panic!("{}", ran.stderr)),
        ran.stderr,
    )
}

/// What a user types, with the real packages.
#[test]
fn a_fresh_repository_is_green_without_an_edit() {
    for kind in ["simple-git-hooks", "lint-staged"] {
        let world = World::with_package_caches();
        let consumer = fresh(&world, kind);
        init(&world, &consumer, &[]).expect(0);
        consumer.commit("Try our gate");
        let repo = consumer.root.to_str().unwrap();
        let ran = world
            .online(&["run", "--repo", repo, "--run-id", "first"])
            .output();
        Ran::of(ran.unwrap()).expect(0);
        let cell = consumer.cell("violations", "pre-commit");
        assert_eq!(cell["exit"], 1, "{cell:#}");
    }
}

#[test]
fn the_gate_is_known_by_what_the_consumer_has() {
    let script = ("check.sh", "grep -n FIXME \"$@\" && exit 1\nexit 0\n");
    let source = ("src/a.js", "a();\n");
    for (files, gate) in [
        (
            vec![(
                "lefthook.yml",
                "pre-commit:\n  jobs:\n    - run: sh check.sh\n",
            )],
            "lefthook",
        ),
        (
            vec![(
                ".config/lefthook.json",
                "{\"pre-push\": {\"commands\": {\"a\": {\"run\": \"sh check.sh\"}}}}",
            )],
            "lefthook",
        ),
        (
            vec![
                ("web/.husky/pre-commit", "sh check.sh src/a.js\n"),
                ("web/package.json", "{}"),
            ],
            "husky",
        ),
        (
            vec![(
                "package.json",
                "{\"husky\": {\"hooks\": {\"pre-commit\": \"sh check.sh\"}}}",
            )],
            "husky",
        ),
        (
            vec![(
                "package.json",
                "{\"simple-git-hooks\": {\"pre-commit\": \"sh check.sh\"}}",
            )],
            "simple-git-hooks",
        ),
        (
            vec![(
                ".pre-commit-config.yaml",
                "repos:\n- repo: local\n  hooks: [{id: a, language: system, entry: sh check.sh}]\n",
            )],
            "pre-commit",
        ),
        (
            vec![(
                "prek.toml",
                "[[repos]]\nrepo = \"builtin\"\nhooks = [{ id = \"check-yaml\" }]\n",
            )],
            "prek",
        ),
        (vec![("ruff.toml", "")], "ruff"),
        (
            vec![(
                "package.json",
                "{\"devDependencies\": {\"oxlint\": \"1.94.0\"}}",
            )],
            "oxlint",
        ),
        (
            vec![(".githooks/pre-commit", "#!/bin/sh\nsh check.sh\n")],
            "hooks",
        ),
    ] {
        let (toml, said) = written(&[files, vec![script, source]].concat());
        assert!(
            toml.contains(&format!("gate = \"{gate}\"")),
            "{gate}:\n{toml}\n{said}"
        );
    }
}
