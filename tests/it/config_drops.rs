//! Inherited stages, scenarios and variables that a file drops.

use crate::support::{Consumer, World};

/// A consumer of the gate of `demo` whose `matrix.toml` adds lines to what it inherits.
fn inheriting(world: &World, own: &str) -> Consumer {
    inheriting_in(world, "consumer", own)
}

fn inheriting_in(world: &World, folder: &str, own: &str) -> Consumer {
    let consumer = world.demo_consumer(folder);
    let toml = format!(
        "schema = 1
gate = \"demo\"
inherits = \"demo\"
{own}"
    );
    consumer.write("matrix.toml", &toml);
    consumer.commit("an own configuration");
    consumer
}

#[track_caller]
fn refuses(own: &str, told: &[&str]) {
    let world = World::new();
    let ran = world.run(&inheriting(&world, own), &[]);
    let said = &ran.expect(2).stderr;
    for text in told {
        assert!(said.contains(text), "`{text}` is not in\n{said}");
    }
}

#[test]
fn a_dropped_stage_is_neither_run_nor_expected_nor_hooked() {
    let world = World::new();
    let consumer = inheriting(&world, "stage.pre-push = false\nscenario.mixed = false\n");
    let ran = world.run(&consumer, &[]);
    assert_eq!(
        ran.expect(0).stdout,
        "=== scenario:clean ===\nresults: pre-commit=0 ci=0\nstatus: PASS\n\
         === scenario:violations ===\nresults: pre-commit=1 ci=1\nstatus: PASS\n\
         All scenario matrix checks passed for package: demo\n"
    );
    assert_eq!(consumer.summary("demo").unwrap()["final_verdict"], "PASS");
}

#[test]
fn what_is_not_inherited_cannot_be_dropped() {
    refuses(
        "stage.pre-pusk = false\n",
        &[
            "matrix.toml:",
            "there is no inherited stage `pre-pusk` to drop",
            "did you mean `pre-push`?",
        ],
    );
    refuses(
        "scenario.mixd = false\n",
        &["no inherited scenario `mixd`", "did you mean `mixed`?"],
    );
    refuses(
        "[stage.ci]\nenv = { NOTHING = false }\n",
        &["no inherited variable `NOTHING`"],
    );
    refuses("stage.ci = true\n", &["`true` does not say"]);
    refuses("stage.ci = 3\n", &["expected a table, or false"]);
}

#[test]
fn what_still_names_a_dropped_stage_is_told_with_both_places() {
    let own = "stage.pre-push = false\n\n[scenario.clean]\nexpect = { pre-push = 0 }\n";
    refuses(
        own,
        &[
            "scenario `clean` still names stage `pre-push`, which is dropped",
            "expect = { pre-push = 0 }",
            "remove `stage.pre-push = false` at matrix.toml:",
        ],
    );
    refuses(
        "stage.pre-commit = false\nstage.pre-push = false\nstage.ci = false\n",
        &[
            "the inherited scenario `clean` expects nothing",
            "scenario.clean = false",
        ],
    );
}

#[test]
fn an_inherited_variable_is_dropped() {
    let world = World::new();
    let own = "[stage.ci]\nmarker = \"ci: none\"\nenv = { CI = false }\n\
               run = [\"sh\", \"-c\", \"echo ci: ${{CI-none}}; exec sh gate/gate.sh ci\"]\n";
    let consumer = inheriting(&world, own);
    world.run(&consumer, &["--stage", "ci"]).expect(0);
    let kept = own.replace("env = { CI = false }\n", "");
    let consumer = inheriting_in(&world, "other", &kept);
    let ran = world.run(&consumer, &["--stage", "ci"]);
    assert!(ran.expect(1).stderr.contains("ci: none"), "{}", ran.stderr);
}
