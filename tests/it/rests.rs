//! Changes of which nothing is left without their violation: `check --vacuity` did not try them.

use std::path::Path;

use gate_matrix::config::builtin;
use gate_matrix::sys::fs::copy_tree;
use gate_matrix::sys::git::{Parts, revert_parts};
use regex::bytes::Regex;
use serde_json::{Value, json};

use crate::support::vacuity::{MIXED, NO_FIXME, blocked, check, hooked, report};
use crate::support::{Consumer, Ran, World};

/// The scenario that was not tried for lack of a rest, and its advice.
#[track_caller]
fn not_tried(ran: &Ran, consumer: &Consumer, scenario: &str) -> String {
    let said = &ran.expect(1).stdout;
    assert!(!said.contains("proves something\n"), "{said}");
    let report = report(consumer);
    assert_eq!(report["final_verdict"], "FAIL");
    let row = &report["scenarios"][scenario];
    assert_eq!(row["outcome"], "not_tried", "{report:#}");
    assert_eq!(row["empty"], true);
    let next = row["next"].as_str().unwrap().to_owned();
    assert!(said.contains(&format!("  next: {next}\n")), "{said}");
    assert!(ran.stderr.contains(&next), "{}", ran.stderr);
    let file = consumer
        .artifacts()
        .join("hooked-vacuity-last-failure.json");
    let failure: Value = crate::support::json(&file).unwrap();
    assert_eq!(failure["failure_class"], "vacuous");
    assert_eq!(failure["failure_step"], "seed_scenario");
    next
}

const VIOLATION_ALONE: &str = "one\ntwo\nFIXME\nthree\nfour\nfive\n";

/// A hook that hands changed files to its program does not start it for an empty change.
#[test]
fn an_empty_rest_is_not_tried_and_the_edit_that_gives_one_is_named() {
    let world = World::new();
    let hook = "files=$(git diff --cached --name-only -- src)\n\
                [ -z \"$files\" ] || exec sh gate.sh $files";
    let scenarios = "programs = [\"gate.sh\"]\n".to_owned() + &blocked("bad", "reason = \"FIXME\"");
    let files = [
        ("gate.sh", "! grep -Hn FIXME \"$@\"\n"),
        ("scenarios/bad/src/a", VIOLATION_ALONE),
    ];
    let consumer = hooked(&world, "pre-commit", hook, &scenarios, &files);
    let ran = check(&world, &consumer, &[]);
    let next = not_tried(&ran, &consumer, "bad");
    assert!(
        next.contains("a harmless edit to scenarios/bad/src/a, such as a comment"),
        "{next}"
    );
    let said = &ran.stdout;
    assert!(said.contains("pre-commit  not tried\n"), "{said}");
    assert!(
        said.contains("    saw: nothing is left of the scenario's change\n"),
        "{said}"
    );
    // As it is told, so it works.
    consumer.write(
        "scenarios/bad/src/a",
        &(VIOLATION_ALONE.to_owned() + "# fine\n"),
    );
    consumer.commit("a rest");
    let ran = check(&world, &consumer, &[]);
    assert!(
        ran.expect(0).stdout.contains("proves something\n"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_new_file_is_no_rest_and_a_file_that_exists_is_named() {
    let world = World::new();
    let scenarios = blocked("bad", "reason = \"FIXME\"");
    let files = [
        ("src/deep/old.js", "fine\n"),
        ("src/deep/old.md", "fine\n"),
        ("scenarios/bad/src/deep/new.js", "FIXME\nfine\n"),
    ];
    let consumer = hooked(&world, "pre-commit", NO_FIXME, &scenarios, &files);
    let ran = check(&world, &consumer, &[]);
    let next = not_tried(&ran, &consumer, "bad");
    let copy = "copy src/deep/old.js to scenarios/bad/src/deep/old.js";
    assert!(next.contains("which is new"), "{next}");
    assert!(next.contains(copy), "{next}");
}

#[test]
fn all_files_that_are_named_leave_no_rest() {
    let world = World::new();
    let scenarios = blocked(
        "bad",
        "reason = \"FIXME\"\nviolation = { files = [\"src\"] }",
    );
    let files = [("src/b", "fine\n"), ("scenarios/bad/src/a", MIXED)];
    let consumer = hooked(&world, "pre-commit", NO_FIXME, &scenarios, &files);
    let ran = check(&world, &consumer, &[]);
    not_tried(&ran, &consumer, "bad");
}

/// Gates look at files that are there, and at none that a commit removes.
#[test]
fn removed_files_alone_are_no_rest() {
    let world = World::new();
    let scenarios = blocked("bad", "reason = \"FIXME\"\nremove = [\"src/gone\"]");
    let files = [
        ("src/gone", "x\n"),
        ("scenarios/bad/src/a", VIOLATION_ALONE),
    ];
    let consumer = hooked(&world, "pre-commit", NO_FIXME, &scenarios, &files);
    let ran = check(&world, &consumer, &[]);
    not_tried(&ran, &consumer, "bad");
    assert!(
        ran.stdout.contains("only removed files are left"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_seed_is_told_what_else_to_change() {
    let world = World::new();
    let scenarios = "[scenario.bad]\nseed = [\"sh\", \"-c\", \"echo FIXME >>src/a\"]\n\
                     expect = { pre-commit = 1 }\nreason = \"FIXME\"\n";
    let consumer = hooked(&world, "pre-commit", NO_FIXME, scenarios, &[]);
    let ran = check(&world, &consumer, &[]);
    let next = not_tried(&ran, &consumer, "bad");
    assert!(
        next.starts_with("have the seed add a harmless edit to src/a"),
        "{next}"
    );
}

/// Git names these files to a gate, which then looks at them.
#[test]
fn white_space_and_modes_are_a_rest() {
    let world = World::new();
    let hook = "files=$(git diff --cached --name-only --diff-filter=d -- src)\n\
                [ -n \"$files\" ] || { echo nothing to look at; exit 3; }\n\
                ! grep -Hn FIXME $files";
    let mode = "[scenario.mode]\nseed = [\"sh\", \"-c\", \"echo FIXME >>src/a; chmod +x src/a\"]\n\
                expect = { pre-commit = 1 }\nreason = \"FIXME\"\n";
    let scenarios = blocked("space", "reason = \"FIXME\"") + mode;
    let spaced = "one \ntwo\nthree\nFIXME\nfour\nfive\n";
    let files = [("scenarios/space/src/a", spaced)];
    let consumer = hooked(&world, "pre-commit", hook, &scenarios, &files);
    check(&world, &consumer, &[]).expect(0);
    let counts = json!({"proves_something": 2, "proves_nothing": 0, "not_tried": 0});
    assert_eq!(report(&consumer)["counts"], counts);
}

#[test]
fn one_scenario_without_a_rest_does_not_keep_the_others_from_being_tried() {
    let world = World::new();
    let scenarios = blocked("good", "reason = \"FIXME\"") + &blocked("bad", "reason = \"FIXME\"");
    let files = [
        ("scenarios/good/src/a", MIXED),
        ("scenarios/bad/src/a", VIOLATION_ALONE),
    ];
    let consumer = hooked(&world, "pre-commit", NO_FIXME, &scenarios, &files);
    let ran = check(&world, &consumer, &[]);
    assert!(
        ran.expect(1)
            .stdout
            .contains("pre-commit  proves something\n")
    );
    let report = report(&consumer);
    assert_eq!(report["scenarios"]["good"]["outcome"], "proves_something");
    assert_eq!(report["scenarios"]["bad"]["outcome"], "not_tried");
}

/// What an empty rest is still blocked for was never its violation.
#[test]
fn an_empty_rest_that_is_still_blocked_proves_nothing() {
    let world = World::new();
    let scenarios = blocked("bad", "reason = \"no\"\nviolation = \"FIXME\"");
    let files = [("scenarios/bad/src/a", VIOLATION_ALONE)];
    let consumer = hooked(&world, "pre-commit", "echo no; exit 1", &scenarios, &files);
    check(&world, &consumer, &[]).expect(1);
    let row = &report(&consumer)["scenarios"]["bad"];
    assert_eq!(row["outcome"], "proves_nothing");
}

/// A message is judged whether the commit holds a change or not.
#[test]
fn a_message_needs_no_rest() {
    let world = World::new();
    let scenarios = "[scenario.bad]\nseed = [\"true\"]\nmessage = \"things\"\n\
                     expect = { commit-msg = 1 }\nreason = \"no good message\"\n\
                     violation = { message = \"feat: things\" }\n";
    let hook = "grep '^feat: ' \"$1\" || { echo no good message; exit 1; }";
    let consumer = hooked(&world, "commit-msg", hook, scenarios, &[]);
    let ran = check(&world, &consumer, &[]);
    assert!(
        ran.expect(0).stdout.contains("proves something\n"),
        "{}",
        ran.stdout
    );
}

/// After the push, nothing is between the remote's branch and HEAD.
#[test]
fn a_stage_that_had_an_empty_range_is_not_tried() {
    let world = World::new();
    let stage = "[stage.ci]\ndrive = \"command\"\n\
                 run = [\"sh\", \"-c\", \"! git diff {base_ref}...HEAD | grep FIXME\", \"HEAD..HEAD\"]\n";
    let scenario = "[scenario.bad]\noverlay = \"scenarios/bad\"\n\
                    expect = { pre-commit = 1, ci = 1 }\nreason = \"FIXME\"\n";
    let files = [("scenarios/bad/src/a", MIXED)];
    let scenarios = stage.to_owned() + scenario;
    let consumer = hooked(&world, "pre-commit", NO_FIXME, &scenarios, &files);
    let ran = check(&world, &consumer, &[]);
    let said = &ran.expect(1).stdout;
    assert!(said.contains("pre-commit  proves something\n"), "{said}");
    assert!(said.contains("ci          not tried\n"), "{said}");
    assert!(
        ran.stderr.contains("ci: the range `HEAD..HEAD` is empty"),
        "{}",
        ran.stderr
    );
}

/// The pattern of the lines that a scenario of a mock names; none for a message.
fn lines(mock: &toml::Table, scenario: &str) -> Option<Regex> {
    let violation = &mock["scenario"][scenario]["violation"];
    let pattern = match violation.as_str() {
        Some(text) => regex::escape(text),
        None => violation.get("regex")?.as_str().unwrap().to_owned(),
    };
    Some(Regex::new(&pattern).unwrap())
}

#[test]
fn the_mock_of_every_built_in_gate_has_a_rest() {
    for name in builtin::names() {
        let world = World::new();
        let consumer = world.consumer(name, &[("placeholder", "")]);
        let gate = builtin::get(name).unwrap();
        gate.lay_consumer(&consumer.root).unwrap();
        consumer.commit("the mock");
        let toml = std::fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
        let mock: toml::Table = toml.parse().unwrap();
        let base = consumer.git(&["rev-parse", "HEAD^{tree}"]);
        for scenario in ["violations", "mixed"] {
            let Some(violation) = lines(&mock, scenario) else {
                continue;
            };
            let overlay = Path::new("scenarios").join(scenario);
            copy_tree(&consumer.root.join(overlay), &consumer.root).unwrap();
            consumer.git(&["add", "--all"]);
            let change = consumer.git(&["write-tree"]);
            let violates = |line: &[u8]| violation.is_match(line);
            let parts = Parts::Hunks(&violates);
            let left = revert_parts(&consumer.root, base.trim(), change.trim(), &parts).unwrap();
            assert!(
                !left.parts.is_empty(),
                "{name}: nothing of {scenario} violates"
            );
            assert!(left.keeps_files, "{name}: {scenario} has no rest");
            consumer.git(&["reset", "--quiet", "--hard"]);
        }
    }
}
