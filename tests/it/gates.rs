//! Every built-in gate, as its registry has it, keeps its contract through
//! real commits and pushes.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Consumer, Ran, World};

/// The stages of most gates.
const STAGES: [&str; 3] = ["pre-commit", "pre-push", "ci"];

fn cells<'a>(stages: &'a [&'a str]) -> impl Iterator<Item = (&'static str, &'a str)> {
    let scenarios = ["clean", "violations", "mixed"].into_iter();
    scenarios.flat_map(|scenario| stages.iter().map(move |stage| (scenario, *stage)))
}

/// Lays the consumer of a gate into a folder and runs the matrix there.
fn demo(world: &World, gate: &str, folder: &str, more: &[&str]) -> Consumer {
    let root = world.path().join(folder);
    let mut args = vec!["demo", gate, "--into", root.to_str().unwrap()];
    args.extend(more);
    passes(gate, &mut world.online(&args));
    Consumer { root }
}

fn passes(gate: &str, command: &mut Command) {
    let ran = Ran::of(command.output().unwrap());
    assert_eq!(
        ran.code, 0,
        "the real {gate} did not keep its contract. This test needs the gate's tools \
         (node and npm, or python3) and its registry within reach.\n{}\n{}",
        ran.stdout, ran.stderr
    );
}

/// What the summary must say of clean, violations and mixed.
fn assert_contract_kept(summary: &Value, stages: &[&str]) {
    let lane = |exit: i32| {
        let mut lane = json!({"status": "PASS"});
        for stage in stages {
            lane[format!("{}_exit", stage.replace('-', "_"))] = json!(exit);
        }
        lane
    };
    let expected = json!({"clean": lane(0), "violations": lane(1), "mixed": lane(1)});
    assert_eq!(summary["scenarios"], expected);
    assert_eq!(summary["final_verdict"], "PASS");
}

fn assert_package(summary: &Value, name: &str, version: &str, integrity: &str) {
    let resolved = &summary["package_resolved"];
    assert_eq!(resolved["name"], name);
    assert_eq!(resolved["version"], version);
    let told = resolved["integrity"].as_str().unwrap_or_default();
    assert!(told.starts_with(integrity), "{resolved}");
    assert!(told.len() > 60, "{resolved}");
}

/// Real commits and pushes launched the gate's hooks: git says so.
fn assert_hooks_ran(consumer: &Consumer, stages: &[&str]) {
    for (scenario, stage) in cells(stages).filter(|(_, stage)| *stage != "ci") {
        let cell = consumer.cell(scenario, stage);
        let blocks = scenario != "clean";
        let hook_exit = cell["hook_exit"].as_i64();
        assert!(
            hook_exit.is_some_and(|exit| (exit != 0) == blocks),
            "{cell:#}"
        );
        assert_eq!(cell["vacuous"], false, "{cell:#}");
    }
}

/// A crash quotes the line that it is about, here one with the rule's own word.
#[test]
fn a_rule_script_that_crashes_is_not_taken_for_its_finding() {
    let world = World::with_package_caches();
    let unused = world.path().join("unused");
    let first = ["--stage", "ci", "--scenario", "clean", "--artifacts"];
    let first = [&first[..], &[unused.to_str().unwrap()]].concat();
    let consumer = demo(&world, "lefthook", "consumer", &first);
    let script = "const leftover = 0;\nconst leftover = /FIXME/;\n";
    consumer.write("scripts/no-leftovers.mjs", script);
    consumer.commit("break the rule");
    let repo = consumer.root.to_str().unwrap();
    let mut command = world.online(&["run", "--repo", repo, "--scenario", "violations"]);
    Ran::of(command.output().unwrap()).expect(1);
    for stage in ["pre-commit", "pre-push", "ci"] {
        let cell = consumer.cell("violations", stage);
        assert_eq!(cell["verdict"], "wrong_reason", "{cell:#}");
    }
}

/// `name` is what the package calls itself, at the version that the profile
/// is pinned to.
fn real_gate_keeps_its_contract(gate: &str, name: &str, version: &str, integrity: &str) {
    let world = World::with_package_caches();
    let consumer = demo(&world, gate, "consumer", &[]);
    let summary = consumer.passed(gate);
    assert_contract_kept(&summary, &STAGES);
    assert_package(&summary, name, version, integrity);
    assert_hooks_ran(&consumer, &STAGES);
}

#[test]
fn lefthook_keeps_its_contract_and_two_runs_agree() {
    let world = World::with_package_caches();
    let first = demo(&world, "lefthook", "first", &[]);
    let second = demo(&world, "lefthook", "second", &["--jobs", "1"]);
    let summary = first.passed("lefthook");
    assert_contract_kept(&summary, &STAGES);
    assert_package(&summary, "lefthook", "2.2.2", "sha512-");
    assert_hooks_ran(&first, &STAGES);
    let again = second.passed("lefthook");
    assert_eq!(again["package_resolved"], summary["package_resolved"]);
    for (scenario, stage) in cells(&STAGES) {
        let told = |consumer: &Consumer| {
            let cell = consumer.cell(scenario, stage);
            ["exit", "hook_exit", "head"].map(|key| cell[key].clone())
        };
        assert_eq!(told(&first), told(&second), "{scenario} {stage}");
    }
}

#[test]
fn husky_keeps_its_contract() {
    real_gate_keeps_its_contract("husky", "husky", "9.1.7", "sha512-");
}

#[test]
fn simple_git_hooks_keeps_its_contract() {
    real_gate_keeps_its_contract("simple-git-hooks", "simple-git-hooks", "2.14.0", "sha512-");
}

#[test]
fn pre_commit_keeps_its_contract() {
    real_gate_keeps_its_contract("pre-commit", "pre-commit", "4.7.0", "sha256:");
}

#[test]
fn prek_keeps_its_contract() {
    real_gate_keeps_its_contract("prek", "prek", "0.5.11", "sha256:");
}

/// The consumer's own way to set its hooks, and a stage that is called like one of them.
#[test]
fn commitlint_keeps_its_contract_in_a_hook_of_its_consumer() {
    let stages = ["commit-msg", "ci"];
    let world = World::with_package_caches();
    let consumer = demo(&world, "commitlint", "consumer", &["--strict"]);
    let summary = consumer.passed("commitlint");
    assert_contract_kept(&summary, &stages);
    assert_package(&summary, "@commitlint/cli", "20.5.3", "sha512-");
    assert_hooks_ran(&consumer, &stages);
}

/// A gate that sets no hooks, in a consumer without any: its files have names of all kinds.
#[test]
fn ruff_is_handed_the_files_of_the_change() {
    let world = World::with_package_caches();
    let first = ["--scenario", "clean", "--stage", "ci"];
    let consumer = demo(&world, "ruff", "consumer", &first);
    for scenario in ["clean", "violations", "mixed"] {
        let text = if scenario == "clean" {
            ""
        } else {
            "import os\n"
        };
        for name in ["a mean [of] *.py", "größe.py"] {
            consumer.write(&format!("scenarios/{scenario}/{name}"), text);
        }
        consumer.write(&format!("scenarios/{scenario}/notes.md"), "import os\n");
    }
    std::fs::remove_dir_all(consumer.root.join("scenarios/violations/sums")).unwrap();
    consumer.commit("other names");
    let repo = consumer.root.to_str().unwrap();
    passes(
        "ruff",
        &mut world.online(&["run", "--strict", "--repo", repo]),
    );
    let summary = consumer.passed("ruff");
    assert_contract_kept(&summary, &["pre-commit", "ci"]);
    assert_package(&summary, "ruff", "0.17.6", "sha256:");
}

/// A gate of which no registry that the profile knows has the package: cargo installs it, and exits 101.
#[test]
fn cargo_husky_keeps_its_contract() {
    let world = World::with_package_caches();
    let root = world.path().join("consumer");
    let args = ["demo", "cargo-husky", "--strict", "--into"];
    let mut command = world.online(&[&args[..], &[root.to_str().unwrap()]].concat());
    // The home of a test has no toolchain, for which rustup's cargo looks there.
    let home = std::path::PathBuf::from(std::env::var_os("HOME").unwrap());
    let toolchains = std::env::var_os("RUSTUP_HOME").unwrap_or(home.join(".rustup").into());
    passes("cargo-husky", command.env("RUSTUP_HOME", toolchains));
    let consumer = Consumer { root };
    let summary = consumer.passed("cargo-husky");
    assert_eq!(summary["package_resolved"], Value::Null);
    assert_hooks_ran(&consumer, &["pre-push", "ci"]);
    let cell = consumer.cell("violations", "pre-push");
    assert_eq!(
        (&cell["exit"], &cell["hook_exit"]),
        (&json!(1), &json!(101))
    );
}

#[test]
fn the_stand_in_for_pumuki_keeps_the_contract() {
    let world = World::with_package_caches();
    let package = world.pumuki_standin();
    let consumer = demo(
        &world,
        "pumuki",
        "consumer",
        &["--package", package.to_str().unwrap()],
    );
    let summary = consumer.passed("pumuki");
    assert_contract_kept(&summary, &STAGES);
    assert_package(&summary, "pumuki", "6.3.14", "sha512-");
    assert_eq!(summary["package_spec"], package.to_str().unwrap());
}

#[test]
fn a_version_that_does_not_exist_is_a_failed_install_of_the_first_lane() {
    let world = World::with_package_caches();
    let root = world.path().join("consumer");
    let spec = "pumuki@0.0.0-not-a-real-version";
    let args = ["demo", "pumuki", "--into", root.to_str().unwrap()];
    let output = world.online(&args).args(["--package", spec]).output();
    let ran = Ran::of(output.unwrap());
    ran.expect(1);
    assert!(
        !ran.stdout.contains("All scenario matrix checks"),
        "{ran:?}"
    );
    let failure = Consumer { root }.failed_with_log("pumuki", "npm_install_package");
    let expected = json!({
        "package_spec": spec,
        "final_verdict": "FAIL",
        "exit_code": 1,
        "failure_phase": "clean",
        "failure_class": "install",
        "failure_command": format!("npm install --save-exact \"{spec}\""),
        "failure_command_template": "npm install --save-exact \"{package_spec}\"",
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(failure[key], *value, "{key}");
    }
    let log = std::fs::read_to_string(failure["failure_log_artifact"].as_str().unwrap()).unwrap();
    assert!(
        log.contains("E404") || log.contains("ETARGET"),
        "npm's registry must be within reach to say that there is no such version:\n{log}"
    );
}
