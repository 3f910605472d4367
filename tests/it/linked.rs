//! Consumers whose repository lies partly outside of their work tree.

use std::fs;
use std::path::Path;

use crate::support::gate::{Gate, Setup};
use crate::support::{Consumer, World, git};

fn gate() -> Gate {
    World::gate("fake")
        .hook("pre-commit", "! grep -n FIXME file")
        .scenario("clean", &[("file", "two\n")])
        .scenario("violations", &[("file", "FIXME\n")])
        .blocked("FIXME")
}

/// Runs in this consumer, with the sandbox and without.
#[track_caller]
fn runs(setup: &Setup, root: &Path) {
    for sandbox in ["require", "off"] {
        let root = root.to_owned();
        let ran = setup.world.run(&Consumer { root }, &["--sandbox", sandbox]);
        ran.expect(0);
    }
}

#[test]
fn a_linked_worktree() {
    let setup = gate().consumer();
    let other = setup.world.path().join("linked");
    setup.consumer.git(&[
        "worktree",
        "add",
        "--quiet",
        "-b",
        "other",
        other.to_str().unwrap(),
    ]);
    runs(&setup, &other);
}

/// As Android's `repo` makes it, and `git init --separate-git-dir`; also one
/// that libgit2 cannot read.
#[test]
fn a_git_folder_that_is_elsewhere() {
    let setup = gate().consumer();
    let (root, elsewhere) = (&setup.consumer.root, setup.world.path().join("elsewhere"));
    fs::rename(root.join(".git"), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, root.join(".git")).unwrap();
    runs(&setup, root);
    setup.consumer.git(&["update-index", "--split-index"]);
    runs(&setup, root);
    fs::remove_file(root.join(".git")).unwrap();
    let place = format!("gitdir: {}\n", elsewhere.display());
    fs::write(root.join(".git"), place).unwrap();
    runs(&setup, root);
    setup.consumer.git(&["update-index", "--no-split-index"]);
    runs(&setup, root);
    // From a folder below, where only the repository above is found.
    runs(&setup, &root.join("hooks"));
}

#[test]
fn a_submodule() {
    let setup = gate().consumer();
    let parent = setup
        .world
        .consumer("parent", &[("file", "of the parent\n")]);
    let from = setup.consumer.root.to_str().unwrap();
    let add = [
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        from,
        "part",
    ];
    parent.git(&add);
    parent.commit("Add a submodule");
    runs(&setup, &parent.root.join("part"));
}

#[test]
fn a_clone_that_borrows_its_objects() {
    let setup = gate().consumer();
    let world = setup.world.path();
    let from = setup.consumer.root.to_str().unwrap();
    git(&world, &["clone", "--quiet", "--shared", from, "one"]);
    runs(&setup, &world.join("one"));
    // From a clone that borrows itself, and by a relative path.
    git(&world, &["clone", "--quiet", "--shared", "one", "two"]);
    let alternates = world.join("two/.git/objects/info/alternates");
    fs::write(alternates, "../../../one/.git/objects\n").unwrap();
    runs(&setup, &world.join("two"));
}
