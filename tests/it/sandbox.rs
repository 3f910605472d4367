//! A hostile package against the walls that there are.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::hostile::{ATTEMPTS, Attacked, Fate, Hostile, Mode, STAGES};
use crate::support::{Consumer, Ran, World, git};

/// Each attempt was made in each stage and met its fate.
#[track_caller]
fn assert_fates(attacked: &Attacked, mode: Mode) {
    for stage in STAGES {
        let made = attacked.attempts.iter().filter(|(at, ..)| *at == stage);
        let made: Vec<(&str, bool)> = made.map(|(_, name, done)| (&**name, *done)).collect();
        let names: Vec<&str> = made.iter().map(|(name, _)| *name).collect();
        let known: Vec<&str> = ATTEMPTS.iter().map(|(name, ..)| *name).collect();
        assert_eq!(names, known, "{stage} did not try all\n{:?}", attacked.ran);
        let other: Vec<_> = made
            .iter()
            .zip(ATTEMPTS)
            .filter(|((_, done), (_, open, closed))| {
                let fate = if mode == Mode::Open { open } else { closed };
                match fate {
                    Fate::Done => !done,
                    Fate::Denied => *done,
                    Fate::Either => false,
                }
            })
            .map(|((name, done), _)| (name, if *done { "DONE" } else { "denied" }))
            .collect();
        assert!(other.is_empty(), "{mode:?}, {stage}: {other:?}");
    }
}

#[test]
fn a_hostile_package_does_what_the_walls_let_it() {
    for mode in [Mode::Open, Mode::Closed] {
        let hostile = Hostile::new();
        let attacked = hostile.attack(mode);
        attacked.ran.expect(0);
        attacked.consumer.passed("hostile");
        assert_fates(&attacked, mode);
    }
}

#[test]
fn a_sandbox_that_is_required_and_cannot_be_made_is_refused() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let bin = Consumer {
        root: world.path().join("bin"),
    };
    bin.write("bwrap", "#!/bin/sh\necho no namespaces here >&2\nexit 1\n");
    let path = std::env::var("PATH").unwrap();
    let mut command = world.run_command(&consumer, &["--sandbox", "require"]);
    command.env("PATH", format!("{}:{path}", bin.root.display()));
    let ran = Ran::of(command.output().unwrap());
    ran.expect(69);
    assert!(ran.stderr.contains("no namespaces here"), "{}", ran.stderr);
    assert!(ran.stderr.contains("next: "), "{}", ran.stderr);
    let cause =
        &crate::support::bundles::bundle(&consumer)["failures"][0]["failure_digest"]["cause"];
    assert_eq!(cause, "sandbox-absent");
    let failure = consumer.failed("fake", "sandbox");
    assert_eq!(failure["failure_phase"], "preflight");
}

#[test]
fn a_consumer_in_a_folder_that_is_hidden_whole_is_shown() {
    let world = World::new();
    let shm = tempfile::tempdir_in("/dev/shm").unwrap();
    let from = world.script_consumer("exit 0");
    for (root, home) in [
        (shm.path().join("consumer"), world.home()),
        (world.path().join("at-home"), world.path().join("at-home")),
    ] {
        let there = root.to_str().unwrap();
        git(
            &world.path(),
            &["clone", "--quiet", from.root.to_str().unwrap(), there],
        );
        let consumer = Consumer { root };
        let mut command = world.run_command(&consumer, &["--sandbox", "auto"]);
        Ran::of(command.env("HOME", home).output().unwrap()).expect(0);
    }
}

#[test]
fn a_tool_among_a_persons_own_files_does_not_show_them() {
    let world = World::new();
    let home = Consumer { root: world.home() };
    home.write(".local/share/keyring", "a secret\n");
    home.write(".local/lib/part", "a part\n");
    home.write(
        ".local/bin/tool",
        "#!/bin/sh\ncat \"${0%/bin/tool}/lib/part\"\n",
    );
    let local = world.home().join(".local");
    let tool = local.join("bin/tool");
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    let script = format!("tool; ! cat {}/share/keyring", local.display());
    let consumer = world.script_consumer(&script);
    let text = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    consumer.write(
        "matrix.toml",
        &text.replacen('\n', "\ntools = [\"tool\"]\n", 1),
    );
    consumer.commit("a tool");
    let mut command = world.run_command(&consumer, &["--sandbox", "require"]);
    let path = std::env::var("PATH").unwrap();
    command.env("PATH", format!("{}:{path}", local.join("bin").display()));
    Ran::of(command.output().unwrap()).expect(0);
    let log = consumer.log("clean", "stage_ci");
    assert!(log.contains("a part") && !log.contains("a secret"), "{log}");
}

/// What is shown of a folder for programs shows what else is in it.
#[test]
fn a_work_folder_among_programs_is_not_hidden_and_that_is_told() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let programs = world.path().join("programs");
    let work = programs.join("work");
    let path = std::env::var("PATH").unwrap();
    let mut command = world.run_command(&consumer, &["--sandbox", "require"]);
    command.env("PATH", format!("{path}:{}", programs.display()));
    command.env("MATRIX_WORK_DIR", &work);
    let ran = Ran::of(command.output().unwrap());
    let said = format!("home: {}/", work.display());
    assert!(ran.expect(69).stderr.contains(&said), "{}", ran.stderr);
}
