//! What a cell may be asked for, and how it is judged.

use serde_json::Value;

use crate::support::{Consumer, World};

/// One stage of a script, with this line about what is expected.
fn judged(world: &World, script: &str, scenario: &str) -> Consumer {
    let toml = format!(
        "schema = 1\ngate = \"fake\"\n[stage.ci]\ndrive = \"command\"\n\
         run = [\"sh\", \"-c\", {}]\n[scenario.bad]\noverlay = \"scenarios/bad\"\n{scenario}\n",
        Value::from(script)
    );
    world.consumer(
        "consumer",
        &[("matrix.toml", &toml), ("scenarios/bad/file", "bad\n")],
    )
}

#[track_caller]
fn keeps(script: &str, scenario: &str) {
    let world = World::new();
    let consumer = judged(&world, script, scenario);
    world.run(&consumer, &[]).expect(0);
    assert_eq!(consumer.cell("bad", "ci")["verdict"], "pass");
}

#[track_caller]
fn breaks(script: &str, scenario: &str, class: &str) {
    let world = World::new();
    let consumer = judged(&world, script, scenario);
    world.run(&consumer, &[]).expect(1);
    let failure = consumer.failed_with_log("fake", "stage_ci");
    assert_eq!(failure["failure_class"], class);
    assert_eq!(consumer.cell("bad", "ci")["verdict"], class);
}

#[test]
fn a_number_is_that_exit() {
    keeps("exit 7", "expect = { ci = 7 }");
    breaks("exit 6", "expect = { ci = 7 }", "contract");
}

#[test]
fn a_list_is_any_of_them() {
    keeps("exit 3", "expect = { ci = [2, 3] }");
    breaks("exit 1", "expect = { ci = [2, 3] }", "contract");
}

#[test]
fn nonzero_is_a_decision_and_no_crash() {
    keeps("exit 125", "expect = { ci = \"nonzero\" }");
    breaks("exit 0", "expect = { ci = \"nonzero\" }", "contract");
    breaks("exit 126", "expect = { ci = \"nonzero\" }", "contract");
    breaks("kill -SEGV $$", "expect = { ci = \"nonzero\" }", "signal");
}

#[test]
fn a_stage_that_blocks_for_another_reason_is_told_from_one_that_blocks() {
    let wanted = "expect = { ci = 1 }\nreason = \"FIXME\"";
    keeps("echo 'file:1: FIXME'; exit 1", wanted);
    breaks("echo 'no such file'; exit 1", wanted, "wrong_reason");
}

#[test]
fn a_reason_can_be_a_pattern() {
    let wanted = "expect = { ci = 1 }\nreason = { regex = \"^file:[0-9]+: \" }";
    keeps("echo 'file:12: no' >&2; exit 1", wanted);
    breaks("echo 'in file:12: no'; exit 1", wanted, "wrong_reason");
}

#[test]
fn a_stage_that_lets_through_needs_no_reason() {
    keeps("exit 0", "expect = { ci = 0 }\nreason = \"FIXME\"");
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
