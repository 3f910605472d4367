//! The disk under the work folder has no room left.

use std::fs;
use std::process::Command;

use gate_matrix::sys::fs::sha256;

use crate::support::{Consumer, Ran, World, json, program, script_gate};

/// Runs with a work folder on a disk of its own, of four MiB.
fn on_a_small_disk(world: &World, consumer: &Consumer) -> Ran {
    with_a_small_disk(world, &world.run_command(consumer, &[]))
}

/// The same of any command.
fn with_a_small_disk(world: &World, run: &Command) -> Ran {
    fs::create_dir_all(world.work()).unwrap();
    let mut shell = Command::new("unshare");
    shell.args(["--user", "--map-root-user", "--mount", "sh", "-c"]);
    shell.args([
        "mount -t tmpfs -o size=4m matrix-it \"$MATRIX_WORK_DIR\" || exit 99\nexec \"$0\" \"$@\"",
    ]);
    shell.arg(program()).args(run.get_args()).env_clear();
    shell.envs(run.get_envs().filter_map(|(k, v)| Some((k, v?))));
    let ran = Ran::of(shell.output().expect("unshare (util-linux) is needed"));
    let mounted = ran.code != 99 && !ran.stderr.contains("unshare:");
    assert!(
        mounted,
        "this machine lets nobody mount a small disk: {}",
        ran.stderr
    );
    ran
}

#[track_caller]
fn is_the_machines_fault(consumer: &Consumer, step: &str) {
    let failure = consumer.failed_with_log("fake", step);
    assert_eq!(failure["failure_class"], "infra");
    assert_eq!(failure["failure_phase"], "clean");
    assert_eq!(failure["exit_code"], 1);
    let log = fs::read_to_string(failure["failure_log_path"].as_str().unwrap()).unwrap();
    assert!(log.contains("No space left on device"), "{log}");
}

/// Commits what does not fit.
fn grow(consumer: &Consumer) {
    // Noise does not compress.
    let mut noise = Vec::new();
    while noise.len() < 8 * 1024 * 1024 {
        let seed = noise.len().to_string();
        noise.extend_from_slice(sha256(seed.as_bytes()).as_bytes());
    }
    fs::write(consumer.root.join("noise"), noise).unwrap();
    consumer.commit("too much");
}

#[test]
fn a_full_disk_under_the_clone_is_the_machines_fault() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    grow(&consumer);
    on_a_small_disk(&world, &consumer).expect(1);
    is_the_machines_fault(&consumer, "git_clone");
}

#[test]
fn a_full_disk_under_the_commit_of_a_replay_is_no_fault_of_the_repository() {
    let world = World::new();
    let consumer = world.script_consumer("exit 1");
    grow(&consumer);
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    let artifacts = consumer.artifacts();
    let words = [
        "replay",
        "--execute",
        "--artifacts",
        artifacts.to_str().unwrap(),
        "one",
    ];
    with_a_small_disk(&world, &world.command(&words)).expect(69);
    let failure = json(&artifacts.join("fake-replay-last-failure.json")).unwrap();
    assert_eq!(failure["failure_step"], "work_dir");
    assert_eq!(failure["failure_class"], "infra");
}

fn installing(script: &str) -> String {
    let gate = script_gate("exit 0");
    let run = serde_json::Value::from(script);
    let install = format!("[[install]]\nstep = \"fake_install\"\nrun = [\"sh\", \"-c\", {run}]\n");
    gate.replace("[stage", &format!("package = \"\"\n{install}[stage"))
}

#[test]
fn a_full_disk_under_the_install_is_the_machines_fault() {
    let world = World::new();
    let consumer = world.configured_consumer(&installing("cat /dev/zero >file"));
    on_a_small_disk(&world, &consumer).expect(1);
    is_the_machines_fault(&consumer, "fake_install");
}

#[test]
fn a_disk_that_was_full_until_the_install_cleaned_up_is_the_machines_fault() {
    let world = World::new();
    let script = "cat /dev/zero >big; code=$?; rm big; exit $code";
    let consumer = world.configured_consumer(&installing(script));
    on_a_small_disk(&world, &consumer).expect(1);
    is_the_machines_fault(&consumer, "fake_install");
}
