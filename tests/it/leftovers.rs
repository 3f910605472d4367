//! What a run leaves that was killed is removed by the next one, whatever its artifacts folder.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use gate_matrix::sys::fs::try_lock;
use rustix::process::Signal;

use crate::support::{Consumer, Ran, Running, World, script_gate, wait_for};

/// `matrix run` with a folder for temporary files of its own, and a sandbox where there is
/// one: its probe needs temporary folders.
fn run(world: &World, consumer: &Consumer, artifacts: &str) -> Command {
    let artifacts = world.path().join(artifacts);
    let mut run = world.run_command(consumer, &["--artifacts", artifacts.to_str().unwrap()]);
    fs::create_dir_all(world.path().join("tmp")).unwrap();
    run.env("TMPDIR", world.path().join("tmp"));
    run.env("MATRIX_SANDBOX", "auto");
    run
}

/// Everything that runs left in the folder for temporary files, and in the work folder.
fn left(world: &World) -> Vec<PathBuf> {
    let entries = fs::read_dir(world.path().join("tmp")).unwrap().flatten();
    let temporary = entries.map(|entry| entry.path());
    temporary.chain(world.lanes_left()).collect()
}

#[test]
fn a_run_that_was_killed_at_any_point_leaves_nothing_for_long() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let mut points = 0;
    for (turn, at) in (1..).step_by(9).enumerate() {
        let mut killed = run(&world, &consumer, &format!("killed-{turn}"));
        killed.env("MATRIX_FAULT", format!("kill@{at}"));
        let ran = Ran::of(killed.output().unwrap());
        if ran.code != 137 {
            ran.expect(0);
            break;
        }
        points += 1;
        Ran::of(run(&world, &consumer, "next").output().unwrap()).expect(0);
        assert_eq!(left(&world), Vec::<PathBuf>::new(), "killed at {at}");
        world.nobody_lives();
    }
    assert!(points > 5, "{points} points");
}

#[test]
fn a_demo_that_was_killed_leaves_nothing_for_long() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    for at in [5, 40, 80] {
        let words = ["demo", "--scenario", "clean", "--stage", "ci"];
        let mut killed = world.command(&words);
        killed.env("TMPDIR", world.path().join("tmp"));
        fs::create_dir_all(world.path().join("tmp")).unwrap();
        killed.env("MATRIX_FAULT", format!("kill@{at}"));
        Ran::of(killed.output().unwrap()).expect(137);
        Ran::of(run(&world, &consumer, "next").output().unwrap()).expect(0);
        assert_eq!(left(&world), Vec::<PathBuf>::new(), "killed at {at}");
    }
}

/// A run of a consumer whose gate says that it runs, and waits for the file `go`.
fn waiting(world: &World) -> Running {
    let script = format!(
        "say stage yes; until test -e {}; do sleep 0.01; done",
        world.path().join("go").display()
    );
    let consumer = world.script_consumer(&world.script(&script));
    let mut run = run(world, &consumer, "waiting");
    run.env("MATRIX_SANDBOX", "off");
    let waiting = Running::start(run);
    wait_for("the stage", || {
        world.path().join("stage").exists().then_some(())
    });
    waiting
}

/// A run of another consumer to its end.
fn another_run(world: &World) {
    let files = [
        ("matrix.toml", &*script_gate("exit 0")),
        ("file", "one\n"),
        ("scenarios/clean/file", "two\n"),
    ];
    let other = world.consumer("other", &files);
    Ran::of(run(world, &other, "next").output().unwrap()).expect(0);
}

#[test]
fn a_run_that_was_killed_in_a_stage_leaves_nothing_for_long() {
    let world = World::new();
    let mut killed = waiting(&world);
    assert!(!left(&world).is_empty());
    killed.signal(Signal::KILL);
    wait_for("its end", || killed.is_over().then_some(()));
    another_run(&world);
    assert_eq!(left(&world), Vec::<PathBuf>::new());
}

#[test]
fn what_a_live_run_holds_is_not_touched() {
    let world = World::new();
    let live = waiting(&world);
    let before = left(&world);
    another_run(&world);
    assert_eq!(left(&world), before);
    fs::write(world.path().join("go"), "").unwrap();
    live.end().expect(0);
    assert_eq!(left(&world), Vec::<PathBuf>::new());
}

#[test]
fn folders_of_others_and_kept_lanes_are_not_touched() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let mut kept = run(&world, &consumer, "kept");
    kept.arg("--keep");
    Ran::of(kept.output().unwrap()).expect(0);
    let tmp = world.path().join("tmp");
    for name in ["matrix-run-abcdef", "matrix-mine", "other"] {
        fs::create_dir(tmp.join(name)).unwrap();
    }
    // Locked, and of a name that no run gives.
    fs::write(tmp.join("matrix-mine.lock"), "").unwrap();
    fs::create_dir(tmp.join("matrix-run-locked")).unwrap();
    let held = try_lock(&tmp.join("matrix-run-locked.lock")).unwrap();
    let before = left(&world);
    Ran::of(run(&world, &consumer, "next").output().unwrap()).expect(0);
    assert_eq!(left(&world), before);
    drop(held);
    Ran::of(run(&world, &consumer, "next").output().unwrap()).expect(0);
    assert_eq!(left(&world).len(), before.len() - 2);
}

/// Kills a run when a file is there that it, or its gate, makes; the next run of another
/// consumer then leaves nothing of it: folders, sockets, mounts or processes.
#[track_caller]
fn killed_at(world: &World, run: Command, file: &str) {
    let mut killed = Running::start(run);
    wait_for(file, || world.path().join(file).exists().then_some(()));
    assert!(!left(world).is_empty(), "nothing was there to be swept");
    killed.signal(Signal::KILL);
    wait_for("its end", || killed.is_over().then_some(()));
    another_run(world);
    assert_eq!(left(world), Vec::<PathBuf>::new());
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let place = world.path().display().to_string();
    assert!(!mounts.contains(&place), "{mounts}");
    world.nobody_lives();
}

/// A script that says that it runs, and waits until it is killed.
fn hanging(world: &World) -> String {
    world.script("say there yes; while :; do sleep 0.05; done")
}

#[test]
fn a_probe_of_the_sandbox_that_was_killed_leaves_nothing_for_long() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let mut run = run(&world, &consumer, "killed");
    let tools = world.path().join("tools");
    fs::create_dir(&tools).unwrap();
    let bwrap = tools.join("bwrap");
    // It dies with its parent, as bubblewrap does.
    let script = world.script("say there yes; exec setpriv --pdeathsig KILL sleep 600");
    fs::write(&bwrap, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&bwrap, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    run.env("PATH", format!("{}:{path}", tools.display()));
    killed_at(&world, run, "there");
}

#[test]
fn a_hook_whose_git_was_watched_leaves_no_socket_for_long() {
    let outer = World::new();
    let script = hanging(&outer);
    let setup = World::gate("fake")
        .hook("pre-commit", &script)
        .scenario("clean", &[("file", "two\n")])
        .consumer();
    let mut run = run(&outer, &setup.consumer, "killed");
    run.env("MATRIX_SANDBOX", "off");
    killed_at(&outer, run, "there");
}

#[test]
fn many_lanes_and_their_shared_setup_leave_nothing_for_long() {
    for how in [&["--jobs", "3"][..], &["--fresh"], &["--repeat", "2"]] {
        let outer = World::new();
        let mut gate = World::gate("fake").stage("ci", &hanging(&outer));
        for name in ["one", "two", "three"] {
            gate = gate.scenario(name, &[("file", "two\n")]);
        }
        let setup = gate.consumer();
        let mut run = run(&outer, &setup.consumer, "killed");
        run.args(how).env("MATRIX_SANDBOX", "off");
        killed_at(&outer, run, "there");
    }
}

#[test]
fn an_installation_in_a_sandbox_leaves_nothing_for_long() {
    let outer = World::new();
    let script = serde_json::Value::from("echo there; while :; do sleep 0.05; done");
    let install = format!(
        "package = \"\"\n[[install]]\nstep = \"fetch\"\nrun = [\"sh\", \"-c\", {script}]\n[stage"
    );
    let toml = script_gate("exit 0").replacen("[stage", &install, 1);
    let consumer = outer.configured_consumer(&toml);
    let mut killed = Running::start(run(&outer, &consumer, "killed"));
    // The sandbox hides the world, but its log is in it.
    let runs = outer.path().join("killed/runs");
    wait_for("the installation", || {
        let run = fs::read_dir(&runs).ok()?.next()?.ok()?.path();
        let log = fs::read_to_string(run.join("logs/clean/fetch.log")).ok()?;
        log.contains("there").then_some(())
    });
    killed.signal(Signal::KILL);
    wait_for("its end", || killed.is_over().then_some(()));
    another_run(&outer);
    assert_eq!(left(&outer), Vec::<PathBuf>::new());
    outer.nobody_lives();
}

#[test]
fn a_folder_for_temporary_files_of_any_name_is_swept() {
    let world = World::new();
    let consumer = world.script_consumer(&hanging(&world));
    let odd = world.path().join("tmp").join("a b \u{e9}'\"$x");
    fs::create_dir_all(&odd).unwrap();
    let in_odd = |consumer: &Consumer, artifacts: &str| {
        let mut run = run(&world, consumer, artifacts);
        run.env("TMPDIR", &odd);
        run.env("MATRIX_SANDBOX", "off");
        run
    };
    let mut killed = Running::start(in_odd(&consumer, "killed"));
    wait_for("there", || {
        world.path().join("there").exists().then_some(())
    });
    killed.signal(Signal::KILL);
    wait_for("its end", || killed.is_over().then_some(()));
    let files = [
        ("matrix.toml", &*script_gate("exit 0")),
        ("file", "one\n"),
        ("scenarios/clean/file", "two\n"),
    ];
    let other = world.consumer("other", &files);
    Ran::of(in_odd(&other, "next").output().unwrap()).expect(0);
    assert_eq!(fs::read_dir(&odd).unwrap().count(), 0);
    assert_eq!(world.lanes_left(), Vec::<PathBuf>::new());
    world.nobody_lives();
}
