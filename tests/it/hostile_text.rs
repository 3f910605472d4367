//! What a gate prints, and what paths and branches are called, is text of
//! others: on our console it moves no cursor, gives CI no command, and is
//! never a line that could be taken for one of ours.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use crate::support::{Consumer, Ran, World, script_gate};

/// Each line of it acts somewhere if it is passed on as it is.
const NASTY: &str = "\x1b[31mred\x1b[0m \x1b]8;;http://x.invalid\x1b\\link\x1b]0;title\x07\n\
    over\rwritten\n\
    ::error file=a::planted\n  ::stop-commands::planted\n##[error]planted\n##vso[task.complete]planted\n\
    ###[group]planted\n##teamcity[planted]\n#\x1b[0m#[error]planted\n\
    \x1b[0Ksection_start:1560896352:planted[collapsed=true]\r\x1b[0Kplanted\n\
    =\u{9b}31m\u{85}\u{202e}\u{2028}\u{200b}\u{7f}\x08\0\n\
    === scenario:clean ===\nresults: ci=0\nstatus: PASS\n\
    All scenario matrix checks passed for package: planted\n\
    ERROR: planted\nFAIL planted\nsummary: planted\n";

const FORGED: [&str; 3] = ["ERROR: planted", "FAIL planted", "summary: planted"];
const OURS: [&str; 4] = ["=== scenario:", "results: ", "status: ", "All scenario"];

/// Neither stream acts, and stderr has no line of the contract.
#[track_caller]
fn assert_harmless(ran: &Ran) {
    for text in [&ran.stdout, &ran.stderr] {
        let acts = |c: char| {
            let hides = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            hides || (c.is_control() && c != '\n')
        };
        assert!(!text.chars().any(acts), "{text:?}");
        assert!(!text.contains("##["), "{text:?}");
        assert!(!text.contains("##vso["), "{text:?}");
        assert!(!text.contains("##teamcity["), "{text:?}");
        for line in text.lines() {
            assert!(!line.trim_start().starts_with("::"), "{line:?}");
            assert!(!FORGED.contains(&line), "{line:?}");
        }
    }
    for line in ran.stderr.lines() {
        assert!(!OURS.iter().any(|ours| line.starts_with(ours)), "{line:?}");
    }
}

/// A gate that prints the text, to both streams, and fails.
fn nasty_consumer(world: &World, script: &str, scenario: &str) -> Consumer {
    let config = script_gate(script).replace("expect = { ci = 0 }\n", scenario);
    world.consumer(
        "consumer",
        &[
            ("matrix.toml", &config),
            ("nasty", NASTY),
            ("scenarios/clean/file", "two\n"),
        ],
    )
}

#[test]
fn what_a_gate_prints_is_quoted_not_passed_on() {
    let world = World::new();
    let script = "cat nasty; cat nasty >&2; exit 1";
    let consumer = nasty_consumer(&world, script, "expect = { ci = 0 }\n");
    let ran = world.run(&consumer, &[]);
    ran.expect(1);
    assert_eq!(
        ran.stdout,
        "=== scenario:clean ===\nresults: ci=1\nstatus: FAIL\n"
    );
    assert_harmless(&ran);
    assert!(ran.stderr.contains("  | "), "the log is shown: {ran:?}");
    // The evidence has it as it was.
    let log = consumer.log("clean", "stage_ci");
    assert_eq!(log.matches(NASTY).count(), 2, "{log:?}");
    consumer.failed_with_log("fake", "stage_ci");
}

/// What each engine sets, so that whatever behaves otherwise there is seen.
const ENGINES: [&[(&str, &str)]; 4] = [
    &[("GITHUB_ACTIONS", "true"), ("CI", "true")],
    &[("TF_BUILD", "True"), ("AGENT_ID", "1")],
    &[("GITLAB_CI", "true"), ("CI", "true")],
    &[("TEAMCITY_VERSION", "2026.1")],
];

#[test]
fn nothing_that_a_gate_prints_reaches_an_engine_as_a_command() {
    for engine in ENGINES {
        for format in ["human", "jsonl"] {
            let world = World::new();
            let lines: Vec<_> = NASTY.lines().skip(1).take(11).collect();
            let config = script_gate("cat nasty; cat nasty >&2; exit 1");
            let files = [
                ("matrix.toml", config.as_str()),
                ("nasty", &(lines.join("\n") + "\n")),
                ("scenarios/clean/file", "two\n"),
            ];
            let consumer = world.consumer("consumer", &files);
            // The commands of our own report are tried in `github_actions`.
            let words = ["--no-ci-report", "--format", format];
            let mut command = world.run_command(&consumer, &words);
            let ran = Ran::of(command.envs(engine.iter().copied()).output().unwrap());
            ran.expect(1);
            assert_harmless(&ran);
            // Each of these lines was shown, and none was lost on the way.
            assert!(ran.stderr.matches("planted").count() >= 9, "{ran:?}");
            consumer.failed_with_log("fake", "stage_ci");
            let log = consumer.log("clean", "stage_ci");
            assert_eq!(log.matches("\r\u{1b}[0Kplanted\n").count(), 2, "{log:?}");
        }
    }
}

#[test]
fn what_matrix_was_called_with_is_told_plain() {
    let world = World::new();
    for line in NASTY.lines().filter(|line| !line.contains('\0')) {
        for args in [["run", line], ["run", &format!("--jobs={line}")]] {
            let ran = world.matrix(&args);
            ran.expect(2);
            assert_harmless(&ran);
        }
    }
}

#[test]
fn a_list_of_what_is_configured_gives_no_command() {
    let world = World::new();
    let script =
        "exit 1; : '###[error]' ##teamcity[x] ##vso[x] \u{9b}31m \u{202e}\r\n::error::planted";
    let consumer = nasty_consumer(&world, script, "expect = { ci = 1 }\n");
    let root = consumer.root.to_str().unwrap();
    for format in ["json", "human"] {
        assert_harmless(
            world
                .matrix(&["list", "--repo", root, "--format", format])
                .expect(0),
        );
    }
    let ran = world.matrix(&["list", "--repo", root, "--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let steps = told["lanes"]["clean"]["steps"].as_array().unwrap();
    let command = steps.last().unwrap()["command"].as_str().unwrap();
    assert!(
        command.contains("###[error]"),
        "it is the same text: {command}"
    );
}

/// Only the last lines of a log are shown: every line is to be among them.
#[test]
fn each_line_is_harmless_where_it_is_shown() {
    let lines: Vec<_> = NASTY.lines().collect();
    for lines in lines.chunks(5) {
        let world = World::new();
        let config = script_gate("cat nasty; exit 1");
        let files = [
            ("matrix.toml", config.as_str()),
            ("nasty", &lines.join("\n")),
            ("scenarios/clean/file", "two\n"),
        ];
        let ran = world.run(&world.consumer("consumer", &files), &[]);
        ran.expect(1);
        assert_eq!(ran.stderr.matches("\n  | ").count(), lines.len(), "{ran:?}");
        assert_harmless(&ran);
    }
}

#[test]
fn a_gate_that_passes_says_nothing_on_our_console() {
    let world = World::new();
    let consumer = nasty_consumer(&world, "cat nasty", "expect = { ci = 0 }\n");
    let ran = world.run(&consumer, &[]);
    ran.expect(0);
    assert_harmless(&ran);
    assert!(!ran.stdout.contains("planted"), "{ran:?}");
    assert!(!ran.stderr.contains("planted"), "{ran:?}");
}

#[test]
fn a_stream_of_events_gives_no_command() {
    let world = World::new();
    let scenario = "expect = { ci = 1 }\nreason = \"##[error]::x\\u001b[31m\"\n";
    let consumer = nasty_consumer(&world, "cat nasty; : '##[error]'; exit 1", scenario);
    let ran = world.run(&consumer, &["--format", "jsonl"]);
    ran.expect(1);
    for line in ran.stdout.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    assert_harmless(&ran);
}

#[test]
fn commands_reasons_and_keys_of_the_configuration_are_plain() {
    let world = World::new();
    let script = "exit 1; : '##[error]' \u{1b}[31m \u{202e}\r\n::error::planted\nstatus: PASS";
    let scenario = "expect = { ci = 1 }\nreason = \"::error::planted ##[error]::x\\u001b[31m\"\n";
    let consumer = nasty_consumer(&world, script, scenario);
    let ran = world.run(&consumer, &[]);
    ran.expect(1);
    assert_harmless(&ran);
}

#[test]
fn what_is_wrong_in_the_configuration_is_quoted_plain() {
    let keys = [
        "\"\\u001b[31mkey\\n::error::planted\" = 1\n",
        "key = \"##[error]planted\" # \u{9b}31m \u{202e}\n",
        "gate = \"##[error]planted\\u001b[31m\\nstatus: PASS\"\n",
        "branch = \"\\u001b[31m\\n::error::planted\"\n",
        "inherits = \"\\u001b[31m\\n::error::planted\"\n",
        "package = \"\\u001b[31m\\n::error::planted\"\n",
        "broken \x1b[31m\n",
        "[scenario.\"\\u001b[31m\\n::error::planted\"]\nexpect = { ci = 0 }\n",
        "[scenario.clean]\noverlay = \"##[error]\\u001b[31m\\n::error::planted\"\nexpect = { ci = 0 }\n",
        "[stage.ci]\nrun = [\"{\\u001b[31m\\n::error::planted}\"]\n",
    ];
    for (number, key) in keys.iter().enumerate() {
        let world = World::new();
        let config = format!("schema = 1\n{key}");
        let consumer = world.consumer("consumer", &[("matrix.toml", &config)]);
        for verb in ["run", "check", "list"] {
            let ran = world.matrix(&[verb, "--repo", consumer.root.to_str().unwrap()]);
            assert_eq!(ran.code, 2, "{number} {verb}: {ran:?}");
            assert_harmless(&ran);
        }
    }
}

#[test]
fn names_of_dirty_files_are_plain() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    for (number, line) in NASTY.lines().enumerate() {
        let name = line.replace(['/', '\0'], "_");
        fs::write(consumer.root.join(format!("{name}\n{name}{number}")), "x").unwrap();
    }
    fs::write(consumer.root.join(OsStr::from_bytes(b"\xff\x9b31m")), "x").unwrap();
    for verb in ["run", "check"] {
        let ran = world.matrix(&[verb, "--repo", consumer.root.to_str().unwrap()]);
        ran.expect(17);
        assert_harmless(&ran);
        assert!(ran.stderr.contains("planted"), "they are named: {ran:?}");
    }
}

/// A folder's name of which each part acts.
const FOLDER: &str = "x\x1b[31m\n::error::planted\r##[error]\u{202e}\nstatus: PASS";

#[test]
fn the_paths_of_consumer_and_artifacts_are_plain() {
    let world = World::new();
    let files = [
        ("matrix.toml", &*script_gate("exit 3")),
        ("scenarios/clean/file", "two\n"),
    ];
    let consumer = world.consumer(FOLDER, &files);
    let root = consumer.root.to_str().unwrap();
    let artifacts = world.path().join("artifacts").join(FOLDER);
    for more in [&["--artifacts", artifacts.to_str().unwrap()][..], &[]] {
        let ran = world.run(&consumer, more);
        ran.expect(1);
        assert_harmless(&ran);
    }
    assert_harmless(&world.matrix(&["check", "--repo", root]));
    assert_harmless(&world.matrix(&["list", "--repo", root]));
    consumer.write("dirt", "x\n");
    let ran = world.run(&consumer, &[]);
    ran.expect(17);
    assert_harmless(&ran);
}

#[test]
fn the_paths_of_repositories_that_cannot_be_used_are_plain() {
    let world = World::new();
    let folder = world.path().join(FOLDER);
    fs::create_dir(&folder).unwrap();
    for verb in ["run", "check", "list", "init"] {
        let ran = world.matrix(&[verb, "--repo", folder.to_str().unwrap()]);
        assert_ne!(ran.code, 0, "{ran:?}");
        assert_harmless(&ran);
    }
    let unborn = world.path().join("unborn").join(FOLDER);
    fs::create_dir_all(&unborn).unwrap();
    crate::support::git(&unborn, &["init", "--quiet"]);
    for verb in ["run", "check", "list"] {
        assert_harmless(&world.matrix(&[verb, "--repo", unborn.to_str().unwrap()]));
    }
}

#[test]
fn what_demo_and_init_write_to_is_told_plain() {
    let world = World::new();
    let into = world.path().join(FOLDER);
    let into = into.to_str().unwrap();
    assert_harmless(
        world
            .matrix(&["demo", "--scenario", "clean", "--into", into])
            .expect(0),
    );
    assert_harmless(world.matrix(&["demo", "--into", into]).expect(2));
    assert_harmless(&world.matrix(&["init", "--repo", into]));
    assert_harmless(&world.matrix(&["demo", FOLDER]));
    let work = world.path().join(FOLDER).join("work");
    let args = ["run", "--repo", into, "--work-dir", work.to_str().unwrap()];
    assert_harmless(world.matrix(&args).expect(2));
}

#[test]
fn the_name_of_a_branch_is_plain() {
    let world = World::new();
    let config = "schema = 1\ngate = \"fake\"\n\
        [stage.pre-push]\ndrive = \"git\"\n\
        [scenario.clean]\noverlay = \"scenarios/clean\"\nexpect = { pre-push = 1 }\n";
    let files = [("matrix.toml", config), ("scenarios/clean/file", "two\n")];
    let consumer = world.consumer("consumer", &files);
    consumer.git(&[
        "checkout",
        "--quiet",
        "-b",
        "a/\u{9b}31m\u{202e}\u{2028}\u{85}##{x}",
    ]);
    let ran = world.run(&consumer, &[]);
    ran.expect(1);
    assert_harmless(&ran);
    assert_harmless(&world.matrix(&["check", "--repo", consumer.root.to_str().unwrap()]));
    let failure = consumer.failed_with_log("fake", "stage_pre_push");
    assert_eq!(failure["failure_class"], "contract");
}
