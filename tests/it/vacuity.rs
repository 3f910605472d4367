//! `matrix check --vacuity`: what still blocks once its violation is taken
//! out never proved anything.

use std::fs;

use gate_matrix::schema;
use serde_json::{Value, json};

use crate::support::bundles::{bundle, cause_of};
use crate::support::schema::fits;
use crate::support::vacuity::{MIXED, NO_FIXME, blocked, check, hooked, report};
use crate::support::{Consumer, Ran, World};

#[track_caller]
fn last_failure(consumer: &Consumer) -> Value {
    let artifacts = consumer.artifacts();
    assert!(!artifacts.join("hooked-vacuity-summary.json").exists());
    let file = artifacts.join("hooked-vacuity-last-failure.json");
    crate::support::json(&file).unwrap()
}

#[test]
fn what_still_blocks_without_its_violation_never_proved_anything() {
    let world = World::new();
    let hook = "git diff --cached --name-status | grep '^A' && { echo added; exit 1; }; exit 0";
    let scenarios = blocked("mixed", "reason = \"added\"\nviolation = \"FIXME\"");
    let files = [
        ("scenarios/mixed/src/a", MIXED),
        ("scenarios/mixed/src/b", "new\n"),
    ];
    let consumer = hooked(&world, "pre-commit", hook, &scenarios, &files);
    world.run(&consumer, &["--run-id", "only"]).expect(0);
    let ran = check(&world, &consumer, &["--run-id", "only"]);
    let said = &ran.expect(1).stdout;
    assert!(said.contains("taken out: src/a:2"), "{said}");
    assert!(
        said.contains("pre-commit  proves nothing: still blocks"),
        "{said}"
    );
    assert!(said.contains("    | added"), "{said}");
    let report = report(&consumer);
    assert_eq!(report["final_verdict"], "FAIL");
    let row = &report["scenarios"]["mixed"];
    assert_eq!(row["outcome"], "proves_nothing");
    assert_eq!(
        row["taken_out"],
        json!([{"path": "src/a", "lines": [2, 2]}])
    );
    assert_eq!(row["stages"]["pre-commit"]["exit"], 1);
    let digest = bundle(&consumer)["failures"][0]["failure_digest"].clone();
    assert_eq!(digest["cause"], "still-blocks");
    assert_eq!(digest["line"]["text"], "added", "{digest:#}");
    let failure = last_failure(&consumer);
    assert_eq!(failure["failure_class"], "vacuous");
    assert_eq!(failure["failure_phase"], "mixed-without-its-violation");
    assert_eq!(failure["failure_step"], "stage_pre_commit");
    let log = fs::read_to_string(failure["failure_log_artifact"].as_str().unwrap()).unwrap();
    assert!(log.contains("added"), "{log}");
}

#[test]
fn the_built_in_gate_proves_something_at_every_stage() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    let ran = check(&world, &consumer, &[]);
    let said = &ran.expect(0).stdout;
    assert_eq!(said.matches("  proves something").count(), 6, "{said}");
    let summary = consumer.artifacts().join("demo-vacuity-summary.json");
    let summary = crate::support::json(&summary).unwrap();
    assert_eq!(summary, report(&consumer));
    let counts = json!({"proves_something": 2, "proves_nothing": 0, "not_tried": 0});
    assert_eq!(summary["counts"], counts);
    let schema = serde_json::to_value(schema::schema("vacuity").unwrap()).unwrap();
    fits(&schema, "vacuity", &summary);
}

#[test]
fn where_no_violation_is_found_nothing_is_proved_and_the_others_are_tried() {
    let world = World::new();
    let scenarios = blocked("first", "reason = \"src/a:\"")
        + &blocked("second", "")
        + &blocked("third", "reason = \"FIXME\"");
    let files = ["first", "second", "third"].map(|name| (format!("scenarios/{name}/src/a"), MIXED));
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (path.as_str(), *text))
        .collect();
    let consumer = hooked(&world, "pre-commit", NO_FIXME, &scenarios, &files);
    let ran = check(&world, &consumer, &[]);
    let said = &ran.expect(1).stdout;
    assert!(
        said.contains("first: not tried: no line that the change adds says `src/a:`"),
        "{said}"
    );
    assert!(
        said.contains("second: not tried: it has no reason"),
        "{said}"
    );
    assert_eq!(
        said.matches("with `violation = …` in the scenario\n")
            .count(),
        2,
        "{said}"
    );
    let report = report(&consumer);
    let outcome = |name: &str| report["scenarios"][name]["outcome"].clone();
    let outcomes = ["first", "second", "third"].map(outcome);
    assert_eq!(outcomes, ["not_tried", "not_tried", "proves_something"]);
    let failure = last_failure(&consumer);
    assert_eq!(failure["failure_phase"], "first-without-its-violation");
    assert_eq!(failure["failure_step"], "seed_scenario");
    assert!(ran.stderr.contains("violation = "), "{}", ran.stderr);
}

#[test]
fn a_gate_that_decides_nothing_is_not_tried() {
    let world = World::new();
    let scenarios = blocked("mixed", "violation = \"FIXME\"");
    let files = [("scenarios/mixed/src/a", MIXED)];
    let consumer = hooked(&world, "pre-commit", NO_FIXME, &scenarios, &files);
    consumer.git(&["update-index", "--chmod=-x", "hooks/pre-commit"]);
    consumer.git(&["commit", "--quiet", "-m", "no hook"]);
    consumer.git(&["checkout", "--quiet", "--", "."]);
    let ran = check(&world, &consumer, &[]);
    let said = &ran.expect(1).stdout;
    assert!(said.contains("pre-commit  not tried"), "{said}");
    assert_eq!(last_failure(&consumer)["failure_class"], "not_enforced");
}

#[test]
fn only_what_is_selected_and_blocked_is_played() {
    let world = World::new();
    let scenarios = blocked("one", "violation = \"FIXME\"")
        + &blocked("two", "violation = \"FIXME\"")
        + "[scenario.clean]\noverlay = \"scenarios/one\"\nexpect = { pre-commit = 0 }\n";
    let files = [
        ("scenarios/one/src/a", MIXED),
        ("scenarios/two/src/a", MIXED),
    ];
    let consumer = hooked(&world, "pre-commit", NO_FIXME, &scenarios, &files);
    check(&world, &consumer, &["--scenario", "two"]).expect(0);
    let played = fs::read_dir(consumer.run_folder().join("cells")).unwrap();
    let played: Vec<_> = played.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(played, ["two-without-its-violation"]);
    assert_eq!(report(&consumer)["final_verdict"], "PARTIAL");
    let ran = check(&world, &consumer, &["--scenario", "clean"]);
    assert!(
        ran.expect(2)
            .stderr
            .contains("no scenario among those selected"),
        "{ran:?}"
    );
}

#[test]
fn a_seed_sees_the_name_of_its_scenario() {
    let world = World::new();
    let seed = "cp \"scripts/{scenario}\" src/a";
    let scenarios = format!(
        "[scenario.mixed]\nseed = [\"sh\", \"-c\", {}]\nexpect = {{ pre-commit = 1 }}\nreason = \"FIXME\"\n",
        Value::from(seed)
    );
    let consumer = hooked(
        &world,
        "pre-commit",
        NO_FIXME,
        &scenarios,
        &[("scripts/mixed", MIXED)],
    );
    check(&world, &consumer, &[]).expect(0);
}

#[test]
fn without_the_flag_nothing_is_played() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    world
        .matrix(&["check", "--repo", consumer.root.to_str().unwrap()])
        .expect(0);
    assert!(!consumer.artifacts().exists());
    let ran = world.matrix(&["check", "--jobs", "1"]);
    assert!(ran.expect(2).stderr.contains("--vacuity"), "{ran:?}");
}

/// Lays the consumer of a real gate out and checks it.
fn proves_something(world: &World, gate: &str, package: &[&str]) {
    let root = world.path().join("consumer");
    let root = root.to_str().unwrap();
    let some = ["--scenario", "clean", "--stage", "ci"];
    let demo = [&["demo", gate, "--into", root][..], &some, package].concat();
    Ran::of(world.online(&demo).output().unwrap()).expect(0);
    let args = [&["check", "--vacuity", "--repo", root][..], package].concat();
    let ran = Ran::of(world.online(&args).output().unwrap());
    let said = &ran.expect(0).stdout;
    assert_eq!(said.matches("  proves something").count(), 6, "{said}");
    let summary = format!("{root}/artifacts/{gate}-vacuity-summary.json");
    let summary = crate::support::json(summary.as_ref()).unwrap();
    let version = &summary["package_resolved"]["version"];
    assert!(version.is_string(), "{summary:#}");
}

#[test]
fn lefthook_proves_something() {
    proves_something(&World::with_package_caches(), "lefthook", &[]);
}

#[test]
fn a_gate_with_evidence_of_its_own_proves_something() {
    let world = World::with_package_caches();
    let package = world.pumuki_standin();
    let package = ["--package", package.to_str().unwrap()];
    proves_something(&world, "pumuki", &package);
}

/// Checks a gate that blocks the violation, and otherwise does this.
fn otherwise(world: &World, does: &str) -> (Consumer, Ran) {
    let hook = format!("git grep --cached -n FIXME -- src && exit 1\n{does}");
    let scenarios = blocked("mixed", "reason = \"FIXME\"");
    let files = [("scenarios/mixed/src/a", MIXED)];
    let consumer = hooked(world, "pre-commit", &hook, &scenarios, &files);
    let ran = check(world, &consumer, &[]);
    (consumer, ran)
}

#[test]
fn a_gate_that_breaks_without_the_violation_decided_nothing() {
    for (does, seen, cause) in [
        ("kill -9 $$", "exited 137, killed by signal 9", "crash"),
        ("exit 134", "exited 134", "crash"),
        ("no-such-program", "exited 127", "tool-missing"),
        ("/dev/null", "exited 126", "permission"),
    ] {
        let world = World::new();
        let (consumer, ran) = otherwise(&world, does);
        let said = &ran.expect(1).stdout;
        assert!(said.contains("pre-commit  not tried"), "{does}: {said}");
        assert!(said.contains(seen), "{does}: {said}");
        assert!(!ran.stderr.contains("never proved anything"), "{ran:?}");
        let row = report(&consumer)["scenarios"]["mixed"].clone();
        assert_eq!(row["outcome"], "not_tried", "{does}");
        let problem = row["problem"].as_str().unwrap();
        assert!(
            problem.starts_with("git commit exited 1 (its pre-commit hook "),
            "{problem}"
        );
        assert_eq!(cause_of(&consumer), cause, "{does}");
    }
}

#[test]
fn a_code_by_which_the_gate_means_to_block_is_a_block() {
    let world = World::new();
    let expect = "[scenario.mixed]\noverlay = \"scenarios/mixed\"\nviolation = \"FIXME\"\n\
                  expect = { pre-commit = { exit = 1, hook_exit = 255 } }\n";
    let files = [("scenarios/mixed/src/a", MIXED)];
    let consumer = hooked(&world, "pre-commit", "exit 255", expect, &files);
    let ran = check(&world, &consumer, &[]);
    let said = &ran.expect(1).stdout;
    assert!(said.contains("proves nothing: still blocks"), "{said}");
}
