//! Refs of the consumer that git could take for one of a lane's.

use crate::support::again::is_right_in_lane_and_script;
use crate::support::gate::{Gate, Setup};
use crate::support::{Consumer, World};

/// Fails if git finds a name of the lane ambiguous, or a push went elsewhere.
const LOOK: &str = "\
    git rev-parse HEAD main origin/main origin/HEAD upstream-good heads/main refs/heads/main \
        >../names 2>&1 || exit 11; \
    if grep ambiguous ../names; then exit 12; fi; \
    test \"$(cat ../pushed)\" = \"$(git rev-parse HEAD)\" || exit 13; \
    test \"$(git rev-list --count origin/main..HEAD)\" = 1 || exit 14; \
    test \"$(git log -1 --format=%s HEAD~2)\" = 'the second commit' || exit 15; exit 7";

fn gate() -> Gate {
    World::gate("fake")
        .hook("pre-push", "read -r name sha rest; echo $sha >../pushed")
        .stage("ci", LOOK)
        .scenario("good", &[("new", "1\n")])
}

/// Names that git prefers to those of a lane, or finds as good.
const NAMES: [&str; 12] = [
    "refs/tags/HEAD",
    "refs/heads/HEAD",
    "refs/tags/main",
    "refs/tags/heads/main",
    "refs/heads/heads/main",
    "refs/tags/refs/heads/main",
    "refs/heads/refs/heads/main",
    "refs/tags/origin/main",
    "refs/heads/origin/main",
    "refs/heads/remotes/origin/main",
    "refs/tags/refs/remotes/origin/main",
    "refs/tags/upstream-good",
];

/// Refs of these names at the first commit, then a second one.
fn with_refs(setup: &Setup) {
    let consumer: &Consumer = &setup.consumer;
    let first = consumer.git(&["rev-parse", "refs/heads/main"]);
    consumer.commit("the second commit");
    for name in NAMES {
        consumer.git(&["update-ref", name, first.trim_end()]);
    }
    // A branch whose name is the id of the commit that lanes start from.
    let head = consumer.git(&["rev-parse", "refs/heads/main"]);
    let odd = format!("refs/heads/{}", head.trim_end());
    consumer.git(&["update-ref", &odd, first.trim_end()]);
}

#[test]
fn a_lane_has_none_that_git_could_take_for_its_own() {
    let setup = gate().consumer();
    with_refs(&setup);
    let ran = is_right_in_lane_and_script(&setup.world, &setup.consumer, &[]);
    for name in NAMES {
        assert!(ran.stderr.contains(name), "{name}: {ran:?}");
    }
    assert!(
        ran.stderr.contains("warning: lanes do not have "),
        "{ran:?}"
    );
}

/// Where git publishes the baseline, and not libgit2.
#[test]
fn nor_has_a_lane_with_other_objects() {
    let setup = gate().consumer();
    std::fs::remove_dir_all(setup.consumer.root.join(".git")).unwrap();
    let init = [
        "init",
        "--quiet",
        "--initial-branch=main",
        "--object-format=sha256",
    ];
    setup.consumer.git(&init);
    setup.consumer.commit("a consumer");
    with_refs(&setup);
    is_right_in_lane_and_script(&setup.world, &setup.consumer, &[]);
}

#[test]
fn a_branch_named_as_what_is_checked_out_is_none_for_a_lane() {
    let setup = World::gate("fake")
        .hook("pre-push", "exit 0")
        .stage("ci", "test \"$(git branch --show-current)\" = matrix")
        .scenario("good", &[("new", "1\n")])
        .consumer();
    let odd = "refs/heads/HEAD";
    setup.consumer.git(&["update-ref", odd, "HEAD"]);
    setup.consumer.git(&["symbolic-ref", "HEAD", odd]);
    setup.matrix(&["run"]).expect(0);
}

#[test]
fn a_replay_starts_from_the_commit_and_not_from_a_branch_of_its_id() {
    let setup = gate().consumer();
    with_refs(&setup);
    setup.matrix(&["run", "--run-id", "one"]).expect(1);
    let ran = setup.matrix(&["replay", "one", "--execute"]);
    assert!(ran.expect(1).stderr.contains("exited 7"), "{ran:?}");
}

#[test]
fn a_branch_that_git_takes_for_an_option_is_not_the_lanes() {
    let gate = World::gate("fake").stage("ci", "git symbolic-ref --short HEAD");
    let setup = gate.scenario("good", &[("new", "1\n")]).consumer();
    setup.consumer.git(&["update-ref", "refs/heads/-x", "HEAD"]);
    setup
        .consumer
        .git(&["symbolic-ref", "HEAD", "refs/heads/-x"]);
    setup.matrix(&["run"]).expect(0);
    assert_eq!(setup.consumer.log("good", "stage_ci"), "matrix\n");
}
