//! 40 secrets in 12 places of a machine: no stage sees one, an installation sees those that
//! it may need, and no file or screen of any run holds one, however it is written.

mod forms;
mod places;

use std::fs;
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use gate_matrix::sys::fs::list_tree;

use self::places::{PLACES, Planted, TABLE, plant};
use crate::support::{Ran, World};

/// Looks everywhere and prints what it finds, in every form and in writes of odd sizes.
const LOOK: &str = include_str!("look.pl");

/// The outputs of runs and of the verbs that read them.
struct Outputs {
    screens: Vec<(String, Ran)>,
    files: Vec<(PathBuf, String)>,
    forms: Vec<(String, Vec<u8>)>,
}

fn text_of(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
}

/// Plants all secrets and runs every verb that writes or reads results.
fn outputs() -> Outputs {
    let world = World::new();
    let planted = plant(&world, LOOK);
    let mut screens = Vec::new();
    let artifacts = planted.consumer.artifacts();
    let mut say = |name: &str, words: &[&str], code: i32| {
        let mut command = world.command(words);
        command.envs(planted.env.iter().map(|(name, value)| (name, value)));
        command.env("MATRIX_SANDBOX", "require");
        command.current_dir(&planted.consumer.root);
        let ran = Ran::of(command.output().unwrap());
        ran.expect(code);
        screens.push((name.to_owned(), ran));
    };
    let package = &*planted.package;
    let run = ["run", "--package", package, "--sandbox", "require"];
    let green = [&run[..], &["--scenario", "clean", "--run-id", "green"]].concat();
    say("green", &green, 0);
    let lines = ["--run-id", "red", "--format", "jsonl"];
    say("red", &[&run[..], &lines].concat(), 1);
    say("replay", &["replay", "red"], 0);
    say(
        "replay as events",
        &["replay", "red", "--format", "jsonl"],
        0,
    );
    say("diff", &["diff", "green", "red"], 0);
    say("verify", &["verify"], 0);
    say("list", &["list", "--package", package], 0);
    say("check", &["check", "--package", package], 0);
    let files = list_tree(&artifacts).unwrap().into_iter();
    let files = files.map(|file| (file.clone(), text_of(&artifacts.join(file))));
    Outputs {
        files: files.collect(),
        forms: planted.forms(),
        screens,
    }
}

/// The numbers of the secrets that a step saw.
fn seen(log: &str) -> Vec<usize> {
    let line = log.lines().find_map(|line| line.strip_prefix("sees:"));
    let line = line.unwrap_or_else(|| panic!("the step looked nowhere: {log}"));
    line.split_whitespace()
        .map(|n| n.parse().unwrap())
        .collect()
}

#[test]
fn forty_secrets_in_twelve_places_reach_no_stage_no_file_and_no_screen() {
    let outputs = outputs();
    let log = |name: &str| {
        let mut files = outputs.files.iter();
        let found = files.find(|(file, _)| file.ends_with(name));
        &*found.unwrap_or_else(|| panic!("there is no {name}")).1
    };
    for (scenario, run) in [("clean", "green"), ("violations", "red")] {
        let log = log(&format!("runs/{run}/logs/{scenario}/stage_ci.log"));
        let stage = seen(log).into_iter().map(|n| TABLE[n]);
        assert_eq!(stage.collect::<Vec<_>>(), [], "a stage sees them");
    }
    let of_installer = |row: &&Planted| row.is_for_installers;
    let expected: Vec<_> = TABLE.iter().filter(of_installer).copied().collect();
    let installer = log("runs/red/logs/clean/fetch.log");
    let installer = seen(installer).into_iter().map(|n| TABLE[n]);
    assert_eq!(installer.collect::<Vec<_>>(), expected);

    let said = outputs.screens.iter().flat_map(|(name, ran)| {
        let both = [("stdout", &ran.stdout), ("stderr", &ran.stderr)];
        both.map(|(stream, text)| (format!("{stream} of {name}"), text))
    });
    let files = outputs.files.iter();
    let files = files.map(|(file, text)| (file.display().to_string(), text));
    let any = AhoCorasick::new(outputs.forms.iter().map(|(_, form)| form)).unwrap();
    let mut leaks: Vec<String> = Vec::new();
    for (place, text) in said.chain(files) {
        for found in any.find_iter(text) {
            let secret = &outputs.forms[found.pattern().as_usize()].0;
            leaks.push(format!("{secret} in {place}"));
        }
    }
    leaks.sort();
    leaks.dedup();
    assert!(leaks.is_empty(), "{leaks:#?}");
}

#[test]
fn the_table_has_forty_secrets_of_twelve_places() {
    assert_eq!(TABLE.len(), 40);
    let mut names: Vec<_> = TABLE.iter().map(|row| (row.place, row.name)).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 40, "each has a name of its own");
    for place in PLACES {
        let count = TABLE.iter().filter(|row| row.place == place).count();
        assert!(count >= 2, "{place}");
    }
    assert!(TABLE.iter().all(|row| PLACES.contains(&row.place)));
}
