//! `init` writes into free places of the consumer alone, and says which are not.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::{Consumer, World};

const LEFTHOOK: &str = "pre-commit:\n  jobs:\n    - run: \"! grep -rn FIXME src\"\n";
const FILES: [(&str, &str); 2] = [("lefthook.yml", LEFTHOOK), ("src/a.js", "a();\n")];

/// Sees that nothing is written, and that exactly these words are named for removal.
#[track_caller]
fn refused(world: &World, consumer: &Consumer, more: &[&str], said: &str, removed: &str) {
    let before = consumer.git(&["status", "--porcelain", "--ignored"]);
    let repo = consumer.root.to_str().unwrap();
    let ran = world.matrix(&[&["init", "--repo", repo], more].concat());
    let command = format!("git -C \"{repo}\" rm -r -- {removed}\n");
    for part in [said, &*command] {
        assert!(
            ran.expect(2).stderr.contains(part),
            "{part}:\n{}",
            ran.stderr
        );
    }
    assert_eq!(ran.stdout, "");
    let after = consumer.git(&["status", "--porcelain", "--ignored"]);
    assert_eq!(before, after);
}

/// A matrix.toml in the root would be read in its place, without what is accepted beside it.
#[test]
fn a_configuration_in_its_other_place_is_kept() {
    let world = World::new();
    let own = [(".config/matrix.toml", "schema = 1\n")];
    let consumer = world.consumer("consumer", &[&FILES[..], &own].concat());
    let said = "nothing was written: .config/matrix.toml is the configuration already";
    refused(&world, &consumer, &[], said, "\".config/matrix.toml\"");
}

#[test]
fn what_is_in_the_way_is_named_and_nothing_else() {
    for (own, more, said, removed) in [
        (
            vec!["matrix.toml", "scenarios/README.md"],
            vec![],
            "since these exist: matrix.toml\n",
            "\"matrix.toml\"",
        ),
        // It would become part of what the overlay changes.
        (
            vec!["scenarios/mixed/stray.txt", "scenarios/other/own.txt"],
            vec![],
            "since these exist: scenarios/mixed\n",
            "\"scenarios/mixed\"",
        ),
        (
            vec!["scenarios/clean/stray.txt"],
            vec!["--gate", "demo"],
            "since these exist: scenarios/clean\n",
            "\"scenarios/clean\"",
        ),
        (
            vec!["scenarios"],
            vec![],
            "since these exist: scenarios\n",
            "\"scenarios\"",
        ),
    ] {
        let world = World::new();
        let own: Vec<_> = own.iter().map(|path| (*path, "own\n")).collect();
        let consumer = world.consumer("consumer", &[&FILES[..], &own].concat());
        refused(&world, &consumer, &more, said, removed);
    }
}

#[test]
fn nothing_is_written_through_a_link() {
    for link in ["scenarios", "scenarios/violations"] {
        let world = World::new();
        let consumer = world.consumer("consumer", &FILES);
        let out = world.path().join("out");
        fs::create_dir(&out).unwrap();
        let at = consumer.root.join(link);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        symlink(&out, at).unwrap();
        consumer.commit("a link");
        let said = format!("since these exist: {link}\n");
        refused(&world, &consumer, &[], &said, &format!("\"{link}\""));
        assert_eq!(fs::read_dir(&out).unwrap().count(), 0);
    }
}
