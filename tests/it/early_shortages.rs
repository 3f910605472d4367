//! Shortages of the machine outside of lanes: before the first one, in a fresh clone, and
//! under the artifacts.

use std::process::Command;

use serde_json::Value;

use crate::support::{Consumer, Ran, World, json, program};

/// Each error of the system, what programs say of it, and the beginning of the message.
const ERRORS: [(&str, &str, &str); 4] = [
    (
        "ENOSPC",
        "Error: ENOSPC: no space left on device, write",
        "the disk of the work folder is full",
    ),
    (
        "EDQUOT",
        "cp: error writing 'file': Disk quota exceeded",
        "the disk quota of the user is used up",
    ),
    (
        "EROFS",
        "Error: EROFS: read-only file system, open 'file'",
        "a file system is read-only",
    ),
    (
        "EMFILE",
        "Error: EMFILE: too many open files, open 'file'",
        "too many files are open",
    ),
];

/// Runs with as many files open as the shell leaves to it, of a limit of 64.
fn with_files_left(world: &World, consumer: &Consumer, held: usize) -> Ran {
    let run = world.run_command(consumer, &[]);
    let mut shell = Command::new("bash");
    let hold = format!(
        "for at in $(seq 3 {held}); do eval \"exec $at</dev/null\"; done; \
         ulimit -n 64; exec \"$0\" \"$@\""
    );
    shell.arg("-c").arg(hold).arg(program());
    shell.args(run.get_args()).env_clear();
    shell.envs(run.get_envs().filter_map(|(k, v)| Some((k, v?))));
    Ran::of(shell.output().unwrap())
}

#[test]
fn too_many_open_files_before_the_first_lane_are_the_machines_fault() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let mut codes = Vec::new();
    for held in 44..=59 {
        let ran = with_files_left(&world, &consumer, held);
        codes.push(ran.code);
        assert!([0, 1, 69, 74].contains(&ran.code), "{held}: {ran:?}");
        if [1, 69].contains(&ran.code) {
            let failure = consumer.last_failure("fake").unwrap();
            assert_eq!(failure["failure_class"], "infra", "{held}: {failure:#}");
            let cause = "cause: too-many-files";
            assert!(ran.stderr.contains(cause), "{held}: {}", ran.stderr);
        }
        let _ = std::fs::remove_dir_all(consumer.artifacts());
    }
    assert!(
        codes.contains(&69),
        "the repository was always opened: {codes:?}"
    );
}

/// A gate whose hooks `npm install` sets up, or not.
fn consumer(world: &World, prepare: &str) -> Consumer {
    let config = r#"
        schema = 1
        gate = "fake"
        hooks = ["pre-commit"]
        [[activate]]
        step = "gate_install"
        run = ["git", "config", "core.hooksPath", "hooks"]
        [stage.pre-commit]
        drive = "git"
        [scenario.clean]
        overlay = "scenarios/clean"
        expect = { pre-commit = 0 }
    "#;
    let manifest = serde_json::json!({"scripts": {"prepare": prepare}}).to_string();
    let files = [
        ("matrix.toml", config),
        ("package.json", &manifest),
        ("hooks/pre-commit", "#!/bin/sh\n"),
        (".gitignore", "node_modules\npackage-lock.json\n"),
        ("file", "one\n"),
        ("scenarios/clean/file", "two\n"),
    ];
    world.consumer("consumer", &files)
}

/// The fresh clone says nothing of the consumer, also under `--strict`, and names the cause.
#[track_caller]
fn is_not_checked(consumer: &Consumer, ran: &Ran, message: &str) {
    ran.expect(0);
    let document: Value = json(&consumer.run_folder().join("fresh_clone.json")).unwrap();
    assert_eq!(document["outcome"], "not_checked", "{document:#}");
    let because = document["because"].as_str().unwrap();
    assert!(because.starts_with(message), "{because}");
    assert!(
        ran.stderr
            .contains("warning: a fresh clone was not checked")
    );
}

#[test]
fn an_installation_that_succeeds_and_complains_of_a_shortage_is_open() {
    let world = World::new();
    let (_, said, _) = ERRORS[0];
    let consumer = consumer(&world, &format!("echo \"{said}\" >&2 || true"));
    world.run(&consumer, &["--strict"]).expect(1);
    let document: Value = json(&consumer.run_folder().join("fresh_clone.json")).unwrap();
    assert_eq!(document["outcome"], "open", "{document:#}");
}

#[test]
fn a_fresh_clone_whose_installation_fails_for_a_shortage_names_it() {
    let world = World::new();
    let (_, said, message) = ERRORS[0];
    let consumer = consumer(&world, &format!("echo \"{said}\" >&2; exit 1"));
    let ran = world.run(&consumer, &["--strict"]);
    is_not_checked(&consumer, &ran, message);
}

#[test]
fn a_fresh_clone_whose_folder_cannot_be_made_names_the_shortage() {
    let world = World::new();
    let consumer = consumer(&world, "git config core.hooksPath hooks");
    for (errno, _, message) in ERRORS {
        let mut run = world.run_command(&consumer, &["--strict"]);
        run.env("MATRIX_FAULT", format!("mkdir:fresh-clone={errno}"));
        let ran = Ran::of(run.output().unwrap());
        is_not_checked(&consumer, &ran, message);
        std::fs::remove_dir_all(consumer.artifacts()).unwrap();
    }
}

#[test]
fn a_fresh_clone_that_lacks_hooks_and_nothing_else_is_open() {
    let world = World::new();
    let consumer = consumer(&world, "echo 'handles ENOSPC: no space left on device'");
    world.run(&consumer, &["--strict"]).expect(1);
    let document = json(&consumer.run_folder().join("fresh_clone.json")).unwrap();
    assert_eq!(document["outcome"], "open", "{document:#}");
}

/// A file of the run that cannot be written for each of the errors.
#[track_caller]
fn is_not_written(file: &str) {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    for (errno, ..) in ERRORS {
        let mut run = world.run_command(&consumer, &[]);
        run.env("MATRIX_FAULT", format!("write:{file}={errno}"));
        let ran = Ran::of(run.output().unwrap());
        ran.expect(74);
        assert!(ran.stderr.contains(file), "{errno}: {}", ran.stderr);
        assert!(consumer.summary("fake").is_none(), "{errno}");
        let failure = consumer.last_failure("fake").unwrap();
        let class = failure["failure_class"].as_str().unwrap();
        assert!(["io", "incomplete"].contains(&class), "{failure:#}");
        std::fs::remove_dir_all(consumer.artifacts()).unwrap();
    }
}

#[test]
fn a_cell_that_cannot_be_written_is_an_artifact_that_was_not() {
    is_not_written("/cells/clean/ci.json");
}

#[test]
fn a_log_that_cannot_be_written_is_an_artifact_that_was_not() {
    is_not_written("/logs/clean/stage_ci.log");
}

#[test]
fn events_and_plans_that_cannot_be_written_are_artifacts_that_were_not() {
    is_not_written("/events.jsonl");
    is_not_written("/plan.json");
}

#[test]
fn the_last_files_of_a_run_that_cannot_be_written_are_artifacts_that_were_not() {
    is_not_written("/files.json");
    is_not_written("/run.json");
}
