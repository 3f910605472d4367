//! What people see, as whole screens. A changed screen fails the test; accept
//! it with `INSTA_UPDATE=always cargo test screens` and read the difference.

use insta::assert_snapshot;

use crate::support::World;
use crate::support::gate::{Gate, Setup, redacted, screen};

/// A gate that blocks the word FIXME.
fn no_fixme() -> Gate {
    World::gate("fake")
        .stage("ci", "! grep -n FIXME file")
        .scenario("clean", &[("file", "two\n")])
        .scenario("violations", &[("file", "FIXME\n")])
        .blocked("FIXME")
}

/// The same, weakened: it lets everything in.
fn open() -> Setup {
    World::gate("fake")
        .stage("ci", "grep -n FIXME file; exit 0")
        .scenario("clean", &[("file", "two\n")])
        .scenario("violations", &[("file", "FIXME\n")])
        .blocked("FIXME")
        .consumer()
}

const RUN: [&str; 5] = ["run", "--run-id", "one", "--jobs", "1"];

#[test]
fn a_green_run() {
    assert_snapshot!(no_fixme().consumer().screen(&RUN));
}

#[test]
fn a_red_run() {
    assert_snapshot!(open().screen(&RUN));
}

#[test]
fn a_partial_run() {
    let args = [&RUN[..], &["--scenario", "clean"]].concat();
    assert_snapshot!(no_fixme().consumer().screen(&args));
}

#[test]
fn a_dirty_consumer() {
    let setup = no_fixme().consumer();
    setup.consumer.write("file", "edited\n");
    setup.consumer.write("new", "untracked\n");
    assert_snapshot!(setup.screen(&RUN));
}

#[test]
fn a_stage_past_its_limit() {
    let setup = World::gate("fake")
        .stage("ci", "sleep 600")
        .scenario("clean", &[("file", "two\n")])
        .consumer();
    assert_snapshot!(setup.screen(&[&RUN[..], &["--timeout", "300ms"]].concat()));
}

#[test]
fn a_key_that_is_not_known() {
    let setup = no_fixme().toml("brunch = \"main\"").consumer();
    assert_snapshot!(setup.screen(&RUN));
}

#[test]
fn a_scenario_that_is_not_declared() {
    assert_snapshot!(
        no_fixme()
            .consumer()
            .screen(&["run", "--scenario", "claen"])
    );
}

#[test]
fn a_repository_that_is_not_there() {
    let world = World::new();
    let ran = world.matrix(&["run", "--repo", world.path().to_str().unwrap()]);
    assert_snapshot!(screen(&ran, &world.path()));
}

#[test]
fn a_replay() {
    let setup = open();
    setup.matrix(&RUN).expect(1);
    assert_snapshot!(setup.screen(&["replay", "one"]));
}

#[test]
fn an_executed_replay() {
    let setup = open();
    setup.matrix(&RUN).expect(1);
    let args = [
        "replay",
        "one",
        "--execute",
        "--run-id",
        "two",
        "--jobs",
        "1",
    ];
    assert_snapshot!(setup.screen(&args));
}

#[test]
fn a_shown_trial() {
    let gate = no_fixme().hook("pre-commit", "! grep -n FIXME file");
    let setup = gate.consumer();
    let verb = "sabotage --run-id one --jobs 1 --only no-verify";
    setup.matrix(&verb.split(' ').collect::<Vec<_>>()).expect(0);
    assert_snapshot!(setup.screen(&["replay", "one", "--all"]));
}

#[test]
fn a_run_that_is_not_there() {
    assert_snapshot!(no_fixme().consumer().screen(&["replay", "nothing"]));
}

#[test]
fn a_difference() {
    let setup = no_fixme().consumer();
    setup.matrix(&RUN).expect(0);
    let toml = std::fs::read_to_string(setup.consumer.root.join("matrix.toml")).unwrap();
    setup
        .consumer
        .write("matrix.toml", &toml.replace("! grep", "grep"));
    setup.consumer.commit("Weaken the gate");
    setup.matrix(&["run", "--run-id", "two"]).expect(1);
    assert_snapshot!(setup.screen(&["diff", "one", "two"]));
}

#[test]
fn a_check() {
    assert_snapshot!(no_fixme().consumer().screen(&["check"]));
}

#[test]
fn a_list() {
    assert_snapshot!(no_fixme().consumer().screen(&["list"]));
}

#[test]
fn an_init() {
    let setup = World::gate("fake").consumer();
    std::fs::remove_file(setup.consumer.root.join("matrix.toml")).unwrap();
    assert_snapshot!(setup.screen(&["init", "--gate", "demo"]));
}

#[test]
fn an_explanation() {
    let world = World::new();
    let ran = world.matrix(&["explain", "contract-broken"]);
    assert_snapshot!(screen(&ran, &world.path()));
}

#[test]
fn a_cause_that_is_not_known() {
    let world = World::new();
    let ran = world.matrix(&["explain", "contract-brokn"]);
    assert_snapshot!(screen(&ran, &world.path()));
}

#[test]
fn the_help_of_every_verb() {
    let world = World::new();
    let verbs = [
        "", "run", "demo", "replay", "diff", "sabotage", "mutate", "init", "check", "list",
        "explain", "schema",
    ];
    for verb in verbs {
        let args: Vec<_> = [verb, "--help"]
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect();
        let name = format!("help_{}", if verb.is_empty() { "matrix" } else { verb });
        assert_snapshot!(name, screen(&world.matrix(&args), &world.path()));
    }
}

#[test]
fn a_mutation_report() {
    let setup = no_fixme()
        .toml("configuration = [\"gate.sh\"]")
        .file("gate.sh", "#!/bin/sh\ngrep -q FIXME file && exit 1\n")
        .consumer();
    assert_snapshot!(setup.screen(&["mutate", "--run-id", "one", "--jobs", "1"]));
}

#[test]
fn a_check_for_vacuity() {
    let setup = no_fixme().consumer();
    assert_snapshot!(setup.screen(&["check", "--vacuity", "--run-id", "one", "--jobs", "1"]));
}

#[test]
fn a_scorecard() {
    let gate = no_fixme().hook("pre-commit", "! grep -n FIXME file");
    let setup = gate.consumer();
    let only = "sabotage --run-id one --jobs 1 --only fresh-clone --only no-verify";
    let args: Vec<_> = only.split(' ').collect();
    assert_snapshot!(setup.screen(&args));
    let card = setup.consumer.artifacts().join("runs/one/sabotage.md");
    let text = std::fs::read_to_string(card).unwrap();
    let world = setup.world.path();
    assert_snapshot!("a_scorecard_as_markdown", redacted(&text, &world));
}
