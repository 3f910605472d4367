//! What the format must be able to say beyond the built-in gates.

use serde_json::json;

use crate::support::{Consumer, World};

/// A consumer of a gate that is hooks in `hooks/`, activated by git.
fn hooked(world: &World, config: &str, hooks: &[(&str, &str)]) -> Consumer {
    let config = format!(
        "schema = 1\ngate = \"hooked\"\n{config}\n\
         [[activate]]\nstep = \"gate_install\"\nrun = [\"git\", \"config\", \"core.hooksPath\", \"hooks\"]\n"
    );
    let mut files = vec![
        ("matrix.toml", config.as_str()),
        ("file", "one\n"),
        ("scenarios/good/file", "two\n"),
        ("scenarios/bad/file", "bad\n"),
    ];
    files.extend(hooks);
    world.consumer("consumer", &files)
}

const COMMIT_MSG: &str = r#"
    hooks = ["commit-msg"]
    [stage.commit-msg]
    drive = "git"
    on = "commit"
    [scenario.clean]
    overlay = "scenarios/good"
    message = "feat: a good message"
    expect = { commit-msg = 0 }
    [scenario.violations]
    overlay = "scenarios/good"
    message = "Did some things…"
    expect = { commit-msg = { exit = 1, hook_exit = 3 } }
    reason = "not a conventional message"
"#;

#[test]
fn the_message_of_a_commit_can_be_the_scenario() {
    let world = World::new();
    let hook =
        "#!/bin/sh\ngrep -q '^feat: ' \"$1\" || { echo not a conventional message; exit 3; }\n";
    let consumer = hooked(&world, COMMIT_MSG, &[("hooks/commit-msg", hook)]);
    world.run(&consumer, &[]).expect(0);
    let summary = consumer.passed("hooked");
    assert_eq!(
        summary["scenarios"],
        json!({
            "clean": {"commit_msg_exit": 0, "status": "PASS"},
            "violations": {"commit_msg_exit": 1, "status": "PASS"},
        })
    );
    assert_eq!(consumer.cell("clean", "commit-msg")["hook_exit"], 0);
    assert_eq!(consumer.cell("violations", "commit-msg")["hook_exit"], 3);
}

#[test]
fn a_message_alone_is_a_scenario_and_said_to_be_vacuous() {
    let world = World::new();
    let config = COMMIT_MSG.replace("overlay = \"scenarios/good\"", "");
    let hook =
        "#!/bin/sh\ngrep -q '^feat: ' \"$1\" || { echo not a conventional message; exit 3; }\n";
    let consumer = hooked(&world, &config, &[("hooks/commit-msg", hook)]);
    let ran = world.run(&consumer, &[]);
    ran.expect(0);
    assert_eq!(consumer.cell("clean", "commit-msg")["vacuous"], true);
    assert!(ran.stderr.contains("changes nothing"), "{ran:?}");
}

const BLOCKS_WITH_200: &str = r#"
    [stage.pre-commit]
    drive = "git"
    [stage.ci]
    drive = "command"
    run = ["sh", "hooks/pre-commit"]
    [scenario.clean]
    overlay = "scenarios/good"
    expect = { pre-commit = { exit = 0, hook_exit = 0 }, ci = 0 }
    [scenario.violations]
    overlay = "scenarios/bad"
    expect = { pre-commit = { exit = 1, hook_exit = 200 }, ci = 200 }
"#;

#[test]
fn a_gate_can_block_with_200() {
    let world = World::new();
    let hook = "#!/bin/sh\n! grep -q bad file || exit 200\n";
    let consumer = hooked(&world, BLOCKS_WITH_200, &[("hooks/pre-commit", hook)]);
    let ran = world.run(&consumer, &[]);
    ran.expect(0);
    assert!(
        ran.stdout.contains("results: pre-commit=1 ci=200\n"),
        "{ran:?}"
    );
    let cell = consumer.cell("violations", "pre-commit");
    assert_eq!(
        (&cell["exit"], &cell["hook_exit"]),
        (&json!(1), &json!(200))
    );
}

#[test]
fn a_hook_that_blocks_with_another_number_than_200_breaks_the_contract() {
    let world = World::new();
    let hook = "#!/bin/sh\n! grep -q bad file || exit 2\n";
    let consumer = hooked(&world, BLOCKS_WITH_200, &[("hooks/pre-commit", hook)]);
    world.run(&consumer, &[]).expect(1);
    let failure = consumer.failed_with_log("hooked", "stage_pre_commit");
    assert_eq!(failure["failure_class"], "contract");
}

#[test]
fn where_git_launched_no_hook_the_gate_did_not_decide() {
    let world = World::new();
    let consumer = hooked(&world, BLOCKS_WITH_200, &[("hooks/README", "none yet\n")]);
    world.run(&consumer, &[]).expect(1);
    let failure = consumer.failed_with_log("hooked", "stage_pre_commit");
    assert_eq!(failure["failure_class"], "not_enforced");
    assert_eq!(consumer.cell("clean", "pre-commit")["exit"], 0);
}

#[test]
fn companions_are_words_of_their_own_beside_the_package() {
    let world = World::new();
    let config = r#"
        schema = 1
        gate = "linter"
        package = "linter@2.0.0"
        companions = ["@linter/config-basic@18.6.3", "linter cli"]
        tools = ["grep"]
        [[install]]
        step = "npm_install_package"
        run = ["sh", "-c", "printf '<%s>' \"$@\" > installed", "sh", "{package_spec}", "{companions}"]
        [stage.ci]
        drive = "command"
        run = ["grep", "-F", "<linter@2.0.0><@linter/config-basic@18.6.3><linter cli>", "installed"]
        [scenario.clean]
        overlay = "scenarios/good"
        expect = { ci = 0 }
    "#;
    let files = [("matrix.toml", config), ("scenarios/good/file", "two\n")];
    let consumer = world.consumer("consumer", &files);
    world
        .run(&consumer, &["--package", "linter@2.0.0"])
        .expect(0);
    assert_eq!(consumer.passed("linter")["package_spec"], "linter@2.0.0");
}
