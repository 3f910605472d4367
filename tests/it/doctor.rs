//! `matrix doctor`: what the machine has for runs.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Ran, World};

/// The document, with these variables.
#[track_caller]
fn doctor(world: &World, code: i32, env: &[(&str, &str)]) -> Value {
    let mut matrix = world.command(&["doctor", "--format", "json"]);
    let ran = Ran::of(matrix.envs(env.iter().copied()).output().unwrap());
    assert_eq!(ran.expect(code).stderr, "");
    serde_json::from_str(&ran.stdout).unwrap()
}

#[track_caller]
fn row<'a>(document: &'a Value, id: &str) -> &'a Value {
    let mut rows = document["rows"].as_array().unwrap().iter();
    rows.find(|row| row["id"] == id).unwrap()
}

#[test]
fn a_machine_for_runs_is_ready_and_nothing_is_left_on_it() {
    let world = World::new();
    let document = doctor(&world, 0, &[("LANG", "C.UTF-8")]);
    assert_eq!(document["ready"], true);
    for (id, found) in [
        ("git", "git version "),
        ("work folder", "MiB free"),
        ("locale", "LANG=C.UTF-8"),
    ] {
        let row = row(&document, id);
        assert_eq!(row["status"], "ok", "{row:#}");
        assert!(row["found"].as_str().unwrap().contains(found), "{row:#}");
    }
    assert!(!world.work().exists());
    let said = world.matrix(&["doctor"]);
    assert!(
        said.expect(0)
            .stdout
            .contains("ready: `matrix run` can begin"),
        "{}",
        said.stdout
    );
}

/// The git that the machine has.
fn real_git() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    let mut all = std::env::split_paths(&path).map(|folder| folder.join("git"));
    all.find(|git| git.is_file()).unwrap()
}

#[test]
fn a_machine_without_git_is_not_ready_and_hears_how_to_get_it() {
    let world = World::new();
    let bin = world.path().join("bin");
    fs::create_dir_all(&bin).unwrap();
    let path = bin.to_str().unwrap();
    let document = doctor(&world, 69, &[("PATH", path)]);
    assert_eq!(document["ready"], false);
    assert_eq!(row(&document, "git")["next"], "install git");
    // The others are no reason to stop.
    for id in ["node", "npm", "python3", "pip", "bwrap"] {
        assert_eq!(row(&document, id)["status"], "warning");
    }
    fs::write(bin.join("apt-get"), "#!/bin/sh\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(bin.join("apt-get"), mode).unwrap();
    let document = doctor(&world, 69, &[("PATH", path)]);
    assert_eq!(row(&document, "git")["next"], "sudo apt-get install git");
    // A program of this name is not enough.
    symlink("/usr/bin/env", bin.join("git")).unwrap();
    let document = doctor(&world, 69, &[("PATH", path)]);
    let found = row(&document, "git")["found"].as_str().unwrap();
    assert!(found.contains("does not answer as git"), "{found}");
    fs::remove_file(bin.join("git")).unwrap();
    symlink(real_git(), bin.join("git")).unwrap();
    let document = doctor(&world, 0, &[("PATH", path)]);
    assert_eq!(row(&document, "git")["status"], "ok");
}

#[test]
fn what_the_user_demands_is_needed() {
    let world = World::new();
    let bin = world.path().join("bin");
    fs::create_dir_all(&bin).unwrap();
    symlink(real_git(), bin.join("git")).unwrap();
    let path = bin.to_str().unwrap();
    let document = doctor(&world, 69, &[("PATH", path), ("MATRIX_SANDBOX", "require")]);
    let sandbox = row(&document, "sandbox");
    assert_eq!(sandbox["status"], "missing", "{sandbox:#}");
    let consumer = world.consumer("consumer", &[("file", "one\n")]);
    let inside = consumer.root.join("work");
    let document = doctor(&world, 69, &[("MATRIX_WORK_DIR", inside.to_str().unwrap())]);
    let folder = row(&document, "work folder");
    assert!(
        folder["found"]
            .as_str()
            .unwrap()
            .contains("inside a git work tree"),
        "{folder:#}"
    );
    let document = doctor(&world, 0, &[("LC_ALL", "C")]);
    assert_eq!(row(&document, "locale")["status"], "warning");
}
