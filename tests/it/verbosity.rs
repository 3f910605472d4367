//! `-q`, `-v`, `-vv`, `MATRIX_LOG` and `--color`: stderr alone.

use crate::support::{Ran, World};

const OUT: &str = "=== scenario:clean ===\nresults: ci=0\nstatus: PASS\n\
    All scenario matrix checks passed for package: fake\n";

#[test]
fn each_level_says_more_on_stderr_and_the_same_on_stdout() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let run = |flags: &[&str], log: &str| {
        let mut matrix = world.run_command(&consumer, flags);
        let ran = Ran::of(matrix.env("MATRIX_LOG", log).output().unwrap());
        assert_eq!(ran.expect(0).stdout, OUT);
        ran.stderr
    };
    let (step, command) = ("clean: stage_ci ", "clean: stage_ci runs sh -c");
    let (cell, own) = ("clean/ci: exit 0, hook -, as expected", "matrix: runs ");
    for (flags, log, has, has_not) in [
        (&[][..], "", &[step][..], &[command, cell, own][..]),
        (&["-q"], "", &[], &[step, command, cell, own]),
        (&[], "quiet", &[], &[step, command, cell, own]),
        (
            &["-v"],
            "quiet",
            &[step, command, cell, "matrix: configuration: matrix.toml"],
            &[own],
        ),
        (
            &[],
            "verbose",
            &[step, command, cell, "share one clone"],
            &[own],
        ),
        (&["-vv"], "", &[step, command, cell, own], &[]),
    ] {
        let said = run(flags, log);
        for text in has {
            assert!(said.contains(text), "{flags:?} {log} lacks {text}:\n{said}");
        }
        for text in has_not {
            assert!(!said.contains(text), "{flags:?} {log} says {text}:\n{said}");
        }
    }
}

#[test]
fn a_quiet_run_still_says_what_failed() {
    let world = World::new();
    let consumer = world.script_consumer("echo broken; exit 3");
    let ran = world.run(&consumer, &["--quiet"]);
    let said = &ran.expect(1).stderr;
    assert!(said.contains("FAIL clean · stage_ci"), "{said}");
    assert!(!said.contains("clean: stage_ci "), "{said}");
}

#[test]
fn a_level_that_is_not_known_is_an_error_of_usage() {
    let world = World::new();
    let mut matrix = world.command(&["runs"]);
    let ran = Ran::of(matrix.env("MATRIX_LOG", "loud").output().unwrap());
    let told = "invalid value `loud` for MATRIX_LOG: expected quiet, info, verbose, debug";
    assert!(ran.expect(2).stderr.contains(told), "{}", ran.stderr);
    world.matrix(&["runs", "-q", "-v"]).expect(2);
}

#[test]
fn colours_are_as_the_flag_says_and_never_on_stdout() {
    let world = World::new();
    let consumer = world.script_consumer("exit 3");
    let red = "\u{1b}[31;1mFAIL";
    for (when, force, is_red) in [
        ("always", "", true),
        ("never", "1", false),
        ("auto", "1", true),
        ("auto", "", false),
    ] {
        let mut matrix = world.run_command(&consumer, &["--color", when]);
        if !force.is_empty() {
            matrix.env("CLICOLOR_FORCE", force);
        }
        let ran = Ran::of(matrix.output().unwrap());
        assert_eq!(ran.expect(1).stderr.contains(red), is_red, "{when} {force}");
        assert!(!ran.stdout.contains('\u{1b}'));
    }
}
