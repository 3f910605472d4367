//! Where a change comes from, and what a lane is given.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::{Consumer, World, git};

/// A scenario of these lines, whose only stage prints what the change is.
fn seeded(world: &World, head: &str, scenario: &str) -> Consumer {
    let toml = format!(
        "schema = 1\ngate = \"fake\"\n{head}\n[stage.ci]\ndrive = \"command\"\n\
         run = [\"git\", \"diff\", \"--name-status\", \"{{base_ref}}\", \"HEAD\"]\n\
         [scenario.change]\n{scenario}\nexpect = {{ ci = 0 }}\n"
    );
    world.consumer(
        "consumer",
        &[
            ("matrix.toml", &toml),
            ("one", "one\n"),
            ("two", "two\n"),
            ("folder/three", "three\n"),
            ("overlay/one", "overlaid\n"),
        ],
    )
}

#[track_caller]
fn log(consumer: &Consumer) -> String {
    let log = consumer.run_folder().join("logs/change/stage_ci.log");
    fs::read_to_string(log).unwrap()
}

/// What the scenario's commit changes.
#[track_caller]
fn change_of(head: &str, scenario: &str) -> String {
    let world = World::new();
    let consumer = seeded(&world, head, scenario);
    world.run(&consumer, &[]).expect(0);
    log(&consumer)
}

#[test]
fn all_that_a_seed_changes_is_staged() {
    let seed = "seed = [\"sh\", \"-c\", \"echo x > one; rm two; echo y > folder/new\"]";
    assert_eq!(change_of("", seed), "A\tfolder/new\nM\tone\nD\ttwo\n");
}

#[test]
fn a_seed_may_stage_deletions_of_its_own() {
    let world = World::new();
    let seed = "seed = [\"sh\", \"-c\", \"git mv two new; git rm --quiet one; rm folder/three\"]";
    let consumer = seeded(&world, "", seed);
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let names = "\"git\", \"diff\", \"--exit-code\", \"--no-renames\", \"--name-status\"";
    let toml = toml.replace("\"git\", \"diff\", \"--name-status\"", names);
    consumer.write("matrix.toml", &toml);
    consumer.commit("fail where there is a change");
    world.run(&consumer, &[]).expect(1);
    let all = "D\tfolder/three\nA\tnew\nD\tone\nD\ttwo\n";
    assert_eq!(log(&consumer), all);
    let script = consumer.run_folder().join("replay/change.sh");
    let mut sh = Command::new("sh");
    let ran = sh.arg(script).env("TMPDIR", world.path()).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    assert!(said.contains(all), "{said}");
}

#[test]
fn of_what_a_seed_changes_only_what_is_named_is_staged() {
    let seed = "seed = [\"sh\", \"-c\", \"echo x > one; echo y > folder/new\"]\nadd = [\"folder\"]";
    assert_eq!(change_of("", seed), "A\tfolder/new\n");
}

#[test]
fn a_file_can_be_removed_beside_an_overlay() {
    let overlay = "overlay = \"overlay\"\nremove = [\"two\", \"folder\"]";
    assert_eq!(change_of("", overlay), "D\tfolder/three\nM\tone\nD\ttwo\n");
}

#[test]
fn removing_alone_is_a_change() {
    assert_eq!(change_of("", "remove = [\"two\"]"), "D\ttwo\n");
}

#[test]
fn removing_what_is_not_there_is_a_failed_seed() {
    let world = World::new();
    let consumer = seeded(&world, "", "remove = [\"nothing\"]");
    world.run(&consumer, &[]).expect(1);
    let failure = consumer.failed("fake", "seed_scenario");
    assert_eq!(failure["failure_class"], "seed");
    assert_eq!(failure["failure_phase"], "change");
}

#[test]
fn a_seed_that_fails_is_a_failed_step_with_its_log() {
    let world = World::new();
    let consumer = seeded(
        &world,
        "",
        "seed = [\"sh\", \"-c\", \"echo broken; exit 4\"]",
    );
    world.run(&consumer, &[]).expect(1);
    let failure = consumer.failed_with_log("fake", "seed_scenario");
    assert_eq!(failure["failure_class"], "seed");
    let log = fs::read_to_string(failure["failure_log_path"].as_str().unwrap()).unwrap();
    assert!(log.contains("broken\n"), "{log}");
}

/// What the baseline's seed made is no part of the change.
#[test]
fn the_baseline_can_be_seeded() {
    let head = "[baseline]\nseed = [\"sh\", \"-c\", \"echo base > one; echo base > four\"]";
    let seed = "seed = [\"sh\", \"-c\", \"cat four >> two\"]";
    assert_eq!(change_of(head, seed), "M\ttwo\n");
}

#[test]
fn configuration_and_overlays_are_not_in_the_lane() {
    let overlay = "overlay = \"overlay\"";
    let look = "[[activate]]\nstep = \"look\"\nrun = [\"test\", \"-e\", \"matrix.toml\"]";
    // Activation comes before the baseline: there they still are.
    assert_eq!(change_of(look, overlay), "M\tone\n");
    let world = World::new();
    let consumer = seeded(
        &world,
        "",
        "seed = [\"sh\", \"-c\", \"test ! -e matrix.toml && echo > one\"]",
    );
    world.run(&consumer, &[]).expect(0);
}

#[test]
fn a_step_is_given_the_variables_that_are_named_and_no_others() {
    let world = World::new();
    let stage = "run = [\"git\"";
    let toml = seeded(&world, "pass_env = [\"WANTED\"]", "overlay = \"overlay\"");
    let text = fs::read_to_string(toml.root.join("matrix.toml")).unwrap();
    let env = text.replace(stage, "run = [\"env\"]\n# [\"git\"");
    toml.write("matrix.toml", &env);
    toml.commit("print the environment");
    let mut run: Command = world.run_command(&toml, &[]);
    let ran = run
        .env("WANTED", "this one")
        .env("OTHER", "not this one")
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    let log = log(&toml);
    assert!(log.contains("WANTED=this one\n"), "{log}");
    assert!(!log.contains("not this one"), "{log}");
}

#[test]
fn a_profile_can_be_inherited_and_overridden() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    let own = r#"schema = 1
gate = "ours"
inherits = "demo"
[stage.ci]
env = { EXTRA = "{scenario}" }
[scenario.violations]
reason = { regex = "FIX.E" }
[scenario.another]
overlay = "scenarios/mixed"
expect = { pre-commit = "nonzero", pre-push = [1], ci = 1 }
"#;
    consumer.write("matrix.toml", own);
    consumer.commit("our own");
    let ran = world.run(&consumer, &[]);
    assert!(
        ran.expect(0)
            .stdout
            .contains("=== scenario:another ===\nresults: pre-commit=1 pre-push=1 ci=1\n"),
        "{}",
        ran.stdout
    );
    let summary = consumer.passed("ours");
    let scenarios = summary["scenarios"].as_object().unwrap();
    assert_eq!(scenarios.len(), 4);
    let delta = consumer.cell("another", "ci")["env_delta"].clone();
    assert_eq!(delta["EXTRA"], "another");
    assert_eq!(delta["CI"], "true");
}

#[test]
fn the_configuration_can_live_in_dot_config() {
    let world = World::new();
    let consumer = seeded(&world, "", "overlay = \"overlay\"");
    consumer.git(&["rm", "-r", "--quiet", "--cached", "matrix.toml", "overlay"]);
    fs::create_dir(consumer.root.join(".config")).unwrap();
    for name in ["matrix.toml", "overlay"] {
        fs::rename(
            consumer.root.join(name),
            consumer.root.join(".config").join(name),
        )
        .unwrap();
    }
    consumer.commit("out of the way");
    world.run(&consumer, &[]).expect(0);
    assert_eq!(log(&consumer), "M\tone\n");
}

#[test]
fn a_clone_knows_nothing_of_the_consumer() {
    let world = World::new();
    let consumer = seeded(&world, "", "overlay = \"overlay\"");
    world.run(&consumer, &["--keep"]).expect(0);
    let roots = fs::read_dir(world.work()).unwrap();
    let mut clones = roots.map(|root| root.unwrap().path().join("lanes/change/clone"));
    let clone = clones.find(|clone| clone.exists()).unwrap();
    let config = git(&clone, &["config", "--list", "--local"]);
    let root = consumer.root.to_str().unwrap();
    assert!(!config.contains(root), "{config}");
    let head: Value = consumer.cell("change", "ci")["head"].clone();
    assert_eq!(head, git(&clone, &["rev-parse", "HEAD"]).trim());
    let base = git(&clone, &["rev-parse", "HEAD~2"]);
    assert_eq!(base, consumer.git(&["rev-parse", "HEAD"]));
}
