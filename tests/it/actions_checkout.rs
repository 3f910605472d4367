//! Consumers as `actions/checkout` makes them: the gate is green in each, and red
//! if it is weakened.

use std::fs;
use std::process::Command;

use crate::support::gate::Setup;
use crate::support::{Consumer, Ran, World};

/// Blocks FIXME in what changed.
const GATE: &str = "\
    changed=$(git diff --name-only --cached; git diff --name-only HEAD~1 HEAD); \
    for file in $changed; do if grep -n FIXME $file; then exit 1; fi; done";

const WORDS: [&str; 2] = ["fetch", "--quiet"];
const HEAD_OF_MAIN: &str = "+refs/heads/main:refs/remotes/origin/main";
const EVERYTHING: [&str; 2] = [
    "+refs/heads/*:refs/remotes/origin/*",
    "+refs/tags/*:refs/tags/*",
];
const PULL: &str = "+refs/pull/7/merge:refs/remotes/pull/7/merge";

/// What a workflow fetches and checks out.
struct Workflow<'a> {
    fetch: &'a [&'a str],
    checkout: &'a [&'a str],
}

/// The repository on the server: a tag at the first commit and at the last, and
/// a pull request. `ci` sees the lane as it is.
fn server(ci: &str) -> Setup {
    let setup = World::gate("fake")
        .hook("pre-commit", "exec sh ./gate")
        .hook("pre-push", "exec sh ./gate")
        .stage(
            "ci",
            &format!("sh ./gate || exit 1; grep -q FIXME gate || exit 0; {ci}"),
        )
        .file("gate", GATE)
        .scenario("clean", &[("src", "fine\n")])
        .scenario("violations", &[("src", "FIXME\n")])
        .blocked("FIXME")
        .consumer();
    let upstream = &setup.consumer;
    upstream.git(&["tag", "-m", "the first", "v1"]);
    upstream.git(&["checkout", "--quiet", "-b", "feature"]);
    upstream.write("begun", "half\n");
    upstream.commit("begin");
    upstream.git(&["checkout", "--quiet", "main"]);
    upstream.commit("the second commit");
    upstream.git(&["tag", "-m", "the second", "v2"]);
    upstream.git(&["checkout", "--quiet", "--detach"]);
    upstream.git(&["merge", "--quiet", "-m", "the merge", "feature"]);
    upstream.git(&["update-ref", "refs/pull/7/merge", "HEAD"]);
    upstream.git(&["checkout", "--quiet", "main"]);
    upstream.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    setup
}

/// The checkout, as the runner of the workflow has it.
fn checked_out(setup: &Setup, workflow: &Workflow<'_>) -> Consumer {
    let root = setup.world.path().join("checkout");
    fs::create_dir(&root).unwrap();
    let consumer = Consumer { root };
    let from = format!("file://{}", setup.consumer.root.display());
    consumer.git(&["init", "--quiet"]);
    consumer.git(&["remote", "add", "origin", &from]);
    consumer.git(&["config", "gc.auto", "0"]);
    consumer.git(&[
        "config",
        "http.https://github.com/.extraheader",
        "AUTHORIZATION: basic x",
    ]);
    consumer.git(
        &[
            &WORDS[..],
            &["--prune", "--no-recurse-submodules"],
            workflow.fetch,
        ]
        .concat(),
    );
    consumer.git(&[&["checkout", "--quiet", "--force"], workflow.checkout].concat());
    consumer
}

/// Runs green; with a gate that lets everything through, the violation is not
/// blocked any more, and the contract is broken.
#[track_caller]
fn tells_a_weak_gate(setup: &Setup, consumer: &Consumer, more: &[&str]) -> Ran {
    let green = setup.world.run(consumer, more);
    green.expect(0);
    consumer.write("gate", "exit 0\n");
    consumer.git(&["commit", "--quiet", "-m", "weaken the gate", "gate"]);
    setup.world.run(consumer, more).expect(1);
    let failure = consumer.last_failure("fake").unwrap();
    assert_eq!(failure["failure_class"], "contract", "{failure:#}");
    assert_eq!(failure["failure_phase"], "violations", "{failure:#}");
    green
}

#[track_caller]
fn works(fetch: &[&str], checkout: &[&str], ci: &str) {
    let setup = server(ci);
    let consumer = checked_out(&setup, &Workflow { fetch, checkout });
    tells_a_weak_gate(&setup, &consumer, &[]);
}

const SHALLOW: &str = "test $(git rev-parse --is-shallow-repository) = true || exit 11; \
    test $(git rev-list --count origin/main..HEAD) = 1 || exit 12; ";

#[test]
fn a_push_with_one_commit() {
    let ci = format!("{SHALLOW} test -z \"$(git tag)\" || exit 13; git describe --always");
    let fetch = ["--no-tags", "--depth=1", "origin", HEAD_OF_MAIN];
    works(&fetch, &["-B", "main", "refs/remotes/origin/main"], &ci);
}

#[test]
fn a_push_with_one_commit_and_tags() {
    let ci = format!("{SHALLOW} case $(git describe) in v2-*) ;; *) exit 13 ;; esac");
    let fetch = ["--depth=1", "origin", HEAD_OF_MAIN, EVERYTHING[1]];
    works(&fetch, &["-B", "main", "refs/remotes/origin/main"], &ci);
}

#[test]
fn a_push_with_the_whole_history() {
    let ci = "case $(git describe) in v2-*) ;; *) exit 13 ;; esac; \
        test \"$(git tag | tr '\\n' ' ')\" = 'v1 v2 ' || exit 14; \
        git merge-base origin/main origin/feature";
    let fetch = [&["origin"], &EVERYTHING[..]].concat();
    works(&fetch, &["-B", "main", "refs/remotes/origin/main"], ci);
}

#[test]
fn a_pull_request_with_one_commit() {
    let ci = "test $(git rev-parse --is-shallow-repository) = true || exit 11; \
        git rev-parse --verify --quiet refs/remotes/pull/7/merge || exit 12; \
        test $(git rev-list --count refs/remotes/pull/7/merge..HEAD) = 1 || exit 13";
    let fetch = ["--no-tags", "--depth=1", "origin", PULL];
    works(&fetch, &["refs/remotes/pull/7/merge"], ci);
}

#[test]
fn a_pull_request_with_the_whole_history() {
    let ci = "test \"$(git diff --no-renames --name-only --diff-filter=A origin/main...HEAD | tr '\\n' ' ')\" \
            = 'begun src ' || exit 11; \
        case $(git describe) in v2-*) ;; *) exit 13 ;; esac";
    let fetch = [&["origin"], &EVERYTHING[..], &[PULL]].concat();
    works(&fetch, &["refs/remotes/pull/7/merge"], ci);
}

#[test]
fn a_pull_request_with_its_parents() {
    let ci = "git rev-parse --verify --quiet HEAD~2^2 || exit 11; git describe --always";
    let fetch = ["--no-tags", "--depth=2", "origin", PULL];
    works(&fetch, &["refs/remotes/pull/7/merge"], ci);
}

#[test]
fn a_tag() {
    let ci = "test \"$(git tag)\" = v2 || exit 11; \
        case $(git describe) in v2-*) ;; *) exit 13 ;; esac";
    let fetch = [
        "--no-tags",
        "--depth=1",
        "origin",
        "+refs/tags/v2:refs/tags/v2",
    ];
    works(&fetch, &["refs/tags/v2"], ci);
}

#[test]
fn a_commit_by_its_id() {
    let setup = server("test -z \"$(git tag)\"");
    let id = setup.consumer.git(&["rev-parse", "main"]);
    let fetch = ["--no-tags", "--depth=1", "origin", id.trim_end()];
    let checkout = [id.trim_end()];
    let workflow = Workflow {
        fetch: &fetch,
        checkout: &checkout,
    };
    let consumer = checked_out(&setup, &workflow);
    tells_a_weak_gate(&setup, &consumer, &[]);
}

#[test]
fn submodules() {
    let setup =
        server("grep -q of-the-part part/code || exit 11; git submodule update --recursive");
    let part = setup.world.consumer("part", &[("code", "of-the-part\n")]);
    part.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let from = format!("file://{}", part.root.display());
    let allow = ["-c", "protocol.file.allow=always", "submodule", "--quiet"];
    setup
        .consumer
        .git(&[&allow[..], &["add", &from, "part"]].concat());
    setup.consumer.commit("a submodule");
    let fetch = ["--no-tags", "--depth=1", "origin", HEAD_OF_MAIN];
    let checkout = ["-B", "main", "refs/remotes/origin/main"];
    let workflow = Workflow {
        fetch: &fetch,
        checkout: &checkout,
    };
    let consumer = checked_out(&setup, &workflow);
    consumer.git(&["submodule", "--quiet", "sync"]);
    let update = ["update", "--init", "--force", "--depth=1", "--recursive"];
    consumer.git(&[&allow[..], &update].concat());
    fs::remove_dir_all(part.root).unwrap();
    tells_a_weak_gate(&setup, &consumer, &[]);
}

/// `lfs: true`, with the settings that `git lfs install --local` writes.
#[test]
fn files_of_git_lfs() {
    let setup = server("grep -q '^PNG' logo.png");
    let upstream = &setup.consumer;
    upstream.git(&["lfs", "install", "--local"]);
    upstream.write(".gitattributes", "*.png filter=lfs -text\n");
    upstream.write("logo.png", "PNG\n");
    upstream.commit("a picture");
    let fetch = ["--no-tags", "--depth=1", "origin", HEAD_OF_MAIN];
    let checkout = ["-B", "main", "refs/remotes/origin/main"];
    let workflow = Workflow {
        fetch: &fetch,
        checkout: &checkout,
    };
    let consumer = checked_out(&setup, &workflow);
    let ran = setup.world.run(&consumer, &[]);
    assert!(
        ran.expect(1)
            .stderr
            .contains("1 file of Git LFS stays a pointer"),
        "{ran:?}"
    );
    consumer.git(&["lfs", "install", "--local"]);
    let mut pull = Command::new("git");
    pull.args(["lfs", "pull"]).current_dir(&consumer.root);
    Ran::of(pull.output().unwrap()).expect(0);
    let text = fs::read_to_string(consumer.root.join("logo.png"));
    assert_eq!(text.unwrap(), "PNG\n");
    setup.world.run(&consumer, &[]).expect(69);
    tells_a_weak_gate(&setup, &consumer, &["--trust-filters"]);
}
