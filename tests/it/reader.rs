//! Run folders are read as they were written, or refused by name.

use std::fs;
use std::path::{Path, PathBuf};

use gate_matrix::artifact::manifest::{FileDigest, Manifest};
use gate_matrix::artifact::reader::{History, ReadError, StoredRun};
use gate_matrix::artifact::to_bytes;
use gate_matrix::model::CellEvidence;

use crate::support::{Consumer, World, rewrite_run};

/// A consumer with a run of each id, and the folder of the last.
fn ran(world: &World, ids: &[&str]) -> (Consumer, PathBuf) {
    let consumer = world.demo_consumer("consumer");
    for id in ids {
        world.run(&consumer, &["--run-id", id]).expect(0);
    }
    let run = consumer.artifacts().join("runs").join(ids.last().unwrap());
    (consumer, run)
}

#[track_caller]
fn refused(run: &Path, wanted: &str) -> ReadError {
    let error = StoredRun::open(run).and_then(|stored| stored.verify());
    let error = error.expect_err("it is read as if nothing had happened");
    let text = error.to_string();
    assert!(text.contains(wanted), "{text}");
    assert!(!error.next().is_empty());
    error
}

#[test]
fn a_run_is_read_as_it_was_written() {
    let world = World::new();
    let (_, folder) = ran(&world, &["one"]);
    let stored = StoredRun::open(&folder).unwrap();
    stored.verify().unwrap();
    let same = |bytes: Vec<u8>, name: &str| {
        assert_eq!(bytes, fs::read(folder.join(name)).unwrap(), "{name}");
    };
    same(to_bytes(stored.run()), "run.json");
    same(to_bytes(&stored.plan().unwrap()), "plan.json");
    let lines: Vec<_> = stored.events().unwrap();
    let lines = lines
        .iter()
        .map(|e| serde_json::to_string(e).unwrap() + "\n");
    same(lines.collect::<String>().into_bytes(), "events.jsonl");
    let (_, lane) = stored.run().lanes.first().unwrap();
    let cells: Vec<CellEvidence> = stored.cells(lane).unwrap();
    for (cell, name) in cells.iter().zip(lane.cells.values()) {
        same(to_bytes(cell), name);
    }
    assert_eq!(cells.len(), 3);
    for log in lane.steps.iter().filter_map(|step| step.log.as_ref()) {
        same(stored.log(log).unwrap(), &log.path);
    }
}

#[test]
fn every_file_of_a_run_is_vouched_for() {
    let world = World::new();
    let (_, folder) = ran(&world, &["one"]);
    let manifest: Manifest =
        serde_json::from_slice(&fs::read(folder.join("files.json")).unwrap()).unwrap();
    let mut files = gate_matrix::sys::fs::list_tree(&folder).unwrap();
    files.retain(|path| !path.starts_with("seen") && path != Path::new("files.json"));
    let named: Vec<_> = manifest.files.keys().map(PathBuf::from).collect();
    let sorted = |mut paths: Vec<PathBuf>| {
        paths.sort();
        paths
    };
    assert_eq!(sorted(named), sorted(files));
    for (name, digest) in &manifest.files {
        let bytes = fs::read(folder.join(name)).unwrap();
        assert_eq!(*digest, FileDigest::from_bytes(&bytes), "{name}");
    }
}

#[test]
fn runs_come_the_newest_first() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    for (id, at) in [("c", "2000"), ("z", "1000"), ("b", "2000"), ("a", "3000")] {
        let mut command = world.run_command(&consumer, &["--run-id", id, "--scenario", "clean"]);
        let output = command.env("SOURCE_DATE_EPOCH", at).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    let runs = consumer.artifacts().join("runs");
    fs::create_dir(runs.join("died")).unwrap();
    fs::write(runs.join("a-file"), "").unwrap();
    let history = History::new(&consumer.artifacts());
    let all: Vec<_> = history
        .all()
        .into_iter()
        .map(|(id, _)| id.to_string())
        .collect();
    assert_eq!(all, ["a", "b", "z", "c", "died"]);
    let complete: Vec<_> = history
        .complete()
        .map(|head| head.run_id.to_string())
        .collect();
    assert_eq!(complete, ["a", "b", "z", "c"]);
    assert_eq!(History::new(&world.path().join("nowhere")).all().len(), 0);
}

#[test]
fn what_is_not_as_it_was_is_refused_by_name() {
    let world = World::new();
    let (consumer, first) = ran(&world, &["one"]);
    let runs = consumer.artifacts().join("runs");
    let broken = |name: &str, break_: &dyn Fn(&Path)| {
        let copy = runs.join("two");
        let _ = fs::remove_dir_all(&copy);
        gate_matrix::sys::fs::copy_tree(&first, &copy).unwrap();
        // The copy has to be a run of its own for the rest to matter.
        rewrite_run(&copy, &|run| run["run_id"] = "two".into());
        StoredRun::open(&copy).unwrap().verify().unwrap();
        break_(&copy);
        refused(&copy, name)
    };
    let gone = |file: &'static str| move |run: &Path| fs::remove_file(run.join(file)).unwrap();
    let edited = |file: &'static str, from: &'static str, to: &'static str| {
        move |run: &Path| {
            let text = fs::read_to_string(run.join(file)).unwrap();
            assert!(text.contains(from), "{text}");
            fs::write(run.join(file), text.replacen(from, to, 1)).unwrap();
        }
    };
    assert!(matches!(
        broken("it has no run.json", &gone("run.json")),
        ReadError::Incomplete(_)
    ));
    for file in [
        "plan.json",
        "files.json",
        "events.jsonl",
        "cells/clean/ci.json",
        "logs/clean/git_clone.log",
    ] {
        assert!(
            matches!(broken(file, &gone(file)), ReadError::Gone(_)),
            "{file}"
        );
    }
    for (file, from, to) in [
        ("run.json", "\"exit_code\": 0", "\"exit_code\": 1"),
        ("plan.json", "\"demo\"", "\"dome\""),
        ("events.jsonl", "run_started", "run_statred"),
        ("cells/violations/ci.json", "\"exit\": 1", "\"exit\": 0"),
        ("logs/clean/git_clone.log", "git", "gti"),
    ] {
        assert!(
            matches!(broken(file, &edited(file, from, to)), ReadError::Changed(_)),
            "{file}"
        );
    }
    for file in ["run.json", "files.json"] {
        let newer = edited(file, "\"schema_version\": 1", "\"schema_version\": 2");
        let error = broken("schema_version 2", &newer);
        assert!(
            matches!(error, ReadError::Newer { found: 2, .. }),
            "{error}"
        );
        let cut = |run: &Path| fs::write(run.join(file), "{\"schema_version\": 1").unwrap();
        assert!(
            matches!(broken(file, &cut), ReadError::NotJson { .. }),
            "{file}"
        );
    }
    let other = |run: &Path| {
        fs::remove_dir_all(run).unwrap();
        gate_matrix::sys::fs::copy_tree(&first, run).unwrap();
    };
    assert!(matches!(broken("run.json", &other), ReadError::Changed(_)));
    assert!(matches!(
        refused(&runs.join("three"), "there is no run"),
        ReadError::Missing(_)
    ));
    StoredRun::open(&first).unwrap().verify().unwrap();
}

#[test]
fn a_run_that_somebody_reads_is_not_pruned() {
    let world = World::new();
    let (consumer, folder) = ran(&world, &["one"]);
    let stored = StoredRun::open(&folder).unwrap();
    let prune = ["--retain-runs", "1", "--scenario", "clean"];
    world.run(&consumer, &prune).expect(0);
    stored.verify().unwrap();
    drop(stored);
    // Nor is the last pass.
    world.run(&consumer, &prune[..2]).expect(0);
    world.run(&consumer, &prune).expect(0);
    assert!(matches!(
        refused(&folder, "there is no run"),
        ReadError::Missing(_)
    ));
}

#[test]
fn a_recorded_run_is_judged_as_it_was() {
    use gate_matrix::model::{Plan, PlannedScenario};
    use gate_matrix::verdict::{Terms, judge};

    let world = World::new();
    let consumer = world.script_consumer("exit 1");
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    let stored = StoredRun::open(&consumer.artifacts().join("runs/one")).unwrap();
    let run = stored.run();
    let scenario = |name: &gate_matrix::model::ScenarioName| PlannedScenario {
        name: name.clone(),
        selected: true,
        altered: false,
        unexpected: Vec::new(),
    };
    let plan = Plan {
        scenarios: run.scenarios.keys().map(scenario).collect(),
        stages: run.stages().map(|stage| (stage, true)).collect(),
    };
    let terms = Terms {
        plan: &plan,
        install_step: None,
        recorded: None,
        before: None,
        counts_outstanding: true,
        uncommitted: false,
        signal: None,
    };
    let verdict = judge(&terms, stored.evidence().unwrap(), None);
    assert_eq!(verdict.word, run.final_verdict);
    assert_eq!(verdict.exit.number(), run.exit_code);
    assert_eq!(
        verdict.outstanding_names(Some(&plan)),
        run.outstanding.clone().unwrap()
    );
    let (now, then) = (verdict.failure.unwrap(), run.failure.clone().unwrap());
    assert_eq!(
        (now.step, now.class, now.message),
        (then.step, then.class, then.message)
    );
}
