//! Tables of `runs`, `explain` and `doctor`: aligned by the columns of a terminal, and as wide as it.

use std::fs;
use std::process::Stdio;

use unicode_width::UnicodeWidthStr as _;

use crate::support::{Ran, World, program};

/// The columns of the terminal of these tests.
const COLUMNS: usize = 60;

/// The lines of a command on a terminal.
fn on_a_terminal(world: &World, words: &str) -> Vec<String> {
    let line = format!("stty cols {COLUMNS} && '{}' {words}", program());
    let mut script = std::process::Command::new("script");
    script
        .args(["-qec", &line, "/dev/null"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", world.home())
        .env("MATRIX_WORK_DIR", world.work())
        .env("MATRIX_SANDBOX", "off")
        .env("SHELL", "/bin/sh")
        .env("LANG", "C.UTF-8")
        .current_dir(world.path())
        .stdin(Stdio::null());
    let output = script.output();
    let ran = Ran::of(output.expect("script is needed: apt-get install bsdutils"));
    let lines = ran.expect(0).stdout.lines();
    lines.map(|line| line.trim_end().to_owned()).collect()
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// Holds that every line fits, unless it is one word that cannot.
#[track_caller]
fn fits(lines: &[String]) {
    let wide = |line: &&String| line.width() > COLUMNS;
    assert!(!lines.iter().any(|line| wide(&line)), "{lines:#?}");
}

#[test]
fn runs_align_behind_wide_characters_and_fit_the_terminal() {
    let world = World::new();
    let runs = world.path().join("\u{6e2c}\u{8a66}/runs");
    for (id, file) in [("r1", "events.jsonl"), ("r2", "run.json")] {
        fs::create_dir_all(runs.join(id)).unwrap();
        fs::write(runs.join(id).join(file), "").unwrap();
    }
    let args = ["runs", "--artifacts", "\u{6e2c}\u{8a66}"];
    let piped = world.matrix(&args).expect(0).stdout.clone();
    assert!(piped.contains('\u{6e2c}'), "{piped}");
    let lines: Vec<&str> = piped.lines().collect();
    assert_eq!(lines.len(), 3, "{piped}");
    let package = lines[0].find("PACKAGE").unwrap();
    for line in &lines[1..] {
        // Package, commit and subject are not known.
        let before = line.strip_suffix("-        -       -");
        assert_eq!(before.unwrap().width(), package, "{piped}");
    }
    let shown = on_a_terminal(&world, &args.join(" "));
    let verdict = shown[0].find("VERDICT").unwrap();
    assert!(shown.len() > 3, "{shown:#?}");
    let is_continued = |line: &&String| line.starts_with(&" ".repeat(verdict));
    assert!(shown.iter().any(|line| is_continued(&line)), "{shown:#?}");
}

#[test]
fn causes_fit_the_terminal_and_are_one_line_each_through_a_pipe() {
    let world = World::new();
    let piped = world.matrix(&["explain"]).expect(0).stdout.clone();
    assert!(piped.lines().any(|line| line.width() > COLUMNS), "{piped}");
    let shown = on_a_terminal(&world, "explain");
    fits(&shown);
    assert!(shown.len() > piped.lines().count());
    assert_eq!(words(&shown.join("\n")), words(&piped));
}

#[test]
fn the_machine_fits_the_terminal() {
    let world = World::new();
    let shown = on_a_terminal(&world, "doctor");
    let at = "warning  work folder  ".len();
    let continued = |line: &&String| line.starts_with(&" ".repeat(at));
    assert!(shown.iter().any(|line| continued(&line)), "{shown:#?}");
    // The first words of a row stay where they are.
    let git = shown.iter().find(|line| line.starts_with("ok       git"));
    assert!(git.unwrap()[at..].starts_with("git version"), "{shown:#?}");
    let piped = world.matrix(&["doctor"]).expect(0).stdout.clone();
    assert!(
        piped.contains("ok       git          git version"),
        "{piped}"
    );
}
