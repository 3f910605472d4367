//! Every file of an older run may be anything by now: a pipe, a device, without an end, a
//! link, another run's, or changed. No verb waits for it, believes it or follows it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::support::comparisons::{TODAY, diff, good, two_runs};
use crate::support::{Consumer, Ran, World, mkfifo};

/// A way in which a file of a run is no longer what it was.
type Change = (&'static str, fn(&Path, &Path));

/// The ways, with the same file of another run as the second path.
const CHANGES: [Change; 7] = [
    ("a pipe", |file, _| mkfifo(file)),
    ("a link to a device", |file, _| {
        symlink("/dev/zero", file).unwrap()
    }),
    ("a file of a terabyte", |file, _| {
        fs::File::create(file).unwrap().set_len(1 << 40).unwrap();
    }),
    ("a link to another run", |file, other| {
        symlink(other, file).unwrap()
    }),
    ("the file of another run", |file, other| {
        fs::copy(other, file).unwrap();
    }),
    ("a changed file", |file, other| {
        let mut bytes = fs::read(other).unwrap();
        bytes.reverse();
        fs::write(file, bytes).unwrap();
    }),
    ("a folder", |file, _| {
        fs::create_dir_all(file.join("deep")).unwrap()
    }),
];

const DOCUMENTS: [&str; 5] = [
    "run.json",
    "files.json",
    "plan.json",
    "events.jsonl",
    "cells/clean/ci.json",
];

/// A consumer whose runs `one` and `two` were red, in different ways.
fn consumer(world: &World) -> Consumer {
    let script = "cat ../../../../outside 2>/dev/null; echo $$; exit 1";
    let consumer = world.script_consumer(script);
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    consumer.commit("another commit");
    world.run(&consumer, &["--run-id", "two"]).expect(1);
    consumer
}

/// Changes each of these files of the run `two` in each way, one at a time, and looks at
/// what a verb then says.
fn each(consumer: &Consumer, files: &[&str], look: impl Fn(&str, &str)) {
    let runs = consumer.artifacts().join("runs");
    for file in files {
        let (two, one) = (runs.join("two").join(file), runs.join("one").join(file));
        let before = fs::read(&two).unwrap();
        let others = fs::read(&one).unwrap();
        for (name, change) in CHANGES {
            fs::remove_file(&two).unwrap();
            change(&two, &one);
            look(file, name);
            gate_matrix::sys::fs::remove_any(&two).unwrap();
            fs::write(&two, &before).unwrap();
            assert_eq!(fs::read(&one).unwrap(), others, "written through {name}");
        }
    }
}

fn at(world: &World, consumer: &Consumer, words: &[&str]) -> Ran {
    let artifacts = consumer.artifacts();
    let words = [words, &["--artifacts", artifacts.to_str().unwrap()]].concat();
    world.matrix(&words)
}

/// The verb refuses the run and names the file.
#[track_caller]
fn is_refused(ran: &Ran, file: &str, what: &str) {
    assert!([1, 69].contains(&ran.code), "{what} for {file}: {ran:?}");
    assert!(ran.stderr.contains(file), "{what} for {file}: {ran:?}");
    assert!(
        ran.stderr.contains("  next: "),
        "{what} for {file}: {ran:?}"
    );
}

#[test]
fn verify_names_each_file_that_is_not_its_runs() {
    let world = World::new();
    let consumer = consumer(&world);
    at(&world, &consumer, &["verify"]).expect(0);
    let files = [
        &DOCUMENTS[..],
        &["logs/clean/stage_ci.log", "replay_bundle.json"],
    ]
    .concat();
    each(&consumer, &files, |file, what| {
        let ran = at(&world, &consumer, &["verify"]);
        is_refused(ran.expect(1), file, what);
    });
}

#[test]
fn replay_shows_no_run_whose_documents_are_not_its_own() {
    let world = World::new();
    let consumer = consumer(&world);
    each(&consumer, &DOCUMENTS, |file, what| {
        let ran = at(&world, &consumer, &["replay", "two"]);
        is_refused(&ran, file, what);
    });
}

#[test]
fn replay_executes_nothing_of_a_run_that_is_not_its_own() {
    let world = World::new();
    let consumer = consumer(&world);
    each(&consumer, &["run.json", "plan.json"], |file, what| {
        let ran = at(&world, &consumer, &["replay", "two", "--execute"]);
        is_refused(&ran, file, what);
        assert_eq!(ran.stdout, "", "{what} for {file}");
    });
}

#[test]
fn diff_compares_no_run_that_is_not_its_own() {
    let world = World::new();
    let consumer = consumer(&world);
    each(&consumer, &DOCUMENTS, |file, what| {
        for words in [["diff", "one", "two"], ["diff", "two", "one"]] {
            is_refused(&at(&world, &consumer, &words), file, what);
        }
    });
}

#[test]
fn latest_is_found_past_runs_that_cannot_be_read() {
    let world = World::new();
    let consumer = consumer(&world);
    each(&consumer, &["run.json"], |file, what| {
        let ran = at(&world, &consumer, &["replay", "latest"]);
        let is_older = ran.code == 0 && ran.stderr.starts_with("run one: ");
        assert!(!is_older, "an older run hides {what}");
        is_refused(&ran, file, what);
    });
}

/// A consumer whose runs passed, each of another commit.
fn passed(world: &World) -> Consumer {
    let consumer = world.script_consumer("echo played; exit 0");
    for id in ["one", "two"] {
        consumer.commit("another commit");
        world.run(&consumer, &["--run-id", id]).expect(0);
    }
    consumer
}

#[test]
fn reuse_takes_nothing_from_a_run_that_is_not_its_own() {
    let world = World::new();
    let consumer = passed(&world);
    let reused = |id: &str| {
        let words = ["--reuse", "--run-id", id, "--retain-runs", "100"];
        world.run(&consumer, &words).expect(0);
        let run = consumer.artifacts().join("runs").join(id).join("run.json");
        crate::support::json(&run).unwrap()["lanes"]["clean"]["reused"].clone()
    };
    assert_eq!(reused("three"), "two");
    let runs = consumer.artifacts().join("runs");
    fs::remove_dir_all(runs.join("three")).unwrap();
    each(
        &consumer,
        &["run.json", "cells/clean/ci.json"],
        |file, what| {
            assert_ne!(reused("three"), "two", "{what} for {file}");
            fs::remove_dir_all(runs.join("three")).unwrap();
        },
    );
}

#[test]
fn a_baseline_that_is_not_its_own_is_refused_or_none() {
    let world = World::new();
    let consumer = passed(&world);
    each(
        &consumer,
        &["run.json", "cells/clean/ci.json"],
        |file, what| {
            let words = ["--baseline", "two", "--run-id", "three"];
            let ran = world.run(&consumer, &words);
            let is_told = ran.stderr.contains(file);
            assert!(
                is_told && [0, 2, 69].contains(&ran.code),
                "{what} for {file}: {ran:?}"
            );
            let _ = fs::remove_dir_all(consumer.artifacts().join("runs/three"));
        },
    );
}

#[test]
fn retention_removes_a_run_whatever_its_files_are_and_nothing_else() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let outside = world.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("file"), "kept\n").unwrap();
    world.run(&consumer, &["--run-id", "one"]).expect(0);
    let runs = consumer.artifacts().join("runs");
    let mut old = Vec::new();
    for (file, ways) in [("run.json", 7), ("files.json", 7), ("events.jsonl", 2)] {
        for (what, change) in CHANGES.into_iter().take(ways) {
            let run = runs.join(format!("old-{}", old.len()));
            gate_matrix::sys::fs::copy_tree(&runs.join("one"), &run).unwrap();
            fs::remove_file(run.join(file)).unwrap();
            change(&run.join(file), &outside.join("file"));
            symlink(&outside, run.join("logs/away")).unwrap();
            old.push((run, format!("{what} for {file}")));
        }
    }
    let words = ["--run-id", "two", "--retain-runs", "1"];
    world.run(&consumer, &words).expect(0);
    for (run, what) in old {
        assert!(!run.exists(), "{what} is left");
    }
    let kept = fs::read_to_string(outside.join("file")).unwrap();
    assert_eq!(kept, "kept\n");
}

#[test]
fn the_list_of_lanes_needs_no_older_run() {
    let world = World::new();
    let consumer = consumer(&world);
    let list = || {
        let mut list = world.command(&["list"]);
        list.current_dir(&consumer.root);
        Ran::of(list.output().unwrap()).expect(0).stdout.clone()
    };
    let before = list();
    each(&consumer, &DOCUMENTS, |file, what| {
        assert_eq!(list(), before, "{what} for {file}");
    });
}

#[test]
fn known_failures_that_are_no_file_of_their_kind_excuse_nothing() {
    let world = World::new();
    let consumer = two_runs(&world);
    let known = consumer.root.join("known-failures.toml");
    let other = consumer.artifacts().join("runs/base/run.json");
    let words = ["base", "now", "--fail-on", "regression"];
    fs::write(&known, good("a/ci") + &good("b/ci")).unwrap();
    for (what, change) in CHANGES {
        gate_matrix::sys::fs::remove_any(&known).unwrap();
        change(&known, &other);
        let ran = diff(&world, &consumer, &words);
        assert!([1, 2].contains(&ran.code), "{what}: {ran:?}");
        assert!(
            ran.stderr.contains("known-failures.toml"),
            "{what}: {ran:?}"
        );
    }
    fs::remove_dir_all(&known).unwrap();
    diff(&world, &consumer, &words).expect(1);
    fs::write(&known, good("a/ci") + &good("b/ci")).unwrap();
    let mut command = world.command(&[&["diff"][..], &words].concat());
    command.current_dir(&consumer.root);
    Ran::of(command.env("SOURCE_DATE_EPOCH", TODAY).output().unwrap()).expect(0);
}
