//! What a cell may be asked for, and how it is judged.

use crate::support::World;

/// A lane: its script, the expectation of its stage, and its verdict.
const LANES: &[(&str, &str, &str)] = &[
    // A number is that exit.
    ("exit 7", "expect = { ci = 7 }", "pass"),
    ("exit 6", "expect = { ci = 7 }", "contract"),
    // A list is any of its exits.
    ("exit 3", "expect = { ci = [2, 3] }", "pass"),
    ("exit 1", "expect = { ci = [2, 3] }", "contract"),
    // `nonzero` is a decision, not a crash.
    ("exit 125", "expect = { ci = \"nonzero\" }", "pass"),
    ("exit 0", "expect = { ci = \"nonzero\" }", "contract"),
    ("exit 126", "expect = { ci = \"nonzero\" }", "contract"),
    ("kill -SEGV $$", "expect = { ci = \"nonzero\" }", "signal"),
    // A block needs its reason, a text or a pattern.
    (
        "echo 'file:1: FIXME'; exit 1",
        "expect = { ci = 1 }\nreason = \"FIXME\"",
        "pass",
    ),
    (
        "echo 'no such file'; exit 1",
        "expect = { ci = 1 }\nreason = \"FIXME\"",
        "wrong_reason",
    ),
    (
        "echo 'file:12: no' >&2; exit 1",
        "expect = { ci = 1 }\nreason = { regex = \"^file:[0-9]+: \" }",
        "pass",
    ),
    (
        "echo 'in file:12: no'; exit 1",
        "expect = { ci = 1 }\nreason = { regex = \"^file:[0-9]+: \" }",
        "wrong_reason",
    ),
    // A stage that lets the change through needs none.
    ("exit 0", "expect = { ci = 0 }\nreason = \"FIXME\"", "pass"),
];

#[test]
fn each_cell_is_judged_by_its_expectation_and_reason() {
    let world = World::new();
    let mut toml = "schema = 1\ngate = \"fake\"\n[stage.ci]\ndrive = \"command\"\n\
         run = [\"sh\", \"scripts/{scenario}\"]\n"
        .to_owned();
    let mut files = Vec::new();
    for (at, (script, expectation, _)) in LANES.iter().enumerate() {
        toml += &format!("[scenario.s{at}]\noverlay = \"scenarios/s{at}\"\n{expectation}\n");
        files.push((format!("scenarios/s{at}/file"), format!("{at}\n")));
        files.push((format!("scripts/s{at}"), format!("{script}\n")));
    }
    files.push(("matrix.toml".to_owned(), toml));
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (&**path, &**text))
        .collect();
    let consumer = world.consumer("consumer", &files);
    world.run(&consumer, &[]).expect(1);
    for (at, (script, expectation, verdict)) in LANES.iter().enumerate() {
        let cell = consumer.cell(&format!("s{at}"), "ci");
        assert_eq!(cell["verdict"], *verdict, "{script}: {expectation}");
    }
    // The first red lane decides.
    let failure = consumer.failed_with_log("fake", "stage_ci");
    assert_eq!(failure["failure_class"], "contract");
    assert_eq!(failure["failure_phase"], "s1");
}

#[test]
fn a_program_that_is_not_there_does_not_count_as_a_block() {
    let world = World::new();
    let toml = "schema = 1\ngate = \"fake\"\n[stage.ci]\ndrive = \"command\"\n\
        run = [\"./gone\"]\n[scenario.bad]\noverlay = \"scenarios/bad\"\nexpect = { ci = 127 }\n";
    let files = [("matrix.toml", toml), ("scenarios/bad/file", "bad\n")];
    let consumer = world.consumer("consumer", &files);
    world.run(&consumer, &[]).expect(1);
    let failure = consumer.failed("fake", "stage_ci");
    assert_eq!(failure["failure_class"], "wrong_reason");
}

/// The first hook edits, adds and removes files, and stages all of it, as
/// formatters do.
const MEDDLER: &str = "#!/bin/sh
echo meddled > file
echo more > added
git rm --quiet --force --cached kept && rm kept
git add file added
";

/// The second sees what is staged, against the base.
const LOOKER: &str = "#!/bin/sh
git diff --cached --name-status upstream-clean
git show :file
";

#[test]
fn what_a_hook_of_one_stage_stages_does_not_reach_the_next() {
    let world = World::new();
    let toml = r#"schema = 1
gate = "fake"
[[activate]]
step = "gate_install"
run = ["git", "config", "core.hooksPath", "hooks"]
[stage.pre-commit]
drive = "git"
[stage.commit-msg]
drive = "git"
[stage.again]
drive = "command"
on = "commit"
run = ["hooks/look"]
[stage.ci]
drive = "command"
run = ["hooks/look"]
[scenario.clean]
overlay = "scenarios/clean"
expect = { pre-commit = 0, commit-msg = 0, again = 0, ci = 0 }
"#;
    let files = [
        ("matrix.toml", toml),
        ("file", "one\n"),
        ("kept", "kept\n"),
        ("hooks/pre-commit", MEDDLER),
        ("hooks/commit-msg", "#!/bin/sh\n"),
        ("hooks/look", LOOKER),
        ("scenarios/clean/file", "two\n"),
    ];
    let consumer = world.consumer("consumer", &files);
    world.run(&consumer, &[]).expect(0);
    for stage in ["again", "ci"] {
        let log = consumer
            .run_folder()
            .join(format!("logs/clean/stage_{stage}.log"));
        let log = std::fs::read_to_string(log).unwrap();
        assert_eq!(log, "M\tfile\ntwo\n", "{stage}");
    }
    let base = consumer.cell("clean", "pre-commit")["head"].clone();
    for stage in ["commit-msg", "again"] {
        assert_eq!(consumer.cell("clean", stage)["head"], base, "{stage}");
    }
    assert_ne!(consumer.cell("clean", "ci")["head"], base);
}

#[test]
fn a_push_that_the_remote_refused_was_not_blocked_by_a_hook() {
    let world = World::new();
    let toml = "schema = 1\ngate = \"fake\"\n\
        [[activate]]\nstep = \"spoil\"\nrun = [\"sh\", \"-c\", \"\
        printf '#!/bin/sh\\\\ncase $1 in *upstream*) exit 0 ;; esac\\\\nexit 1\\\\n' >../origin.git/hooks/update && \
        chmod +x ../origin.git/hooks/update\"]\n\
        [stage.pre-push]\ndrive = \"git\"\n\
        [scenario.bad]\noverlay = \"scenarios/bad\"\nexpect = { pre-push = 1 }\n";
    let files = [("matrix.toml", toml), ("scenarios/bad/file", "bad\n")];
    let consumer = world.consumer("consumer", &files);
    world.run(&consumer, &[]).expect(1);
    let failure = consumer.failed_with_log("fake", "stage_pre_push");
    assert_eq!(failure["failure_class"], "not_enforced");
    assert_eq!(consumer.cell("bad", "pre-push")["exit"], 1);
}

/// A gate of two hooks, and a scenario about each.
const TWO_HOOKS: &str = r#"schema = 1
gate = "fake"
[[activate]]
step = "gate_install"
run = ["git", "config", "core.hooksPath", "hooks"]
[stage.pre-commit]
drive = "git"
[stage.commit-msg]
drive = "git"
[scenario.code]
overlay = "scenarios/code"
expect = { pre-commit = 1 }
reason = "bad code"
[scenario.message]
overlay = "scenarios/message"
message = "Bad"
expect = { commit-msg = 1 }
reason = "bad message"
"#;

#[test]
fn a_scenario_may_expect_nothing_of_a_stage() {
    let world = World::new();
    let code = "#!/bin/sh\ngrep -q FIXME file || exit 0\necho bad code\nexit 1\n";
    let message = "#!/bin/sh\ngrep -q Bad \"$1\" || exit 0\necho bad message\nexit 1\n";
    let files = [
        ("matrix.toml", TWO_HOOKS),
        ("file", "one\n"),
        ("scenarios/code/file", "FIXME\n"),
        ("scenarios/message/file", "two\n"),
        ("hooks/pre-commit", code),
        ("hooks/commit-msg", message),
    ];
    let consumer = world.consumer("consumer", &files);
    let ran = world.run(&consumer, &["--run-id", "one"]);
    let shown = "=== scenario:code ===\nresults: pre-commit=1 commit-msg=-\nstatus: PASS\n\
        === scenario:message ===\nresults: pre-commit=- commit-msg=1\nstatus: PASS\n\
        All scenario matrix checks passed for package: fake\n";
    assert_eq!(ran.expect(0).stdout, shown);
    // One that was forgotten would look the same.
    let note = "not run, since nothing is expected of them: code/commit-msg, message/pre-commit\n";
    assert!(ran.stderr.contains(note), "{}", ran.stderr);
    let check = world.matrix(&["check", "--repo", consumer.root.to_str().unwrap()]);
    assert!(check.expect(0).stdout.contains(note), "{}", check.stdout);
    let summary = consumer.passed("fake");
    assert_eq!(summary["final_verdict"], "PASS");
    assert!(summary["scenarios"]["code"]["commit_msg_exit"].is_null());
    let folder = consumer.run_folder();
    let cells = folder.join("cells/code");
    assert_eq!(std::fs::read_dir(cells).unwrap().count(), 1);
    let run = crate::support::json(&folder.join("run.json")).unwrap();
    assert_eq!(run["outstanding"], serde_json::json!([]));
    let unexpected = serde_json::json!(["code/commit-msg", "message/pre-commit"]);
    assert_eq!(run["unexpected"], unexpected);
    // Nothing is left to rerun, and a selection runs what expects something.
    let again = world.run(&consumer, &["--rerun-from", "one"]);
    assert!(again.expect(2).stderr.contains("nothing is outstanding"));
    let stage = ["--stage", "commit-msg"];
    let part = world.run(&consumer, &stage);
    assert!(!part.expect(0).stdout.contains("code"), "{part:?}");
    assert!(!part.stderr.contains(note) && !part.stderr.contains("message/pre"));
    let none = world.run(&consumer, &["--scenario", "code", "--stage", "commit-msg"]);
    let said = "no expectation of stage `commit-msg` in the selected scenarios";
    assert!(none.expect(2).stderr.contains(said), "{none:?}");
}
