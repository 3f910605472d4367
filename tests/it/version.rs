//! The commit that a build names, found without git.

#[path = "../../build/commit.rs"]
mod commit;

use std::fs;
use std::path::Path;

use commit::commit_of;

use crate::support::{World, git};

fn found(root: &Path) -> Option<String> {
    commit_of(root).map(|(commit, _)| commit)
}

#[test]
fn the_commit_of_a_checkout_is_that_of_git() {
    let world = World::new();
    let consumer = world.consumer("consumer", &[("file", "one\n")]);
    let head = |root: &Path| Some(git(root, &["rev-parse", "HEAD"]).trim().to_owned());
    assert_eq!(found(&consumer.root), head(&consumer.root));
    consumer.git(&["pack-refs", "--all"]);
    assert_eq!(found(&consumer.root), head(&consumer.root));
    let tree = world.path().join("tree");
    consumer.git(&[
        "worktree",
        "add",
        "--quiet",
        "-b",
        "other",
        tree.to_str().unwrap(),
    ]);
    git(&tree, &["commit", "--quiet", "--allow-empty", "-m", "more"]);
    assert_eq!(found(&tree), head(&tree));
    assert_ne!(found(&tree), head(&consumer.root));
    consumer.git(&["checkout", "--quiet", "--detach"]);
    assert_eq!(found(&consumer.root), head(&consumer.root));
}

#[test]
fn a_packaged_crate_names_its_commit_and_other_folders_none() {
    let world = World::new();
    let consumer = world.consumer("consumer", &[("vendor/crate/Cargo.toml", "")]);
    let vendored = consumer.root.join("vendor/crate");
    assert_eq!(found(&vendored), None);
    let sha = "0123456789abcdef0123456789abcdef01234567";
    let info =
        format!("{{\n  \"git\": {{\n    \"sha1\": \"{sha}\"\n  }},\n  \"path_in_vcs\": \"\"\n}}");
    fs::write(vendored.join(".cargo_vcs_info.json"), info).unwrap();
    assert_eq!(found(&vendored), Some(sha.to_owned()));
    fs::write(
        vendored.join(".cargo_vcs_info.json"),
        "{\"git\": {\"sha1\": \"no\"}}",
    )
    .unwrap();
    assert_eq!(found(&vendored), None);
}
