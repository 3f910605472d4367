//! The refs of a lane: `origin/<branch>..HEAD` is the scenario and nothing
//! else.

use crate::support::gate::Gate;
use crate::support::{Consumer, Ran, World, git};

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

/// A clone of a consumer on a branch of its own, as colleagues have it. The
/// remote's `main` has moved on since, and a branch `topic/one` is there alone.
fn on_a_feature_branch(world: &World, upstream: &Consumer) -> Consumer {
    upstream.git(&["branch", "topic/one"]);
    upstream.commit("the second commit");
    upstream.git(&["checkout", "--quiet", "-b", "feature/parcels", "HEAD~1"]);
    upstream.write("begun", "half\n");
    upstream.commit("begin with parcels");
    let root = world.clone_of(upstream, "clone");
    let clone = Consumer { root };
    clone.git(&["remote", "set-head", "origin", "main"]);
    clone.git(&["branch", "main", "HEAD~1"]);
    clone
}

const LIKE_THE_REMOTE: &str = "\
    test \"$(git log -1 --format=%s origin/main)\" = 'the second commit' || exit 11; \
    test \"$(git rev-parse origin/HEAD)\" = \"$(git rev-parse origin/main)\" || exit 12; \
    test \"$(git symbolic-ref refs/remotes/origin/HEAD)\" = refs/remotes/origin/main || exit 13; \
    test \"$(git ls-remote --symref origin HEAD | head -n 1 | cut -f1)\" = 'ref: refs/heads/main' || exit 14; \
    test \"$(git diff --name-only --diff-filter=d origin/main...HEAD | tr '\\n' ' ')\" = 'begun new ' || exit 15; \
    test \"$(git rev-list --count origin/feature/parcels..HEAD)\" = 1 || exit 16; \
    git rev-parse --verify --quiet origin/topic/one || exit 17; \
    git fetch --quiet origin || exit 18; git rev-parse --verify --quiet HEAD:new";

#[test]
fn branches_that_only_the_remote_has_are_there_in_a_lane() {
    let setup = World::gate("fake")
        .stage("ci", LIKE_THE_REMOTE)
        .scenario("good", &[("new", "1\n")])
        .consumer();
    let clone = on_a_feature_branch(&setup.world, &setup.consumer);
    setup.world.run(&clone, &[]).expect(0);
    // A branch of the consumer where the remote has a folder of branches.
    clone.git(&["branch", "topic"]);
    setup.world.run(&clone, &[]).expect(0);
}

#[test]
fn replays_find_the_branches_of_the_remote_too() {
    let setup = World::gate("fake")
        .stage("ci", &format!("{LIKE_THE_REMOTE} && exit 7"))
        .scenario("good", &[("new", "1\n")])
        .consumer();
    let clone = on_a_feature_branch(&setup.world, &setup.consumer);
    let world = &setup.world;
    world.run(&clone, &["--run-id", "one"]).expect(1);
    assert_eq!(clone.cell("good", "ci")["exit"], 7);
    let script = clone.artifacts().join("runs/one/replay/good.sh");
    let mut sh = std::process::Command::new("sh");
    sh.arg(script)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap());
    Ran::of(sh.env("TMPDIR", world.home()).output().unwrap()).expect(7);
    let artifacts = clone.artifacts();
    let artifacts = ["--artifacts", artifacts.to_str().unwrap()];
    let ran = world.matrix(&[&["replay", "one", "--execute"][..], &artifacts].concat());
    assert!(ran.expect(1).stderr.contains("exited 7"), "{ran:?}");
}

/// As actions/checkout makes it: one commit, one ref, no branch.
#[test]
fn a_checkout_of_one_commit_has_the_branch_that_it_came_from() {
    let look = only_the_scenario(&["origin/main", "origin/HEAD"])
        + "git diff --quiet origin/main...HEAD -- file || exit 17; \
           test \"$(git rev-parse --is-shallow-repository)\" = true || exit 18";
    let setup = World::gate("fake")
        .hook("pre-push", "git diff --quiet origin/main...HEAD -- file")
        .stage("ci", &look)
        .scenario("good", &[("new", "1\n")])
        .consumer();
    setup.consumer.commit("the second commit");
    let root = setup.world.path().join("checkout");
    std::fs::create_dir(&root).unwrap();
    let checkout = Consumer { root };
    let from = format!("file://{}", setup.consumer.root.display());
    let main = "+refs/heads/main:refs/remotes/origin/main";
    checkout.git(&["init", "--quiet"]);
    checkout.git(&["remote", "add", "origin", &from]);
    checkout.git(&["fetch", "--quiet", "--no-tags", "--depth=1", "origin", main]);
    checkout.git(&[
        "checkout",
        "--quiet",
        "--detach",
        "refs/remotes/origin/main",
    ]);
    setup.world.run(&checkout, &[]).expect(0);
}

#[test]
fn branches_of_other_remotes_are_there_under_their_names() {
    let look = "test \"$(git log -1 --format=%s upstream/main)\" = 'of the others' || exit 11; \
        test \"$(git log -1 --format=%s origin/main)\" = 'the second commit' || exit 12; \
        test \"$(git remote)\" = origin || exit 13; git ls-remote origin | grep remotes && exit 14; exit 0";
    let setup = World::gate("fake")
        .stage("ci", look)
        .scenario("good", &[("new", "1\n")])
        .consumer();
    let clone = on_a_feature_branch(&setup.world, &setup.consumer);
    setup.consumer.git(&["checkout", "--quiet", "main"]);
    setup.consumer.commit("of the others");
    let others = setup.consumer.root.to_str().unwrap();
    clone.git(&["remote", "add", "upstream", others]);
    clone.git(&["fetch", "--quiet", "upstream"]);
    setup.world.run(&clone, &[]).expect(0);
}

#[test]
fn thousands_of_refs_leave_no_warning() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let head = consumer.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let names = |from: u32, to: u32| (from..to).map(|at| format!("refs/tags/t{at:05}"));
    let mut packed = "# pack-refs with: peeled fully-peeled sorted \n".to_owned();
    packed.extend(names(0, 20_000).map(|name| format!("{head} {name}\n")));
    std::fs::write(consumer.root.join(".git/packed-refs"), packed).unwrap();
    for name in names(20_000, 20_500) {
        std::fs::write(consumer.root.join(".git").join(name), format!("{head}\n")).unwrap();
    }
    let ran = world.run(&consumer, &[]);
    ran.expect(0);
    consumer.passed("fake");
    assert!(
        !ran.stderr.to_lowercase().contains("warn"),
        "{}",
        ran.stderr
    );
}
