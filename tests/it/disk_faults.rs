//! The disk fails, is full, or is not what it seems.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::TryRecvError;

use gate_matrix::sys::fs::{copy_atomic, sha256};

use crate::support::{Consumer, Ran, World, program};

/// Runs with a disk that fails by these rules.
fn faulty(world: &World, consumer: &Consumer, rules: &str) -> Ran {
    let mut command = world.run_command(consumer, &[]);
    command.env("MATRIX_FAULT", rules);
    Ran::of(command.output().unwrap())
}

/// A consumer whose earlier run passed; its stage says that it ran.
fn consumer_with_a_past(world: &World) -> Consumer {
    let consumer = world.script_consumer(&world.script("echo ran; say ran yes"));
    world.run(&consumer, &[]).expect(0);
    fs::remove_file(world.path().join("ran")).unwrap();
    consumer
}

fn summary(consumer: &Consumer) -> PathBuf {
    consumer.artifacts().join("fake-matrix-summary.json")
}

/// The run ends with 74, says of which file, and its marker stands alone.
#[track_caller]
fn leaves_its_marker(rules: &str) {
    let world = World::new();
    let consumer = consumer_with_a_past(&world);
    let ran = faulty(&world, &consumer, rules);
    ran.expect(74);
    assert!(ran.stderr.contains("summary.json"), "{}", ran.stderr);
    assert!(!ran.stdout.contains("All scenario"), "{}", ran.stdout);
    let failure = consumer.failed("fake", "run_incomplete");
    // Nor does the run folder speak of a pass.
    let run = consumer.artifacts().join("runs");
    let run = run.join(failure["run_id"].as_str().unwrap());
    assert!(run.join("plan.json").exists() && !run.join("run.json").exists());
}

#[test]
fn no_room_for_the_summary_leaves_the_marker() {
    leaves_its_marker("write:-summary.json=ENOSPC");
}

#[test]
fn a_summary_that_cannot_be_synced_leaves_the_marker() {
    leaves_its_marker("sync:-summary.json=EIO");
}

#[test]
fn a_full_disk_is_called_full() {
    let world = World::new();
    let consumer = consumer_with_a_past(&world);
    let ran = faulty(&world, &consumer, "write:-summary.json=ENOSPC");
    assert!(ran.stderr.contains("free space"), "{}", ran.stderr);
}

/// Lets the n-th call of a kind fail, for every n that a run gets to. No
/// such run may pass, and none may leave a summary; tells what the last of
/// them left.
#[track_caller]
fn every_call_counts(operation: &str) -> Option<serde_json::Value> {
    let world = World::new();
    let consumer = consumer_with_a_past(&world);
    let mut last = None;
    for nth in 1.. {
        let ran = faulty(
            &world,
            &consumer,
            &format!("{operation}@{nth}:artifacts=EIO"),
        );
        if ran.code == 0 {
            assert!(nth > 1, "no {operation} at all");
            break;
        }
        ran.expect(74);
        assert!(consumer.summary("fake").is_none(), "{operation} {nth}");
        consumer.no_temporaries();
        last = consumer.last_failure("fake");
    }
    last
}

#[test]
fn a_folder_that_cannot_be_synced_after_the_rename_takes_the_summary_away() {
    assert_eq!(every_call_counts("sync_folder"), None);
}

#[test]
fn a_file_that_cannot_be_synced_is_no_pass() {
    let left = every_call_counts("sync").unwrap();
    assert_eq!(left["failure_step"], "run_incomplete");
}

#[test]
fn a_rename_that_fails_is_no_pass() {
    every_call_counts("rename");
}

#[test]
fn a_log_that_cannot_be_written_is_an_artifact_that_was_not() {
    let world = World::new();
    let consumer = consumer_with_a_past(&world);
    let ran = faulty(&world, &consumer, "write:stage_ci.log=ENOSPC");
    ran.expect(74);
    assert!(ran.stderr.contains("stage_ci.log"), "{}", ran.stderr);
    let failure = consumer.last_failure("fake").unwrap();
    assert_eq!(failure["failure_class"], "io");
    let run = consumer
        .artifacts()
        .join("runs")
        .join(failure["run_id"].as_str().unwrap());
    let bundle = crate::support::json(&run.join("replay_bundle.json")).unwrap();
    assert_eq!(
        bundle["failures"][0]["failure_digest"]["cause"],
        "artifact-unwritten"
    );
    assert_eq!(failure["exit_code"], 74);
}

#[test]
fn a_log_copy_that_is_cut_short_is_not_left() {
    let world = World::new();
    let script = "head -c 300000 /dev/zero | tr '\\0' x; exit 1";
    let consumer = world.script_consumer(script);
    faulty(&world, &consumer, "write@3:last-failure.log=ENOSPC").expect(74);
    consumer.failed("fake", "run_incomplete");
    assert!(
        !consumer
            .artifacts()
            .join("fake-matrix-last-failure.log")
            .exists()
    );
}

#[test]
fn the_digest_is_of_the_bytes_that_were_written() {
    let world = World::new();
    let (log, copy) = (world.path().join("log"), world.path().join("copy"));
    fs::write(&log, vec![b'x'; 8 << 20]).unwrap();
    // The log grows while it is copied: what is read a second time is longer.
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let writer = std::thread::spawn({
        let log = log.clone();
        move || {
            let mut log = fs::OpenOptions::new().append(true).open(log).unwrap();
            while stopped.try_recv() == Err(TryRecvError::Empty) {
                writeln!(log, "more").unwrap();
            }
        }
    });
    let (digest, bytes) = copy_atomic(&log, &copy).unwrap();
    drop(stop);
    writer.join().unwrap();
    let written = fs::read(&copy).unwrap();
    assert_eq!((digest, bytes), (sha256(&written), written.len() as u64));
}

/// The run ends with 74 before any step, and old files are as they were.
#[track_caller]
fn touches_nothing(rules: &str) {
    let world = World::new();
    let consumer = consumer_with_a_past(&world);
    let before = consumer.snapshot();
    let ran = faulty(&world, &consumer, rules);
    ran.expect(74);
    assert!(ran.stderr.contains("artifacts/"), "{}", ran.stderr);
    assert!(!world.path().join("ran").exists());
    assert_eq!(consumer.snapshot(), before);
}

#[test]
fn an_old_summary_that_cannot_be_removed_ends_the_run() {
    touches_nothing("unlink:-summary.json=EIO");
}

#[test]
fn an_artifacts_folder_that_is_read_only_ends_the_run() {
    touches_nothing("lock:.matrix.lock=EROFS");
}

#[test]
fn an_artifacts_folder_that_cannot_be_made_ends_the_run() {
    let world = World::new();
    let consumer = world.script_consumer(&world.script("say ran yes"));
    faulty(&world, &consumer, "mkdir:artifacts=EROFS").expect(74);
    assert!(!consumer.artifacts().exists());
    assert!(!world.path().join("ran").exists());
}

#[test]
fn a_summary_that_is_a_folder_ends_the_run() {
    let world = World::new();
    let consumer = consumer_with_a_past(&world);
    fs::remove_file(summary(&consumer)).unwrap();
    fs::create_dir(summary(&consumer)).unwrap();
    fs::write(summary(&consumer).join("precious"), "mine").unwrap();
    let before = consumer.snapshot();
    let ran = world.run(&consumer, &[]);
    ran.expect(74);
    assert!(
        ran.stderr.contains("fake-matrix-summary.json"),
        "{}",
        ran.stderr
    );
    assert!(!world.path().join("ran").exists());
    assert_eq!(consumer.snapshot(), before);
}

#[test]
fn a_summary_that_is_a_link_is_replaced_and_its_target_untouched() {
    let world = World::new();
    let consumer = consumer_with_a_past(&world);
    let target = world.path().join("precious");
    fs::write(&target, "mine").unwrap();
    fs::remove_file(summary(&consumer)).unwrap();
    symlink(&target, summary(&consumer)).unwrap();
    world.run(&consumer, &[]).expect(0);
    consumer.passed("fake");
    assert!(!summary(&consumer).is_symlink());
    assert_eq!(fs::read_to_string(target).unwrap(), "mine");
}

#[test]
fn an_artifacts_folder_that_leads_out_of_the_consumer_must_be_named() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let outside = world.path().join("outside");
    fs::create_dir(&outside).unwrap();
    symlink(&outside, consumer.artifacts()).unwrap();
    consumer.commit("a link");
    let ran = world.run(&consumer, &[]);
    ran.expect(74);
    assert!(ran.stderr.contains("--artifacts"), "{}", ran.stderr);
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
    let named = consumer.artifacts();
    world
        .run(&consumer, &["--artifacts", named.to_str().unwrap()])
        .expect(0);
    consumer.passed("fake");
}

#[test]
fn runs_that_lead_out_of_the_consumer_are_not_written_through() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let outside = world.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::create_dir(consumer.artifacts()).unwrap();
    symlink(&outside, consumer.artifacts().join("runs")).unwrap();
    consumer.commit("a link");
    world.run(&consumer, &[]).expect(74);
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
}

#[test]
fn permissions_follow_the_umask() {
    for (umask, mode) in [("077", 0o600), ("022", 0o644)] {
        for (script, files) in [
            ("exit 0", &["summary.json"][..]),
            ("exit 1", &["last-failure.json", "last-failure.log"]),
        ] {
            let world = World::new();
            let consumer = world.script_consumer(script);
            let run = world.run_command(&consumer, &[]);
            let mut shell = Command::new("sh");
            shell.args([
                "-c",
                &format!("umask {umask}; exec \"$0\" \"$@\""),
                program(),
            ]);
            shell.args(run.get_args()).env_clear();
            shell.envs(run.get_envs().filter_map(|(k, v)| Some((k, v?))));
            Ran::of(shell.output().unwrap());
            for file in files {
                let path = consumer.artifacts().join(format!("fake-matrix-{file}"));
                let found = path.metadata().unwrap().permissions().mode() & 0o777;
                assert_eq!(found, mode, "{file} under {umask}");
            }
        }
    }
}
