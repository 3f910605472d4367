//! Two runs and one artifacts folder.

use std::fs;

use rustix::process::Signal;

use crate::support::{Consumer, Running, World, wait_for};

/// A consumer with an earlier pass, and a run that holds its folder until
/// `go` is there.
fn held(world: &World) -> (Consumer, Running) {
    let wait = "[ -e \"$W/past\" ] || exit 0\n\
                say started\nwhile [ ! -e \"$W/go\" ]; do sleep 0.02; done";
    let consumer = world.script_consumer(&world.script(wait));
    world.run(&consumer, &["--run-id", "past"]).expect(0);
    fs::write(world.path().join("past"), "").unwrap();
    let holder = world.start(&consumer, &["--run-id", "holder"]);
    world.said("started");
    (consumer, holder)
}

fn let_go(world: &World) {
    fs::write(world.path().join("go"), "").unwrap();
}

/// A run that waits for the folder, seen waiting by the system.
fn waiting(world: &World, consumer: &Consumer) -> Running {
    let waiter = world.start(consumer, &["--wait", "--run-id", "waiter"]);
    let pid = waiter.pid.as_raw_nonzero().to_string();
    wait_for("a run that waits for the lock", || {
        let locks = fs::read_to_string("/proc/locks").unwrap();
        let waits = |line: &str| line.contains("->") && line.split(' ').any(|w| w == pid);
        locks.lines().any(waits).then_some(())
    });
    waiter
}

#[test]
fn a_second_run_is_turned_away_and_touches_nothing() {
    let world = World::new();
    let (consumer, holder) = held(&world);
    let before = consumer.snapshot();
    let ran = world.run(&consumer, &["--run-id", "second"]);
    ran.expect(75);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("--wait"), "{}", ran.stderr);
    assert_eq!(consumer.snapshot(), before);
    let_go(&world);
    holder.end().expect(0);
    assert_eq!(consumer.passed("fake")["run_id"], "holder");
}

#[test]
fn a_turned_away_run_leaves_the_verdicts_of_the_past() {
    let world = World::new();
    let consumer = world.script_consumer(&world.script("say ran yes"));
    world.run(&consumer, &[]).expect(0);
    fs::remove_file(world.path().join("ran")).unwrap();
    let before = consumer.snapshot();
    let lock = fs::File::open(consumer.artifacts().join(".matrix.lock")).unwrap();
    lock.lock().unwrap();
    world.run(&consumer, &[]).expect(75);
    assert_eq!(consumer.snapshot(), before);
    assert!(!world.path().join("ran").exists());
}

#[test]
fn another_artifacts_folder_has_another_lock() {
    let world = World::new();
    let (consumer, holder) = held(&world);
    // To this run the folder of the other is like any other.
    let exclude = consumer.root.join(".git/info/exclude");
    fs::write(exclude, "/artifacts/\n").unwrap();
    let other = world.path().join("other");
    let args = ["--artifacts", other.to_str().unwrap()];
    let second = world.start(&consumer, &args);
    let_go(&world);
    second.end().expect(0);
    holder.end().expect(0);
    consumer.passed("fake");
    assert!(other.join("fake-matrix-summary.json").is_file());
}

#[test]
fn a_run_that_may_wait_runs_after_the_other() {
    let world = World::new();
    let (consumer, holder) = held(&world);
    let waiter = waiting(&world, &consumer);
    let_go(&world);
    holder.end().expect(0);
    waiter.end().expect(0);
    assert_eq!(consumer.passed("fake")["run_id"], "waiter");
}

/// A signal ends the waiting; the other run does not notice.
#[track_caller]
fn stops_waiting(signal: Signal, code: i32) {
    let world = World::new();
    let (consumer, holder) = held(&world);
    let waiter = waiting(&world, &consumer);
    let before = consumer.snapshot();
    waiter.signal(signal);
    let ran = waiter.end();
    ran.expect(code);
    assert!(ran.stderr.contains("waiting"), "{}", ran.stderr);
    assert_eq!(consumer.snapshot(), before);
    let_go(&world);
    holder.end().expect(0);
    assert_eq!(consumer.passed("fake")["run_id"], "holder");
    world.nobody_lives();
}

#[test]
fn an_interrupt_ends_the_waiting() {
    stops_waiting(Signal::INT, 130);
}

#[test]
fn a_request_to_terminate_ends_the_waiting() {
    stops_waiting(Signal::TERM, 143);
}

#[test]
fn a_run_that_goes_on_is_not_reported_as_one_that_died() {
    let world = World::new();
    let (consumer, holder) = held(&world);
    let artifacts = consumer.artifacts();
    let artifacts = ["--artifacts", artifacts.to_str().unwrap()];
    let report = world.matrix(&[&["report", "holder", "junit"], &artifacts[..]].concat());
    report.expect(69);
    assert_eq!(report.stdout, "");
    assert!(report.stderr.contains("goes on"), "{}", report.stderr);
    let listed = world.matrix(&[&["runs"], &artifacts[..]].concat());
    assert!(
        listed.expect(0).stdout.contains("goes on"),
        "{}",
        listed.stdout
    );
    let_go(&world);
    holder.end().expect(0);
    let report = world.matrix(&[&["report", "holder", "junit"], &artifacts[..]].concat());
    report.expect(0);
}
