//! Submodules that are checked out in the consumer are so in its lanes.

use std::fs;

use crate::support::again::is_right_in_lane_and_script;
use crate::support::gate::Setup;
use crate::support::{Consumer, World, git};

/// Fails unless `part of it` and the one inside of it are checked out as the
/// commit says, also for git, and `later` is not.
const LOOK: &str = "\
    test \"$(cat 'part of it/code')\" = one || exit 11; \
    test \"$(cat 'part of it/inner/code')\" = inner || exit 12; \
    test -z \"$(ls later)\" || exit 13; \
    test \"$(git submodule status --recursive | cut -c1 | tr '\\n' .)\" = '-. . .' || exit 14; \
    git submodule --quiet update --recursive || exit 15; \
    git submodule --quiet foreach --recursive 'git diff --quiet && git status' >../said || exit 16; \
    test -z \"$(git status --porcelain)\" || exit 17; \
    test \"$(cd 'part of it' && git rev-parse --absolute-git-dir)\" = \"$PWD/.git/modules/part\" || exit 18; \
    if grep -r /consumer .git/config .git/modules .git/logs; then exit 19; fi; exit 7";

/// A consumer of three submodules with relative addresses. The second commit
/// of the first is not the one that the consumer names.
fn consumer() -> Setup {
    let setup = World::gate("fake")
        .hook("pre-push", "exit 0")
        .stage("ci", LOOK)
        .scenario("good", &[("new", "1\n")])
        .consumer();
    let world = &setup.world;
    let add = |to: &Consumer, words: &[&str]| {
        let verb = [
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "--quiet",
            "add",
        ];
        to.git(&[&verb[..], words].concat());
    };
    world.consumer("inner", &[("code", "inner\n")]);
    let part = world.consumer("part", &[("code", "one\n")]);
    add(&part, &["../inner", "inner"]);
    part.commit("a submodule");
    world.consumer("later", &[("code", "later\n")]);
    let upstream = world.path().join("consumer");
    setup
        .consumer
        .git(&["remote", "add", "origin", upstream.to_str().unwrap()]);
    add(
        &setup.consumer,
        &["--name", "part", "../part", "part of it"],
    );
    add(&setup.consumer, &["../later", "later"]);
    let update = [
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "update",
    ];
    let all = [&update[..], &["--init", "--recursive"]].concat();
    setup.consumer.git(&all);
    setup.consumer.commit("submodules");
    setup
        .consumer
        .git(&["submodule", "--quiet", "deinit", "later"]);
    part.write("code", "two\n");
    part.commit("moves on");
    let part = setup.consumer.root.join("part of it");
    git(
        &part,
        &["-c", "protocol.file.allow=always", "fetch", "--quiet"],
    );
    // All that is left of them is what the consumer has.
    for name in ["inner", "part", "later"] {
        fs::remove_dir_all(world.path().join(name)).unwrap();
    }
    setup
}

#[test]
fn they_are_there_without_their_addresses() {
    let setup = consumer();
    for sandbox in ["require", "off"] {
        let more = ["--sandbox", sandbox];
        is_right_in_lane_and_script(&setup.world, &setup.consumer, &more);
    }
}

#[test]
fn they_are_there_in_a_replay() {
    let setup = consumer();
    setup.matrix(&["run", "--run-id", "one"]).expect(1);
    for sandbox in ["require", "off"] {
        let ran = setup.matrix(&["replay", "one", "--execute", "--sandbox", sandbox]);
        assert!(ran.expect(1).stderr.contains("exited 7"), "{ran:?}");
    }
}

#[test]
fn they_may_borrow_their_objects() {
    let setup = consumer();
    let lent = setup.world.path().join("lent");
    let git_dir = setup.consumer.root.join(".git/modules/part");
    fs::rename(git_dir.join("objects"), &lent).unwrap();
    fs::create_dir_all(git_dir.join("objects/info")).unwrap();
    let alternates = format!("{}\n", lent.display());
    fs::write(git_dir.join("objects/info/alternates"), alternates).unwrap();
    let more = ["--sandbox", "require"];
    is_right_in_lane_and_script(&setup.world, &setup.consumer, &more);
}
