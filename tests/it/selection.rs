//! Which part of the matrix is played, and what is said of the rest.

use serde_json::{Value, json};

use crate::support::{Consumer, World};

#[test]
fn one_scenario_is_partial_and_the_others_are_null() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    let ran = world.run(&consumer, &["--scenario", "violations"]);
    assert_eq!(
        ran.expect(0).stdout,
        "=== scenario:violations ===\nresults: pre-commit=1 pre-push=1 ci=1\nstatus: PASS\n"
    );
    assert!(
        ran.stderr
            .contains("PARTIAL: not run: scenarios clean, mixed"),
        "{}",
        ran.stderr
    );
    let summary = consumer.passed("demo");
    assert_eq!(summary["final_verdict"], "PARTIAL");
    let nothing =
        json!({"pre_commit_exit": null, "pre_push_exit": null, "ci_exit": null, "status": null});
    let tried = json!({"pre_commit_exit": 1, "pre_push_exit": 1, "ci_exit": 1, "status": "PASS"});
    assert_eq!(
        summary["scenarios"].to_string(),
        json!({"clean": nothing, "violations": tried, "mixed": nothing}).to_string()
    );
}

/// Only the last stage: its commit was made although the pre-commit hook
/// would have stopped it.
#[test]
fn the_commit_for_a_later_stage_is_made_past_the_hooks() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    let ran = world.run(&consumer, &["--stage", "ci"]);
    assert!(
        ran.expect(0).stdout.contains(
            "=== scenario:violations ===\nresults: pre-commit=- pre-push=- ci=1\nstatus: PASS\n"
        ),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stderr.contains("not run: stages pre-commit, pre-push"),
        "{}",
        ran.stderr
    );
    let summary = consumer.passed("demo");
    assert_eq!(summary["final_verdict"], "PARTIAL");
    for scenario in ["clean", "violations", "mixed"] {
        let lane = &summary["scenarios"][scenario];
        assert!(lane["pre_commit_exit"].is_null() && lane["pre_push_exit"].is_null());
        assert!(lane["ci_exit"].is_i64() && lane["status"] == "PASS");
        let cells = consumer.run_folder().join("cells").join(scenario);
        assert!(!cells.join("pre-commit.json").exists() && cells.join("ci.json").exists());
    }
}

#[test]
fn selections_add_up_and_keep_the_declared_order() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    let select = [
        "--scenario",
        "mixed",
        "--scenario",
        "clean",
        "--stage",
        "ci",
    ];
    assert_eq!(
        world.run(&consumer, &select).expect(0).stdout,
        "=== scenario:clean ===\nresults: pre-commit=- pre-push=- ci=0\nstatus: PASS\n\
         === scenario:mixed ===\nresults: pre-commit=- pre-push=- ci=1\nstatus: PASS\n"
    );
}

#[test]
fn a_selection_of_everything_is_a_whole_pass() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let ran = world.run(&consumer, &["--scenario", "clean", "--stage", "ci"]);
    assert!(
        ran.expect(0)
            .stdout
            .contains("All scenario matrix checks passed")
    );
    assert_eq!(consumer.passed("fake")["final_verdict"], "PASS");
}

#[test]
fn a_selection_that_fails_is_a_failure_and_not_partial() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    consumer.write("scenarios/violations/src/quote.sh", "#!/bin/sh\n");
    consumer.write("scenarios/violations/rates.csv", "harmless\n");
    consumer.commit("a violation that is none");
    world
        .run(&consumer, &["--scenario", "violations"])
        .expect(1);
    let failure = consumer.failed_with_log("demo", "stage_pre_commit");
    assert_eq!(failure["failure_phase"], "violations");
}

/// Three lanes of which the second fails; where there is a file `patient`,
/// only once the third has its verdict.
fn second_fails(world: &World) -> Consumer {
    let patient = world.path().join("patient");
    let third = "artifacts/runs/patient/cells/c/ci.json";
    let script = format!(
        "test $1 = b || exit 0
        test ! -e '{}' || until test -e \"$2/{third}\"; do sleep 0.05; done; exit 1",
        patient.display()
    );
    let lane = |name: &str| {
        format!("[scenario.{name}]\noverlay = \"scenarios/clean\"\nexpect = {{ ci = 0 }}\n")
    };
    let toml = format!(
        "schema = 1\ngate = \"fake\"\n[stage.ci]\ndrive = \"command\"\n\
         run = [\"sh\", \"-c\", {}, \"sh\", \"{{scenario}}\", \"{{repo_root}}\"]\n{}{}{}",
        Value::from(script),
        lane("a"),
        lane("b"),
        lane("c")
    );
    world.consumer(
        "consumer",
        &[("matrix.toml", &toml), ("scenarios/clean/file", "two\n")],
    )
}

#[test]
fn without_fail_fast_the_lanes_after_a_failed_one_are_played() {
    let world = World::new();
    let consumer = second_fails(&world);
    let ran = world.run(&consumer, &["--jobs", "1"]);
    assert!(
        ran.expect(1)
            .stdout
            .ends_with("=== scenario:c ===\nresults: ci=0\nstatus: PASS\n"),
        "{}",
        ran.stdout
    );
}

/// Also where a later lane was quick enough to end.
#[test]
fn fail_fast_cancels_later_lanes_and_the_answer_is_that_of_no_race() {
    let world = World::new();
    let consumer = second_fails(&world);
    let answer = |jobs: &str, id: &str| {
        let more = ["--fail-fast", "--jobs", jobs, "--run-id", id];
        let ran = world.run(&consumer, &[&more[..], &["--timeout", "60s"]].concat());
        let failure = consumer.failed_with_log("fake", "stage_ci");
        assert_eq!(failure["failure_phase"], "b");
        let run = consumer.artifacts().join("runs").join(id).join("run.json");
        let scenarios = crate::support::json(&run).unwrap()["scenarios"].clone();
        (ran.expect(1).stdout.clone(), scenarios)
    };
    let one_by_one = answer("1", "hasty");
    std::fs::write(world.path().join("patient"), "").unwrap();
    assert_eq!(one_by_one, answer("3", "patient"));
    let cancelled = "=== scenario:c ===\nresults: ci=-\nstatus: FAIL\n";
    assert!(one_by_one.0.ends_with(cancelled), "{}", one_by_one.0);
}

/// A scenario that lays over what is there already, before a real commit.
fn vacuous(world: &World) -> Consumer {
    let toml = "schema = 1\ngate = \"fake\"\n\
        [[activate]]\nstep = \"hook_up\"\nrun = [\"git\", \"config\", \"core.hooksPath\", \"hooks\"]\n\
        [stage.pre-commit]\ndrive = \"git\"\n\
        [stage.ci]\ndrive = \"command\"\nrun = [\"true\"]\n\
        [scenario.same]\noverlay = \"scenarios/same\"\nexpect = { pre-commit = 0, ci = 0 }\n";
    world.consumer(
        "consumer",
        &[
            ("matrix.toml", toml),
            ("file", "one\n"),
            ("hooks/pre-commit", "#!/bin/sh\n"),
            ("scenarios/same/file", "one\n"),
        ],
    )
}

#[test]
fn a_scenario_that_changes_nothing_is_said_to_be_vacuous() {
    let world = World::new();
    let consumer = vacuous(&world);
    let ran = world.run(&consumer, &[]);
    ran.expect(0);
    assert!(ran.stderr.contains("warning: "), "{}", ran.stderr);
    assert!(ran.stderr.contains("changes nothing"), "{}", ran.stderr);
    let cell = consumer.cell("same", "pre-commit");
    assert_eq!(cell["vacuous"], true);
    let argv: Vec<_> = cell["argv"]
        .as_array()
        .unwrap()
        .iter()
        .map(Value::as_str)
        .collect();
    assert!(argv.contains(&Some("--allow-empty")), "{argv:?}");
    assert_eq!(consumer.cell("same", "ci")["vacuous"], true);
}

#[test]
fn strict_makes_a_vacuous_scenario_a_failure() {
    let world = World::new();
    let consumer = vacuous(&world);
    world.run(&consumer, &["--strict"]).expect(1);
    let failure = consumer.failed_with_log("fake", "stage_pre_commit");
    assert_eq!(failure["failure_class"], "vacuous");
    assert_eq!(consumer.cell("same", "pre-commit")["verdict"], "vacuous");
}
