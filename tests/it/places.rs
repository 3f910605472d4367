//! Machines and folders that are not as one would like them.

use std::fs;

use crate::support::{Consumer, Ran, World};

fn in_work_dir(world: &World, consumer: &Consumer, folder: &str) -> Ran {
    world.run(consumer, &["--work-dir", folder])
}

#[test]
fn a_work_folder_inside_of_a_work_tree_is_refused_and_nothing_touched() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let other = world.consumer("other", &[("file", "one\n")]);
    for folder in [consumer.root.join("work"), other.root.join("deep/er")] {
        let ran = in_work_dir(&world, &consumer, folder.to_str().unwrap());
        let said = &ran.expect(2).stderr;
        assert!(said.contains("inside a git work tree"), "{said}");
        assert!(said.contains("--work-dir"), "{said}");
        assert!(!consumer.artifacts().exists() && !folder.exists());
    }
}

#[test]
fn a_work_folder_that_cannot_be_made_is_told() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    for folder in ["/dev/null/work", "/proc/no-such-place"] {
        let ran = in_work_dir(&world, &consumer, folder);
        let said = &ran.expect(69).stderr;
        assert!(
            said.contains(folder) && said.contains("--work-dir DIR"),
            "{said}"
        );
        let failure = consumer.failed("fake", "work_dir");
        assert_eq!(failure["failure_phase"], "preflight");
        assert_eq!(failure["failure_class"], "infra");
    }
}

#[test]
fn a_work_folder_has_odd_names_too() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    let folder = world
        .path()
        .join("a folder, mit Ümläuten 'und' \"mehr\" $HOME");
    in_work_dir(&world, &consumer, folder.to_str().unwrap()).expect(0);
    consumer.passed("demo");
}

/// Everything in a user's own configuration that could steer a lane.
const HOSTILE: &str = "[user]
    useConfigOnly = true
[commit]
    gpgSign = true
[core]
    hooksPath = /no/such/hooks
    autocrlf = true
[init]
    templateDir = /no/such/template
    defaultBranch = strange
[push]
    default = nothing
[url \"file:///no/such/place/\"]
    insteadOf = /
";

#[test]
fn a_machine_without_a_git_identity_is_good_enough() {
    let world = World::new();
    fs::write(
        world.home().join(".gitconfig"),
        "[user]\nuseConfigOnly = true\n",
    )
    .unwrap();
    let consumer = world.demo_consumer("consumer");
    world.run(&consumer, &[]).expect(0);
    consumer.passed("demo");
}

#[test]
fn the_users_own_git_configuration_does_not_steer_a_lane() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    fs::write(world.home().join(".gitconfig"), HOSTILE).unwrap();
    world.run(&consumer, &[]).expect(0);
    consumer.passed("demo");
}

#[test]
fn a_machine_without_a_home_is_good_enough() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let ran = world
        .run_command(&consumer, &[])
        .env_remove("HOME")
        .output();
    Ran::of(ran.unwrap()).expect(0);
    consumer.passed("fake");
}

#[test]
fn a_folder_in_the_consumer_is_the_consumer() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let mut command = world.command(&["run"]);
    let folder = consumer.root.join("scenarios/clean");
    Ran::of(command.current_dir(folder).output().unwrap()).expect(0);
    consumer.passed("fake");
}

#[test]
fn the_consumer_is_as_it_was_after_a_run() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    let state = || {
        let refs = consumer.git(&["for-each-ref"]);
        let config = fs::read_to_string(consumer.root.join(".git/config")).unwrap();
        let index = fs::read(consumer.root.join(".git/index")).unwrap();
        (refs, config, index, consumer.git(&["rev-parse", "HEAD"]))
    };
    let before = state();
    world.run(&consumer, &[]).expect(0);
    assert_eq!(before, state());
    assert_eq!(consumer.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_consumer_whose_path_is_not_text_is_refused_in_words() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::new();
    let from = world.script_consumer("exit 0");
    let root = world
        .path()
        .join(std::ffi::OsStr::from_bytes(b"not-\xff-text"));
    std::fs::rename(&from.root, &root).unwrap();
    let consumer = Consumer { root };
    let mut command = world.command(&["run"]);
    let ran = Ran::of(command.current_dir(&consumer.root).output().unwrap());
    ran.expect(69);
    assert!(ran.stderr.contains("is not UTF-8"), "{}", ran.stderr);
    consumer.failed("fake", "repo_unsupported");
}

#[test]
fn a_work_folder_that_no_lane_could_live_in_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let odd = std::ffi::OsStr::from_bytes(b"/tmp/odd-\xff");
    let refused = |folder: &std::ffi::OsStr, why: &str| {
        let mut command = world.run_command(&consumer, &[]);
        let ran = Ran::of(command.env("MATRIX_WORK_DIR", folder).output().unwrap());
        assert!(ran.expect(2).stderr.contains(why), "{ran:?}");
        assert!(ran.stderr.contains("next: --work-dir DIR"), "{ran:?}");
    };
    refused(odd, "is not UTF-8");
    refused("/".as_ref(), "is the root of the file system");
    assert!(!consumer.artifacts().exists(), "nothing is touched");
}
