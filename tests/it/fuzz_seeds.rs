//! The seeds of `fuzz/`, through the targets that it gives to libFuzzer: what was found once
//! is tried in every run of the tests.

use std::path::{Path, PathBuf};

#[path = "../../fuzz/targets/mod.rs"]
mod targets;

fn seeds() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn every_seed_keeps_the_promises_of_its_target() {
    for (name, target) in targets::TARGETS {
        let folder = seeds().join(name);
        for seed in names(&folder) {
            // Shown if the target panics.
            println!("fuzz/seeds/{name}/{seed}");
            target(&std::fs::read(folder.join(seed)).unwrap());
        }
    }
}

#[test]
fn every_target_has_a_few_small_seeds() {
    let known: Vec<&str> = targets::TARGETS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names(&seeds()), known, "a folder of seeds for each target");
    let mut total = 0;
    for name in known {
        let folder = seeds().join(name);
        let all = names(&folder);
        assert!(all.len() >= 6, "{name} has {} seeds, 6 at least", all.len());
        let sizes = all
            .iter()
            .map(|seed| folder.join(seed).metadata().unwrap().len());
        total += sizes.sum::<u64>();
    }
    assert!(total < 300_000, "{total} bytes of seeds, 300000 at most");
}
