//! The machine lacks room, a right or open files: that is never the gate's fault.

use std::process::Command;

use serde_json::Value;

use crate::support::gate::{Gate, Setup};
use crate::support::{Ran, World, json, program, script_gate};

/// What programs say of each shortage, and its cause.
const SAID: [(&str, &str); 10] = [
    ("fatal: write error: No space left on device", "disk-full"),
    ("Error: ENOSPC: no space left on device, write", "disk-full"),
    ("cp: error writing 'file': Disk quota exceeded", "quota"),
    ("Error: EDQUOT: disk quota exceeded, write", "quota"),
    (
        "touch: cannot touch 'file': Read-only file system",
        "read-only",
    ),
    (
        "Error: EROFS: read-only file system, open 'file'",
        "read-only",
    ),
    ("perl: Too many open files", "too-many-files"),
    (
        "Error: EMFILE: too many open files, open 'file'",
        "too-many-files",
    ),
    ("hooks/pre-push: 3: Cannot fork", "too-many-processes"),
    (
        "error: cannot fork to run gate: Resource temporarily unavailable",
        "too-many-processes",
    ),
];

fn say(line: &str) -> String {
    format!("echo \"{line}\" >&2; exit 1")
}

/// A gate of one passing scenario.
fn passing() -> Gate {
    World::gate("fake").scenario("clean", &[("file", "two\n")])
}

/// A gate whose scenario is blocked for a reason.
fn blocking() -> Gate {
    let violation = [("file", "BAD\n")];
    World::gate("fake")
        .scenario("bad", &violation)
        .blocked("gate: BAD")
}

/// A gate with an additional step of its set-up.
fn set_up(kind: &str, script: &str) -> Gate {
    let run = Value::from(script);
    let step = format!("[[{kind}]]\nstep = \"fake_{kind}\"\nrun = [\"sh\", \"-c\", {run}]");
    let gate = passing().stage("ci", "exit 0");
    match kind {
        "install" => gate.toml("package = \"\"").toml(&step),
        _ => gate.toml(&step),
    }
}

/// The run is red for the machine's sake, with this cause, whatever is asked for.
#[track_caller]
fn blames(setup: &Setup, more: &[&str], cause: &str) -> Value {
    let ran = setup.world.run(&setup.consumer, more);
    blamed(setup, &ran, cause)
}

#[track_caller]
fn blamed(setup: &Setup, ran: &Ran, cause: &str) -> Value {
    ran.expect(1);
    let failure = setup.consumer.last_failure("fake").unwrap();
    assert_eq!(failure["failure_class"], "infra", "{failure:#}");
    let bundle = json(&setup.consumer.run_folder().join("replay_bundle.json")).unwrap();
    let failures = bundle["failures"].as_array().unwrap();
    for one in failures {
        let digest = &one["failure_digest"];
        assert_eq!(digest["cause"], cause, "{bundle:#}");
    }
    failure
}

#[test]
fn an_installation_that_lacks_something_is_the_machines_fault() {
    for (line, cause) in SAID {
        blames(&set_up("install", &say(line)).consumer(), &[], cause);
    }
}

#[test]
fn an_activation_that_lacks_something_is_the_machines_fault() {
    for (line, cause) in SAID {
        blames(&set_up("activate", &say(line)).consumer(), &[], cause);
    }
}

#[test]
fn a_seed_that_lacks_something_is_the_machines_fault() {
    for (line, cause) in SAID {
        let world = World::new();
        let run = Value::from(say(line));
        let seed = format!("seed = [\"sh\", \"-c\", {run}]");
        let toml = script_gate("exit 0").replace("overlay = \"scenarios/clean\"", &seed);
        let consumer = world.configured_consumer(&toml);
        let failure = blames(&Setup { world, consumer }, &[], cause);
        assert_eq!(failure["failure_step"], "seed_scenario");
    }
}

#[test]
fn a_stage_that_should_pass_and_lacks_something_is_the_machines_fault() {
    for (line, cause) in SAID {
        blames(&passing().stage("ci", &say(line)).consumer(), &[], cause);
    }
}

#[test]
fn a_commit_and_a_push_that_lack_something_are_the_machines_fault() {
    for (line, cause) in SAID {
        for hook in ["pre-commit", "pre-push"] {
            blames(&passing().hook(hook, &say(line)).consumer(), &[], cause);
        }
    }
}

#[test]
fn a_stage_that_blocks_for_want_of_something_is_the_machines_fault() {
    for (line, cause) in SAID {
        blames(&blocking().stage("ci", &say(line)).consumer(), &[], cause);
    }
}

#[test]
fn a_gate_that_says_such_words_and_blocks_is_right() {
    for (line, _) in SAID {
        let script = format!("echo \"{line}\"; echo gate: BAD; exit 1");
        let setup = blocking().hook("pre-commit", &script).stage("ci", &script);
        let setup = setup.consumer();
        setup.world.run(&setup.consumer, &[]).expect(0);
        setup.consumer.passed("fake");
    }
}

#[test]
fn a_gate_that_says_such_words_and_lets_all_in_is_wrong() {
    for (line, _) in SAID {
        let script = format!("echo \"{line}\"; exit 0");
        let setup = blocking().stage("ci", &script).consumer();
        setup.world.run(&setup.consumer, &[]).expect(1);
        let failure = setup.consumer.last_failure("fake").unwrap();
        assert_eq!(failure["failure_class"], "contract");
    }
}

#[test]
fn what_a_gate_quotes_is_not_what_it_lacks() {
    for line in [
        "ok 3 - reports ENOSPC: no space left on device",
        "src/a.js:3: 'Too many open files' is not translated",
        "src/a.js: the text 'Read-only file system' has no key",
        "+fatal: No space left on device!",
        "handles EMFILE",
        "-  throw new Error('EDQUOT: disk quota exceeded')",
    ] {
        let setup = passing().stage("ci", &say(line)).consumer();
        setup.world.run(&setup.consumer, &[]).expect(1);
        let failure = setup.consumer.last_failure("fake").unwrap();
        assert_eq!(failure["failure_class"], "contract", "{line}");
    }
}

#[test]
fn a_shortage_that_passes_makes_no_cell_flaky() {
    for (line, cause) in SAID {
        let setup = World::new();
        let flag = setup.path().join("flag");
        let flag = flag.display();
        let script = format!("if ! test -e {flag}; then touch {flag}; {}; fi", say(line));
        let consumer = setup.script_consumer(&script);
        let setup = Setup {
            world: setup,
            consumer,
        };
        blames(&setup, &["--repeat", "2"], cause);
        std::fs::remove_file(setup.world.path().join("flag")).unwrap();
        let ran = setup.world.run(&setup.consumer, &["--retries", "1"]);
        ran.expect(0);
        setup.consumer.passed("fake");
    }
}

#[test]
fn a_shortage_after_a_green_run_makes_no_cell_flaky() {
    let outside = World::new();
    let flag = outside.path().join("flag");
    let script = format!("test ! -e {} || {{ {}; }}", flag.display(), say(SAID[0].0));
    let gate = passing().stage("first", &script).stage("ci", "exit 1");
    let Setup { world, consumer } = gate.consumer();
    world.run(&consumer, &["--run-id", "green"]).expect(1);
    std::fs::write(&flag, "").unwrap();
    let artifacts = consumer.artifacts();
    let words = ["replay", "--execute", "--artifacts"];
    let words = words
        .into_iter()
        .chain([artifacts.to_str().unwrap(), "green"]);
    world.matrix(&words.collect::<Vec<_>>()).expect(1);
    let failure = json(&consumer.artifacts().join("fake-replay-last-failure.json")).unwrap();
    assert_eq!(failure["failure_step"], "stage_first");
    assert_eq!(failure["failure_class"], "infra");
}

/// Runs with a limit of open files of its own.
fn with_open_files(setup: &Setup, limit: usize) -> Ran {
    let run = setup.world.run_command(&setup.consumer, &["--jobs", "12"]);
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit -n {limit}; exec \"$0\" \"$@\"")]);
    shell.arg(program()).args(run.get_args()).env_clear();
    shell.envs(run.get_envs().filter_map(|(k, v)| Some((k, v?))));
    Ran::of(shell.output().unwrap())
}

#[test]
fn a_low_limit_of_open_files_is_never_the_gates_fault() {
    let script = "git grep -q --cached BAD -- file && { echo gate: BAD; exit 1; }; exit 0";
    let mut gate = blocking().hook("pre-commit", script);
    for lane in 0..11 {
        gate = gate.scenario(&format!("clean-{lane}"), &[("file", "two\n")]);
    }
    let setup = gate.consumer();
    for limit in [64, 70, 76, 84, 92, 100] {
        if with_open_files(&setup, limit).code == 0 {
            continue;
        }
        let run = json(&setup.consumer.run_folder().join("run.json")).unwrap();
        let lanes = run["lanes"].as_object().unwrap().values();
        for failure in lanes.map(|lane| &lane["failure"]) {
            // A log of ours that cannot be opened either is `io`.
            let is_right =
                failure.is_null() || failure["class"] == "infra" || failure["class"] == "io";
            assert!(is_right, "{limit}: {failure:#}");
        }
        std::fs::remove_dir_all(setup.consumer.artifacts()).unwrap();
    }
}

#[test]
fn a_lane_that_cannot_be_made_is_the_machines_fault() {
    for place in ["mkdir:/tools", "create:/gitconfig", "write:/gitconfig"] {
        for (errno, cause) in [
            ("ENOSPC", "disk-full"),
            ("EDQUOT", "quota"),
            ("EROFS", "read-only"),
            ("EMFILE", "too-many-files"),
        ] {
            let setup = passing().stage("ci", "exit 0").consumer();
            let mut run = setup.world.run_command(&setup.consumer, &[]);
            run.env("MATRIX_FAULT", format!("{place}={errno}"));
            blamed(&setup, &Ran::of(run.output().unwrap()), cause);
        }
    }
}

#[test]
fn a_gate_that_opens_too_many_files_says_so() {
    let perl = "perl -e 'for (1..99) { open($f[$_], \"<\", \"file\") or die \"perl: $!\\n\" }'";
    let script = format!("ulimit -n 20; {perl}");
    blames(
        &passing().stage("ci", &script).consumer(),
        &[],
        "too-many-files",
    );
}
