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
    on_a_disk(world, run, "size=4m")
}

/// Runs a command with a work folder on a disk of its own.
fn on_a_disk(world: &World, run: &Command, options: &str) -> Ran {
    fs::create_dir_all(world.work()).unwrap();
    let mut shell = Command::new("unshare");
    shell.args(["--user", "--map-root-user", "--mount", "sh", "-c"]);
    shell.args([&format!(
        "mount -t tmpfs -o {options} matrix-it \"$MATRIX_WORK_DIR\" || exit 99\nexec \"$0\" \"$@\""
    )]);
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

/// A lane whose gate fills the disk at one of its stages, where everything should pass.
#[track_caller]
fn fills_the_disk(hook: &str, script: &str) {
    let setup = World::gate("fake")
        .scenario("clean", &[("file", "two\n")])
        .hook(hook, script)
        .consumer();
    let run = setup.world.run_command(&setup.consumer, &[]);
    with_a_small_disk(&setup.world, &run).expect(1);
    let failure = setup.consumer.last_failure("fake").unwrap();
    assert_eq!(failure["failure_class"], "infra", "{failure:#}");
    let bundle = json(&setup.consumer.run_folder().join("replay_bundle.json")).unwrap();
    let digest = &bundle["failures"][0]["failure_digest"];
    assert_eq!(digest["cause"], "disk-full", "{bundle:#}");
}

#[test]
fn a_full_disk_under_a_gate_is_the_machines_fault() {
    for hook in ["pre-commit", "pre-push"] {
        fills_the_disk(hook, "cat /dev/zero >big");
        // Whatever the gate says of it.
        fills_the_disk(
            hook,
            "cat /dev/zero >big 2>/dev/null; echo gate: failed; exit 1",
        );
        // The hook lets the change in, and git has no room for it.
        fills_the_disk(hook, "cat /dev/zero >big 2>/dev/null; exit 0");
    }
}

#[test]
fn a_block_without_a_reason_on_a_full_disk_proves_nothing() {
    let world = World::new();
    let toml = script_gate("cat /dev/zero >big; exit 1").replace("ci = 0", "ci = 1");
    let consumer = world.configured_consumer(&toml);
    on_a_small_disk(&world, &consumer).expect(1);
    let failure = consumer.last_failure("fake").unwrap();
    assert_eq!(failure["failure_class"], "infra", "{failure:#}");
}

#[test]
fn a_remote_that_stored_nothing_on_a_small_disk_is_the_machines_fault() {
    // No folder can be made where git wants to store an object, for which it gives no reason.
    let script = "for i in 0 1 2 3 4 5 6 7 8 9 a b c d e f; do \
        for j in 0 1 2 3 4 5 6 7 8 9 a b c d e f; do \
        [ -e ../origin.git/objects/$i$j ] || : >../origin.git/objects/$i$j; done; done";
    for (options, class) in [("size=8m", "infra"), ("size=256m", "contract")] {
        let setup = World::gate("fake")
            .scenario("clean", &[("file", "two\n")])
            .hook("pre-push", script)
            .consumer();
        let run = setup.world.run_command(&setup.consumer, &[]);
        on_a_disk(&setup.world, &run, options).expect(1);
        let failure = setup.consumer.last_failure("fake").unwrap();
        assert_eq!(failure["failure_class"], class, "{options}: {failure:#}");
    }
}

#[test]
fn a_disk_of_any_size_is_never_the_gates_fault() {
    let staged = "git grep -q --cached BAD -- file && { echo gate: BAD; exit 1; }; exit 0";
    let pushed = "git grep -q BAD HEAD -- file && { echo gate: BAD; exit 1; }; exit 0";
    let sizes = (200..800).step_by(80).map(|kib| format!("size={kib}k"));
    let files = (60..480)
        .step_by(60)
        .map(|count| format!("nr_inodes={count}"));
    for options in sizes.chain(files) {
        let setup = World::gate("fake")
            .scenario("clean", &[("file", "two\n")])
            .scenario("bad", &[("file", "BAD\n")])
            .blocked("gate: BAD")
            .hook("pre-commit", staged)
            .hook("pre-push", pushed)
            .consumer();
        let run = setup.world.run_command(&setup.consumer, &[]);
        let ran = on_a_disk(&setup.world, &run, &options);
        let Some(failure) = setup.consumer.last_failure("fake") else {
            continue;
        };
        let class = &failure["failure_class"];
        assert_eq!(class, "infra", "{options}: {failure:#}\n{}", ran.stderr);
    }
}

/// Runs a script with artifacts on a disk of one MiB: `run ID` in it is a run, `fill` takes
/// what room there is. It ends with a run `last` and the names of what is left.
fn with_artifacts_on_a_full_disk(world: &World, consumer: &Consumer, script: &str) -> Ran {
    let artifacts = world.path().join("artifacts");
    fs::create_dir_all(&artifacts).unwrap();
    let mut run = world.run_command(consumer, &[]);
    run.env("MATRIX_ARTIFACTS", &artifacts);
    let mut shell = Command::new("unshare");
    shell.args(["--user", "--map-root-user", "--mount", "bash", "-c"]);
    let functions = "mount -t tmpfs -o size=1m matrix-it \"$MATRIX_ARTIFACTS\" || exit 99\n\
        matrix=(\"$0\" \"$@\")\n\
        run() { \"${matrix[@]}\" --run-id $1; }\n\
        fill() { cat /dev/zero >\"$MATRIX_ARTIFACTS/full\" 2>/dev/null; }\n";
    let end = "run last; code=$?\n\
        ls \"$MATRIX_ARTIFACTS\" \"$MATRIX_ARTIFACTS/runs\"; exit $code";
    shell.arg(format!("{functions}{script}\n{end}"));
    shell.arg(program()).args(run.get_args()).env_clear();
    shell.envs(run.get_envs().filter_map(|(k, v)| Some((k, v?))));
    Ran::of(shell.output().unwrap())
}

#[test]
fn old_runs_make_room_on_a_full_disk_of_the_artifacts() {
    for script in ["exit 0", "exit 1"] {
        let world = World::new();
        let consumer = world.script_consumer(script);
        let ran = with_artifacts_on_a_full_disk(
            &world,
            &consumer,
            "for id in a b c d; do run $id; done; fill",
        );
        let (code, verdict) = match script {
            "exit 0" => (0, "fake-matrix-summary.json"),
            _ => (1, "fake-matrix-last-failure.json"),
        };
        ran.expect(code);
        assert!(ran.stdout.contains(verdict), "{ran:?}");
        assert!(!ran.stdout.contains("\na\n"), "{ran:?}");
        assert!(ran.stdout.contains("last\n"), "{ran:?}");
    }
}

#[test]
fn a_disk_of_the_artifacts_that_stays_full_is_told_with_its_room() {
    for before in ["fill", "run a; fill"] {
        let world = World::new();
        let consumer = world.script_consumer("exit 0");
        let ran = with_artifacts_on_a_full_disk(&world, &consumer, before);
        if before == "fill" {
            ran.expect(74);
            assert!(ran.stderr.contains("needed, "), "{ran:?}");
            assert!(ran.stderr.contains(" bytes are free in "), "{ran:?}");
        }
        // An earlier pass is never left in the place of this run's verdict.
        let passed = ran.stdout.contains("summary.json");
        assert_eq!(passed, ran.code == 0, "{ran:?}");
    }
}
