//! What a step leaves behind does not outlive it, and holds nobody up.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::{Signal, kill_process};

use crate::support::{World, wait_for};

/// A process that nobody waits for: its own session, nothing open. The
/// script goes on once it is there.
const DAEMON: &str = "perl -MPOSIX -e 'exit if fork; POSIX::setsid(); exit if fork;\n\
    open my $f, q(>), \"$ARGV[0]/loose\"; POSIX::close($_) for 0 .. 255; sleep 60' \"$W\"\n\
    while [ ! -e \"$W/loose\" ]; do sleep 0.02; done\n";

/// Sixteen processes, each of which is replaced by a child of its own every
/// 200 µs, in a session of its own, deaf to TERM; for 20 s at most.
const RELAYS: &str = "perl -MPOSIX -e '$SIG{TERM} = $SIG{HUP} = \"IGNORE\"; my $end = time + 20;\n\
    for (1 .. 16) { next if fork; POSIX::setsid();\n\
        while (time < $end) { exit if fork; select undef, undef, undef, 0.0002 } exit }'\n";

/// Runs a script that passes and leaves something; how long that took.
fn passes_and_leaves(world: &World, script: &str) -> Duration {
    let consumer = world.script_consumer(&world.script(script));
    let begun = Instant::now();
    world.run(&consumer, &[]).expect(0);
    world.nobody_lives();
    consumer.passed("fake");
    let cell = consumer.only_cell();
    assert_eq!(cell["run"]["leaked"], true);
    assert_eq!(cell["exit"], 0);
    begun.elapsed()
}

#[test]
fn nothing_is_said_to_be_leaked_where_nothing_was() {
    let world = World::new();
    let consumer = world.script_consumer("sleep 0.1 & exit 0");
    world.run(&consumer, &[]).expect(0);
    assert_eq!(consumer.only_cell()["run"]["leaked"], false);
}

#[test]
fn a_daemon_that_holds_the_output_is_not_waited_for() {
    let world = World::new();
    let took = passes_and_leaves(&world, "sleep 60 & echo done");
    assert!(took < Duration::from_secs(30), "{took:?}");
}

#[test]
fn a_daemon_of_its_own_session_does_not_live_on() {
    let world = World::new();
    passes_and_leaves(&world, DAEMON);
}

#[test]
fn relays_that_always_fork_do_not_live_on() {
    let world = World::new();
    let took = passes_and_leaves(&world, RELAYS);
    assert!(took < Duration::from_secs(15), "they ended by themselves");
}

#[test]
fn relays_are_gone_after_a_time_limit_too() {
    let world = World::new();
    let consumer = world.limited_consumer(&world.script(&format!("{RELAYS}exec sleep 60")), "1s");
    world.run(&consumer, &[]).expect(124);
    world.nobody_lives();
    let failure = consumer.failed_with_log("fake", "stage_ci");
    assert_eq!(failure["failure_class"], "timeout");
    assert_eq!(consumer.only_cell()["run"]["leaked"], true);
}

#[test]
fn an_output_held_open_from_outside_is_not_waited_for() {
    let world = World::new();
    let script = world.script("say pid $$\nwhile [ ! -e \"$W/go\" ]; do sleep 0.02; done");
    let consumer = world.script_consumer(&script);
    let running = world.start(&consumer, &[]);
    let pid = world.said_pid("pid").as_raw_nonzero();
    // The test itself holds the pipe: no sweep can end that.
    let path = format!("/proc/{pid}/fd/1");
    let held = fs::OpenOptions::new().write(true).open(path).unwrap();
    let begun = Instant::now();
    fs::write(world.path().join("go"), "").unwrap();
    running.end().expect(0);
    assert!(begun.elapsed() < Duration::from_secs(30));
    drop(held);
    consumer.passed("fake");
    assert_eq!(consumer.only_cell()["run"]["leaked"], true);
}

#[test]
fn a_stage_that_kills_its_supervisor_is_the_machines_fault() {
    let world = World::new();
    let script = world.script("sleep 60 &\nkill -KILL $PPID\nsleep 60");
    let consumer = world.script_consumer(&script);
    world.run(&consumer, &[]).expect(1);
    world.nobody_lives();
    let failure = consumer.failed_with_log("fake", "stage_ci");
    assert_eq!(failure["failure_class"], "infra");
    assert!(consumer.only_cell()["exit"].is_null());
}

#[test]
fn a_daemon_does_not_outlive_a_supervisor_that_was_killed() {
    let world = World::new();
    let script = world.script(&format!("{DAEMON}kill -KILL $PPID\nsleep 60"));
    let consumer = world.script_consumer(&script);
    world.run(&consumer, &[]).expect(1);
    world.nobody_lives();
}

#[test]
fn a_stage_that_stops_its_supervisor_still_ends_at_its_limit() {
    let world = World::new();
    let script = world.script("say supervisor $PPID\nkill -STOP $PPID\nexec sleep 60");
    let consumer = world.limited_consumer(&script, "1s");
    let mut running = world.start(&consumer, &[]);
    let supervisor = world.said_pid("supervisor");
    let begun = Instant::now();
    let over = wait_for("the limit, or far beyond it", || {
        let late = begun.elapsed() > Duration::from_secs(12);
        (late || running.is_over()).then_some(!late)
    });
    let _ = kill_process(supervisor, Signal::CONT);
    assert!(over, "the run hangs as long as its supervisor is stopped");
    running.end().expect(124);
    world.nobody_lives();
}

#[test]
fn nothing_outlives_a_killed_runner_and_the_next_run_passes() {
    let world = World::new();
    let script = world.script(&format!(
        "[ -e \"$W/started\" ] && exit 0\n{DAEMON}sleep 60 &\nsay started\nsleep 60"
    ));
    let consumer = world.script_consumer(&script);
    let running = world.start(&consumer, &[]);
    world.said("started");
    running.signal(Signal::KILL);
    running.end().expect(137);
    world.nobody_lives();
    let marker = consumer.failed("fake", "run_incomplete");
    assert_eq!(marker["failure_class"], "incomplete");
    for nothing in [
        "failure_phase",
        "exit_code",
        "failure_command",
        "failure_log_path",
    ] {
        assert!(marker[nothing].is_null(), "{nothing}");
    }
    // The lanes, and the claim on them.
    assert_eq!(world.lanes_left().len(), 2);
    world.run(&consumer, &[]).expect(0);
    consumer.passed("fake");
    assert_eq!(world.lanes_left(), Vec::<std::path::PathBuf>::new());
}
