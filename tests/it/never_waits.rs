//! What stands in the place of a file may be a pipe, a device, or without an end: no run waits
//! for it.

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::gate::Setup;
use crate::support::{Consumer, Ran, World, mkfifo};

/// The program, ended after a minute: a test that fails must not wait either.
fn bounded(command: &Command) -> Ran {
    let mut bounded = Command::new("timeout");
    bounded.args(["-k", "1", "60"]).arg(command.get_program());
    bounded.args(command.get_args()).env_clear();
    let set = command
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));
    bounded.envs(set).stdin(Stdio::null());
    bounded.current_dir(command.get_current_dir().unwrap());
    Ran::of(bounded.output().unwrap())
}

/// A commit whose hook lets everything in, and leaves something in the lane first.
fn planting(script: &str) -> Setup {
    let gate = World::gate("planter").hook("pre-commit", script);
    gate.scenario("clean", &[("file", "two\n")]).consumer()
}

/// Runs a gate that puts something into a place of the lane's clone.
#[track_caller]
fn plants(place: &str, what: &str) -> Ran {
    let script = format!("P={place}; mkdir -p \"$(dirname \"$P\")\"; rm -rf \"$P\"; {what}");
    let Setup { world, consumer } = planting(&script);
    let ran = bounded(&world.run_command(&consumer, &["--timeout", "2s"]));
    // The gate broke its repository: git fails, waits until its time is over, or what it
    // did cannot be read.
    assert!([1, 124].contains(&ran.code), "{place}: {ran:?}");
    assert_ne!(
        consumer.last_failure("planter").unwrap()["failure_step"],
        "run_incomplete"
    );
    ran
}

#[test]
fn a_pipe_in_the_place_of_a_ref() {
    plants(".git/$(git symbolic-ref HEAD)", "mkfifo \"$P\"");
    plants(".git/refs/heads/another", "mkfifo \"$P\"");
}

#[test]
fn a_pipe_in_the_place_of_gits_own_files() {
    for file in [
        "config",
        "HEAD",
        "shallow",
        "objects/info/alternates",
        "index",
    ] {
        plants(&format!(".git/{file}"), "mkfifo \"$P\"");
    }
}

#[test]
fn a_pipe_behind_a_link_or_an_include() {
    plants(".git/config", "mkfifo pipe; ln -s ../pipe \"$P\"");
    let include = "mkfifo pipe; printf '[include]\\npath = ../pipe\\n' >\"$P\"";
    plants(".git/config", include);
}

#[test]
fn a_file_without_an_end() {
    plants(".git/packed-refs", "ln -s /dev/zero \"$P\"");
    plants(".git/packed-refs", "truncate -s 1T \"$P\"");
}

/// Runs a gate whose activation puts something into the lane.
#[track_caller]
fn activates(script: &str) {
    let gate = World::gate("planter").stage("ci", "exit 0");
    let script = serde_json::Value::from(script);
    let step = format!("[[activate]]\nstep = \"plant\"\nrun = [\"sh\", \"-c\", {script}]");
    let Setup { world, consumer } = gate
        .toml(&step)
        .scenario("clean", &[("file", "two\n")])
        .consumer();
    let ran = bounded(&world.run_command(&consumer, &["--timeout", "2s"]));
    assert!([0, 1].contains(&ran.code), "{script}: {ran:?}");
}

#[test]
fn a_symbolic_ref_that_leads_to_a_pipe() {
    let head = "\".git/$(git symbolic-ref HEAD)\"";
    activates(&format!("mkfifo .git/hooks/x; echo 'ref: hooks/x' >{head}"));
    activates(&format!("mkfifo pipe; echo 'ref: ../pipe' >{head}"));
    activates(&format!(
        "mkfifo /tmp/pipe$$; echo \"ref: /tmp/pipe$$\" >{head}; rm -f /tmp/pipe$$"
    ));
}

#[test]
fn a_pipe_among_borrowed_objects() {
    activates(
        "id=$(git rev-parse HEAD); object=$(echo $id | sed 's,^..,&/,'); \
         mkdir -p $(dirname .git/alt/$object); mkfifo .git/alt/$object; rm -f .git/objects/$object; \
         mkdir -p .git/objects/info; echo \"$PWD/.git/alt\" >.git/objects/info/alternates",
    );
    activates(
        "id=$(git rev-parse HEAD); object=$(echo $id | sed 's,^..,&/,'); \
         mkdir -p $(dirname alt/$object); mkfifo alt/$object; rm -f .git/objects/$object; \
         mkdir -p .git/objects/info; echo ../../alt >.git/objects/info/alternates",
    );
}

#[test]
fn configurations_that_include_one_another() {
    let script = "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; \
        do printf '[include]\\npath = config\\n' >>.git/config; done";
    activates(script);
    activates(
        "mkfifo 'pipe\u{fffd}'; P=$(printf 'pipe\\377'); mkfifo \"$P\"; \
        printf '[include]\\npath = ../%s\\n' \"$P\" >>.git/config",
    );
}

#[test]
fn a_consumer_whose_head_leads_out_of_its_git_folder() {
    for target in ["hooks/x", "../pipe"] {
        let Setup { world, consumer } = planting("exit 0");
        mkfifo(&consumer.root.join(".git").join(target));
        std::fs::write(consumer.root.join(".git/HEAD"), format!("ref: {target}\n")).unwrap();
        let ran = bounded(&world.run_command(&consumer, &[]));
        assert_eq!(ran.code, 69, "{target}: {ran:?}");
    }
}

/// Puts something at a path.
type Make = fn(&Path);

/// Runs a verb of a demo consumer in which something stands at a path.
fn with(make: Make, place: &str, words: &[&str]) -> (World, Consumer, Ran) {
    let world = World::new();
    let consumer = world.demo_consumer("shop");
    let path = consumer.root.join(place);
    let _ = std::fs::remove_file(&path);
    make(&path);
    let mut command = world.command(words);
    command.current_dir(&consumer.root);
    let ran = bounded(&command);
    (world, consumer, ran)
}

#[test]
fn a_pipe_in_the_remote_of_a_lane() {
    for place in ["refs/heads/main", "packed-refs", "config"] {
        let script = format!("rm -f ../origin.git/{place}; mkfifo ../origin.git/{place}");
        let gate = World::gate("planter").hook("pre-push", &script);
        let gate = gate.scenario("clean", &[("file", "two\n")]);
        let Setup { world, consumer } = gate.consumer();
        let ran = bounded(&world.run_command(&consumer, &["--timeout", "2s"]));
        assert!([1, 124].contains(&ran.code), "{place}: {ran:?}");
    }
}

#[test]
fn a_configuration_that_is_no_file() {
    let words = ["run", "--config", "../pipe.toml"];
    let (_world, _consumer, ran) = with(mkfifo, "../pipe.toml", &words);
    let stderr = &ran.expect(2).stderr;
    assert!(stderr.contains("pipe.toml"), "{stderr}");
    assert!(stderr.contains("is a named pipe, not a file"), "{stderr}");
}

#[test]
fn known_failures_that_are_no_file() {
    let words = ["run", "--baseline", "latest", "--known", "known.toml"];
    let (_world, _consumer, ran) = with(mkfifo, "known.toml", &words);
    let stderr = &ran.expect(2).stderr;
    assert!(stderr.contains("is a named pipe, not a file"), "{stderr}");
}

fn bind(path: &Path) {
    // The socket stays where it is when its listener goes.
    drop(UnixListener::bind(path).unwrap());
}

fn link_to_zero(path: &Path) {
    symlink("/dev/zero", path).unwrap();
}

#[test]
fn a_consumer_whose_git_folder_holds_no_files() {
    let made: [(Make, &str); 4] = [
        (mkfifo, ".git/packed-refs"),
        (mkfifo, ".git/config"),
        (bind, ".git/refs/heads/socket"),
        (link_to_zero, ".git/shallow"),
    ];
    for (make, place) in made {
        let (_world, consumer, ran) = with(make, place, &["run"]);
        let stderr = &ran.expect(69).stderr;
        assert!(stderr.contains(place), "{place}: {stderr}");
        assert!(stderr.contains("use a fresh clone"), "{stderr}");
        let failure = consumer.last_failure("demo").unwrap();
        assert_eq!(failure["failure_step"], "repo_unsupported");
    }
}

/// A consumer with one run, of which one file is then a pipe.
fn with_older(file: &str, words: &[&str]) -> Ran {
    let world = World::new();
    let consumer = world.demo_consumer("shop");
    world.run(&consumer, &[]).expect(0);
    let path: PathBuf = consumer.run_folder().join(file);
    std::fs::remove_file(&path).unwrap();
    mkfifo(&path);
    bounded(&world.run_command(&consumer, words))
}

#[test]
fn an_older_run_with_a_pipe_in_it() {
    for file in [
        "run.json",
        "files.json",
        "events.jsonl",
        "cells/clean/ci.json",
    ] {
        // A plain run reads none of them, and retention all.
        with_older(file, &["--retain-runs", "1"]).expect(0);
        let reuse = with_older(file, &["--reuse"]);
        reuse.expect(0);
    }
}

#[test]
fn a_baseline_with_a_pipe_in_it() {
    for file in ["run.json", "files.json"] {
        let ran = with_older(file, &["--baseline", "latest"]);
        assert!([0, 2, 65, 69].contains(&ran.code), "{ran:?}");
    }
}
