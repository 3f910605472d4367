//! The files that a configuration is made of, and the profile that stands in
//! for them: what is wrong with them is told before anything is cloned.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use crate::support::configurations::{GOOD, consumer, refused};
use crate::support::{Consumer, World};

#[test]
fn a_file_that_is_not_utf8_is_named() {
    let world = World::new();
    let consumer = consumer(&world, GOOD);
    fs::write(consumer.root.join("matrix.toml"), b"gate = \"\xff\"\n").unwrap();
    consumer.commit("not UTF-8");
    let said = refused(&world, &consumer, &[]);
    assert!(said.contains("matrix.toml cannot be read"), "{said}");
}

#[test]
fn a_file_of_an_overlay_that_git_ignores_is_named() {
    let world = World::new();
    let consumer = consumer(&world, GOOD);
    consumer.write(".gitignore", "*.log\n");
    consumer.write("scenarios/clean/some.log", "");
    consumer.commit("logs are ignored");
    let said = refused(&world, &consumer, &[]);
    assert!(
        said.contains("git ignores ") && said.contains("some.log"),
        "{said}"
    );
}

#[test]
fn an_overlay_that_reaches_into_git_is_refused() {
    let world = World::new();
    for path in [".git/hooks/pre-commit", "sub/.GIT/config"] {
        let overlay = world.path().join(path.replace('/', "-"));
        let file = overlay.join("over").join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "").unwrap();
        let toml = overlay.join("matrix.toml");
        fs::write(&toml, GOOD.replace("scenarios/clean", "over")).unwrap();
        let consumer = world.consumer(&path.replace('/', "_"), &[("file", "one\n")]);
        let said = refused(&world, &consumer, &["--config", toml.to_str().unwrap()]);
        assert!(said.contains("would write into .git"), "{said}");
    }
}

#[test]
fn no_configuration_and_no_package_is_told_what_to_do() {
    let world = World::new();
    let consumer = world.consumer("consumer", &[("file", "one\n")]);
    let said = refused(&world, &consumer, &[]);
    assert!(said.contains("matrix init"), "{said}");
    assert!(consumer.last_failure("matrix").is_some());
}

#[test]
fn a_package_of_no_built_in_profile_is_told_what_to_do() {
    let world = World::new();
    let consumer = world.consumer("consumer", &[("file", "one\n")]);
    for (spec, told) in [
        ("nothing@1", "built in are "),
        ("lefthok@1", "did you mean `lefthook`?"),
    ] {
        let said = world
            .run(&consumer, &["--package", spec])
            .expect(2)
            .stderr
            .clone();
        assert!(
            said.contains(&format!("`{spec}`")) && said.contains(told),
            "{said}"
        );
        assert!(!consumer.artifacts().exists(), "something was written");
    }
}

#[test]
fn without_a_file_the_prefix_is_that_of_the_packages_profile() {
    let world = World::new();
    let consumer = world.consumer("consumer", &[("file", "one\n")]);
    consumer.write("dirt", "");
    world
        .run(&consumer, &["--package", "lefthook@1"])
        .expect(17);
    assert!(consumer.last_failure("lefthook").is_some());
}

#[test]
fn a_configuration_that_is_not_there_is_named() {
    let world = World::new();
    let consumer = consumer(&world, GOOD);
    let said = untouched(&world, &consumer, &["--config", "other.toml"], 2);
    assert!(said.contains("other.toml cannot be read"), "{said}");
    // One that is there and cannot be used is a run that failed.
    consumer.write("other.toml", "schema = 1\nstrange = 1\n");
    consumer.commit("another configuration");
    let other = consumer.root.join("other.toml");
    let ran = world.run(&consumer, &["--config", other.to_str().unwrap()]);
    ran.expect(2);
    consumer.failed("matrix", "config_load");
}

/// Runs in a consumer with the evidence of an earlier run, none of which may change.
#[track_caller]
fn untouched(world: &World, consumer: &Consumer, more: &[&str], code: i32) -> String {
    let before = consumer.summary("fake");
    if before.is_none() {
        world.run(consumer, &[]).expect(0);
    }
    let evidence = listed(consumer);
    let ran = world.run(consumer, more);
    assert_eq!(ran.expect(code).stdout, "");
    assert!(ran.stderr.starts_with("ERROR: "), "{}", ran.stderr);
    assert_eq!(evidence, listed(consumer), "{more:?} touched something");
    ran.stderr
}

/// Every file below the artifacts folder, with its content.
fn listed(consumer: &Consumer) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![consumer.artifacts()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.clone(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn what_a_flag_names_and_is_not_there_leaves_the_evidence_alone() {
    let world = World::new();
    let consumer = consumer(&world, GOOD);
    let artifacts = consumer.artifacts();
    let artifacts = artifacts.to_str().unwrap();
    for more in [
        &["--scenario", "claen"][..],
        &["--stage", "pre-merge"],
        &[
            "--stage",
            "ci",
            "--scenario",
            "clean",
            "--scenario",
            "nothing",
        ],
        &["--config", "nowhere/matrix.toml"],
        &["--rerun-from", "nothing"],
        &["--baseline", "nothing"],
    ] {
        untouched(&world, &consumer, more, 2);
    }
    let before = listed(&consumer);
    let ran = world.matrix(&["run", "--repo", "/nonexistent", "--artifacts", artifacts]);
    ran.expect(69);
    assert_eq!(before, listed(&consumer));
    // Neither do the other verbs, nor is it a matter of the tree being clean.
    consumer.write("file", "edited\n");
    let evidence = listed(&consumer);
    let root = consumer.root.to_str().unwrap();
    for verb in [
        &["sabotage", "--only", "nothing"][..],
        &["sabotage", "--scenario", "claen"],
        &["mutate", "--stage", "pre-merge"],
        &["check", "--vacuity", "--scenario", "claen"],
        &["run", "--scenario", "claen"],
    ] {
        let ran = world.matrix(&[verb, &["--repo", root]].concat());
        assert!(
            ran.expect(2).stderr.contains("there is no "),
            "{}",
            ran.stderr
        );
        assert_eq!(evidence, listed(&consumer), "{verb:?} touched something");
    }
}

#[test]
fn an_unknown_scenario_or_stage_is_told_with_the_nearest() {
    let world = World::new();
    let consumer = consumer(&world, GOOD);
    let said = untouched(&world, &consumer, &["--scenario", "claen"], 2);
    assert!(
        said.contains("there is no scenario `claen`; did you mean `clean`?"),
        "{said}"
    );
    let said = untouched(&world, &consumer, &["--stage", "pre-merge"], 2);
    assert!(
        said.contains("there is no stage `pre-merge`; declared are ci"),
        "{said}"
    );
}

#[test]
fn programs_and_configuration_are_paths_inside_of_their_place() {
    for (key, value, told) in [
        ("programs", "/bin/sh", "not a path inside of the lane"),
        ("programs", "../gate", "not a path inside of the lane"),
        (
            "programs",
            "{tool_dir}/../x",
            "not a path inside of the lane",
        ),
        ("programs", "{tool_dir}/", "not a path inside of the lane"),
        ("programs", "", "not a path inside of the lane"),
        ("programs", "tools/[", "not a pattern of paths"),
        ("programs", "a***b", "not a pattern of paths"),
        ("programs", "{tools}/gate", "unknown placeholder `{tools}`"),
        (
            "configuration",
            "/etc/gate",
            "not a path inside of the consumer",
        ),
        (
            "configuration",
            "a/../b",
            "not a path inside of the consumer",
        ),
        (
            "configuration",
            ".git/hooks",
            "not a path inside of the consumer",
        ),
        ("configuration", "a[", "not a pattern of paths"),
    ] {
        let world = World::new();
        let toml = GOOD.replace("gate =", &format!("{key} = [\"ok\", \"{value}\"]\ngate ="));
        let consumer = consumer(&world, &toml);
        let column = key.len() + " = [\"ok\", ".len() + 1;
        let told = format!("matrix.toml:2:{column}: {told}");
        let said = refused(&world, &consumer, &[]);
        assert!(said.contains(&told), "`{told}` is not in\n{said}");
    }
}
