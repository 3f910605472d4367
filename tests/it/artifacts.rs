//! The artifacts folder: what repeats, what is replaced, what is kept.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Consumer, Ran, Running, World, json, mkfifo, wait_for, write_line};

/// Fields that differ between runs of the same inputs: durations, how many lanes ran side
/// by side, the run's number in its folder, and the digest of files that hold those.
const DIFFERENT: [&str; 4] = ["duration_ms", "jobs", "number", "files_sha256"];

/// Every file below a folder, with what may differ taken out.
fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            // Which processes somebody saw is a matter of luck.
            if path.ends_with("seen") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let name = path.strip_prefix(folder).unwrap().to_owned();
            found.insert(name, without_durations(&path, text));
        }
    }
    found
}

fn without_durations(path: &Path, text: String) -> String {
    let strip = |text: &str| {
        let mut json: Value = serde_json::from_str(text).unwrap();
        forget(&mut json);
        json.to_string()
    };
    match path.extension().and_then(|end| end.to_str()) {
        Some("json") => strip(&text),
        Some("jsonl") => text.lines().map(|line| strip(line) + "\n").collect(),
        _ => text,
    }
}

fn forget(json: &mut Value) {
    match json {
        Value::Object(map) => {
            // The digests of `files.json` are those of files that hold durations.
            let of_a_file = map.len() == 2 && map.contains_key("bytes");
            map.retain(|key, _| !DIFFERENT.contains(&&**key) && !of_a_file);
            map.values_mut().for_each(forget);
        }
        Value::Array(list) => list.iter_mut().for_each(forget),
        _ => {}
    }
}

/// A run whose id and clock are given.
fn run_again(world: &World, consumer: &Consumer, jobs: &str) -> Ran {
    let mut command = world.run_command(consumer, &["--run-id", "again", "--jobs", jobs]);
    Ran::of(
        command
            .env("SOURCE_DATE_EPOCH", "1767225600")
            .output()
            .unwrap(),
    )
}

#[test]
fn a_run_of_the_same_inputs_leaves_the_same_files() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    let summary = consumer.artifacts().join("demo-matrix-summary.json");
    let mut seen = Vec::new();
    for jobs in ["1", "1", "4"] {
        run_again(&world, &consumer, jobs).expect(0);
        let text = without_durations(&summary, fs::read_to_string(&summary).unwrap());
        seen.push((text, files(&consumer.run_folder())));
    }
    for other in &seen[1..] {
        assert_eq!(seen[0].0, other.0, "summaries differ");
        assert_eq!(
            seen[0].1.keys().collect::<Vec<_>>(),
            other.1.keys().collect::<Vec<_>>()
        );
        for (name, text) in &seen[0].1 {
            assert_eq!(text, &other.1[name], "{}", name.display());
        }
    }
    let text = &seen[0].0;
    assert!(text.contains("\"2026-01-01T00:00:00Z\""), "{text}");
}

#[test]
fn a_failure_of_the_same_inputs_leaves_the_same_files() {
    let world = World::new();
    let consumer = world.script_consumer("echo no; git log -1; exit 3");
    let failure = || fs::read(consumer.artifacts().join("fake-matrix-last-failure.json")).unwrap();
    run_again(&world, &consumer, "1").expect(1);
    let first = (failure(), files(&consumer.run_folder()));
    run_again(&world, &consumer, "1").expect(1);
    assert_eq!(first, (failure(), files(&consumer.run_folder())));
}

#[test]
fn the_run_folder_of_an_id_that_was_used_is_replaced_whole() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    world.run(&consumer, &["--run-id", "mine"]).expect(0);
    let left_over = consumer.run_folder().join("logs/left-over");
    fs::write(&left_over, "").unwrap();
    world.run(&consumer, &["--run-id", "mine"]).expect(0);
    assert!(!left_over.exists());
    assert_eq!(consumer.passed("fake")["run_id"], "mine");
}

#[test]
fn one_run_has_one_id_in_all_its_files() {
    let world = World::new();
    let consumer = world.script_consumer("exit 3");
    let ran = world.run(&consumer, &["--run-id", "A.b_c-1"]);
    assert!(
        ran.expect(1).stderr.contains("run A.b_c-1"),
        "{}",
        ran.stderr
    );
    assert_eq!(
        consumer.failed_with_log("fake", "stage_ci")["run_id"],
        "A.b_c-1"
    );
    let run = consumer.run_folder();
    assert!(run.ends_with("runs/A.b_c-1"));
    for name in ["plan.json", "run.json", "cells/clean/ci.json"] {
        let json = crate::support::json(&run.join(name)).unwrap();
        assert_eq!(json["run_id"], "A.b_c-1", "{name}");
    }
}

#[test]
fn a_run_that_is_refused_has_a_folder_too() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    consumer.write("dirt", "");
    world.run(&consumer, &[]).expect(17);
    let run = crate::support::json(&consumer.run_folder().join("run.json")).unwrap();
    assert_eq!(run["exit_code"], 17);
    assert_eq!(run["final_verdict"], "FAIL");
    assert!(run["plan_sha256"].is_null());
}

fn runs(consumer: &Consumer) -> Vec<String> {
    let entries = fs::read_dir(consumer.artifacts().join("runs")).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Sets the age of a run, so that no test waits for a clock.
fn make_older(consumer: &Consumer, run: &str, days: u64) {
    let age = std::time::Duration::from_secs(days * 24 * 60 * 60);
    let folder = fs::File::open(consumer.artifacts().join("runs").join(run)).unwrap();
    folder
        .set_modified(std::time::SystemTime::now() - age)
        .unwrap();
}

#[test]
fn old_runs_are_pruned_to_the_number_that_is_kept() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    for (at, id) in ["r1", "r2", "r3", "r4"].into_iter().enumerate() {
        world
            .run(&consumer, &["--run-id", id, "--retain-runs", "2"])
            .expect(0);
        make_older(&consumer, id, 9 - at as u64);
    }
    assert_eq!(runs(&consumer), ["r3", "r4"]);
}

#[test]
fn the_last_pass_and_the_last_of_each_kind_stay_and_the_rest_is_told() {
    let world = World::new();
    let consumer = world.script_consumer("! grep -q BAD file");
    let keep = |id, code| {
        let ran = world.run(&consumer, &["--run-id", id, "--retain-runs", "1"]);
        (ran.code == code).then_some(ran.stderr).unwrap()
    };
    keep("pass1", 0);
    keep("pass2", 0);
    fs::write(consumer.root.join("scenarios/clean/file"), "BAD\n").unwrap();
    consumer.commit("break it");
    keep("red1", 1);
    let artifacts = consumer.artifacts();
    let place = ["--artifacts", artifacts.to_str().unwrap()];
    let replayed = world.matrix(&[&["replay", "--execute"], &place[..]].concat());
    replayed.expect(1);
    let verdict = artifacts.join("fake-replay-last-failure.json");
    let replay = json(&verdict).unwrap()["run_id"]
        .as_str()
        .unwrap()
        .to_owned();
    // Without the verdict that names it.
    fs::remove_file(&verdict).unwrap();
    let said = keep("red2", 1);
    assert!(said.contains("retention: removed red1\n"), "{said}");
    let mut left = ["pass2", "red2", &replay];
    left.sort_unstable();
    assert_eq!(runs(&consumer), left);
}

#[test]
fn runs_past_their_age_are_pruned() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    for (id, days) in [("old", 8), ("young", 6)] {
        world.run(&consumer, &["--run-id", id]).expect(0);
        make_older(&consumer, id, days);
    }
    world
        .run(&consumer, &["--run-id", "now", "--retain-days", "7"])
        .expect(0);
    assert_eq!(runs(&consumer), ["now", "young"]);
}

#[test]
fn runs_past_the_size_that_is_kept_are_pruned() {
    let world = World::new();
    let flag = world.path().join("talkative");
    let talk = "head -c 2000000 /dev/zero | tr '\\0' x";
    let script = format!("[ -e {} ] && {talk}; exit 0", flag.display());
    let consumer = world.script_consumer(&script);
    let prune = || {
        let args = ["--run-id", "now", "--retain-mib", "1"];
        world.run(&consumer, &args).expect(0);
        assert_eq!(runs(&consumer), ["now"]);
        fs::remove_dir_all(consumer.run_folder()).unwrap();
    };
    fs::write(&flag, "").unwrap();
    world.run(&consumer, &["--run-id", "large"]).expect(0);
    fs::remove_file(&flag).unwrap();
    prune();
    // Of a run that died nobody has taken the sum.
    world.run(&consumer, &["--run-id", "died"]).expect(0);
    fs::remove_file(consumer.run_folder().join("files.json")).unwrap();
    let filler = fs::File::create(consumer.run_folder().join("filler")).unwrap();
    filler.set_len(2 * 1024 * 1024).unwrap();
    prune();
}

#[test]
fn a_run_that_a_verdict_names_is_kept_however_old() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    world.run(&consumer, &["--run-id", "named"]).expect(0);
    make_older(&consumer, "named", 400);
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let other = toml.replace("\"fake\"", "\"other\"") + "[retention]\nruns = 1\ndays = 1\n";
    consumer.write("matrix.toml", &other);
    consumer.commit("another gate");
    for id in ["first", "second"] {
        world.run(&consumer, &["--run-id", id]).expect(0);
    }
    assert_eq!(consumer.passed("fake")["run_id"], "named");
    assert_eq!(runs(&consumer), ["named", "second"]);
}

#[test]
fn what_is_no_run_is_never_pruned() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    consumer.write("artifacts/runs/notes/mine", "");
    make_older(&consumer, "notes", 400);
    let more = ["--retain-runs", "1", "--retain-days", "1"];
    world.run(&consumer, &more).expect(0);
    assert!(consumer.artifacts().join("runs/notes/mine").is_file());
}

/// The clones of this world's lanes.
fn clones(world: &World) -> Vec<PathBuf> {
    let roots = fs::read_dir(world.work()).into_iter().flatten();
    let lanes = roots.map(|root| root.unwrap().path().join("lanes/clean/clone"));
    lanes.filter(|clone| clone.exists()).collect()
}

#[test]
fn lanes_are_removed_unless_they_are_to_be_kept() {
    let world = World::new();
    let consumer = world.script_consumer("exit 3");
    world.run(&consumer, &[]).expect(1);
    assert!(clones(&world).is_empty());
    world.run(&consumer, &["--keep"]).expect(1);
    let failure = consumer.failed("fake", "stage_ci");
    let kept = clones(&world);
    assert_eq!(kept.len(), 1);
    assert!(kept[0].join("file").is_file());
    let stood = consumer.stood_at(kept[0].parent().unwrap()).join("clone");
    assert_eq!(
        failure["failure_command_variables"]["clone_dir"],
        Value::from(stood.to_str().unwrap())
    );
}

#[test]
fn artifacts_can_go_elsewhere() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    // Relative paths of the user's are relative to where he is.
    world.run(&consumer, &["--artifacts", "out/deep"]).expect(0);
    let out = world.path().join("out/deep");
    assert!(out.join("fake-matrix-summary.json").is_file());
    assert!(!consumer.artifacts().exists());
    assert_eq!(consumer.git(&["status", "--porcelain"]), "");
}

#[test]
fn artifacts_elsewhere_in_the_consumer_are_no_dirt() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let out = consumer.root.join("build/matrix");
    for _ in 0..2 {
        world
            .run(&consumer, &["--artifacts", out.to_str().unwrap()])
            .expect(0);
    }
    consumer.write("build/other", "");
    world
        .run(&consumer, &["--artifacts", out.to_str().unwrap()])
        .expect(17);
}

/// Now, in the format of artifacts.
fn now() -> String {
    let date = std::process::Command::new("date")
        .args(["-u", "+%Y-%m-%dT%H:%M:%SZ"])
        .output()
        .unwrap();
    String::from_utf8(date.stdout).unwrap().trim().to_owned()
}

#[test]
fn a_last_failure_is_dated_when_it_is_written() {
    let world = World::new();
    let fifo = world.path().join("go");
    mkfifo(&fifo);
    let consumer = world.script_consumer(&format!("read -r go < '{}'; exit 1", fifo.display()));
    let run = world.start(&consumer, &["--timeout", "60s"]);
    // The marker of the run that has no verdict yet.
    let marker = wait_for("the marker", || consumer.last_failure("fake"));
    let begun = marker["generated_at_utc"].as_str().unwrap().to_owned();
    let later = wait_for("the next second", || Some(now()).filter(|now| *now > begun));
    write_line(&fifo, "go");
    run.end().expect(1);
    let failure = consumer.failed("fake", "stage_ci");
    let written = failure["generated_at_utc"].as_str().unwrap();
    assert!(*written >= *later, "{begun} {later} {written}");
    // With a clock that stands still, it is that time.
    let mut command = world.run_command(&consumer, &["--timeout", "60s"]);
    command.env("SOURCE_DATE_EPOCH", "1767225600");
    let run = Running::start(command);
    write_line(&fifo, "go");
    run.end().expect(1);
    let failure = consumer.failed("fake", "stage_ci");
    assert_eq!(failure["generated_at_utc"], "2026-01-01T00:00:00Z");
}
