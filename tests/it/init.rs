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

#[track_caller]
fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
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

const LEFTHOOK: &str = "pre-commit:\n  commands:\n    words:\n      glob: \"src/*.js\"\n      run: \"! grep -nE 'FIXME|NOPE' {staged_files}\"\n";

#[test]
fn the_changes_are_edits_of_files_that_the_gate_looks_at() {
    let world = World::new();
    let files = [
        ("lefthook.yml", LEFTHOOK),
        (
            "package.json",
            "{\"devDependencies\": {\"lefthook\": \"2.2.2\"}}",
        ),
        ("README.md", "# Sums\n"),
        ("lib/other.js", "other();\n"),
        ("src/a.js", "a();\r\n"),
        ("src/b.js", "b();\n"),
    ];
    let consumer = world.consumer("consumer", &files);
    init(&world, &consumer, &[]).expect(0);
    let overlay = |path: &str| fs::read_to_string(consumer.root.join("scenarios").join(path));
    assert_eq!(
        overlay("clean/src/a.js").unwrap(),
        "a();\r\n\r\n// A harmless line.\r\n"
    );
    assert_eq!(
        overlay("violations/src/b.js").unwrap(),
        "b();\n\n// FIXME\n"
    );
    // A good edit beside the bad one, in another file.
    assert_eq!(overlay("mixed/src/b.js").unwrap(), "b();\n\n// FIXME\n");
    assert_eq!(
        overlay("mixed/src/a.js").unwrap(),
        "a();\r\n\r\n// A harmless line.\r\n"
    );
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    holds(
        &toml,
        &[
            "inherits = \"lefthook\"",
            "stage.pre-push = false",
            "expect = { pre-commit = 1, ci = 1 }",
            "reason = \"FIXME\"",
            "violation = { files = [\"src/b.js\"] }",
        ],
    );
    consumer.commit("Try our gate");
    let check = ["check", "--repo", consumer.root.to_str().unwrap()];
    world.matrix(&check).expect(0);
}

#[test]
fn an_ejected_profile_inherits_nothing_and_is_the_same_contract() {
    let world = World::new();
    let consumer = world.consumer(
        "consumer",
        &[("lefthook.yml", LEFTHOOK), ("src/a.js", "a();\n")],
    );
    init(&world, &consumer, &["--eject"]).expect(0);
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    holds(
        &toml,
        &[
            "[[install]]",
            "[[activate]]",
            "package = \"lefthook@",
            "[stage.pre-commit]",
        ],
    );
    assert!(
        !toml.contains("inherits") && !toml.contains("pre-push"),
        "{toml}"
    );
    consumer.commit("Try our gate");
    world
        .matrix(&["check", "--repo", consumer.root.to_str().unwrap()])
        .expect(0);
}

/// A bad message and bad code are stopped by different hooks of one `git commit`.
#[test]
fn messages_and_files_get_scenarios_of_their_own() {
    let (toml, _) = written(&[
        (
            "package.json",
            "{\"devDependencies\": {\"husky\": \"9.1.7\"}}",
        ),
        (
            ".commitlintrc.json",
            "{\"rules\": {\"type-enum\": [2, \"always\", [\"core\", \"web\"]]}}",
        ),
        (
            ".husky/pre-commit",
            "if git diff --cached | grep -q debugger; then echo 'no debugger, please'; exit 1; fi\n",
        ),
        (
            ".husky/commit-msg",
            "npx --no -- commitlint --edit \"$1\"\n",
        ),
        ("src/a.js", "a();\n"),
    ]);
    holds(
        &toml,
        &[
            "hooks = [\"pre-commit\", \"commit-msg\"]",
            "[scenario.message]\noverlay = \"scenarios/clean\"\nmessage = \"try the gate\"\nexpect = { commit-msg = 1 }",
            "violation = { message = \"core: try the gate\" }",
            "reason = \"no debugger, please\"",
            "expect = { pre-commit = 1 }",
        ],
    );
    assert!(!toml.contains("[stage.pre-push]"), "{toml}");
}

/// The gate of a subfolder runs there, and its package manager is that of its lock file.
#[test]
fn a_gate_in_a_subfolder_keeps_its_folder_and_its_package_manager() {
    let (toml, _) = written(&[
        (
            "web/package.json",
            "{\"scripts\": {\"prepare\": \"cd .. && husky web/.husky\"}, \"devDependencies\": {\"husky\": \"9.1.7\"}}",
        ),
        (
            "web/pnpm-lock.yaml",
            "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    devDependencies:\n      husky:\n        specifier: 9.1.7\n        version: 9.1.6\n",
        ),
        ("web/.husky/pre-push", "cd web\npnpm exec eslint .\n"),
        (
            "web/eslint.config.js",
            "export default [{ rules: { \"no-var\": \"error\" } }];\n",
        ),
        ("web/src/a.js", "a();\n"),
        ("api/main.py", "main()\n"),
    ]);
    holds(
        &toml,
        &[
            "workdir = \"web\"",
            "package = \"husky@9.1.6\"",
            "[\"pnpm\", \"add\", \"--save-dev\", \"--save-exact\", \"{package_spec}\"]",
            "[\"pnpm\", \"run\", \"prepare\"]",
            "hooks = [\"pre-push\"]",
            "reason = \"no-var\"",
            "files = [\"web/src/a.js\"]",
        ],
    );
}

/// Where it cannot know what is blocked, it names the line to write.
#[test]
fn what_is_not_known_is_named_with_its_line() {
    let (toml, said) = written(&[
        (".githooks/pre-commit", "#!/bin/sh\n./mystery --strict\n"),
        ("src/a.js", "a();\n"),
    ]);
    let line = toml
        .lines()
        .position(|line| line.starts_with("# FILL IN: "))
        .unwrap()
        + 1;
    let to_do = format!(
        "to do: matrix.toml:{line}: write what the gate blocks into scenarios/violations/src/a.js"
    );
    holds(&said, &[&to_do, "mystery", "--no-verify"]);
}

/// What a selection leaves out need not be written yet.
#[test]
fn a_line_to_write_is_a_problem_until_its_comment_is_gone() {
    let world = World::new();
    let consumer = world.consumer(
        "consumer",
        &[
            (".githooks/pre-commit", "#!/bin/sh\n./mystery --strict\n"),
            (
                "mystery",
                "#!/usr/bin/perl\nexit(`git diff --cached` =~ m{forbidden} ? 1 : 0);\n",
            ),
            ("src/a.js", "a();\n"),
        ],
    );
    init(&world, &consumer, &[]).expect(0);
    consumer.commit("Try our gate");
    is_not_ready(&world, &consumer);
    let repo = consumer.root.to_str().unwrap();
    let ran = world.matrix(&["check", "--repo", repo, "--scenario", "clean"]);
    holds(
        &ran.expect(0).stderr,
        &["warning: matrix.toml:", "still to"],
    );
    world
        .matrix(&["run", "--repo", repo, "--scenario", "clean"])
        .expect(0);

    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let written = toml.lines().filter(|line| !line.contains("FILL IN"));
    let written = written.collect::<Vec<_>>().join("\n");
    consumer.write("matrix.toml", &written);
    consumer.commit("Without comments");
    let ran = world.matrix(&["run", "--repo", repo]);
    let line = "scenarios/violations/src/a.js:3:1: still to be filled in: what the gate blocks";
    holds(&ran.expect(2).stderr, &[line]);
    for name in ["violations", "mixed"] {
        consumer.write(
            &format!("scenarios/{name}/src/a.js"),
            "a();\n// forbidden\n",
        );
    }
    consumer.commit("Violations");
    world.matrix(&["check", "--repo", repo]).expect(0);
    world.matrix(&["run", "--repo", repo]).expect(0);
}

#[test]
fn another_gate_is_named_and_can_be_taken() {
    let world = World::new();
    let files = [
        ("lefthook.yml", LEFTHOOK),
        (".gitlint", ""),
        ("src/a.js", "a();\n"),
    ];
    let consumer = world.consumer("consumer", &files);
    let ran = init(&world, &consumer, &["--gate", "gitlint"]);
    holds(&ran.expect(0).stderr, &["also found: lefthook"]);
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    // Its default rules ask for a body.
    holds(
        &toml,
        &[
            "gate = \"gitlint\"",
            "message = \"WIP try the gate\\n\\nThe change",
        ],
    );
}

#[test]
fn a_gate_that_is_not_known_gets_a_commented_template() {
    for (registry, package, gate, record) in [
        (
            "npm",
            "@acme/keeper",
            "keeper",
            "node_modules/.package-lock.json",
        ),
        (
            "pypi",
            "some_gate",
            "some-gate",
            "{tool_dir}/pip-report.json",
        ),
    ] {
        let world = World::new();
        let consumer = world.consumer("consumer", &[("src/a.py", "a = 1\n")]);
        let ran = init(
            &world,
            &consumer,
            &["--gate", package, "--registry", registry],
        );
        holds(&ran.expect(0).stderr, &["to do: matrix.toml:"]);
        let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
        let names = [
            format!("gate = \"{gate}\""),
            format!("package = \"{package}\""),
        ];
        holds(&toml, &[&names[0], &names[1], record, "package_resolved"]);
        consumer.commit("Try our gate");
        is_not_ready(&world, &consumer);
    }
}

/// Each line to write is a problem, and a run ends before it touches anything of the gate's.
#[track_caller]
fn is_not_ready(world: &World, consumer: &Consumer) {
    let repo = consumer.root.to_str().unwrap();
    let ran = world.matrix(&["check", "--repo", repo]);
    assert!(!ran.expect(2).stdout.contains("ready"), "{}", ran.stdout);
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let asking = toml.lines().enumerate().filter_map(|(at, line)| {
        let what = line.strip_prefix("# FILL IN: ")?.trim_end_matches('.');
        Some(format!(
            "ERROR: matrix.toml:{}: still to be filled in: {what}\n",
            at + 1
        ))
    });
    let asking: Vec<_> = asking.collect();
    assert!(asking.len() >= 2, "{toml}");
    for problem in &asking {
        holds(&ran.stderr, &[problem, "remove the comment"]);
    }
    holds(&ran.stderr, &["ERROR: scenarios/violations/"]);
    let ran = world.matrix(&["run", "--repo", repo]);
    let first = asking[0]
        .replace("ERROR: ", "")
        .replace(": still", ":1: still");
    holds(&ran.expect(2).stderr, &[&first, "the same at matrix.toml:"]);
}

/// The files of a mock fit no other consumer.
#[test]
fn a_gate_that_the_consumer_does_not_configure_is_refused() {
    let world = World::new();
    let consumer = world.consumer("consumer", &[("src/a.js", "a();\n")]);
    for (gate, said) in [
        ("husky", "nothing in the consumer configures husky"),
        ("other", "--registry npm"),
    ] {
        let ran = init(&world, &consumer, &["--gate", gate]);
        holds(&ran.expect(2).stderr, &[said]);
    }
    assert_eq!(consumer.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_configuration_without_hooks_is_told_as_such() {
    let world = World::new();
    let consumer = world.consumer("consumer", &[("lefthook.yml", "colors: false\n")]);
    let ran = init(&world, &consumer, &[]);
    holds(
        &ran.expect(2).stderr,
        &["lefthook.yml sets up none of the hooks"],
    );
    assert_eq!(consumer.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_gate_that_is_not_found_leads_to_the_template() {
    let world = World::new();
    let consumer = world.consumer("consumer", &[("file", "one\n")]);
    let ran = init(&world, &consumer, &[]);
    holds(
        &ran.expect(2).stderr,
        &[
            "no gate was found",
            "matrix init --gate PACKAGE --registry npm",
        ],
    );
}

/// Neither "no gate" nor "no hooks": the mistake and its place, and no file.
#[test]
fn a_configuration_with_a_mistake_is_named_with_its_line() {
    for (file, text, said) in [
        (
            ".pre-commit-config.yaml",
            "repos:\n- repo: local\n  hooks:\n  - id: a\n   entry: b\n",
            "ERROR: .pre-commit-config.yaml:5: while parsing a block",
        ),
        (
            "lefthook.yml",
            "pre-commit:\n  jobs:\n    - run: \"a\n  x: b\n",
            "ERROR: lefthook.yml:",
        ),
        (
            "lefthook.yml",
            "pre-commit:\n  jobs: []\npre-commit:\n  jobs: []\n",
            "ERROR: lefthook.yml:3: it names \"pre-commit\" twice in one place",
        ),
        (
            ".lefthook.json",
            "{\n\"pre-commit\" {}}",
            "ERROR: .lefthook.json:2: Expected colon",
        ),
        (
            ".pre-commit-config.yaml",
            &format!("repos:\n{}a\n", "- ".repeat(300)),
            "ERROR: .pre-commit-config.yaml:2: it is nested too deeply",
        ),
        (
            "prek.toml",
            "# hooks\n[[repos]]\nrepo = \"local\n",
            "ERROR: prek.toml:3: invalid basic string",
        ),
        (
            "package.json",
            "{\n\"husky\": {\"hooks\": {\"pre-commit\": \"x\" }\n",
            "ERROR: package.json:2: Unterminated object",
        ),
    ] {
        let world = World::new();
        let consumer = world.consumer("consumer", &[(file, text), ("src/a.js", "a();\n")]);
        let ran = init(&world, &consumer, &[]);
        holds(&ran.expect(2).stderr, &[said, "next: correct the file"]);
        assert_eq!(consumer.git(&["status", "--porcelain"]), "", "{file}");
    }
    // Of what the gate starts it is a warning.
    let (_, said) = written(&[
        (
            "lefthook.yml",
            "pre-commit:\n  jobs: [{run: npx lint-staged}]\n",
        ),
        (
            "package.json",
            "{\"devDependencies\": {\"lint-staged\": \"16.0.0\"}}",
        ),
        (".lintstagedrc.json", "{\n  \"*.js\" [\"eslint\"]\n}\n"),
        ("src/a.js", "a();\n"),
    ]);
    holds(&said, &["warning: .lintstagedrc.json:2: Expected colon"]);
}
