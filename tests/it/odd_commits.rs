//! Commits and refs as git allows them: dates of every age, names of every shape, and git
//! folders that lie elsewhere.

use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use crate::support::gate::Setup;
use crate::support::{Ran, World};

/// A gate with a hook of each kind and a stage, that let a clean change through and stop
/// another one.
fn gate() -> Setup {
    let look = "git grep -q BAD -- file && { echo gate: BAD; exit 1; }; exit 0";
    let range = "git diff --name-only origin/HEAD... | grep -q . || exit 9; ";
    World::gate("fake")
        .hook("pre-commit", look)
        .hook("pre-push", look)
        .stage("ci", &format!("{range}{look}"))
        .scenario("clean", &[("file", "two\n")])
        .scenario("bad", &[("file", "BAD\n")])
        .blocked("gate: BAD")
        .consumer()
}

#[track_caller]
fn passes(setup: &Setup) -> Ran {
    let ran = setup.world.run(&setup.consumer, &[]);
    ran.expect(0);
    setup.consumer.passed("fake");
    ran
}

/// Puts a commit in the place of the last one, with other lines for its people.
fn with_people(setup: &Setup, author: &str, committer: &str) {
    let commit = setup.consumer.git(&["cat-file", "commit", "HEAD"]);
    let line = |line: &str| match line.split_once(' ') {
        Some(("author", _)) => format!("author {author}"),
        Some(("committer", _)) => format!("committer {committer}"),
        _ => line.to_owned(),
    };
    let lines: Vec<_> = commit.lines().map(line).collect();
    let mut git = Command::new("git");
    git.args([
        "hash-object",
        "-t",
        "commit",
        "-w",
        "--stdin",
        "--literally",
    ]);
    git.current_dir(&setup.consumer.root).stdin(Stdio::piped());
    let mut made = git.stdout(Stdio::piped()).spawn().unwrap();
    let text = lines.join("\n") + "\n";
    let mut input = made.stdin.take().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    drop(input);
    let id = String::from_utf8(made.wait_with_output().unwrap().stdout).unwrap();
    setup.consumer.git(&["update-ref", "HEAD", id.trim()]);
}

/// Runs with a last commit of this date, in seconds since 1970.
#[track_caller]
fn passes_at(date: &str) {
    let setup = gate();
    let person = format!("A <a@example.invalid> {date} +0000");
    with_people(&setup, &person, &person);
    passes(&setup);
}

#[test]
fn a_commit_of_the_first_second_of_1970() {
    passes_at("0");
}

#[test]
fn a_commit_of_1970_whose_date_git_could_take_for_an_hour() {
    passes_at("100");
}

#[test]
fn a_commit_of_1973_whose_date_has_eight_digits() {
    passes_at("99999999");
}

#[test]
fn a_commit_after_2038() {
    passes_at("2147483648");
}

#[test]
fn a_commit_after_2100() {
    passes_at("4102444801");
}

#[test]
fn a_commit_of_a_year_with_five_digits() {
    passes_at("1099511627776");
}

#[test]
fn a_commit_from_before_1970() {
    passes_at("-100");
}

/// libgit2 cannot read such a commit, and `git fsck` names what is wrong with it.
#[test]
fn a_commit_whose_date_no_program_can_count_is_refused() {
    let setup = gate();
    let person = "A <a@example.invalid> 99999999999999999999 +0000";
    with_people(&setup, person, person);
    let stderr = setup
        .world
        .run(&setup.consumer, &[])
        .expect(69)
        .stderr
        .clone();
    assert!(stderr.contains("fsck"), "{stderr}");
    let failure = setup.consumer.last_failure("fake").unwrap();
    assert_eq!(failure["failure_class"], "unsupported");
}

#[test]
fn a_commit_with_an_odd_time_zone() {
    let setup = gate();
    let person = "A <a@example.invalid> 1767225600 +9999";
    with_people(&setup, person, "A <a@example.invalid> 1767225600 -0001");
    passes(&setup);
}

#[test]
fn a_commit_of_nobody() {
    let setup = gate();
    with_people(&setup, " <> 1767225600 +0000", " <> 1767225600 +0000");
    passes(&setup);
}

/// Runs with the branch that is checked out renamed.
#[track_caller]
fn passes_on(branch: &str) -> Setup {
    let setup = gate();
    let name = format!("refs/heads/{branch}");
    setup.consumer.git(&["update-ref", &name, "HEAD"]);
    setup.consumer.git(&["symbolic-ref", "HEAD", &name]);
    setup.consumer.git(&["update-ref", "-d", "refs/heads/main"]);
    passes(&setup);
    setup
}

#[test]
fn a_branch_whose_name_is_a_shortcut_of_git() {
    passes_on("@");
}

#[test]
fn a_branch_with_the_path_of_another_in_its_name() {
    passes_on("refs/heads/x");
}

#[test]
fn a_branch_whose_name_begins_like_an_option() {
    passes_on("-x");
    passes_on("--force");
}

#[test]
fn a_branch_with_spaces_of_other_scripts_and_signs_of_a_shell_in_its_name() {
    for name in [
        "a\u{a0}b\u{3000}c",
        "$(id)`id`",
        "a;b&c|d'e\"f",
        "é\u{301}/\u{202e}x",
    ] {
        passes_on(name);
    }
}

#[test]
fn a_branch_of_the_longest_name() {
    passes_on(&"n".repeat(200));
}

#[test]
fn branches_and_tags_that_differ_in_case_alone() {
    let setup = gate();
    let first = setup.consumer.git(&["rev-parse", "HEAD"]);
    setup.consumer.commit("the second commit");
    for name in [
        "refs/heads/MAIN",
        "refs/tags/Main",
        "refs/heads/Upstream-clean",
    ] {
        setup.consumer.git(&["update-ref", name, first.trim()]);
    }
    passes(&setup);
}

#[test]
fn a_git_folder_behind_a_link() {
    let setup = gate();
    let root = &setup.consumer.root;
    std::fs::rename(root.join(".git"), root.with_file_name("real.git")).unwrap();
    symlink("../real.git", root.join(".git")).unwrap();
    passes(&setup);
}

#[test]
fn a_git_folder_that_lies_elsewhere() {
    let setup = gate();
    let elsewhere = setup.world.path().join("elsewhere.git");
    let option = format!("--separate-git-dir={}", elsewhere.display());
    setup.consumer.git(&["init", "--quiet", &option]);
    assert!(setup.consumer.root.join(".git").is_file());
    passes(&setup);
}

#[test]
fn tags_named_as_the_branch_and_as_a_remote_branch() {
    let setup = gate();
    let first = setup.consumer.git(&["rev-parse", "HEAD"]);
    setup.consumer.commit("the second commit");
    for name in [
        "refs/tags/main",
        "refs/tags/HEAD",
        "refs/tags/-x",
        "refs/tags/@",
    ] {
        setup.consumer.git(&["update-ref", name, first.trim()]);
    }
    passes(&setup);
}
