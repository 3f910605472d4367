//! Reruns: what is outstanding is run again, until nothing is.

use std::fs;
use std::path::PathBuf;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{Consumer, Ran, World, json as read_json};

/// Scenarios that are red as long as a file outside of their lanes is there.
fn configuration(world: &World, lanes: &[&str]) -> String {
    let world = world.path();
    let world = world.display();
    let mut text = format!(
        "schema = 1\ngate = \"fake\"\n\
         [stage.ci]\ndrive = \"command\"\n\
         run = [\"sh\", \"-c\", \"if test -e {world}/held-{{scenario}}; then echo begun >{world}/begun; sleep 600; fi; \
         test ! -e {world}/red-{{scenario}}\"]\n\
         [stage.late]\ndrive = \"command\"\nrun = [\"sh\", \"-c\", \"echo {{scenario}} >>{world}/ran; test ! -e {world}/late-{{scenario}}\"]\n"
    );
    for lane in lanes {
        text += &format!(
            "[scenario.{lane}]\noverlay = \"scenarios/{lane}\"\nexpect = {{ ci = 0, late = 0 }}\n"
        );
    }
    text
}

fn consumer(world: &World, lanes: &[&str]) -> Consumer {
    let toml = configuration(world, lanes);
    let overlays: Vec<_> = ["a", "b", "c", "d", "e", "f"]
        .map(|lane| (format!("scenarios/{lane}/file"), format!("{lane}\n")))
        .to_vec();
    let mut files = vec![("matrix.toml", toml.as_str()), ("file", "one\n")];
    files.extend(
        overlays
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str())),
    );
    world.consumer("consumer", &files)
}

fn turn(world: &World, lane: &str, red: bool) {
    let flag = world.path().join(format!("red-{lane}"));
    if red {
        fs::write(flag, "").unwrap();
    } else {
        fs::remove_file(flag).unwrap();
    }
}

/// The lanes whose last stage was played since this was asked last.
fn played(world: &World) -> Vec<String> {
    let file = world.path().join("ran");
    let text = fs::read_to_string(&file).unwrap_or_default();
    let _ = fs::remove_file(&file);
    let mut lanes: Vec<_> = text.lines().map(str::to_owned).collect();
    lanes.sort();
    lanes
}

fn run_json(consumer: &Consumer, id: &str) -> Value {
    let file = consumer.artifacts().join("runs").join(id).join("run.json");
    read_json(&file).unwrap()
}

fn rerun(world: &World, consumer: &Consumer, from: &str, id: &str, more: &[&str]) -> Ran {
    let mut args = vec!["--rerun-from", from, "--run-id", id];
    args.extend(more);
    world.run(consumer, &args)
}

/// What the artifacts folder holds, and when it was last written.
fn state(consumer: &Consumer) -> Vec<(PathBuf, std::time::SystemTime)> {
    let entries = fs::read_dir(consumer.artifacts()).unwrap();
    let all = entries.chain(fs::read_dir(consumer.artifacts().join("runs")).unwrap());
    let mut all: Vec<_> = all
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.path(), entry.metadata().unwrap().modified().unwrap()))
        .collect();
    all.sort();
    all
}

#[test]
fn three_of_five_lanes_are_mended_one_by_one_until_nothing_is_outstanding() {
    let world = World::new();
    let consumer = consumer(&world, &["a", "b", "c", "d", "e"]);
    for lane in ["a", "c", "e"] {
        turn(&world, lane, true);
    }
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    let one = run_json(&consumer, "one");
    assert_eq!(one["parent"], Value::Null);
    assert_eq!(one["outstanding"], json!(["a/ci", "c/ci", "e/ci"]));
    assert_eq!(played(&world), ["a", "b", "c", "d", "e"]);

    turn(&world, "a", false);
    let two = rerun(&world, &consumer, "one", "two", &[]);
    two.expect(1);
    assert_eq!(played(&world), ["a", "c", "e"]);
    let said = "not run again: 2 lanes with nothing outstanding since run one";
    assert!(two.stderr.contains(said), "{two:?}");
    assert_eq!(two.stdout.matches("=== scenario:").count(), 3, "{two:?}");
    let file = run_json(&consumer, "two");
    assert_eq!(file["parent"], "one");
    assert_eq!(file["outstanding"], json!(["c/ci", "e/ci"]));
    let failure = consumer.failed("fake", "stage_ci");
    assert_eq!(failure["failure_phase"], "c");

    // Only one of the two, by the file that the run left.
    turn(&world, "c", false);
    let last = consumer.artifacts().join("fake-matrix-last-failure.json");
    let three = rerun(
        &world,
        &consumer,
        last.to_str().unwrap(),
        "three",
        &["--scenario", "c"],
    );
    three.expect(5);
    assert_eq!(played(&world), ["c"]);
    let failure = consumer.failed("fake", "outstanding");
    assert_eq!(failure["failure_class"], "missing");
    assert_eq!(failure["failure_phase"], "e");
    assert_eq!(failure["exit_code"], 5);
    assert!(
        three.stderr.contains("1 cell is still outstanding: e/ci"),
        "{three:?}"
    );
    assert!(three.stderr.contains("still outstanding: e\n"), "{three:?}");
    assert!(three.stderr.contains("--rerun-from three"), "{three:?}");
    let bundle = consumer.artifacts().join("runs/three/replay_bundle.json");
    let bundle = read_json(&bundle).unwrap();
    let owed = &bundle["failures"][0];
    let digest = &owed["failure_digest"];
    assert_eq!(digest["cause"], "cell-missing");
    assert_eq!(digest["impacted_cells"], json!(["e/ci"]));
    let next = bundle["one_command_replay"].as_str().unwrap();
    assert!(next.ends_with("--rerun-from three"), "{next}");
    assert_eq!(owed["replay"]["matrix"], next);
    assert_eq!(run_json(&consumer, "three")["outstanding"], json!(["e/ci"]));
    assert!(!three.stdout.contains("All scenario"), "{three:?}");

    turn(&world, "e", false);
    let four = rerun(&world, &consumer, "latest", "four", &[]);
    four.expect(0);
    assert_eq!(played(&world), ["e"]);
    let summary = consumer.passed("fake");
    assert_eq!(summary["final_verdict"], "PARTIAL");
    assert_eq!(summary["scenarios"]["a"]["status"], Value::Null);
    assert_eq!(run_json(&consumer, "four")["outstanding"], json!([]));

    let before = state(&consumer);
    let five = rerun(&world, &consumer, "latest", "five", &[]);
    five.expect(2);
    assert!(
        five.stderr
            .contains("nothing is outstanding since run four"),
        "{five:?}"
    );
    assert_eq!(state(&consumer), before);
    assert!(played(&world).is_empty());
}

#[test]
fn a_green_cell_that_turns_red_is_outstanding_again() {
    let world = World::new();
    let consumer = consumer(&world, &["a", "b"]);
    turn(&world, "a", true);
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    // Asked for the green stage alone there is nothing to run.
    let ran = rerun(&world, &consumer, "one", "two", &["--stage", "late"]);
    ran.expect(2);
    let said = "nothing is outstanding in this selection";
    assert!(ran.stderr.contains(said), "{ran:?}");
    // The lane is run whole, and now its other stage is red.
    turn(&world, "a", false);
    fs::write(world.path().join("late-a"), "").unwrap();
    rerun(&world, &consumer, "one", "two", &[]).expect(1);
    assert_eq!(run_json(&consumer, "two")["outstanding"], json!(["a/late"]));
}

#[test]
fn a_lane_that_was_stopped_and_one_that_is_new_are_outstanding() {
    let world = World::new();
    let consumer = consumer(&world, &["a", "b", "c"]);
    fs::write(world.path().join("held-b"), "").unwrap();
    let running = world.start(&consumer, &["--run-id", "one", "--jobs", "1"]);
    world.said("begun");
    running.signal(Signal::INT);
    running.end().expect(130);
    // Lane by lane: the first was green, the second stopped, the third never begun.
    let owed = run_json(&consumer, "one")["outstanding"].clone();
    assert_eq!(owed, json!(["b/ci", "b/late", "c/ci", "c/late"]));
    fs::remove_file(world.path().join("held-b")).unwrap();
    played(&world);

    // Meanwhile `c` was taken out of the configuration and `f` put in.
    consumer.write("matrix.toml", &configuration(&world, &["a", "b", "f"]));
    consumer.commit("another lane");
    let ran = rerun(&world, &consumer, "one", "two", &["--scenario", "f"]);
    ran.expect(5);
    assert_eq!(played(&world), ["f"]);
    assert!(ran.stderr.contains("passed at another commit"), "{ran:?}");
    assert_eq!(
        run_json(&consumer, "two")["outstanding"],
        json!(["b/ci", "b/late"])
    );
    rerun(&world, &consumer, "two", "three", &[]).expect(0);
    assert_eq!(played(&world), ["b"]);
    // What is taken out is not known any more when it comes back.
    consumer.write("matrix.toml", &configuration(&world, &["a", "b", "c"]));
    consumer.commit("and back");
    rerun(&world, &consumer, "three", "four", &[]).expect(0);
    assert_eq!(played(&world), ["c"]);
}

#[test]
fn a_rerun_of_every_lane_is_the_whole_plan() {
    let world = World::new();
    let consumer = consumer(&world, &["a", "b"]);
    turn(&world, "a", true);
    turn(&world, "b", true);
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    turn(&world, "a", false);
    turn(&world, "b", false);
    let ran = rerun(&world, &consumer, "one", "two", &[]);
    ran.expect(0);
    assert_eq!(consumer.passed("fake")["final_verdict"], "PASS");
    assert!(!ran.stderr.contains("not run again"), "{ran:?}");
}

#[test]
fn a_first_run_of_a_part_owes_the_rest_and_passes_all_the_same() {
    let world = World::new();
    let consumer = consumer(&world, &["a", "b"]);
    world
        .run(
            &consumer,
            &["--run-id", "one", "--scenario", "a", "--stage", "ci"],
        )
        .expect(0);
    assert_eq!(consumer.passed("fake")["final_verdict"], "PARTIAL");
    let owed = run_json(&consumer, "one")["outstanding"].clone();
    assert_eq!(owed, json!(["a/late", "b/ci", "b/late"]));
}

#[test]
fn a_run_that_cannot_be_a_parent_is_refused_and_nothing_is_touched() {
    let world = World::new();
    let consumer = consumer(&world, &["a"]);
    turn(&world, "a", true);
    world.run(&consumer, &["--run-id", "good"]).expect(1);
    let runs = consumer.artifacts().join("runs");
    let copy = |id: &str| {
        let to = runs.join(id);
        fs::create_dir(&to).unwrap();
        for file in ["run.json", "files.json"] {
            let text = fs::read_to_string(runs.join("good").join(file)).unwrap();
            fs::write(
                to.join(file),
                text.replace("\"good\"", &format!("\"{id}\"")),
            )
            .unwrap();
        }
        to
    };
    copy("edited");
    let newer = copy("newer").join("run.json");
    let text = fs::read_to_string(&newer).unwrap();
    fs::write(
        &newer,
        text.replacen("\"schema_version\": 1", "\"schema_version\": 9", 1),
    )
    .unwrap();
    fs::remove_file(copy("incomplete").join("run.json")).unwrap();
    let before = state(&consumer);
    for (from, code, said) in [
        ("nobody", 2, "there is no run `nobody`"),
        ("edited", 69, "was changed since"),
        ("newer", 69, "has schema_version 9"),
        ("incomplete", 69, "is incomplete"),
    ] {
        let ran = rerun(&world, &consumer, from, "next", &[]);
        ran.expect(code);
        assert!(
            ran.stderr.contains(said) && ran.stderr.contains("  next: "),
            "{ran:?}"
        );
        assert_eq!(state(&consumer), before, "{from}");
    }
    let ran = rerun(&world, &consumer, "good", "good", &[]);
    ran.expect(2);
    assert!(ran.stderr.contains("its own parent"), "{ran:?}");
    assert_eq!(state(&consumer), before);
}

#[test]
fn a_run_of_another_gate_or_kind_or_without_lanes_is_no_parent() {
    let world = World::new();
    let consumer = world.gated_consumer();
    let artifacts = consumer.artifacts();
    world
        .try_out(
            "sabotage",
            &consumer,
            &["--run-id", "broken-on-purpose", "--only", "no-verify"],
        )
        .expect(0);
    let ran = rerun(&world, &consumer, "broken-on-purpose", "next", &[]);
    ran.expect(2);
    assert!(ran.stderr.contains("does not record its cells"), "{ran:?}");
    // A run that found its consumer dirty knows its parent alone.
    consumer.write("gate.sh", "#!/bin/sh\nexit 1\n");
    consumer.commit("a gate that blocks everything");
    world.run(&consumer, &["--run-id", "red"]).expect(1);
    consumer.write("dirt", "");
    rerun(&world, &consumer, "red", "dirty", &[]).expect(17);
    fs::remove_file(consumer.root.join("dirt")).unwrap();
    let ran = rerun(&world, &consumer, "dirty", "next", &[]);
    ran.expect(2);
    assert!(ran.stderr.contains("--rerun-from red"), "{ran:?}");
    // The same runs, seen from a consumer of another gate.
    let other = world.consumer(
        "other",
        &[
            (
                "matrix.toml",
                &crate::support::script_gate("exit 0").replace("fake", "other"),
            ),
            ("file", "one\n"),
            ("scenarios/clean/file", "two\n"),
        ],
    );
    let red = artifacts.join("runs/red");
    let ran = rerun(&world, &other, red.to_str().unwrap(), "next", &[]);
    ran.expect(2);
    assert!(
        ran.stderr
            .contains("is of the gate fake, but this consumer uses other"),
        "{ran:?}"
    );
    assert!(!other.artifacts().exists());
}

#[test]
fn a_parent_is_not_pruned_by_its_rerun() {
    let world = World::new();
    let consumer = consumer(&world, &["a", "b"]);
    turn(&world, "a", true);
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    rerun(&world, &consumer, "one", "two", &["--retain-runs", "1"]).expect(1);
    assert!(consumer.artifacts().join("runs/one/run.json").is_file());
    assert!(consumer.artifacts().join("runs/two/run.json").is_file());
}

#[test]
fn the_package_of_the_parent_is_the_default_where_nobody_names_one() {
    let world = World::new();
    let install = "[[install]]\nstep = \"unpack\"\nrun = [\"sh\", \"-c\", \"exit 1\", \"{package_spec}\"]\n[stage";
    let toml = crate::support::script_gate("exit 0").replacen("[stage", install, 1);
    let consumer = world.configured_consumer(&toml);
    world
        .run(
            &consumer,
            &["--run-id", "one", "--package", "some-gate@1.2.3"],
        )
        .expect(1);
    rerun(&world, &consumer, "one", "two", &[]).expect(1);
    assert_eq!(
        run_json(&consumer, "two")["package_spec"],
        "some-gate@1.2.3"
    );
    rerun(
        &world,
        &consumer,
        "one",
        "three",
        &["--package", "some-gate@2.0.0"],
    )
    .expect(1);
    assert_eq!(
        run_json(&consumer, "three")["package_spec"],
        "some-gate@2.0.0"
    );
}

#[test]
fn where_evidence_could_not_be_written_every_cell_is_outstanding() {
    let world = World::new();
    let consumer = consumer(&world, &["a", "b"]);
    let mut command = world.run_command(&consumer, &["--run-id", "one", "--jobs", "1"]);
    command.env("MATRIX_FAULT", "write:cells/b/ci.json=EIO");
    Ran::of(command.output().unwrap()).expect(74);
    let all = json!(["a/ci", "a/late", "b/ci", "b/late"]);
    assert_eq!(run_json(&consumer, "one")["outstanding"], all);
}

#[test]
fn a_parent_of_which_evidence_is_gone_speaks_for_nothing() {
    let world = World::new();
    let consumer = consumer(&world, &["a", "b"]);
    turn(&world, "a", true);
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    // Of the same size, so that only its digest tells.
    let cell = consumer.artifacts().join("runs/one/cells/b/ci.json");
    let text = fs::read_to_string(&cell).unwrap();
    fs::write(&cell, text.replacen("\"pass\"", "\"PASS\"", 1)).unwrap();
    assert_ne!(fs::read_to_string(&cell).unwrap(), text);
    let ran = rerun(&world, &consumer, "one", "two", &[]);
    ran.expect(69);
    assert!(ran.stderr.contains("was changed since"), "{ran:?}");
}

/// What decides whether a cell is green goes with the command that is told.
#[test]
fn the_next_rerun_is_on_the_same_terms() {
    let world = World::new();
    let consumer = consumer(&world, &["a", "b", "c"]);
    let elsewhere = consumer.root.join("my matrix.toml");
    fs::copy(consumer.root.join("matrix.toml"), &elsewhere).unwrap();
    consumer.commit("another configuration");
    for lane in ["a", "b"] {
        turn(&world, lane, true);
    }
    let file = elsewhere.to_str().unwrap();
    let terms = ["--strict", "--config", file];
    world
        .run(&consumer, &[&["--run-id", "one"], &terms[..]].concat())
        .expect(1);
    turn(&world, "a", false);
    let more = [&["--scenario", "a"], &terms[..]].concat();
    let ran = rerun(&world, &consumer, "one", "two", &more);
    ran.expect(5);
    let next = ran.stderr.lines().find(|line| line.contains("next: "));
    let next = next.unwrap();
    assert!(next.contains(&format!("--config \"{file}\"")), "{next}");
    assert!(next.contains("--rerun-from two --strict"), "{next}");
}

#[test]
fn a_rerun_with_another_package_says_so() {
    let world = World::new();
    let consumer = consumer(&world, &["a", "b", "c"]);
    let install = "package = \"thing@1\"\n[[install]]\nstep = \"unpack\"\n\
                   run = [\"sh\", \"-c\", \": {package_spec}\"]\n[stage.ci]";
    let toml = configuration(&world, &["a", "b", "c"]);
    consumer.write("matrix.toml", &toml.replacen("[stage.ci]", install, 1));
    consumer.commit("a package");
    for lane in ["a", "b"] {
        turn(&world, lane, true);
    }
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    turn(&world, "a", false);
    let said = "not run again passed with another package: thing@1";
    let more = ["--scenario", "a"];
    let same = rerun(&world, &consumer, "one", "two", &more);
    assert!(!same.expect(5).stderr.contains(said), "{same:?}");
    let more = ["--scenario", "a", "--package", "thing@2"];
    let other = rerun(&world, &consumer, "one", "three", &more);
    assert!(other.expect(5).stderr.contains(said), "{other:?}");
    let next = other.stderr.lines().find(|line| line.contains("next: "));
    let next = next.unwrap();
    assert!(next.contains("--package \"thing@2\""), "{next}");
}
