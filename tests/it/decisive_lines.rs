//! The line that a failure is read by, and one cause at several stages.

use std::fs;

use serde_json::{Value, json};

use crate::support::bundles::{bundle, digests};
use crate::support::hooks::HOOKS;
use crate::support::{Consumer, World};

/// A consumer whose commit, push and program are these scripts, byte for byte, and whose
/// only scenario expects this of each.
fn staged(world: &World, hook: &str, expected: i32, more: &str) -> Consumer {
    let toml = format!(
        "schema = 1\ngate = \"fake\"\n{HOOKS}\
         [stage.pre-commit]\ndrive = \"git\"\n[stage.pre-push]\ndrive = \"git\"\n\
         [stage.ci]\ndrive = \"command\"\nrun = [\"sh\", \"hooks/pre-commit\"]\n\
         [scenario.bad]\noverlay = \"scenarios/bad\"\n\
         expect = {{ pre-commit = {expected}, pre-push = {expected}, ci = {expected} }}\n{more}"
    );
    let files = [
        ("matrix.toml", &*toml),
        ("scenarios/bad/file", "bad\n"),
        ("hooks/pre-commit", hook),
        ("hooks/pre-push", hook),
    ];
    world.consumer("consumer", &files)
}

/// Runs; all failures are one cluster of this cause, with this line.
#[track_caller]
fn one_cluster(consumer: &Consumer, stages: usize, cause: &str, line: &str) -> Vec<Value> {
    let bundle = bundle(consumer);
    let clusters = bundle["clusters"].as_array().unwrap();
    assert_eq!(clusters.len(), 1, "{clusters:#?}");
    assert_eq!(clusters[0]["count"], stages, "{clusters:#?}");
    assert_eq!(clusters[0]["cause"], cause, "{bundle:#}");
    let failures = digests(&bundle);
    for digest in &failures {
        let said = digest["line"]["text"].as_str().unwrap_or_default();
        assert!(said.contains(line), "{digest:#}");
    }
    failures
}

#[test]
fn epilogues_are_no_decisive_lines_and_part_no_cluster() {
    let world = World::new();
    for (at, (says, cause, line)) in [
        (
            "src/a.txt:3: no FIXME here",
            "contract-broken",
            "src/a.txt:3: no FIXME here",
        ),
        ("the gate says no", "contract-broken", "the gate says no"),
        ("", "contract-broken", ""),
    ]
    .into_iter()
    .enumerate()
    {
        let hook = format!(
            "#!/bin/sh\necho 'trim trailing whitespace....Passed'\necho '{says}'\n\
             echo 'husky - '${{0##*/}}' script failed (code 1)'\necho 'hint: ask'\nexit 1\n"
        );
        let consumer = staged(&world, &hook, 0, "");
        world.run(&consumer, &[]).expect(1);
        let failures = match line {
            // Without a line, what is known is that the program or the hook failed.
            "" => digests(&bundle(&consumer)),
            line => one_cluster(&consumer, 3, cause, line),
        };
        assert!(
            !line.is_empty() || failures[0]["line"].is_null(),
            "{at} {failures:#?}"
        );
        fs::remove_dir_all(&consumer.root).unwrap();
    }
}

#[test]
fn what_git_says_inside_of_a_hook_is_told_by_its_cause() {
    let world = World::new();
    for (script, cause, line) in [
        (
            "git diff --quiet origin/no-such...HEAD || exit",
            "base-missing",
            "fatal: ambiguous argument 'origin/no-such...HEAD'",
        ),
        (
            "git merge-base origin/no-such HEAD || exit",
            "base-missing",
            "fatal: Not a valid object name origin/no-such",
        ),
        (
            "git status --no-such-option || exit",
            "git-option-unknown",
            "error: unknown option `no-such-option'",
        ),
        (
            "git commit --no-such-option || exit",
            "git-option-unknown",
            "error: unknown option `no-such-option'",
        ),
        (
            "unset GIT_INDEX_FILE; : > .git/index.lock; git add file; e=$?; rm .git/index.lock; exit $e",
            "index-locked",
            "fatal: Unable to create '",
        ),
        ("exit 128", "git-failed", ""),
        ("exit 129", "git-failed", ""),
        ("exit 137", "crash", ""),
        (
            "echo \"bug: pre-commit's script is installed in migration mode\"; exit 1",
            "other-tools-hook",
            "is installed in migration mode",
        ),
    ] {
        let hook = format!("#!/bin/sh\n{script}\n");
        let consumer = staged(&world, &hook, 0, "");
        let ran = world.run(&consumer, &[]);
        ran.expect(1);
        let failures = digests(&bundle(&consumer));
        assert_eq!(failures.len(), 3, "{script} {failures:#?}");
        for digest in &failures {
            assert_eq!(digest["cause"], cause, "{digest:#}");
            let said = digest["line"]["text"].as_str().unwrap_or_default();
            assert!(said.starts_with(line) || said.contains(line), "{digest:#}");
        }
        let killed = ran.stderr.matches("exited 137, killed by signal 9").count();
        assert_eq!(
            killed,
            3 * usize::from(script == "exit 137"),
            "{}",
            ran.stderr
        );
        fs::remove_dir_all(&consumer.root).unwrap();
    }
}

#[test]
fn hooks_with_crlf_are_told_by_their_cause() {
    let world = World::new();
    for (hook, expected, line) in [
        (
            "#!/bin/sh\nsh gate.sh\r\n",
            0,
            "gate.sh\u{fffd}: No such file",
        ),
        (
            "#!/bin/sh\nno-such-tool\r\n",
            0,
            "no-such-tool\u{fffd}: not found",
        ),
        ("#!/usr/bin/env sh\r\nexit 1\r\n", 1, "sh\\r"),
        ("#!/bin/sh\r\nexit 1\r\n", 1, ""),
    ] {
        let toml = format!(
            "schema = 1\ngate = \"fake\"\n{HOOKS}[stage.pre-commit]\ndrive = \"git\"\n\
             [stage.pre-push]\ndrive = \"git\"\ntimeout = \"1s\"\n[scenario.bad]\n\
             overlay = \"scenarios/bad\"\nexpect = {{ pre-commit = {expected}, pre-push = {expected} }}\n"
        );
        let files = [
            ("matrix.toml", &*toml),
            ("scenarios/bad/file", "bad\n"),
            ("hooks/pre-commit", hook),
            ("hooks/pre-push", hook),
        ];
        let consumer = world.consumer("consumer", &files);
        let ran = world.run(&consumer, &[]);
        // A push whose hook cannot be started never ends (git 2.47).
        assert!([1, 124].contains(&ran.code), "{ran:?}");
        for digest in digests(&bundle(&consumer)) {
            assert_eq!(digest["cause"], "hook-crlf", "{digest:#}");
            let said = digest["line"]["text"].as_str().unwrap_or_default();
            assert!(said.contains(line), "{digest:#}");
            let remedy = digest["remediation"].as_str().unwrap();
            assert!(remedy.contains(".gitattributes"), "{remedy}");
        }
        fs::remove_dir_all(&consumer.root).unwrap();
    }
}

#[test]
fn a_gate_that_gives_its_reason_and_lets_the_change_in_is_a_cause_of_its_own() {
    let world = World::new();
    // A pre-push hook names the commit that it looked at.
    let hook = "#!/bin/sh\necho looking\ncase $0 in *push) printf %s: \"$(git rev-parse HEAD)\" ;; esac\n\
                echo 'file:1: error FIXME found'\nexit 0\n";
    let consumer = staged(&world, hook, 1, "reason = \"FIXME\"\n");
    let ran = world.run(&consumer, &[]);
    let said = "1 was expected: it said `FIXME` and let the change in";
    assert_eq!(
        ran.expect(1).stderr.matches(said).count(),
        3,
        "{}",
        ran.stderr
    );
    let failures = one_cluster(&consumer, 3, "said-and-let-in", "file:1: error FIXME found");
    assert_eq!(failures[0]["impacted_cells"], json!(["bad/pre-commit"]));
    // A gate that says nothing, or for another reason, did not say it.
    consumer.write("hooks/pre-commit", "#!/bin/sh\nexit 0\n");
    consumer.commit("a silent hook");
    world.run(&consumer, &["--run-id", "silent"]).expect(1);
    let bundle = consumer
        .root
        .join("artifacts/runs/silent/replay_bundle.json");
    let bundle: Value = serde_json::from_slice(&fs::read(bundle).unwrap()).unwrap();
    assert_eq!(digests(&bundle)[0]["cause"], "contract-broken");
}

#[test]
fn every_red_run_ends_with_cause_contract_remedy_and_command() {
    let world = World::new();
    let hook = "#!/bin/sh\necho 'src/a.txt:3: no FIXME here'\nexit 1\n";
    let toml = format!(
        "schema = 1\ngate = \"fake\"\n{HOOKS}[stage.pre-commit]\ndrive = \"git\"\n\
         [scenario.bad]\noverlay = \"scenarios/bad\"\nexpect.pre-commit = 0\n"
    );
    let at = 1 + toml
        .lines()
        .position(|line| line.starts_with("expect."))
        .unwrap();
    let files = [
        ("matrix.toml", &*toml),
        ("scenarios/bad/file", "bad\n"),
        ("hooks/pre-commit", hook),
    ];
    let consumer = world.consumer("consumer", &files);
    let ran = world.run(&consumer, &["--run-id", "red"]);
    let cause = "  cause: contract-broken: src/a.txt:3: no FIXME here\n";
    let expected = format!("  expected: exit 0 (matrix.toml:{at})\n");
    let wanted = [
        "FAIL bad · stage_pre_commit (contract): ",
        cause,
        &expected,
        "  command: git commit",
        "  remedy: Correct the gate's configuration",
        "  next: matrix replay ",
    ];
    let mut from = 0;
    for part in wanted {
        let found = ran.expect(1).stderr[from..].find(part);
        from += found.unwrap_or_else(|| panic!("{part}\n{}", ran.stderr));
    }
    let cell = consumer.run_folder().join("cells/bad/pre-commit.json");
    let cell: Value = serde_json::from_slice(&fs::read(cell).unwrap()).unwrap();
    assert_eq!(cell["expected_at"], format!("matrix.toml:{at}"));
    let artifacts = consumer.artifacts();
    let shown = world.matrix(&["replay", "--artifacts", artifacts.to_str().unwrap(), "red"]);
    assert!(
        shown.stderr.contains(cause) && shown.stderr.contains(&expected),
        "{shown:?}"
    );
    // A run that ended before its lanes has a cause too.
    consumer.write("dirt", "");
    let ran = world.run(&consumer, &[]);
    let told = "  cause: dirty-consumer\n  remedy: ";
    assert!(ran.expect(17).stderr.contains(told), "{}", ran.stderr);
}

/// eslint and its like head their findings with the file, in an absolute path of the lane.
#[test]
fn a_finding_is_shown_with_the_file_that_heads_it() {
    let world = World::new();
    let hook = "#!/bin/sh\nprintf '\\n%s/src/a.js\\n  2:1  error  Unexpected var  no-var\\n  \
                3:1  error  Unexpected debugger  no-debugger\\n' \"$PWD\"\nexit 1\n";
    let consumer = staged(&world, hook, 0, "");
    let ran = world.run(&consumer, &[]);
    let told = "  cause: contract-broken: src/a.js: 2:1  error  Unexpected var  no-var\n";
    assert!(ran.expect(1).stderr.contains(told), "{}", ran.stderr);
    for digest in digests(&bundle(&consumer)) {
        assert_eq!(digest["line"]["about"], "src/a.js", "{digest:#}");
    }
}
