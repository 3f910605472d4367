//! The program started by git, from a hook: git's variables point
//! elsewhere.

use std::fs;
use std::path::PathBuf;

use crate::support::{Consumer, World, git, program};

/// A hook that runs the matrix and writes down its code and all it said.
/// It ends as the matrix did, or with 7 where the index was changed.
fn hook(world: &World, args: &str) -> String {
    let at = |name: &str| world.path().join(name).display().to_string();
    format!(
        "#!/bin/sh\n\
         test -z \"$GIT_INDEX_FILE\" || cp \"$GIT_INDEX_FILE\" '{before}'\n\
         env -u HOME HOME='{home}' MATRIX_WORK_DIR='{work}' '{program}' run {args} > '{said}' 2>&1\n\
         code=$?\necho $code > '{code}'\n\
         test -z \"$GIT_INDEX_FILE\" || cmp '{before}' \"$GIT_INDEX_FILE\" || exit 7\n\
         exit $code\n",
        before = at("index-before"),
        home = at("home"),
        work = at("work"),
        program = program(),
        said = at("said"),
        code = at("code"),
    )
}

#[track_caller]
fn assert_code(world: &World, code: &str) {
    let said = fs::read_to_string(world.path().join("said")).unwrap();
    let was = fs::read_to_string(world.path().join("code")).unwrap();
    assert_eq!(was.trim_end(), code, "{said}");
}

/// Another repository, whose pre-commit hook tries a clean consumer.
fn caller(world: &World) -> (Consumer, Consumer) {
    let consumer = world.script_consumer("exit 0");
    let caller = world.consumer("caller", &[("text", "one\n"), ("other", "one\n")]);
    let args = format!("--repo '{}'", consumer.root.display());
    caller.write(".git/hooks/pre-commit", &hook(world, &args));
    (consumer, caller)
}

#[track_caller]
fn commits_all_and_nothing_else(world: &World, consumer: &Consumer, caller: &Consumer) {
    caller.write("text", "two\n");
    caller.write("other", "two\n");
    caller.git(&["commit", "--quiet", "-a", "-m", "all of it"]);
    assert_code(world, "0");
    consumer.passed("fake");
    assert_eq!(caller.git(&["status", "--porcelain"]), "");
    let changed = caller.git(&["diff", "--name-only", "HEAD~1", "HEAD"]);
    assert_eq!(changed, "other\ntext\n");
    // The hook had an index to compare: it ends with 7 where it changed.
    assert!(world.path().join("index-before").exists());
}

#[test]
fn a_hook_of_another_repository_can_try_a_clean_consumer() {
    let world = World::new();
    let (consumer, caller) = caller(&world);
    commits_all_and_nothing_else(&world, &consumer, &caller);
}

#[test]
fn so_can_a_hook_in_a_linked_worktree() {
    let world = World::new();
    let (consumer, caller) = caller(&world);
    let root = world.path().join("linked");
    caller.git(&["worktree", "add", "--quiet", root.to_str().unwrap()]);
    commits_all_and_nothing_else(&world, &consumer, &Consumer { root });
}

#[test]
fn the_consumers_own_pre_commit_hook_finds_what_is_staged() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    consumer.write(".git/hooks/pre-commit", &hook(&world, ""));
    consumer.write("file", "another\n");
    let output = std::process::Command::new("git")
        .args(["-c", "user.name=A", "-c", "user.email=a@example.invalid"])
        .args(["commit", "-a", "-m", "staged"])
        .current_dir(&consumer.root)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_code(&world, "17");
    let failure = consumer.failed("fake", "source_repo_cleanliness");
    assert_eq!(failure["exit_code"], 17);
    assert_eq!(
        consumer.git(&["status", "--porcelain", "file"]),
        " M file\n"
    );
}

#[test]
fn the_consumers_own_post_commit_hook_finds_it_clean() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    consumer.write(".git/hooks/post-commit", &hook(&world, ""));
    consumer.write("file", "another\n");
    consumer.git(&["commit", "--quiet", "-a", "-m", "the next one"]);
    assert_code(&world, "0");
    let head = consumer.git(&["rev-parse", "HEAD"]);
    assert_eq!(consumer.passed("fake")["source"]["head"], head.trim_end());
}

#[test]
fn the_consumers_own_pre_push_hook_finds_it_clean() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    git(&world.path(), &["init", "--quiet", "--bare", "remote.git"]);
    consumer.git(&["remote", "add", "origin", "../remote.git"]);
    consumer.write(".git/hooks/pre-push", &hook(&world, ""));
    consumer.git(&["push", "--quiet", "origin", "main"]);
    assert_code(&world, "0");
    consumer.passed("fake");
    let pushed = git(&world.path().join("remote.git"), &["rev-parse", "main"]);
    assert_eq!(pushed, consumer.git(&["rev-parse", "HEAD"]));
}

/// Settings of the user that would act in every repository.
fn configure(world: &World, lines: &str) {
    fs::write(world.home().join(".gitconfig"), lines).unwrap();
}

/// A hook that leaves a trace; the trace.
fn trap(world: &World, folder: &str) -> (PathBuf, PathBuf) {
    let folder = world.path().join(folder);
    let sprung = world.path().join("sprung");
    let trap = Consumer {
        root: folder.clone(),
    };
    for hook in [
        "pre-commit",
        "pre-push",
        "post-checkout",
        "post-commit",
        "reference-transaction",
    ] {
        trap.write(
            hook,
            &format!("#!/bin/sh\necho {hook} >> '{}'\n", sprung.display()),
        );
    }
    (folder, sprung)
}

#[test]
fn hooks_templates_and_signing_of_the_user_have_no_part() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    let (hooks, sprung) = trap(&world, "hooks");
    trap(&world, "template/hooks");
    let template = world.path().join("template");
    configure(
        &world,
        &format!(
            "[core]\n\thooksPath = {}\n[init]\n\ttemplateDir = {}\n\
             [commit]\n\tgpgsign = true\n[gpg]\n\tprogram = /nonexistent/gpg\n\
             [push]\n\tgpgsign = true\n[url \"https://elsewhere.invalid/\"]\n\tinsteadOf = /\n",
            hooks.display(),
            template.display()
        ),
    );
    world.run(&consumer, &[]).expect(0);
    consumer.passed("demo");
    assert!(!sprung.exists(), "{:?}", fs::read_to_string(sprung));
}

#[test]
fn hooks_of_the_consumer_have_no_part() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    let (hooks, sprung) = trap(&world, "consumer/.git/hooks");
    consumer.git(&["config", "core.hooksPath", hooks.to_str().unwrap()]);
    world.run(&consumer, &[]).expect(0);
    assert!(!sprung.exists(), "{:?}", fs::read_to_string(sprung));
}

#[test]
fn what_the_user_ignores_everywhere_is_no_dirt() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    consumer.write(".idea/workspace.xml", "x\n");
    world.run(&consumer, &[]).expect(17);
    let excludes = world.home().join("ignored-everywhere");
    fs::write(&excludes, ".idea/\n").unwrap();
    configure(&world, "[core]\n\texcludesFile = ~/ignored-everywhere\n");
    world.run(&consumer, &[]).expect(0);
    // Also where git is asked, since something else is dirty.
    consumer.write("file", "edited\n");
    let ran = world.run(&consumer, &[]);
    ran.expect(17);
    assert!(!ran.stderr.contains(".idea"), "{ran:?}");
}

#[test]
fn the_users_ignore_file_at_its_usual_place_counts_too() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    consumer.write(".idea/workspace.xml", "x\n");
    let home = Consumer { root: world.home() };
    home.write(".config/git/ignore", ".idea/\n");
    world.run(&consumer, &[]).expect(0);
    consumer.write("file", "edited\n");
    let ran = world.run(&consumer, &[]);
    ran.expect(17);
    assert!(!ran.stderr.contains(".idea"), "{ran:?}");
}
