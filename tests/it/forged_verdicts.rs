//! A gate that writes verdicts itself, and `matrix verify`, which tells them apart.

use std::fs;
use std::path::Path;

use crate::support::{Consumer, Ran, World, mkfifo};

/// A gate without a sandbox that leaves something in the artifacts folder and breaks its
/// contract.
fn plants(what: &str) -> (World, Consumer, Ran) {
    let world = World::new();
    let artifacts = world.path().join("artifacts");
    let script = format!("cd {}; {what}; exit 1", artifacts.display());
    let consumer = world.script_consumer(&script);
    let words = [
        "--run-id",
        "mine",
        "--artifacts",
        artifacts.to_str().unwrap(),
    ];
    let ran = world.run(&consumer, &words);
    (world, consumer, ran)
}

/// A summary that says PASS, with the run's own id.
const PASS: &str = r#"echo '{{"run_id":"mine","final_verdict":"PASS"}}'"#;

#[track_caller]
fn only_a_failure(world: &World) {
    let artifacts = world.path().join("artifacts");
    let mut names: Vec<_> = fs::read_dir(&artifacts)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("fake-"))
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "fake-matrix-last-failure.json",
            "fake-matrix-last-failure.log"
        ]
    );
    let failure = fs::read_to_string(artifacts.join(&names[0])).unwrap();
    assert!(failure.contains("\"stage_ci\""), "{failure}");
}

#[test]
fn a_planted_summary_is_removed() {
    for what in [
        format!("{PASS} >fake-matrix-summary.json"),
        format!("{PASS} >real.json; ln -s real.json fake-matrix-summary.json"),
        "mkdir -p fake-matrix-summary.json/deep".to_owned(),
        "mkfifo fake-matrix-summary.json".to_owned(),
        "ln -s nowhere fake-matrix-summary.json".to_owned(),
    ] {
        let (world, _consumer, ran) = plants(&what);
        ran.expect(1);
        only_a_failure(&world);
    }
}

#[test]
fn something_in_the_place_of_the_last_failure_is_replaced() {
    for what in [
        "rm fake-matrix-last-failure.json; mkdir fake-matrix-last-failure.json",
        "rm fake-matrix-last-failure.json; mkfifo fake-matrix-last-failure.json",
        "mkdir fake-matrix-last-failure.log",
        "rm fake-matrix-last-failure.json; ln -s mine fake-matrix-last-failure.json",
    ] {
        let (world, _consumer, ran) = plants(what);
        ran.expect(1);
        only_a_failure(&world);
        assert!(
            !world.path().join("artifacts/mine").exists(),
            "written through the link"
        );
    }
}

#[test]
fn a_pass_stands_alone() {
    let world = World::new();
    let artifacts = world.path().join("artifacts");
    let script = format!(
        "cd {}; mkdir fake-matrix-summary.json; rm fake-matrix-last-failure.json; \
         mkdir fake-matrix-last-failure.json; echo log >fake-matrix-last-failure.log",
        artifacts.display()
    );
    let consumer = world.script_consumer(&script);
    let words = ["--artifacts", artifacts.to_str().unwrap()];
    world.run(&consumer, &words).expect(0);
    assert!(artifacts.join("fake-matrix-summary.json").is_file());
    assert!(!artifacts.join("fake-matrix-last-failure.json").exists());
    assert!(!artifacts.join("fake-matrix-last-failure.log").exists());
}

#[test]
fn an_artifacts_folder_that_was_swapped_gets_no_verdict() {
    for swap in ["mkdir artifacts", "mkdir other; ln -s other artifacts"] {
        let (world, _consumer, ran) = plants(&format!("cd ..; mv artifacts moved; {swap}"));
        let stderr = &ran.expect(74).stderr;
        assert!(stderr.contains("stands in its place"), "{stderr}");
        assert!(
            !world
                .path()
                .join("artifacts/fake-matrix-last-failure.json")
                .exists()
        );
    }
}

/// A run that passed, with its summary.
fn passed() -> (World, Consumer) {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    world.run(&consumer, &[]).expect(0);
    (world, consumer)
}

fn verify(world: &World, consumer: &Consumer) -> Ran {
    let artifacts = consumer.artifacts();
    world.matrix(&["verify", "--artifacts", artifacts.to_str().unwrap()])
}

#[test]
fn a_verdict_of_its_run_is_verified() {
    let (world, consumer) = passed();
    let ran = verify(&world, &consumer);
    let stdout = &ran.expect(0).stdout;
    assert!(
        stdout.contains("fake-matrix-summary.json: PASS of fake-matrix-"),
        "{stdout}"
    );
    assert!(stdout.contains(" files as they were written"), "{stdout}");
    let summary = consumer.artifacts().join("fake-matrix-summary.json");
    world
        .matrix(&["verify", summary.to_str().unwrap()])
        .expect(0);
}

#[test]
fn a_failure_of_its_run_is_verified() {
    let world = World::new();
    let consumer = world.script_consumer("exit 1");
    world.run(&consumer, &[]).expect(1);
    let ran = verify(&world, &consumer);
    assert!(
        ran.expect(0).stdout.contains("last-failure.json: FAIL of "),
        "{ran:?}"
    );
}

/// Changes a verdict or a file of its run, and expects that this is told.
#[track_caller]
fn told(change: impl Fn(&Path, &Path), what: &str) {
    let (world, consumer) = passed();
    change(&consumer.artifacts(), &consumer.run_folder());
    let ran = verify(&world, &consumer);
    assert!(
        ran.expect(1).stderr.contains(what),
        "{what}: {}",
        ran.stderr
    );
    assert!(ran.stderr.contains("  next: "), "{}", ran.stderr);
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn a_forged_verdict_is_told() {
    let summary = "fake-matrix-summary.json";
    told(
        |own, _| edit(&own.join(summary), "PASS", "PARTIAL"),
        "`final_verdict`",
    );
    told(
        |own, _| edit(&own.join(summary), "\"ci_exit\": 0", "\"ci_exit\": 1"),
        "`scenarios`",
    );
    let head = "\"head\": \"";
    told(
        |own, _| edit(&own.join(summary), head, "\"head\": \"0"),
        "`source`",
    );
    let digest = "\"files_sha256\": \"";
    told(
        |own, _| edit(&own.join(summary), digest, "\"files_sha256\": \"0"),
        "`files_sha256`",
    );
    // A pass of a run that never was.
    told(
        |own, _| edit(&own.join(summary), "\"run_id\": \"", "\"run_id\": \"x"),
        "there is no run",
    );
    let both = |own: &Path, _: &Path| {
        fs::copy(own.join(summary), own.join("fake-matrix-last-failure.json")).unwrap();
    };
    told(both, "side by side");
}

#[test]
fn a_run_that_was_changed_is_told() {
    told(
        |_, run| edit(&run.join("run.json"), "PASS", "FAIL"),
        "run.json is not what its run wrote",
    );
    told(
        |_, run| edit(&run.join("cells/clean/ci.json"), "\"ci\"", "\"CI\""),
        "cells/clean/ci.json is not what its run wrote",
    );
    told(
        |_, run| fs::remove_file(run.join("plan.json")).unwrap(),
        "plan.json is gone",
    );
    // Whole, with a digest that fits: only the summary tells.
    let longer = |_: &Path, run: &Path| edit(&run.join("files.json"), "{", "{ ");
    told(longer, "`files_sha256`");
}

#[test]
fn nothing_to_verify_is_an_error_of_usage() {
    let world = World::new();
    let ran = world.matrix(&["verify", "--artifacts", "nowhere"]);
    assert!(
        ran.expect(2)
            .stderr
            .contains("there is no verdict file in "),
        "{ran:?}"
    );
}

/// Verifies one file, and expects that the error names it once and says what to do.
#[track_caller]
fn refused(world: &World, file: &Path, code: i32, what: &str) {
    let ran = world.matrix(&["verify", file.to_str().unwrap()]);
    let stderr = &ran.expect(code).stderr;
    assert!(stderr.contains(what), "{stderr}");
    assert_eq!(
        stderr.matches(file.to_str().unwrap()).count(),
        1,
        "{stderr}"
    );
    assert!(stderr.contains("  next: name a verdict file"), "{stderr}");
    assert!(!stderr.contains("deleted"), "{stderr}");
}

#[test]
fn what_is_no_verdict_file_is_named_once() {
    let (world, consumer) = passed();
    let at = |name: &str| consumer.artifacts().join(name);
    refused(&world, &at("no-such-summary.json"), 2, "there is no file ");
    std::os::unix::fs::symlink("nowhere", at("link-summary.json")).unwrap();
    refused(&world, &at("link-summary.json"), 2, "there is no file ");
    refused(&world, &at("runs"), 1, "runs cannot be read: ");
    fs::write(at("text-summary.json"), "PASS").unwrap();
    refused(&world, &at("text-summary.json"), 1, "cannot be understood");
    fs::write(at("other-summary.json"), "{\"schema_version\": 1}\n").unwrap();
    let of_none = "is no file or folder that a run left";
    refused(&world, &at("other-summary.json"), 1, of_none);
    mkfifo(&at("pipe-summary.json"));
    refused(&world, &at("pipe-summary.json"), 1, "is a named pipe");
}
