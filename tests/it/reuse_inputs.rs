//! Inputs of a lane that are in no step of it: the hooks of its remote, and the branches and
//! HEAD of its remote.

use crate::support::{Consumer, World};

/// A stage that the remote's hook decides on, which refuses nothing.
const REMOTE: &str = r#"
    schema = 1
    gate = "fake"
    server_hooks = "server/lax"
    [stage.pre-receive]
    drive = "git"
    [scenario.any]
    overlay = "scenarios/any"
    expect = { pre-receive = 0 }
    "#;

/// Runs, and sees that a second run with `--reuse` takes the lane over.
fn green(world: &World, consumer: &Consumer) {
    world.run(consumer, &["--run-id", "first"]).expect(0);
    let again = world.run(consumer, &["--reuse"]);
    let taken = again.expect(0).stderr.contains("reused from run first");
    assert!(taken, "{}", again.stderr);
}

#[track_caller]
fn reruns(world: &World, consumer: &Consumer, code: i32, word: &str) {
    let ran = world.run(consumer, &["--reuse"]);
    let said = &ran.expect(code).stderr;
    assert!(!said.contains("reused from run"), "{said}");
    assert!(said.contains(word), "{said}");
}

#[test]
fn another_folder_of_hooks_of_the_remote_is_tried() {
    let world = World::new();
    let consumer = world.consumer(
        "consumer",
        &[
            ("matrix.toml", REMOTE),
            ("server/lax/pre-receive", "#!/bin/sh\n"),
            ("server/firm/pre-receive", "#!/bin/sh\nexit 1\n"),
            ("scenarios/any/file", "two\n"),
        ],
    );
    green(&world, &consumer);
    consumer.write("matrix.toml", &REMOTE.replace("lax", "firm"));
    consumer.commit("be firm");
    reruns(&world, &consumer, 1, "matrix.toml");
}

/// Without a remote the consumer's own branches are those of the lane's.
#[test]
fn a_local_branch_that_moves_counts() {
    let world = World::new();
    let consumer = world.script_consumer("git log -1 --format=%s origin/main");
    consumer.commit("second");
    consumer.git(&["switch", "--quiet", "-c", "topic"]);
    consumer.git(&["branch", "--force", "main", "HEAD~1"]);
    green(&world, &consumer);
    let moved = [
        "commit-tree",
        "-m",
        "moved on",
        "-p",
        "HEAD~1",
        "HEAD^{tree}",
    ];
    let moved = consumer.git(&moved);
    consumer.git(&["branch", "--force", "main", moved.trim()]);
    reruns(&world, &consumer, 0, "files of the consumer");
}

#[test]
fn the_branch_that_head_of_the_remote_names_counts() {
    let world = World::new();
    let consumer = world.script_consumer("git rev-parse --abbrev-ref origin/HEAD");
    consumer.commit("second");
    for branch in ["main", "dev"] {
        let name = format!("refs/remotes/origin/{branch}");
        consumer.git(&["update-ref", &name, "HEAD~1"]);
    }
    let point = |branch: &str| {
        let named = format!("refs/remotes/origin/{branch}");
        consumer.git(&["symbolic-ref", "refs/remotes/origin/HEAD", &named]);
    };
    point("main");
    green(&world, &consumer);
    point("dev");
    reruns(&world, &consumer, 0, "files of the consumer");
}
