//! A file of the gate that the commit does not have: the cause names it.

use std::fs;

use crate::support::bundles::{bundle, digests, lanes};
use crate::support::hooks::{BLOCKS, COMMIT, hooked, step};
use crate::support::{Consumer, World};

const CAUSE: &str = "gate-file-missing";

/// Deletes a file and commits that, and something on top.
fn delete(consumer: &Consumer, file: &str) {
    fs::remove_file(consumer.root.join(file)).unwrap();
    consumer.commit("deleted");
    consumer.commit("something else");
}

/// Runs; the first failure has this cause, and the console says this of it.
#[track_caller]
fn told(world: &World, consumer: &Consumer, cause: &str, says: &str) {
    let ran = world.run(consumer, &["--run-id", "only"]);
    let said = &ran.expect(1).stderr;
    assert!(said.contains(says), "{says}\n{said}");
    assert!(said.contains(&format!("  cause: {cause}")), "{said}");
    let digest = &digests(&bundle(consumer))[0];
    assert_eq!(digest["cause"], cause, "{digest:#}");
    let of_table = gate_matrix::diagnosis::cause(cause).unwrap();
    assert_eq!(digest["remediation"], of_table.remedy);
}

#[test]
fn a_hook_file_that_was_deleted() {
    let world = World::new();
    let consumer = hooked(&world, &[("pre-commit", "exit 1")], COMMIT, BLOCKS);
    world.run(&consumer, &[]).expect(0);
    fs::remove_dir_all(consumer.artifacts()).unwrap();
    delete(&consumer, "hooks/pre-commit");
    let says = "there is no hooks/pre-commit (core.hooksPath is hooks in .git/config), \
        and hooks/pre-commit is not in the commit";
    told(&world, &consumer, CAUSE, says);
    // The same if the profile names the hook.
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let named = toml.replace("schema = 1\n", "schema = 1\nhooks = [\"pre-commit\"]\n");
    consumer.write("matrix.toml", &named);
    consumer.commit("a hook is named");
    told(
        &world,
        &consumer,
        CAUSE,
        "hooks/pre-commit is not in the commit",
    );
    consumer.failed("fake", "gate_hooks");
}

#[test]
fn a_hook_file_that_the_commit_has_is_another_cause() {
    let world = World::new();
    let stages = format!("{}{COMMIT}", step("rm hooks/pre-commit"));
    let consumer = hooked(&world, &[("pre-commit", "exit 1")], &stages, BLOCKS);
    told(
        &world,
        &consumer,
        "hook-not-launched",
        "there is no hooks/pre-commit",
    );
}

/// What husky does: the hook that git launches calls a file of the consumer, if it is there.
#[test]
fn a_file_that_a_hook_calls() {
    let world = World::new();
    let calls = "[ ! -f own/pre-commit ] || exec sh own/pre-commit";
    let stages = format!("{COMMIT}programs = [\"own/pre-commit\"]\n");
    let consumer = hooked(&world, &[("pre-commit", calls)], &stages, BLOCKS);
    consumer.write("own/pre-commit", "exit 1\n");
    consumer.commit("a hook of its own");
    world.run(&consumer, &[]).expect(0);
    fs::remove_dir_all(consumer.artifacts()).unwrap();
    delete(&consumer, "own/pre-commit");
    let says = "the gate did not run: there is no own/pre-commit, nor does the commit have it";
    told(&world, &consumer, CAUSE, says);
}

/// What lefthook does: without its configuration it makes one, and installs no hook.
#[test]
fn a_configuration_that_was_deleted() {
    let world = World::new();
    let install = "[ -f gate.yml ] && ln -s ../../hook .git/hooks/pre-commit || echo > gate.yml";
    let toml = format!(
        "schema = 1\ngate = \"fake\"\nhooks = [\"pre-commit\"]\nconfiguration = [\"gate.*\"]\n{}{COMMIT}\
         [scenario.bad]\noverlay = \"scenarios/bad\"\nexpect = {BLOCKS}\n",
        step(install)
    );
    let files = [
        ("matrix.toml", &*toml),
        ("gate.yml", "rules\n"),
        ("hook", "#!/bin/sh\nexit 1\n"),
        ("scenarios/bad/file", "bad\n"),
    ];
    let consumer = world.consumer("consumer", &files);
    world.run(&consumer, &[]).expect(0);
    fs::remove_dir_all(consumer.artifacts()).unwrap();
    delete(&consumer, "gate.yml");
    told(
        &world,
        &consumer,
        CAUSE,
        "and gate.yml is not in the commit",
    );
    // A clone without that history knows no more than the patterns.
    let shallow = Consumer {
        root: world.path().join("shallow"),
    };
    let from = format!("file://{}", consumer.root.display());
    let to = shallow.root.to_str().unwrap();
    consumer.git(&["clone", "--quiet", "--depth", "1", &from, to]);
    told(&world, &shallow, CAUSE, "and gate.* is not in the commit");
    // With a configuration it is the installation that failed.
    consumer.write("gate.yml", "rules\n");
    consumer.write("matrix.toml", &toml.replace("ln -s ../../hook", "test -e"));
    consumer.commit("restored, and not installed");
    told(
        &world,
        &consumer,
        "hook-not-installed",
        "there is no pre-commit hook",
    );
}

#[test]
fn what_gates_say_of_a_configuration_that_is_not_there() {
    let world = World::new();
    let said = [
        "An error has occurred: InvalidConfigError: \\n=====> .pre-commit-config.yaml is not a file",
        "No .pre-commit-config.yaml file was found",
        "error: No `prek.toml` or `.pre-commit-config.yaml` found in the current directory",
        "Error: No config files with names [\"lefthook\"] have been found in \"/x\"",
    ];
    let names: Vec<_> = (0..said.len()).map(|at| format!("lane-{at}")).collect();
    let cases = names.iter().zip(said);
    let cases: String = cases
        .map(|(name, said)| format!("{name}) printf '{said}\\n'; exit 1;;\n"))
        .collect();
    let script = format!("case $1 in\n{cases}esac");
    let consumer = lanes(&world, "consumer", &names, &script);
    world.run(&consumer, &[]).expect(1);
    let bundle = bundle(&consumer);
    for digest in digests(&bundle) {
        assert_eq!(digest["cause"], CAUSE, "{digest:#}");
        assert_ne!(digest["line"]["text"], "", "{digest:#}");
    }
}
