//! A lane has the consumer's formats of refs and objects: gates look into
//! `.git`, and find there what they find at a colleague's.

use crate::support::again::is_right_in_lane_and_script;
use crate::support::gate::{Gate, Setup};
use crate::support::{Consumer, World};

/// Fails unless clone and remote have these formats, and `.git/HEAD` names the
/// branch exactly if refs are files.
fn look(refs: &str, objects: &str) -> String {
    let named = if refs == "files" { "" } else { "! " };
    format!(
        "for folder in . ../origin.git; do \
         test \"$(git -C $folder rev-parse --show-ref-format)\" = {refs} || exit 11; \
         test \"$(git -C $folder rev-parse --show-object-format)\" = {objects} || exit 12; done; \
         {named}grep -q refs/heads/main .git/HEAD || exit 13; \
         test \"$(git rev-list --count origin/main..HEAD)\" = 1 || exit 14; exit 7"
    )
}

fn gate(look: &str) -> Gate {
    World::gate("fake")
        .hook("pre-push", "exit 0")
        .stage("ci", look)
        .scenario("good", &[("new", "1\n")])
}

/// The consumer, made anew in a format.
fn made_anew(setup: &Setup, formats: &[&str]) {
    let consumer: &Consumer = &setup.consumer;
    std::fs::remove_dir_all(consumer.root.join(".git")).unwrap();
    consumer.git(&[&["init", "--quiet", "--initial-branch=main"], formats].concat());
    consumer.commit("a consumer");
    consumer.git(&["tag", "v1"]);
    consumer.git(&["update-ref", "refs/remotes/origin/topic", "HEAD"]);
}

#[track_caller]
fn has_formats(refs: &str, objects: &str) {
    let setup = gate(&look(refs, objects)).consumer();
    let (refs, objects) = (
        format!("--ref-format={refs}"),
        format!("--object-format={objects}"),
    );
    made_anew(&setup, &[&refs, &objects]);
    is_right_in_lane_and_script(&setup.world, &setup.consumer, &[]);
    let ran = setup.matrix(&["replay", "one", "--execute"]);
    assert!(ran.expect(1).stderr.contains("exited 7"), "{ran:?}");
}

#[test]
fn a_lane_of_refs_in_files() {
    has_formats("files", "sha1");
}

#[test]
fn a_lane_of_refs_in_a_table() {
    has_formats("reftable", "sha1");
}

#[test]
fn a_lane_of_long_ids() {
    has_formats("files", "sha256");
}

#[test]
fn a_lane_of_long_ids_in_a_table() {
    has_formats("reftable", "sha256");
}

#[test]
fn a_lane_of_a_worktree_of_a_table() {
    let setup = gate(&look("reftable", "sha1").replace("main", "other")).consumer();
    made_anew(&setup, &["--ref-format=reftable"]);
    let root = setup.world.path().join("linked");
    let add = ["worktree", "add", "--quiet", "-b", "other"];
    let consumer = &setup.consumer;
    consumer.git(&[&add[..], &[root.to_str().unwrap()]].concat());
    is_right_in_lane_and_script(&setup.world, &Consumer { root }, &[]);
}

#[test]
fn violations_are_taken_out_of_a_lane_of_a_table() {
    let setup = World::gate("fake")
        .hook("pre-commit", "if grep -n FIXME file; then exit 1; fi")
        .scenario("bad", &[("file", "one\ntwo FIXME\n"), ("rest", "fine\n")])
        .blocked("FIXME")
        .consumer();
    made_anew(&setup, &["--ref-format=reftable"]);
    let ran = setup.matrix(&["check", "--vacuity"]);
    ran.expect(0);
}
