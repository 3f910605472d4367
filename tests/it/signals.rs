//! Signals to the program: what they stop, what they leave, and how soon.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::fs::inotify;
use rustix::process::Signal;

use crate::support::bundles::{bundle, digests};
use crate::support::{Consumer, Running, World, json, program, script_gate, status, wait_for};

/// Sends a signal while the only stage hangs in its second line; the verdict.
#[track_caller]
fn stopped_by(signal: Signal, code: i32) {
    let world = World::new();
    let consumer = world.script_consumer(&world.script("echo here\nsay started\nsleep 60"));
    let running = world.start(&consumer, &[]);
    world.said("started");
    let begun = Instant::now();
    running.signal(signal);
    running.end().expect(code);
    assert!(begun.elapsed() < Duration::from_secs(5));
    interrupted(&world, &consumer, code);
    assert_eq!(world.lanes_left(), Vec::<PathBuf>::new());
}

/// The verdict of a run that was stopped in its only lane.
#[track_caller]
fn interrupted(world: &World, consumer: &Consumer, code: i32) {
    world.nobody_lives();
    let failure = consumer.failed_with_log("fake", "interrupted");
    assert_eq!(failure["failure_class"], "interrupted");
    assert_eq!(failure["failure_phase"], "clean");
    assert_eq!(failure["exit_code"], code);
    let log = failure["failure_log_path"].as_str().unwrap();
    assert!(log.ends_with("/logs/clean/stage_ci.log"), "{log}");
    // The lane was cancelled: it is the run that has a digest.
    let failures = digests(&bundle(consumer));
    assert_eq!(failures.len(), 1, "{failures:#?}");
    assert_eq!(failures[0]["cause"], "interrupted");
    assert!(failures[0]["lane"].is_null());
    assert!(fs::read_to_string(log).unwrap().starts_with("here\n"));
}

#[test]
fn an_interrupt_stops_the_run() {
    stopped_by(Signal::INT, 130);
}

#[test]
fn a_request_to_terminate_stops_the_run() {
    stopped_by(Signal::TERM, 143);
}

#[test]
fn a_hangup_stops_the_run() {
    stopped_by(Signal::HUP, 129);
}

/// A stage that says when TERM reaches it, and goes on; once that was said
/// it passes. It waits in the shell itself: a trap is not run while a program
/// in the foreground goes on.
const DEAF: &str = "[ -e \"$W/termed\" ] && exit 0\ntrap 'say termed' TERM\necho here\nsay started\n\
                    while :; do sleep 60 & wait $!; done";

#[test]
fn a_stage_that_ignores_an_interrupt_is_killed() {
    let world = World::new();
    let consumer = world.script_consumer(&world.script(DEAF));
    let running = world.start(&consumer, &[]);
    world.said("started");
    let begun = Instant::now();
    running.signal(Signal::INT);
    world.said("termed");
    running.end().expect(130);
    assert!(begun.elapsed() < Duration::from_secs(5));
    interrupted(&world, &consumer, 130);
}

#[test]
fn a_stage_past_its_limit_gets_no_longer_than_any_other() {
    let world = World::new();
    let consumer = world.limited_consumer(&world.script(DEAF), "1s");
    let running = world.start(&consumer, &[]);
    world.said("termed");
    running.signal(Signal::INT);
    running.end().expect(130);
    // It ended in time to be told of; one that does not has no steps.
    let run = json(&consumer.run_folder().join("run.json")).unwrap();
    let steps = run["lanes"]["clean"]["steps"].as_array().unwrap();
    assert_eq!(steps.last().unwrap()["step"], "stage_ci");
    world.nobody_lives();
}

#[test]
fn a_second_interrupt_waits_for_nothing() {
    let world = World::new();
    let consumer = world.script_consumer(&world.script(DEAF));
    let running = world.start(&consumer, &[]);
    world.said("started");
    running.signal(Signal::INT);
    world.said("termed");
    let begun = Instant::now();
    running.signal(Signal::INT);
    running.end().expect(130);
    // One second is the promise; a first signal alone takes two.
    assert!(begun.elapsed() < Duration::from_millis(1800));
    interrupted(&world, &consumer, 130);
    // What there was no time for is found by the next run.
    assert_eq!(world.lanes_left().len(), 1);
    world.run(&consumer, &[]).expect(0);
    assert_eq!(world.lanes_left(), Vec::<PathBuf>::new());
}

#[test]
fn the_first_signal_names_the_exit_code() {
    let world = World::new();
    let consumer = world.script_consumer(&world.script(DEAF));
    let running = world.start(&consumer, &[]);
    world.said("started");
    running.signal(Signal::TERM);
    world.said("termed");
    running.signal(Signal::INT);
    running.end().expect(143);
    interrupted(&world, &consumer, 143);
}

#[test]
fn a_run_started_in_the_background_still_hears_an_interrupt() {
    let world = World::new();
    let consumer = world.script_consumer(&world.script("echo here\nsay started\nsleep 60"));
    let run = world.run_command(&consumer, &[]);
    // A shell without job control does so with what an `&` follows.
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' INT QUIT; exec \"$0\" \"$@\"", program()]);
    shell.args(run.get_args()).env_clear();
    shell.envs(run.get_envs().filter_map(|(k, v)| Some((k, v?))));
    let running = Running::start(shell);
    world.said("started");
    running.signal(Signal::INT);
    running.end().expect(130);
    interrupted(&world, &consumer, 130);
}

#[test]
fn the_phase_is_the_first_unfinished_lane() {
    let world = World::new();
    let script = world.script("[ \"$0\" = first ] && exit 0\nsay \"$0\"\nsleep 60");
    let toml =
        script_gate(&script).replace("]\n[scenario.clean]", ", \"{scenario}\"]\n[scenario.first]");
    let lane = toml[toml.find("[scenario.first]").unwrap()..].to_owned();
    let more = ["second", "third"].map(|name| lane.replace("first", name));
    let consumer = world.configured_consumer(&format!("{toml}{}{}", more[0], more[1]));
    let running = world.start(&consumer, &["--jobs", "3"]);
    world.said("third");
    world.said("second");
    let run = consumer.run_folder();
    wait_for("the end of the first lane", || {
        let events = fs::read_to_string(run.join("events.jsonl")).unwrap();
        let ended = |line: &str| line.contains("lane_finished") && line.contains("first");
        events.lines().any(ended).then_some(())
    });
    running.signal(Signal::INT);
    let ran = running.end();
    ran.expect(130);
    let failure = consumer.failed_with_log("fake", "interrupted");
    assert_eq!(failure["failure_phase"], "second");
    let console = "=== scenario:first ===\nresults: ci=0\nstatus: PASS\n\
                   === scenario:second ===\nresults: ci=-\nstatus: FAIL\n\
                   === scenario:third ===\nresults: ci=-\nstatus: FAIL\n";
    assert_eq!(ran.stdout, console);
    world.nobody_lives();
}

#[test]
fn the_verdict_is_written_before_a_clone_is_removed() {
    let world = World::new();
    let consumer = world.script_consumer(&world.script("say clone \"$PWD\"\nsleep 60"));
    // A clone of the lane's own is a folder that can be watched from outside.
    let running = world.start(&consumer, &["--fresh"]);
    world.said("clone");
    let clone = world.kept_lane("clean").join("clone");
    // One queue for both folders: what comes first happened first.
    let queue = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK);
    let queue = queue.unwrap();
    let watch = |path: &Path, flags| inotify::add_watch(&queue, path, flags).unwrap();
    watch(&consumer.artifacts(), inotify::WatchFlags::MOVED_TO);
    watch(&clone, inotify::WatchFlags::DELETE);
    watch(clone.parent().unwrap(), inotify::WatchFlags::DELETE);
    running.signal(Signal::INT);
    running.end().expect(130);
    let mut buffer = [std::mem::MaybeUninit::uninit(); 64 * 1024];
    let mut reader = inotify::Reader::new(&queue, &mut buffer);
    let mut seen = Vec::new();
    while let Ok(event) = reader.next() {
        let name = event.file_name().map(|n| n.to_string_lossy().into_owned());
        seen.push((event.events(), name.unwrap_or_default()));
    }
    let verdict = seen
        .iter()
        .position(|(_, name)| name == "fake-matrix-last-failure.json");
    let removal = seen
        .iter()
        .position(|(events, _)| events.contains(inotify::ReadFlags::DELETE));
    assert!(verdict.unwrap() < removal.unwrap(), "{seen:?}");
}

#[test]
fn a_signal_before_the_first_lane_is_of_the_preflight() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let bin = world.path().join("bin");
    fs::create_dir(&bin).unwrap();
    let git = world.script("say started\nexec sleep 60");
    fs::write(bin.join("git"), format!("#!/bin/sh\n{git}")).unwrap();
    fs::set_permissions(bin.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = world.run_command(&consumer, &[]);
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    command.env("PATH", path);
    let running = Running::start(command);
    world.said("started");
    let begun = Instant::now();
    running.signal(Signal::INT);
    running.end().expect(130);
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    world.nobody_lives();
    let failure = consumer.failed("fake", "interrupted");
    assert_eq!(failure["failure_phase"], "preflight");
    assert!(failure["failure_log_path"].is_null());
}

#[test]
fn a_paused_run_pauses_its_steps_and_their_limits() {
    let world = World::new();
    let script = "say stage $$\nwhile [ ! -e \"$W/go\" ]; do sleep 0.02; done";
    let consumer = world.limited_consumer(&world.script(script), "5s");
    let running = world.start(&consumer, &[]);
    let stage = world.said_pid("stage");
    running.signal(Signal::TSTP);
    for pid in [running.pid, stage] {
        wait_for("a stopped process", || {
            status(pid, "State").filter(|state| state.starts_with('T'))
        });
    }
    world.outlast("5s");
    fs::write(world.path().join("go"), "").unwrap();
    running.signal(Signal::CONT);
    running.end().expect(0);
    consumer.passed("fake");
    world.nobody_lives();
}
