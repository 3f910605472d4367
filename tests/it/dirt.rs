//! A dirty consumer: every kind of dirt, named, with what to run next.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;

use crate::support::{Consumer, World, script_gate};

const ERROR: &str =
    "ERROR: source repository baseline is dirty; matrix runner requires a clean baseline.";

fn consumer(world: &World) -> Consumer {
    let consumer = world.script_consumer("exit 0");
    consumer.write("other", "one\n");
    consumer.commit("another file");
    consumer
}

fn stage(consumer: &Consumer) {
    consumer.write("staged", "new\n");
    consumer.git(&["add", "staged"]);
}

fn edit(consumer: &Consumer) {
    consumer.write("file", "edited\n");
}

fn leave_untracked(consumer: &Consumer) {
    consumer.write("untracked", "");
}

/// A merge that stops at `other`.
fn conflict(consumer: &Consumer) {
    consumer.git(&["checkout", "--quiet", "-b", "theirs"]);
    consumer.write("other", "theirs\n");
    consumer.commit("theirs");
    consumer.git(&["checkout", "--quiet", "main"]);
    consumer.write("other", "ours\n");
    consumer.commit("ours");
    let merge = Command::new("git")
        .args(["-c", "user.name=A", "-c", "user.email=a@example.invalid"])
        .args(["merge", "--quiet", "theirs"])
        .current_dir(&consumer.root)
        .output()
        .unwrap();
    assert!(!merge.status.success(), "there is no conflict");
}

/// Runs, and tells what stands between the error and the commands, and the
/// commands. The failure is that of the contract, without a log.
#[track_caller]
fn refused(world: &World, consumer: &Consumer) -> (Vec<String>, Vec<String>) {
    let ran = world.run(consumer, &[]);
    let mut lines = ran.expect(17).stderr.lines();
    assert_eq!(lines.next(), Some(ERROR));
    let paths = lines.by_ref().take_while(|line| *line != "Run next:");
    let paths: Vec<_> = paths.map(|line| line.trim().to_owned()).collect();
    let commands = lines.take_while(|line| line.starts_with("  git "));
    let commands: Vec<_> = commands.map(|line| line.trim().to_owned()).collect();
    let status = format!(
        "git -C \"{}\" status --short --branch",
        consumer.root.display()
    );
    assert_eq!(commands[0], status);
    let failure = consumer.failed("fake", "source_repo_cleanliness");
    assert_eq!(failure["failure_command"], status);
    for field in ["path", "artifact", "artifact_sha256", "artifact_bytes"] {
        assert!(
            failure[format!("failure_log_{field}")].is_null(),
            "{failure:#}"
        );
    }
    (paths, commands)
}

#[test]
fn a_staged_file_is_dirt() {
    let world = World::new();
    let consumer = consumer(&world);
    stage(&consumer);
    assert_eq!(refused(&world, &consumer).0, ["staged: staged"]);
}

#[test]
fn an_edited_file_is_dirt() {
    let world = World::new();
    let consumer = consumer(&world);
    edit(&consumer);
    assert_eq!(refused(&world, &consumer).0, ["unstaged: file"]);
}

#[test]
fn a_deleted_file_is_dirt() {
    let world = World::new();
    let consumer = consumer(&world);
    fs::remove_file(consumer.root.join("file")).unwrap();
    assert_eq!(refused(&world, &consumer).0, ["unstaged: file"]);
}

#[test]
fn a_mode_that_changed_is_dirt() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    let consumer = consumer(&world);
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(consumer.root.join("file"), executable).unwrap();
    assert_eq!(refused(&world, &consumer).0, ["unstaged: file"]);
}

#[test]
fn an_untracked_file_is_dirt() {
    let world = World::new();
    let consumer = consumer(&world);
    leave_untracked(&consumer);
    assert_eq!(refused(&world, &consumer).0, ["untracked: untracked"]);
}

#[test]
fn a_conflicted_file_is_dirt() {
    let world = World::new();
    let consumer = consumer(&world);
    conflict(&consumer);
    assert_eq!(refused(&world, &consumer).0, ["conflicted: other"]);
}

#[test]
fn every_kind_is_named_and_has_its_command() {
    let world = World::new();
    let consumer = consumer(&world);
    conflict(&consumer);
    stage(&consumer);
    edit(&consumer);
    leave_untracked(&consumer);
    consumer.write("staged", "and edited since\n");
    let (mut paths, commands) = refused(&world, &consumer);
    paths.sort();
    assert_eq!(
        paths,
        [
            "conflicted: other",
            "staged, unstaged: staged",
            "unstaged: file",
            "untracked: untracked"
        ]
    );
    for word in ["mergetool", "commit", "stash push", "add --all"] {
        assert!(commands.iter().any(|c| c.contains(word)), "{commands:?}");
    }
}

#[test]
fn past_twenty_paths_there_is_a_count() {
    let world = World::new();
    let consumer = consumer(&world);
    for number in 0..20 {
        consumer.write(&format!("many/{number:02}"), "");
    }
    assert_eq!(refused(&world, &consumer).0.len(), 20);
    for number in 20..25 {
        consumer.write(&format!("many/{number:02}"), "");
    }
    let (paths, _) = refused(&world, &consumer);
    assert_eq!(paths.len(), 21);
    assert_eq!(paths[20], "and 5 more");
}

#[test]
fn odd_names_stay_in_their_line() {
    let world = World::new();
    let consumer = consumer(&world);
    let names: [&[u8]; 4] = [
        b"-rf",
        b"x\nstatus: PASS",
        b"\xff\xfe",
        b"\x1b[31m::error::red",
    ];
    for name in names {
        fs::write(consumer.root.join(OsStr::from_bytes(name)), "").unwrap();
    }
    let ran = world.run(&consumer, &[]);
    assert!(!ran.expect(17).stderr.contains('\x1b'), "{}", ran.stderr);
    let (mut paths, _) = refused(&world, &consumer);
    paths.sort();
    assert_eq!(paths.len(), 4, "{paths:?}");
    for end in [": -rf", "x⏎status: PASS", "::error::red"] {
        assert!(paths.iter().any(|path| path.ends_with(end)), "{paths:?}");
    }
    assert!(paths.iter().all(|path| path.starts_with("untracked: ")));
}

#[test]
fn untracked_files_below_artifacts_are_no_dirt() {
    let world = World::new();
    let consumer = consumer(&world);
    consumer.write("artifacts/notes/mine", "");
    world.run(&consumer, &[]).expect(0);
    assert!(consumer.root.join("artifacts/notes/mine").is_file());
}

#[test]
fn a_tracked_file_below_artifacts_that_changed_is_dirt() {
    let world = World::new();
    let consumer = consumer(&world);
    consumer.write("artifacts/kept", "one\n");
    consumer.commit("an artifact is kept");
    world.run(&consumer, &[]).expect(0);
    consumer.write("artifacts/kept", "two\n");
    assert_eq!(refused(&world, &consumer).0, ["unstaged: artifacts/kept"]);
}

#[test]
fn an_ignored_file_is_no_dirt() {
    let world = World::new();
    let consumer = consumer(&world);
    consumer.write(".gitignore", "*.log\n");
    consumer.commit("logs are ignored");
    consumer.write("some.log", "");
    world.run(&consumer, &[]).expect(0);
}

/// The error of the configuration comes first, since the work tree cannot be tried with it
/// either; the exit code and the step are those of the dirt.
#[test]
fn an_error_of_a_dirty_configuration_is_told_first() {
    let world = World::new();
    let consumer = consumer(&world);
    edit(&consumer);
    consumer.write("matrix.toml", "schema = 1\ngate = \"fake\"\nstagee = 1\n");
    let ran = world.run(&consumer, &["--run-id", "only"]);
    let said = &ran.expect(17).stderr;
    assert!(
        said.starts_with("ERROR: matrix.toml:3:1: unknown key `stagee`")
            && said.contains("did you mean `stage`?"),
        "{said}"
    );
    assert!(
        said.contains(&format!(
            "\n{ERROR}\n  unstaged: file\n  unstaged: matrix.toml\nRun next:\n"
        )),
        "{said}"
    );
    assert!(said.contains("  cause: configuration-error\n"), "{said}");
    assert!(!said.contains("--worktree"), "{said}");
    let message = consumer.failed("fake", "source_repo_cleanliness");
    assert_eq!(message["failure_class"], "dirty");
    let check = world.matrix(&["check", "--repo", consumer.root.to_str().unwrap()]);
    let said = &check.expect(17).stderr;
    assert!(said.starts_with("ERROR: matrix.toml:3:1: "), "{said}");
    assert!(
        said.contains(ERROR) && !said.contains("--worktree"),
        "{said}"
    );
}

#[test]
fn the_work_tree_is_offered_by_verbs_that_take_it() {
    let world = World::new();
    let consumer = world.gated_consumer();
    edit(&consumer);
    let repo = consumer.root.to_str().unwrap();
    let offers = |words: &[&str]| {
        let ran = world.matrix(&[words, &["--repo", repo]].concat());
        let said = &ran.expect(17).stderr;
        assert!(said.contains(ERROR), "{said}");
        said.contains("--worktree")
    };
    assert!(offers(&["run"]) && offers(&["check"]));
    for words in [&["sabotage"][..], &["mutate"], &["check", "--vacuity"]] {
        assert!(!offers(words), "{words:?}");
    }
}

/// A consumer in which `matrix init` was just run.
#[test]
fn where_only_the_configuration_is_not_committed_the_remedy_is_to_commit_it() {
    let world = World::new();
    let consumer = world.consumer("consumer", &[("file", "one\n")]);
    consumer.write("matrix.toml", &script_gate("exit 0"));
    consumer.write("scenarios/clean/file", "two\n");
    let (_, commands) = refused(&world, &consumer);
    let repo = consumer.root.display().to_string();
    let add = commands[1].split('#').next().unwrap().trim();
    assert_eq!(
        add,
        format!(
            "git -C \"{repo}\" add --all -- \"matrix.toml\" \"scenarios\" && git -C \"{repo}\" commit --no-verify -m \"test: the matrix\""
        )
    );
    let ran = Command::new("sh")
        .args(["-c", add])
        .envs([
            ("GIT_AUTHOR_NAME", "A"),
            ("GIT_AUTHOR_EMAIL", "a@example.invalid"),
        ])
        .envs([
            ("GIT_COMMITTER_NAME", "A"),
            ("GIT_COMMITTER_EMAIL", "a@example.invalid"),
        ])
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    world.run(&consumer, &[]).expect(0);
    // Edited later, together with something else, it is dirt like any other.
    consumer.write("matrix.toml", &script_gate("exit 1"));
    edit(&consumer);
    let (_, commands) = refused(&world, &consumer);
    assert!(commands[1].contains("stash push"), "{commands:?}");
}
