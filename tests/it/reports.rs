//! Reports of recorded runs in formats of other tools.

use std::fs;

use crate::support::gate::{Gate, Setup};
use crate::support::{Ran, World};

const FORMATS: [&str; 7] = ["ctrf", "html", "junit", "markdown", "svg", "tap", "trace"];

fn gate() -> Gate {
    World::gate("fake")
        .stage(
            "first",
            "grep -q BAD file && { echo gate: BAD; exit 1; }; exit 0",
        )
        .stage("second", "exit 0")
        .scenario("green", &[("file", "two\n")])
}

/// A gate that keeps its contract in one scenario and breaks it in the other.
fn red() -> Setup {
    gate().scenario("red", &[("file", "BAD\n")]).consumer()
}

/// `matrix report` in a consumer.
fn report(setup: &Setup, words: &[&str]) -> Ran {
    let artifacts = setup.consumer.artifacts();
    let folder = ["--artifacts", artifacts.to_str().unwrap()];
    setup.world.matrix(&[&["report"], words, &folder].concat())
}

/// Numbers of the cases of a `JUnit` report: all, failed, in error, skipped.
fn counts(junit: &str) -> [usize; 4] {
    ["<testcase ", "<failure ", "<error ", "<skipped "].map(|tag| junit.matches(tag).count())
}

#[test]
fn a_green_and_a_red_run() {
    let setup = gate().consumer();
    setup.world.run(&setup.consumer, &[]).expect(0);
    let junit = report(&setup, &["latest", "junit"]);
    assert_eq!(counts(&junit.expect(0).stdout), [2, 0, 0, 0]);
    let setup = red();
    setup.world.run(&setup.consumer, &[]).expect(1);
    let junit = report(&setup, &["junit"]).expect(0).stdout.clone();
    assert_eq!(counts(&junit), [4, 1, 0, 0]);
    for text in [
        "message=\"the stage&apos;s program exited 1, 0 was expected\" type=\"contract\"",
        "exit: 1, expected 0",
        "line: gate: BAD (logs/red/stage_first.log:1)",
        "<property name=\"run\" value=\"fake-matrix-",
    ] {
        assert!(junit.contains(text), "{text}: {junit}");
    }
    let tap = report(&setup, &["tap"]);
    let not_ok = tap.expect(0).stdout.matches("\nnot ok ").count();
    assert_eq!((not_ok, tap.stdout.matches("\nok ").count()), (1, 3));
    let markdown = report(&setup, &[]).expect(0).stdout.clone();
    let row = "| red | ❌ 1, expected 0 (contract) | ✅ 0 |";
    assert!(markdown.contains(row), "{markdown}");
    assert!(markdown.contains("gate: BAD"), "{markdown}");
}

#[test]
fn cells_that_did_not_run_are_skipped_or_in_error() {
    let setup = red();
    let select = ["--scenario", "green", "--stage", "first"];
    setup.world.run(&setup.consumer, &select).expect(0);
    let junit = report(&setup, &["junit"]);
    assert_eq!(counts(&junit.expect(0).stdout), [4, 0, 0, 3]);
    let setup = gate()
        .toml("[[activate]]\nstep = \"fake_activate\"\nrun = [\"false\"]")
        .consumer();
    setup.world.run(&setup.consumer, &[]).expect(1);
    let junit = report(&setup, &["junit"]);
    assert_eq!(counts(&junit.expect(0).stdout), [2, 0, 2, 0]);
    assert!(junit.stdout.contains("no exit, since fake_activate failed"));
}

#[test]
fn a_run_that_ended_before_its_lanes() {
    let setup = red();
    setup.consumer.write("file", "dirty\n");
    let file = setup.world.path().join("out/matrix.xml");
    let words = format!("junit={}", file.display());
    setup
        .world
        .run(&setup.consumer, &["--report", &words])
        .expect(17);
    let junit = fs::read_to_string(&file).unwrap();
    assert_eq!(counts(&junit)[2], 1, "{junit}");
    assert!(
        junit.contains("preflight/source_repo_cleanliness"),
        "{junit}"
    );
}

#[test]
fn a_run_that_died_is_a_case_in_error() {
    let setup = gate().consumer();
    setup.world.run(&setup.consumer, &["--run-id", "r1"]);
    fs::remove_file(setup.consumer.artifacts().join("runs/r1/run.json")).unwrap();
    for format in FORMATS {
        let died = report(&setup, &["r1", format]);
        let text = &died.expect(0).stdout;
        assert!(
            text.contains("the run died before it had a verdict"),
            "{text}"
        );
    }
    let junit = report(&setup, &["r1", "junit"]).stdout;
    assert_eq!(counts(&junit), [1, 0, 1, 0]);
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let setup = red();
    let file = setup.world.path().join("matrix.xml");
    let words = format!("junit={}", file.display());
    setup
        .world
        .run(&setup.consumer, &["--report", &words])
        .expect(1);
    let of_run = fs::read_to_string(&file).unwrap();
    assert_eq!(report(&setup, &["junit"]).expect(0).stdout, of_run);
    for format in FORMATS {
        let both = [(), ()].map(|()| report(&setup, &[format]).expect(0).stdout.clone());
        assert_eq!(both[0], both[1]);
    }
}

#[test]
fn a_trial_is_reported_with_its_altered_lanes() {
    let setup = gate()
        .scenario("bad", &[("file", "one\nBAD\n"), ("other", "two\n")])
        .blocked("BAD");
    let setup = setup.consumer();
    let repo = setup.consumer.root.to_str().unwrap();
    let file = setup.world.path().join("matrix.xml");
    let words = format!("junit={}", file.display());
    let all = ["check", "--vacuity", "--repo", repo, "--report", &words];
    setup.world.matrix(&all).expect(0);
    let junit = fs::read_to_string(&file).unwrap();
    let [cases, failed, errors, skipped] = counts(&junit);
    assert_eq!((failed, errors), (0, 0), "{junit}");
    assert!(cases >= 2 && skipped >= 2, "{junit}");
}

#[test]
fn what_a_trial_altered_is_no_failure() {
    let world = World::new();
    let consumer = world.gated_consumer();
    let file = world.path().join("matrix.xml");
    let words = format!("junit={}", file.display());
    for verb in ["mutate", "sabotage"] {
        world
            .try_out(verb, &consumer, &["--report", &words])
            .expect(0);
        let [cases, failed, errors, skipped] = counts(&fs::read_to_string(&file).unwrap());
        assert_eq!((failed, errors, cases - skipped), (0, 0, 4), "{verb}");
    }
}

#[test]
fn no_failed_run_reads_green() {
    for file in ["plan.json", "events.jsonl"] {
        let setup = gate().consumer();
        let path = setup.world.path().join("matrix.xml");
        let words = format!("junit={}", path.display());
        let mut run = setup
            .world
            .run_command(&setup.consumer, &["--report", &words]);
        run.env("MATRIX_FAULT", format!("write:{file}=ENOSPC"));
        Ran::of(run.output().unwrap()).expect(74);
        let junit = fs::read_to_string(&path).unwrap();
        assert!(counts(&junit)[2] > 0, "{file}: {junit}");
    }
}

#[test]
fn what_cannot_be_written_or_read_is_said() {
    let setup = gate().consumer();
    let under_file = setup.consumer.root.join("file/matrix.xml");
    let words = format!("junit={}", under_file.display());
    let ran = setup.world.run(&setup.consumer, &["--report", &words]);
    let told = "next: make room or name another file: matrix report fake-matrix-";
    assert!(ran.expect(74).stderr.contains(told), "{}", ran.stderr);
    report(&setup, &["junit", &words]).expect(74);
    for (words, told) in [
        (&["xml=a"][..], "there is no format `xml`; the formats are"),
        (&["junit="], "names no file; a report is FORMAT=PATH"),
        (&["junit", "tap"], "only one report fits on stdout"),
        (&["nothing", "junit"], "there is no run `nothing`"),
        (
            &["tap=/dev/null"],
            "no report can be written to /dev/null: it is no file",
        ),
        (
            &["tap=x-matrix-summary.json"],
            "that is the name of a verdict file",
        ),
    ] {
        let ran = report(&setup, words);
        assert!(ran.expect(2).stderr.contains(told), "{}", ran.stderr);
    }
    let run = setup.consumer.run_folder();
    fs::write(run.join("plan.json"), "{}").unwrap();
    report(&setup, &["junit"]).expect(69);
}

#[test]
fn no_report_of_an_earlier_run_stands_while_a_run_goes_on() {
    let file = tempfile::tempdir().unwrap().keep().join("matrix.xml");
    fs::write(&file, "of an earlier run").unwrap();
    let stage = format!("test ! -e '{}'", file.display());
    let setup = gate().stage("third", &stage).consumer();
    let words = format!("junit={}", file.display());
    setup
        .world
        .run(&setup.consumer, &["--report", &words])
        .expect(0);
    assert_eq!(counts(&fs::read_to_string(&file).unwrap()), [3, 0, 0, 0]);
    fs::remove_dir_all(file.parent().unwrap()).unwrap();
}

#[test]
fn what_a_gate_prints_is_text() {
    let nasty = "printf '::error::x\\n##[error]y\\n\\033[31mred\\033[0m \\002 ]]> <script> `` **b** @all \\342\\200\\256 \\357\\277\\277 </failure>\\n'; exit 1";
    let setup = World::gate("fake")
        .stage("ci", nasty)
        .scenario("red", &[("file", "two\n")])
        .consumer();
    setup.world.run(&setup.consumer, &[]).expect(1);
    let junit = report(&setup, &["junit"]).expect(0).stdout.clone();
    assert!(junit.contains("&lt;script&gt;"), "{junit}");
    assert_eq!(counts(&junit), [1, 1, 0, 0]);
    for format in FORMATS {
        let file = setup.world.path().join(format);
        report(&setup, &[&format!("{format}={}", file.display())]).expect(0);
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text, report(&setup, &[format]).expect(0).stdout);
        for bad in ["\u{1b}", "\u{2}", "\u{202e}", "\u{ffff}", "\n::", "##["] {
            assert!(!text.contains(bad), "{format}: {bad:?} in {text}");
        }
    }
}

#[test]
fn a_run_in_a_folder_with_an_equals_sign_in_its_name_is_reported() {
    let setup = gate().consumer();
    setup
        .world
        .run(&setup.consumer, &["--run-id", "r1"])
        .expect(0);
    let folder = setup.world.path().join("a=b");
    fs::create_dir(&folder).unwrap();
    fs::rename(
        setup.consumer.artifacts().join("runs/r1"),
        folder.join("r1"),
    )
    .unwrap();
    let mut command = setup.world.command(&["report", "a=b/r1", "junit"]);
    let ran = Ran::of(command.current_dir(setup.world.path()).output().unwrap());
    assert_eq!(counts(&ran.expect(0).stdout), [2, 0, 0, 0]);
}
