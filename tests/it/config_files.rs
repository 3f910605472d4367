//! The files that a configuration is made of, and the profile that stands in
//! for them: what is wrong with them is told before anything is cloned.

use std::fs;

use crate::support::World;
use crate::support::configurations::{GOOD, consumer, refused};

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
    let said = refused(&world, &consumer, &["--package", "nothing@1"]);
    assert!(
        said.contains("`nothing@1`") && said.contains("lefthook"),
        "{said}"
    );
}

#[test]
fn without_a_file_the_prefix_is_that_of_the_packages_profile() {
    let world = World::new();
    let consumer = world.consumer("consumer", &[("file", "one\n")]);
    let more = ["--package", "lefthook@1", "--scenario", "nothing"];
    refused(&world, &consumer, &more);
    assert!(consumer.last_failure("lefthook").is_some());
}

#[test]
fn a_configuration_that_is_not_there_is_named() {
    let world = World::new();
    let consumer = consumer(&world, GOOD);
    let said = refused(&world, &consumer, &["--config", "other.toml"]);
    assert!(said.contains("other.toml cannot be read"), "{said}");
}

#[test]
fn an_unknown_scenario_or_stage_is_told_with_the_nearest() {
    let world = World::new();
    let consumer = consumer(&world, GOOD);
    let said = refused(&world, &consumer, &["--scenario", "claen"]);
    assert!(
        said.contains("there is no scenario `claen`; did you mean `clean`?"),
        "{said}"
    );
    let said = refused(&world, &consumer, &["--stage", "pre-merge"]);
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
