//! What `init` makes of the consumer's own scripts.

use std::fs;

use crate::support::World;

/// The configuration and the report for a hook of these lines.
#[track_caller]
fn of_hook(hook: &str, script: &str, more: &[(&str, &str)]) -> (String, String) {
    let world = World::new();
    let file = format!(".githooks/{hook}");
    let script = format!("#!/bin/sh\n{script}\n");
    let own = [(&*file, &*script), ("src/a.js", "a();\n")];
    let consumer = world.consumer("consumer", &[&own[..], more].concat());
    let ran = world.matrix(&["init", "--repo", consumer.root.to_str().unwrap()]);
    ran.expect(0);
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    (toml, ran.stderr)
}

const TO_DO: &str = "# FILL IN: write what the gate blocks";

/// A guess with the text that must be there would be red, and called known.
#[test]
fn what_a_script_demands_is_no_violation() {
    for (script, more) in [
        (
            "if ! grep -q Copyright src/a.js; then\n  echo 'no owner'\n  exit 1\nfi",
            vec![],
        ),
        ("grep -q Copyright src/a.js || exit 1", vec![]),
        ("grep -q Copyright src/a.js", vec![]),
        (
            "! sh check.sh",
            vec![("check.sh", "! grep -q Copyright src/a.js\n")],
        ),
        ("grep -n Copyright src/a.js || true", vec![]),
        ("npx eslint src || true", vec![]),
    ] {
        let (toml, said) = of_hook("pre-commit", script, &more);
        assert!(
            toml.contains(TO_DO) && !toml.contains("reason = \"Copyright\""),
            "{script}:\n{toml}"
        );
        assert!(
            said.contains("it is not known what these block"),
            "{script}:\n{said}"
        );
    }
    // The same the other way round.
    let (toml, _) = of_hook(
        "pre-commit",
        "! sh check.sh",
        &[("check.sh", "grep -n FIXME src/a.js\n")],
    );
    assert!(
        toml.contains("reason = \"FIXME\"") && !toml.contains(TO_DO),
        "{toml}"
    );
}

#[test]
fn a_message_has_what_its_script_demands_and_not_what_it_forbids() {
    for (script, good) in [
        (
            "grep -qE '(JIRA|OPS)-[0-9]+' \"$1\" || exit 1",
            "JIRA-1 try the gate",
        ),
        (
            "if grep -qE '^(docs|wip)' \"$1\"; then exit 1; fi",
            "Try the gate",
        ),
    ] {
        let (toml, _) = of_hook("commit-msg", script, &[]);
        let clean = format!("overlay = \"scenarios/clean\"\nmessage = \"{good}\"");
        assert!(toml.contains(&clean), "{good}:\n{toml}");
    }
}

/// The file that a hook names is the one that it looks at.
#[test]
fn a_violation_is_put_into_the_file_that_the_hook_names() {
    let config = "export default [{ rules: { \"no-var\": \"error\" } }];\n";
    let (toml, _) = of_hook(
        "pre-commit",
        "npx eslint --config tools/eslint.config.js src/a.js",
        &[
            ("tools/eslint.config.js", config),
            ("src/b.js", "b();\n"),
            ("eslint.config.js", config),
        ],
    );
    assert!(
        toml.contains("violation = { files = [\"src/a.js\"] }"),
        "{toml}"
    );
}

#[test]
fn a_message_that_is_a_guess_says_so() {
    let note = "# It is a guess that `";
    let script = "#!/usr/bin/env node\nif (!/^(feat|fix): /.test(text)) process.exit(1);\n";
    for (hook, is_guess) in [
        ("node check.js \"$1\"", true),
        ("grep -qE '^(feat|fix): ' \"$1\" || exit 1", false),
    ] {
        let (toml, _) = of_hook("commit-msg", hook, &[("check.js", script)]);
        assert_eq!(toml.contains(note), is_guess, "{hook}:\n{toml}");
    }
}
