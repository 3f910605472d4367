//! Retries: a lane that only the machine failed is played again, and nothing
//! else ever is.

use std::fs;

use gate_matrix::artifact::reader::StoredRun;
use serde_json::{Value, json};

use crate::support::schema::schema_holds;
use crate::support::{Consumer, Ran, World, json as read_json, script_gate};

/// Draws a number that nobody else draws, and counts from 1: `$n`.
fn ticket(world: &World, name: &str) -> String {
    let world = world.path();
    let world = world.display();
    format!("n=1; until mkdir {world}/{name}-$n 2>/dev/null; do n=$((n + 1)); done")
}

/// How many numbers of this name were drawn.
fn drawn(world: &World, name: &str) -> usize {
    let there = |n: &usize| world.path().join(format!("{name}-{n}")).is_dir();
    (1..100).take_while(there).count()
}

/// Lanes `clean` and `other` whose installation and stage are these scripts.
fn consumer(world: &World, install: &str, stage: &str) -> Consumer {
    let install = format!(
        "[[install]]\nstep = \"unpack\"\nrun = [\"sh\", \"-c\", {}]\n[stage",
        Value::from(install)
    );
    let toml = script_gate(&format!("S=@scenario@\n{stage}"))
        .replace("@scenario@", "{scenario}")
        .replacen("[stage", &install, 1)
        + "[scenario.other]\noverlay = \"scenarios/other\"\nexpect = { ci = 0 }\n";
    world.consumer(
        "consumer",
        &[
            ("matrix.toml", &toml),
            ("file", "one\n"),
            ("scenarios/clean/file", "two\n"),
            ("scenarios/other/file", "three\n"),
        ],
    )
}

fn run_in(mode: &str, world: &World, consumer: &Consumer, more: &[&str]) -> Ran {
    let mut args = more.to_vec();
    args.extend((mode == "fresh").then_some("--fresh"));
    let command = world.run_command(consumer, &args);
    let ran = match mode {
        "copies" => crate::support::without_namespaces(&command),
        _ => Ran::of({ command }.output().unwrap()),
    };
    let plan = read_json(&consumer.run_folder().join("plan.json")).unwrap();
    assert_eq!(plan["isolation"]["lanes"], mode);
    ran
}

fn run_json(consumer: &Consumer) -> Value {
    let folder = consumer.run_folder();
    StoredRun::open(&folder).unwrap().verify().unwrap();
    let run = read_json(&folder.join("run.json")).unwrap();
    schema_holds("run", &run);
    let events = fs::read_to_string(folder.join("events.jsonl")).unwrap();
    let attempts = run["lanes"].as_object().unwrap().values();
    let attempts = attempts.flat_map(|lane| lane["attempts"].as_array().unwrap());
    // Of repetitions nothing is told but that they were played again.
    let log = |attempt: &Value| attempt["failure"]["log"].as_str().unwrap().to_owned();
    let first = attempts.filter(|attempt| log(attempt).starts_with("attempts/"));
    assert_eq!(events.matches("\"lane_retried\"").count(), first.count());
    run
}

const MODES: [&str; 3] = ["layers", "copies", "fresh"];

#[test]
fn a_lane_that_the_machine_failed_is_played_again_from_its_beginning() {
    for mode in MODES {
        for lane in ["clean", "other"] {
            let world = World::new();
            let ticket = ticket(&world, "$S");
            let stage = format!(
                "test ! -e left || exit 9; echo x >left\n{ticket}\necho attempt $n\n\
                 test $S$n != {lane}1 || kill -9 $PPID\nexit 0"
            );
            let consumer = consumer(&world, "echo unpacked >package", &stage);
            let ran = run_in(mode, &world, &consumer, &["--retries", "2"]);
            ran.expect(0);
            assert_eq!(
                (
                    drawn(&world, lane),
                    drawn(&world, "clean") + drawn(&world, "other")
                ),
                (2, 3)
            );
            let again = format!("warning: {lane}: infrastructure failure (stage_ci: ");
            assert!(ran.stderr.contains(&again), "{ran:?}");
            assert!(ran.stderr.contains("retrying, attempt 2 of 3"), "{ran:?}");
            assert!(
                ran.stderr
                    .contains(&format!("warning: {lane} passed on attempt 2 only"))
            );
            assert_eq!(ran.stdout.matches("status: PASS").count(), 2, "{ran:?}");

            // What counts is where it always is; the rest has a folder of its own.
            assert_eq!(consumer.log(lane, "stage_ci"), "attempt 2\n");
            assert_eq!(consumer.cell(lane, "ci")["verdict"], "pass");
            let run = run_json(&consumer);
            let attempts = run["lanes"][lane]["attempts"].as_array().unwrap();
            assert_eq!(attempts.len(), 1, "{mode}");
            assert_eq!(attempts[0]["failure"]["class"], "infra");
            let log = format!("attempts/1/logs/{lane}/stage_ci.log");
            assert_eq!(attempts[0]["failure"]["log"], json!(log));
            let folder = consumer.run_folder();
            assert_eq!(fs::read_to_string(folder.join(log)).unwrap(), "attempt 1\n");
            let cell = folder.join(format!("attempts/1/cells/{lane}/ci.json"));
            assert_eq!(read_json(&cell).unwrap()["verdict"], "infra");
            let others = ["clean", "other"].into_iter().find(|name| *name != lane);
            assert_eq!(run["lanes"][others.unwrap()]["attempts"], json!([]));
            assert_eq!(run["outstanding"], json!([]));
        }
    }
}

#[test]
fn an_installation_that_the_machine_failed_for_all_lanes_is_laid_anew() {
    for mode in MODES {
        let world = World::new();
        let ticket = ticket(&world, "n");
        let install = format!(
            "test ! -e left || exit 9; echo x >left; {ticket}; echo unpacking $n; test $n != 1 || kill -9 $$"
        );
        let consumer = consumer(&world, &install, "test -e left");
        let ran = run_in(mode, &world, &consumer, &["--retries", "1"]);
        ran.expect(0);
        let fresh = mode == "fresh";
        assert_eq!(drawn(&world, "n"), if fresh { 3 } else { 2 });
        assert_eq!(consumer.log("clean", "unpack"), "unpacking 2\n");
        let run = run_json(&consumer);
        let attempt = &run["lanes"]["clean"]["attempts"][0];
        let log = "attempts/1/logs/clean/unpack.log";
        assert_eq!(
            (&attempt["failure"]["step"], &attempt["failure"]["log"]),
            (&json!("unpack"), &json!(log))
        );
        assert_eq!(
            fs::read_to_string(consumer.run_folder().join(log)).unwrap(),
            "unpacking 1\n"
        );
        assert_eq!(run["lanes"]["other"]["attempts"], json!([]));
        assert!(
            ran.stderr.contains("clean passed on attempt 2 only"),
            "{ran:?}"
        );
    }
}

#[test]
fn after_the_last_attempt_the_lane_is_red_and_every_attempt_on_record() {
    let world = World::new();
    let stage = format!(
        "test $S = clean || exit 0\n{}\necho attempt $n; kill -9 $PPID; exit 0",
        ticket(&world, "n")
    );
    let consumer = consumer(&world, "exit 0", &stage);
    let mut command = world.run_command(&consumer, &[]);
    let ran = Ran::of(command.env("MATRIX_RETRIES", "2").output().unwrap());
    ran.expect(1);
    assert_eq!(drawn(&world, "n"), 3);
    let failure = consumer.failed_with_log("fake", "stage_ci");
    assert_eq!(failure["failure_class"], "infra");
    assert_eq!(consumer.log("clean", "stage_ci"), "attempt 3\n");
    let run = run_json(&consumer);
    assert_eq!(
        run["lanes"]["clean"]["attempts"].as_array().unwrap().len(),
        2
    );
    assert!(!ran.stderr.contains("passed on attempt"), "{ran:?}");
    assert_eq!(ran.stdout.matches("=== scenario:").count(), 2, "{ran:?}");
}

#[test]
fn what_the_machine_did_not_do_is_never_tried_again() {
    // Each class of failure is tried in `runner::retry`.
    let world = World::new();
    let script = format!("{}; exit 1", ticket(&world, "n"));
    let limited = world.limited_consumer(&script, "20s");
    world.run(&limited, &["--retries", "3"]).expect(1);
    let failure = limited.failed("fake", "stage_ci");
    assert_eq!(failure["failure_class"], "contract");
    assert_eq!(drawn(&world, "n"), 1);
    let world = World::new();
    let install = format!("{}; exit 3", ticket(&world, "n"));
    let consumer = consumer(&world, &install, "exit 0");
    world.run(&consumer, &["--retries", "3"]).expect(1);
    assert_eq!(
        consumer.failed("fake", "unpack")["failure_class"],
        "install"
    );
    assert_eq!(drawn(&world, "n"), 1);
}

#[test]
fn a_lane_that_also_broke_its_contract_is_not_tried_again() {
    let world = World::new();
    let first = format!("{}; kill -9 $PPID; exit 0", ticket(&world, "n"));
    let late = "[stage.late]\ndrive = \"command\"\nrun = [\"false\"]\n[scenario";
    let toml = script_gate(&first).replacen("[scenario", late, 1);
    let consumer = world.configured_consumer(&toml.replace("{ ci = 0 }", "{ ci = 0, late = 0 }"));
    world.run(&consumer, &["--retries", "3"]).expect(1);
    assert_eq!(drawn(&world, "n"), 1);
}

#[test]
fn hooks_that_an_installer_left_out_are_not_the_machines_fault() {
    let world = World::new();
    let activate = format!(
        "hooks = [\"pre-commit\"]\n[[activate]]\nstep = \"gate_install\"\nrun = [\"sh\", \"-c\", {}]\n[stage",
        Value::from(ticket(&world, "n"))
    );
    let consumer =
        world.configured_consumer(&script_gate("exit 0").replacen("[stage", &activate, 1));
    world.run(&consumer, &["--retries", "3"]).expect(1);
    assert_eq!(
        consumer.failed("fake", "gate_hooks")["failure_class"],
        "infra"
    );
    assert_eq!(drawn(&world, "n"), 1);
}

#[test]
fn a_repetition_that_the_machine_failed_is_played_again_too() {
    let world = World::new();
    let ticket = ticket(&world, "n");
    let stage = format!(
        "test $S = clean || exit 0\n{ticket}\necho $n; test $n != 2 || kill -9 $PPID; exit 0"
    );
    let consumer = consumer(&world, "exit 0", &stage);
    let args = ["--retries", "1", "--repeat", "3", "--jobs", "1"];
    let ran = world.run(&consumer, &args);
    ran.expect(0);
    assert_eq!(drawn(&world, "n"), 4);
    let said = "warning: the machine failed 1 repetitions of clean, which were played again";
    assert!(ran.stderr.contains(said), "{ran:?}");
    let run = run_json(&consumer);
    let log = "repeats/2/attempts/1/logs/clean/stage_ci.log";
    assert_eq!(
        run["lanes"]["clean"]["attempts"][0]["failure"]["log"],
        json!(log)
    );
    assert_eq!(
        fs::read_to_string(consumer.run_folder().join(log)).unwrap(),
        "2\n"
    );
}
