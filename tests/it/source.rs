//! The consumer is left as it was, and the lanes have nothing of it but its
//! commits.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Consumer, Ran, Running, World, git, script_gate, wait_for, write_line};

/// Every file below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    files
}

fn inodes_below(folder: &Path) -> HashSet<(u64, u64)> {
    let of = |path: PathBuf| {
        let meta = path.symlink_metadata().unwrap();
        (meta.dev(), meta.ino())
    };
    files_below(folder).into_iter().map(of).collect()
}

/// What must be the same after a run as before.
fn state(consumer: &Consumer) -> (Vec<u8>, String, String, String) {
    (
        fs::read(consumer.root.join(".git/index")).unwrap(),
        consumer.git(&["for-each-ref"]),
        consumer.git(&[
            "--no-optional-locks",
            "status",
            "--porcelain",
            "--",
            ":!artifacts",
        ]),
        consumer.git(&["fsck", "--full", "--strict"]),
    )
}

/// A consumer whose objects are both loose and packed.
fn consumer(world: &World, script: &str) -> Consumer {
    let consumer = world.script_consumer(script);
    consumer.git(&["gc", "--quiet"]);
    consumer.write("more", "text\n");
    consumer.commit("more");
    consumer
}

#[test]
fn a_lane_shares_no_file_with_the_consumer_and_never_names_it() {
    let world = World::new();
    let consumer = consumer(&world, "exit 0");
    consumer.git(&["remote", "add", "origin", "https://example.invalid/x.git"]);
    world.run(&consumer, &["--keep"]).expect(0);
    let lane = world.kept_lane("clean");
    let shared: Vec<_> = inodes_below(&consumer.root)
        .intersection(&inodes_below(&lane))
        .copied()
        .collect();
    assert!(shared.is_empty(), "{shared:?}");
    let root = consumer.root.to_str().unwrap().as_bytes();
    for file in files_below(&lane) {
        let bytes = fs::read(&file).unwrap();
        let names_it = bytes.windows(root.len()).any(|window| window == root);
        assert!(!names_it, "{}", file.display());
    }
    let clone = lane.join("clone");
    assert_eq!(git(&clone, &["remote"]), "origin\n");
    let origin = git(&clone, &["remote", "get-url", "origin"]);
    assert_eq!(Path::new(origin.trim_end()), lane.join("origin.git"));
}

#[test]
fn a_run_leaves_the_consumer_as_it_was() {
    let world = World::new();
    let consumer = consumer(&world, "exit 0");
    // An index that git would like to refresh.
    consumer.write("more", "text\n");
    let before = state(&consumer);
    world.run(&consumer, &[]).expect(0);
    assert_eq!(state(&consumer), before);
}

#[test]
fn a_stage_that_overwrites_every_object_does_not_reach_the_consumer() {
    let world = World::new();
    let spoil = "find .git/objects ../origin.git/objects -type f \
                 -exec sh -c 'chmod u+w \"$1\"; echo junk > \"$1\"' sh {} ';'";
    let consumer = consumer(&world, spoil);
    let before = state(&consumer);
    world.run(&consumer, &["--keep"]).expect(0);
    consumer.passed("fake");
    let objects = world.kept_lane("clean").join("clone/.git/objects");
    for file in files_below(&objects) {
        assert_eq!(
            fs::read(file).unwrap(),
            b"junk\n",
            "the stage spoilt its lane"
        );
    }
    assert_eq!(state(&consumer), before);
}

#[test]
fn objects_that_the_consumer_borrows_are_the_lanes_own() {
    let world = World::new();
    let lender = consumer(&world, "exit 0");
    let root = world.path().join("borrower");
    let from = lender.root.to_str().unwrap();
    git(
        &world.path(),
        &["clone", "--quiet", "--shared", from, "borrower"],
    );
    let borrower = Consumer { root };
    world.run(&borrower, &["--keep"]).expect(0);
    fs::rename(&lender.root, world.path().join("moved")).unwrap();
    let lane = world.kept_lane("clean");
    for folder in ["origin.git", "clone/.git"] {
        let folder = lane.join(folder);
        assert!(!folder.join("objects/info/alternates").exists());
        git(&folder, &["fsck", "--full"]);
    }
}

/// Two scenarios, played one after the other; the first stage of the first
/// leaves a file to say that it runs, and waits for a word on a fifo.
fn held_consumer(world: &World) -> (Consumer, PathBuf, PathBuf) {
    let [at, go] = ["at", "go"].map(|name| world.path().join(name));
    let made = Command::new("mkfifo").arg(&go).status().unwrap();
    assert!(made.success());
    let hold = format!(
        "test ! -e moved || exit 9; test {{scenario}} = later || {{ echo here > '{}'; read word < '{}'; }}",
        at.display(),
        go.display()
    );
    let config = script_gate(&hold).replace("{{scenario}}", "{scenario}")
        + "[scenario.later]\noverlay = \"scenarios/clean\"\nexpect = { ci = 0 }\n";
    let files = [
        ("matrix.toml", config.as_str()),
        ("file", "one\n"),
        ("scenarios/clean/file", "two\n"),
    ];
    (world.consumer("consumer", &files), at, go)
}

/// Runs the matrix, each lane with a clone of its own, and does something to
/// the consumer while its first lane is held.
fn run_and_meanwhile(
    world: &World,
    (consumer, at, go): &(Consumer, PathBuf, PathBuf),
    meanwhile: impl FnOnce(&Consumer),
) -> Ran {
    let command = world.run_command(
        consumer,
        &["--fresh", "--jobs", "1", "--keep", "--timeout", "60s"],
    );
    // Killed where the test ends before it.
    let running = Running::start(command);
    wait_for("the first stage", || at.exists().then_some(()));
    meanwhile(consumer);
    write_line(go, "on");
    running.end()
}

#[test]
fn lanes_stand_at_the_commit_that_preflight_saw() {
    let world = World::new();
    let held = held_consumer(&world);
    let head = held.0.git(&["rev-parse", "HEAD"]);
    let ran = run_and_meanwhile(&world, &held, |consumer| {
        consumer.write("moved", "x\n");
        consumer.git(&["rm", "-r", "--quiet", "scenarios"]);
        consumer.commit("HEAD moves on");
    });
    ran.expect(0);
    let summary = held.0.passed("fake");
    assert_eq!(summary["source"]["head"], head.trim_end());
    let clone = world.kept_lane("later").join("clone");
    assert_eq!(git(&clone, &["rev-parse", "upstream-later~1"]), head);
}

#[test]
fn a_commit_that_is_gone_has_moved() {
    let world = World::new();
    let held = held_consumer(&world);
    let ran = run_and_meanwhile(&world, &held, |consumer| {
        consumer.git(&["commit", "--quiet", "--amend", "-m", "another one"]);
        consumer.git(&["reflog", "expire", "--expire=now", "--all"]);
        consumer.git(&["gc", "--quiet", "--prune=now"]);
    });
    ran.expect(1);
    let failure = held.0.failed_with_log("fake", "source_moved");
    assert_eq!(failure["failure_phase"], "later");
    let digest = &crate::support::bundles::bundle(&held.0)["failures"][0]["failure_digest"];
    assert_eq!(digest["cause"], "source-moved", "{digest:#}");
    assert!(
        ran.stdout
            .contains("=== scenario:clean ===\nresults: ci=0\nstatus: PASS\n"),
        "{ran:?}"
    );
    assert!(ran.stderr.contains("is gone"), "{ran:?}");
}

/// A consumer with these refs at an older commit, of a gate that has a
/// branch of its own.
#[track_caller]
fn passes_with(refs: &[&str]) {
    let world = World::new();
    let config = "schema = 1\ngate = \"fake\"\nbranch = \"feature/matrix\"\n\
        [[activate]]\nstep = \"hook_up\"\nrun = [\"git\", \"config\", \"core.hooksPath\", \"hooks\"]\n\
        [stage.pre-commit]\ndrive = \"git\"\n[stage.pre-push]\ndrive = \"git\"\n\
        [scenario.clean]\noverlay = \"scenarios/clean\"\n\
        expect = { pre-commit = 0, pre-push = 0 }\n";
    let files = [
        ("matrix.toml", config),
        ("hooks/pre-commit", "#!/bin/sh\n"),
        ("hooks/pre-push", "#!/bin/sh\n"),
        ("scenarios/clean/file", "two\n"),
    ];
    let consumer = world.consumer("consumer", &files);
    for name in refs {
        consumer.git(&["update-ref", name, "HEAD"]);
    }
    consumer.commit("a second commit");
    world.run(&consumer, &[]).expect(0);
    consumer.passed("fake");
}

#[test]
fn a_consumer_may_have_branches_of_the_names_that_lanes_use() {
    passes_with(&["refs/heads/upstream-clean", "refs/heads/feature/matrix"]);
}

#[test]
fn a_consumer_may_have_a_tag_named_as_the_branch_of_the_lane() {
    passes_with(&["refs/tags/feature/matrix", "refs/tags/main"]);
}

#[test]
fn a_consumer_may_have_a_tag_named_as_the_base_of_a_lane() {
    passes_with(&["refs/tags/upstream-clean"]);
}

#[test]
fn a_consumer_may_have_branches_below_the_names_that_lanes_use() {
    passes_with(&["refs/heads/upstream-clean/x", "refs/heads/feature/matrix/x"]);
}

#[test]
fn a_consumer_may_have_a_branch_above_that_of_the_lane() {
    passes_with(&["refs/heads/feature"]);
}

#[test]
fn an_overlay_is_never_written_through_a_link() {
    let world = World::new();
    let outside = world.path().join("outside");
    fs::create_dir(&outside).unwrap();
    let consumer = world.script_consumer("exit 0");
    std::os::unix::fs::symlink(&outside, consumer.root.join("src")).unwrap();
    consumer.write("scenarios/clean/src/planted", "x\n");
    consumer.commit("a link that leads out");
    world.run(&consumer, &[]).expect(1);
    let failure = consumer.failed_with_log("fake", "seed_scenario");
    assert_eq!(failure["failure_class"], "seed");
    assert_eq!(fs::read_dir(outside).unwrap().count(), 0);
}
