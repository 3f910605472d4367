//! The refs of a lane: `origin/<branch>..HEAD` is the scenario and nothing
//! else.

use crate::support::gate::Gate;
use crate::support::{Consumer, World, git};

/// A gate that blocks FIXME in the files that are new since a commit: not in
/// those that look renamed.
fn new_files(since: &str) -> String {
    format!(
        "set -e; new=$(git diff --name-only --diff-filter=ACM {since}); \
         for file in $new; do if grep -n FIXME \"$file\"; then exit 1; fi; done"
    )
}

fn both(gate: Gate) -> Gate {
    let violation = "FIXME, in a file that no other scenario has\n";
    gate.scenario("good", &[("new", "a file of its own\n")])
        .scenario("bad", &[("new", violation)])
        .blocked("FIXME")
}

#[test]
fn a_new_file_is_new_since_the_branch_in_origin() {
    let since = new_files("origin/main...HEAD");
    let setup = both(
        World::gate("fake")
            .hook("pre-push", &since)
            .stage("ci", &since),
    )
    .consumer();
    setup.matrix(&["run"]).expect(0);
}

/// One commit, with the scenario's file alone.
fn only_the_scenario(refs: &[&str]) -> String {
    let look = |name: &&str| {
        format!(
            "test \"$(git rev-list --count {name}..HEAD)\" = 1 || exit 11; \
             test \"$(git diff --name-only {name} HEAD)\" = new || exit 12; "
        )
    };
    refs.iter().map(look).collect()
}

#[test]
fn every_branch_at_the_commit_of_the_consumer_moves_to_the_baseline() {
    let look = only_the_scenario(&["origin/main", "origin/also/here", "upstream-$(cat which)"]);
    let look = look.replace("$(cat which)", "good");
    let in_origin = "for branch in main also/here; do \
        test \"$(git -C ../origin.git rev-parse $branch)\" = \"$(git rev-parse origin/$branch)\" \
        || exit 13; done; \
        test \"$(git rev-parse origin/older)\" = \"$(git rev-parse HEAD~2~1)\" || exit 14";
    let setup = World::gate("fake")
        .stage("ci", &(look + in_origin))
        .scenario("good", &[("new", "1\n")])
        .consumer();
    setup.consumer.git(&["branch", "older"]);
    setup.consumer.commit("the second commit");
    setup.consumer.git(&["branch", "also/here"]);
    setup.matrix(&["run"]).expect(0);
}

#[test]
fn a_branch_of_the_lanes_own_stands_beside_that_of_the_consumer() {
    let look = only_the_scenario(&["origin/main", "main"]);
    let branch = "test $(git branch --show-current) = feature/matrix || exit 15";
    let setup = World::gate("fake")
        .toml("branch = \"feature/matrix\"")
        .stage("ci", &(look + branch))
        .scenario("good", &[("new", "1\n")])
        .consumer();
    setup.matrix(&["run"]).expect(0);
}

/// Whatever a stage pushed, the next one finds the scenario.
#[test]
fn a_push_does_not_hide_the_scenario_from_the_stages_after_it() {
    let hook = "while read -r local sha remote old; do echo \"$old\" >>../pushed; done";
    let look = only_the_scenario(&["origin/main"])
        + "test \"$(cat ../pushed)\" = \"$(git rev-parse HEAD~1)\" || exit 16";
    let setup = World::gate("fake")
        .hook("pre-push", hook)
        .stage("ci", &look)
        .scenario("good", &[("new", "1\n")])
        .consumer();
    setup.matrix(&["run", "--keep"]).expect(0);
    let lane = setup.world.kept_lane("good");
    let tip = |folder: &str, name: &str| git(&lane.join(folder), &["rev-parse", name]);
    assert_eq!(tip("origin.git", "main"), tip("clone", "HEAD~1"));
}

/// In each format, since libgit2 does not know them all.
#[test]
fn the_baseline_is_published_in_every_format() {
    for format in ["--ref-format=reftable", "--object-format=sha256"] {
        let setup = World::gate("fake")
            .stage("ci", &only_the_scenario(&["origin/main"]))
            .scenario("good", &[("new", "1\n")])
            .consumer();
        let consumer: &Consumer = &setup.consumer;
        std::fs::remove_dir_all(consumer.root.join(".git")).unwrap();
        consumer.git(&["init", "--quiet", "--initial-branch=main", format]);
        consumer.commit("a consumer");
        setup.matrix(&["run"]).expect(0);
    }
}
