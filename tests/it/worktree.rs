//! `--worktree`: the work tree as it is, which is never called a pass.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::configurations::{GOOD, consumer as configured};
use crate::support::{Consumer, Ran, World, jq};

/// Prints every tracked file with its mode and content.
const LISTS: &str = "git ls-files -s | cut -c1-6,50- | while read -r mode path; do \
                     echo \"$mode $path: $(cat \"$path\")\"; done";

fn lists(world: &World, files: &[(&str, &str)]) -> Consumer {
    let toml = GOOD.replace("\"true\"", &format!("\"sh\", \"-c\", '''{LISTS}'''"));
    let consumer = configured(world, &toml);
    for (path, content) in files {
        consumer.write(path, content);
    }
    consumer.commit("files");
    consumer
}

/// Everything below `.git`, with content.
fn git_folder(consumer: &Consumer) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut folders = vec![consumer.root.join(".git")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                out.insert(path.clone(), fs::read(path).unwrap());
            }
        }
    }
    out
}

fn summary_file(consumer: &Consumer) -> PathBuf {
    consumer.artifacts().join("fake-matrix-summary.json")
}

#[track_caller]
fn uncommitted(world: &World, consumer: &Consumer, more: &[&str]) -> Ran {
    let before = git_folder(consumer);
    let ran = world.run(consumer, &[&["--worktree"], more].concat());
    ran.expect(0);
    assert_eq!(before, git_folder(consumer), "the consumer was touched");
    assert!(!ran.stdout.contains("All scenario matrix checks passed"));
    assert!(ran.stderr.contains("UNCOMMITTED: "), "{}", ran.stderr);
    ran
}

#[test]
fn all_that_is_not_ignored_is_in_the_lane_and_the_consumer_untouched() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    let files = [
        ("both", "one\n"),
        ("gone", "one\n"),
        ("old name", "the same\n"),
        ("becomes/a-file", "one\n"),
        ("program", "one\n"),
        ("hidden", "one\n"),
        (".gitignore", "*.log\n"),
    ];
    let consumer = lists(&world, &files);
    consumer.write("both", "staged\n");
    consumer.git(&["add", "both"]);
    consumer.write("both", "and edited\n");
    fs::remove_file(consumer.root.join("gone")).unwrap();
    consumer.git(&["mv", "old name", "new name"]);
    fs::remove_dir_all(consumer.root.join("becomes")).unwrap();
    consumer.write("becomes", "a file\n");
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(consumer.root.join("program"), executable).unwrap();
    consumer.git(&["update-index", "--assume-unchanged", "hidden"]);
    consumer.write("hidden", "edited in secret\n");
    consumer.write("added", "staged only\n");
    consumer.write("forced.log", "staged although it is ignored\n");
    consumer.git(&["add", "-f", "added", "forced.log"]);
    consumer.write("only.log", "ignored\n");
    consumer.write("un/tracked", "new\n");
    consumer.write("artifacts/old", "of an earlier run\n");

    let ran = uncommitted(&world, &consumer, &[]);
    assert!(ran.stdout.ends_with("status: PASS\n"), "{}", ran.stdout);
    assert_eq!(
        consumer.log("clean", "stage_ci"),
        "100644 .gitignore: *.log\n\
         100644 added: staged only\n\
         100644 becomes: a file\n\
         100644 both: and edited\n\
         100644 file: two\n\
         100644 forced.log: staged although it is ignored\n\
         100644 hidden: edited in secret\n\
         100644 new name: the same\n\
         100755 program: one\n\
         100644 un/tracked: new\n"
    );
    let head = consumer.git(&["rev-parse", "HEAD"]);
    let filter = format!(
        ".final_verdict == \"UNCOMMITTED\" and .source.worktree_on == \"{head}\" \
         and .source.head != \"{head}\" and .source.branch == \"main\" \
         and .scenarios.clean.status == \"PASS\"",
        head = head.trim()
    );
    jq(&summary_file(&consumer), &filter);
}

#[test]
fn a_clean_work_tree_is_no_pass_either_nor_is_a_part() {
    let world = World::new();
    let consumer = lists(&world, &[]);
    uncommitted(&world, &consumer, &[]);
    let head = consumer.git(&["rev-parse", "HEAD"]);
    let source = consumer.summary("fake").unwrap()["source"].clone();
    assert_eq!(source["head"], head.trim());
    assert_eq!(source["worktree_on"], head.trim());
    jq(
        &summary_file(&consumer),
        ".final_verdict == \"UNCOMMITTED\"",
    );
    let ran = world.matrix(&[
        "replay",
        "last-pass",
        "--artifacts",
        &text(&consumer.artifacts()),
    ]);
    assert_ne!(ran.code, 0, "{ran:?}");
    // Without it the same run passes, and has nothing to say of a work tree.
    world.run(&consumer, &[]).expect(0);
    jq(
        &summary_file(&consumer),
        ".final_verdict == \"PASS\" and (.source | has(\"worktree_on\") | not)",
    );
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_red_work_tree_is_shown_and_not_repeated() {
    let world = World::new();
    let consumer = configured(
        &world,
        &GOOD.replace("\"true\"", "\"test\", \"!\", \"-e\", \"new\""),
    );
    consumer.write("new", "");
    let ran = world.run(&consumer, &["--worktree"]);
    ran.expect(1);
    let failure = consumer.failed("fake", "stage_ci");
    assert_eq!(failure["final_verdict"], "FAIL");
    assert!(!ran.stderr.contains("--execute"), "{}", ran.stderr);
    assert!(!consumer.run_folder().join("replay").exists());
    let artifacts = text(&consumer.artifacts());
    world
        .matrix(&["replay", "--artifacts", &artifacts])
        .expect(0);
    let ran = world.matrix(&["replay", "--execute", "--artifacts", &artifacts]);
    let said = &ran.expect(2).stderr;
    assert!(said.contains("matrix run --worktree"), "{said}");
    // What it proved counts for no rerun of a commit.
    let ran = world.run(&consumer, &["--rerun-from", "latest"]);
    let said = &ran.expect(2).stderr;
    assert!(said.contains("uncommitted work tree"), "{said}");
    let ran = world.run(&consumer, &["--worktree", "--rerun-from", "latest"]);
    ran.expect(2);
}

#[test]
fn a_conflict_is_tried_as_it_lies_there() {
    let world = World::new();
    let consumer = lists(&world, &[("other", "one\n")]);
    consumer.git(&["checkout", "--quiet", "-b", "theirs"]);
    consumer.write("other", "theirs\n");
    consumer.commit("theirs");
    consumer.git(&["checkout", "--quiet", "main"]);
    consumer.write("other", "ours\n");
    consumer.commit("ours");
    let merge = std::process::Command::new("git")
        .args(["merge", "--quiet", "theirs"])
        .current_dir(&consumer.root)
        .output();
    assert!(!merge.unwrap().status.success());
    uncommitted(&world, &consumer, &[]);
    let log = consumer.log("clean", "stage_ci");
    assert!(log.contains("<<<<<<< HEAD\nours\n"), "{log}");
}

#[test]
fn an_edited_configuration_is_that_of_the_run() {
    let world = World::new();
    let consumer = lists(&world, &[]);
    let edited = GOOD.replace("{ ci = 0 }", "{ ci = 3 }");
    consumer.write(
        "matrix.toml",
        &edited.replace("\"true\"", "\"sh\", \"-c\", \"exit 3\""),
    );
    consumer.write("scenarios/clean/other", "new\n");
    let ran = uncommitted(&world, &consumer, &[]);
    assert!(ran.stdout.contains("results: ci=3\n"), "{}", ran.stdout);
    // A file that the copy would not have is told.
    consumer.write(".gitignore", "other\n");
    let ran = world.run(&consumer, &["--worktree"]);
    assert!(
        ran.expect(2).stderr.contains("git ignores "),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_is_uncommitted_in_a_submodule_is_refused() {
    let world = World::new();
    let part = world.consumer("part", &[("inside", "one\n")]);
    let consumer = lists(&world, &[]);
    let add = [
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
    ];
    let from = text(&part.root);
    consumer.git(&[&add[..], &[&from, "sub"]].concat());
    consumer.commit("a submodule");
    consumer.write("sub/inside", "edited\n");
    let ran = world.run(&consumer, &["--worktree"]);
    let said = &ran.expect(69).stderr;
    assert!(said.contains("uncommitted in submodules: sub"), "{said}");
    let failure: Value = consumer.failed("fake", "repo_unsupported");
    assert_eq!(failure["failure_class"], "unsupported");
}

/// Git adds no file of another repository: such a folder would be missing in every lane.
#[test]
fn an_untracked_folder_that_is_a_repository_is_refused() {
    let world = World::new();
    let consumer = lists(&world, &[]);
    consumer.write("edited", "edited\n");
    let nested = world.consumer("consumer/nested", &[("inside", "one\n")]);
    let ran = world.run(&consumer, &["--worktree"]);
    let said = &ran.expect(69).stderr;
    let told = "untracked folders that are repositories of their own: nested/\n";
    assert!(said.contains(told), "{said}");
    let remedy = "submodule add URL \"nested/\"), or have git ignore it";
    assert!(said.contains(remedy), "{said}");
    let failure: Value = consumer.failed("fake", "repo_unsupported");
    assert_eq!(failure["failure_class"], "unsupported");
    // Alone it is refused as well.
    consumer.git(&["add", "edited"]);
    consumer.git(&["commit", "--quiet", "-m", "edited"]);
    world.run(&consumer, &["--worktree"]).expect(69);
    consumer.write(".git/info/exclude", "nested\n");
    world.run(&consumer, &["--worktree"]).expect(0);
    assert!(nested.root.join("inside").exists());
}
