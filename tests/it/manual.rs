//! The manual, held against the programs that show it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::support::{Ran, World};

/// Writes every page; their files.
fn pages(world: &World, name: &str) -> Vec<PathBuf> {
    let folder = world.path().join(name);
    let mut matrix = world.command(&["man", "--into", name]);
    let ran = Ran::of(
        matrix
            .env("SOURCE_DATE_EPOCH", "1767225600")
            .output()
            .unwrap(),
    );
    ran.expect(0);
    let files = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The verbs that `matrix --help` lists.
fn verbs(world: &World) -> Vec<String> {
    let help = world.matrix(&["--help"]);
    let lines = help.expect(0).stdout.lines();
    let lines = lines.skip_while(|line| *line != "Commands:").skip(1);
    let lines = lines.take_while(|line| !line.is_empty());
    let named = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let verbs = named.filter_map(|line| line.split_whitespace().next());
    verbs
        .map(str::to_owned)
        .filter(|verb| verb != "help")
        .collect()
}

#[test]
fn every_page_passes_the_checks_of_man_and_mandoc() {
    let world = World::new();
    let files = pages(&world, "man");
    // One of the program, and one of `config show`.
    assert_eq!(files.len(), verbs(&world).len() + 2);
    for file in files {
        let mut mandoc = Command::new("mandoc");
        let lint = mandoc.args(["-Tlint", "-Wwarning"]).arg(&file);
        let lint = Ran::of(
            lint.output()
                .expect("mandoc is needed: apt-get install mandoc"),
        );
        assert_eq!((lint.code, lint.stdout.as_str()), (0, ""), "{lint:?}");
        let mut man = Command::new("man");
        man.args(["--warnings", "-E", "UTF-8", "-l"]).arg(&file);
        let shown = man.envs([("LC_ALL", "C.UTF-8"), ("MANWIDTH", "80")]);
        let shown = Ran::of(
            shown
                .output()
                .expect("man is needed: apt-get install man-db"),
        );
        assert_eq!(shown.expect(0).stderr, "", "{}", file.display());
        assert!(shown.stdout.contains("2026-01-01"), "{}", shown.stdout);
    }
}

#[test]
fn a_page_is_that_of_its_verb_and_repeats() {
    let world = World::new();
    let [one, two] = ["one", "two"].map(|name| {
        let files = pages(&world, name);
        let texts = files.iter().map(|file| fs::read_to_string(file).unwrap());
        texts.collect::<Vec<_>>()
    });
    assert_eq!(one, two);
    let run = world.matrix(&["man", "run"]);
    for text in ["matrix\\-run", "MATRIX_RUN_ID", ".SH EXECUTION"] {
        assert!(
            run.expect(0).stdout.contains(text),
            "{text}: {}",
            run.stdout
        );
    }
    let whole = world.matrix(&["man"]);
    for text in [
        ".SH COMMANDS",
        "EXIT STATUS",
        "\\fB124\\fR",
        "matrix\\-sabotage(1)",
    ] {
        assert!(
            whole.expect(0).stdout.contains(text),
            "{text}: {}",
            whole.stdout
        );
    }
    let wrong = world.matrix(&["man", "rum"]);
    assert!(wrong.expect(2).stderr.contains("there is no verb `rum`"));
}

#[test]
fn every_verb_has_help_by_both_ways() {
    let world = World::new();
    for verb in verbs(&world) {
        let by_verb = world.matrix(&["help", &verb]);
        let by_flag = world.matrix(&[&verb, "--help"]);
        assert!(by_verb.expect(0).stdout.contains(&format!("matrix {verb}")));
        assert_eq!(by_verb.stdout, by_flag.expect(0).stdout);
    }
    world.matrix(&["help", "rum"]).expect(2);
}
