//! Programs that the user has and a lane does not: the reason is named.

use std::fs;

use crate::support::gate::Setup;
use crate::support::{Consumer, Ran, World};

const LINTY: &str = "#!/bin/sh\nexit 0\n";

/// A gate whose hook calls a program by its name.
fn calls_linty() -> Setup {
    World::gate("fake")
        .hook("pre-commit", "linty")
        .scenario("clean", &[("file", "two\n")])
        .consumer()
}

/// Runs with a folder first on PATH, from the consumer.
fn run_with(setup: &Setup, folder: &str, sandbox: &str) -> Ran {
    let words = ["--sandbox", sandbox];
    let mut command = setup.world.run_command(&setup.consumer, &words);
    let own = std::env::var("PATH").unwrap();
    command.env("PATH", format!("{folder}:{own}"));
    Ran::of(command.current_dir(&setup.consumer.root).output().unwrap())
}

#[test]
fn a_program_that_was_taken_off_path_is_named_with_the_reason() {
    let setup = calls_linty();
    let other = Consumer {
        root: setup.world.path().join("other"),
    };
    other.write("node_modules/.bin/linty", LINTY);
    let home = Consumer {
        root: setup.world.home(),
    };
    home.write("linty", LINTY);
    other.write("linty", LINTY);
    let by_npm = other.root.join("node_modules/.bin").display().to_string();
    let at_home = home.root.display().to_string();
    for (folder, sandbox, place, reason) in [
        (&*by_npm, "off", &*by_npm, "`npm run` and npx put it there"),
        ("../other", "off", "consumer/../other", "it is relative"),
        (&at_home, "require", &at_home, "the sandbox hides it"),
    ] {
        let ran = run_with(&setup, folder, sandbox);
        let said = format!("{place}, which is not on PATH in a lane: {reason}");
        assert!(ran.expect(1).stderr.contains(&said), "{said}: {ran:?}");
        let failure = setup.consumer.failed_with_log("fake", "stage_pre_commit");
        assert_eq!(failure["failure_class"], "contract", "{failure:#}");
        fs::remove_dir_all(setup.consumer.artifacts()).unwrap();
    }
    // Where a lane sees the same folder, nothing is wrong.
    run_with(&setup, &at_home, "off").expect(0);
}

#[test]
fn a_tool_of_the_profile_that_was_taken_off_path_is_named_before_the_run() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let toml = toml.replacen('\n', "\ntools = [\"linty\"]\n", 1);
    consumer.write("matrix.toml", &toml);
    consumer.commit("a tool");
    let other = Consumer {
        root: world.path().join("other"),
    };
    other.write("node_modules/.bin/linty", LINTY);
    let setup = Setup { world, consumer };
    let folder = other.root.join("node_modules/.bin").display().to_string();
    let ran = run_with(&setup, &folder, "off");
    let said = format!("`linty` is in {folder}, which is not on PATH in a lane");
    assert!(ran.expect(69).stderr.contains(&said), "{ran:?}");
}
