//! `matrix sabotage`: the scorecard, its files and its exit codes, with a
//! gate of three lines of shell.

use std::fs;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::trials::{GATE, badge_fits, row};
use crate::support::{Ran, Running, World};

/// One that lets the violation in, and one that does not.
const TWO: [&str; 4] = ["--only", "no-verify", "--only", "stage-ci-1"];

#[test]
fn the_scorecard_says_what_got_in_where_and_what_to_do() {
    let world = World::new();
    let consumer = world.gated_consumer();
    let ran = world.try_out("sabotage", &consumer, &TWO);
    let card = consumer.found("sabotage");
    assert_eq!(card, consumer.passed_trial("sabotage"));
    assert_eq!(card["final_verdict"], "PARTIAL");
    assert_eq!(
        card["counts"],
        json!({
            "fails_closed": 1, "fails_open": 1, "cannot_be_applied": 0, "not_tried": 0,
            "of_other_gates": 0
        })
    );
    assert_eq!(card["scenario"], "violations");
    let open = row(&card, "no-verify");
    assert_eq!(open["outcome"], "fails_open");
    assert_eq!(
        open["stages"],
        json!({"pre-commit": "open", "ci": "closed"})
    );
    assert_eq!(open["green"], false);
    assert!(open["seen"].as_str().unwrap().contains("--no-verify"));
    let closed = row(&card, "stage-ci-1");
    assert_eq!(closed["outcome"], "fails_closed");
    assert_eq!(closed["green"], true);

    let lines: Vec<&str> = ran.expect(0).stdout.lines().collect();
    assert_eq!(
        lines[..2],
        [
            "sabotage of fake: 1 blocked, 1 got in, 0 cannot be applied",
            "-- only CI can refuse it: nothing on a committer's machine can",
        ]
    );
    assert!(lines[2].starts_with("got in "), "{ran:?}");
    assert!(lines[2].ends_with(" pre-commit"), "{ran:?}");
    assert_eq!(
        lines[3],
        format!("    saw: {}", open["seen"].as_str().unwrap())
    );
    assert_eq!(
        lines[4],
        format!("    do:  {}", open["remedy"].as_str().unwrap())
    );
    assert_eq!(lines[5], "");
    assert!(lines[6].starts_with("blocked "), "{ran:?}");
    assert_eq!(lines.len(), 7);
    let run = consumer.run_folder();
    assert!(
        ran.stderr
            .contains(&run.join("sabotage.md").display().to_string())
    );

    let markdown = fs::read_to_string(run.join("sabotage.md")).unwrap();
    assert!(
        markdown.contains("git-commit.txt---no-verify>): commits and pushes with --no-verify |")
    );
    // Where nothing is open there is nothing to do.
    assert!(
        markdown.ends_with("| the gate blocked it for its own reason |  |  |\n"),
        "{markdown}"
    );
    badge_fits(
        &fs::read_to_string(run.join("sabotage.svg")).unwrap(),
        "1 of 2 open",
    );
}

#[test]
fn more_that_are_open_than_may_be_fail_the_run() {
    let world = World::new();
    let consumer = world.gated_consumer();
    let max = |n| [&TWO[..], &["--max-open", n, "--run-id", n]].concat();
    let ran = world.try_out("sabotage", &consumer, &max("0"));
    ran.expect(1);
    let failure = consumer.failed_trial("sabotage");
    let expected = json!({
        "run_id": "0", "exit_code": 1, "failure_phase": "no-verify",
        "failure_step": "stage_pre_commit", "failure_class": "not_enforced",
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(failure[key], *value, "{key}");
    }
    assert!(failure["failure_log_artifact"].is_string(), "{failure:#}");
    assert!(
        ran.stderr
            .contains("1 sabotage let the violation in, 0 may (--max-open)"),
        "{ran:?}"
    );
    // The scorecard is told and kept all the same.
    assert!(ran.stdout.contains("got in "), "{ran:?}");
    assert_eq!(consumer.found("sabotage")["final_verdict"], "FAIL");
    for enough in ["1", "2"] {
        world.try_out("sabotage", &consumer, &max(enough)).expect(0);
        assert_eq!(consumer.passed_trial("sabotage")["run_id"], enough);
    }
}

#[test]
fn the_verdict_of_the_matrix_is_left_as_it_was() {
    let world = World::new();
    let consumer = world.gated_consumer();
    world.run(&consumer, &["--run-id", "before"]).expect(0);
    let before = consumer.passed("fake");
    let more = [&TWO[..], &["--max-open", "0"]].concat();
    world.try_out("sabotage", &consumer, &more).expect(1);
    assert_eq!(consumer.passed("fake"), before);
    consumer.failed_trial("sabotage");
}

#[test]
fn a_consumer_whose_matrix_does_not_pass_is_not_sabotaged() {
    let world = World::new();
    let consumer = world.gated_consumer_with("", "#!/bin/sh\nexit 0\n");
    let ran = world.try_out("sabotage", &consumer, &[]);
    assert_eq!(ran.expect(1).stdout, "");
    let failure = consumer.failed_trial("sabotage");
    assert_eq!(failure["failure_phase"], "violations");
    assert_eq!(failure["failure_class"], "contract");
    let run = consumer.run_folder();
    assert!(!run.join("sabotage.json").exists());
    assert!(!run.join("logs/no-verify").exists());
    assert!(
        ran.stderr.contains(
            "sabotage lanes did not run: the unaltered lanes of this consumer must pass first"
        ),
        "{ran:?}"
    );
}

#[test]
fn a_scenario_that_every_stage_blocks_is_needed() {
    let world = World::new();
    let consumer = world.gated_consumer_but("pre-commit = 1, ci = 1", "pre-commit = 1, ci = 0");
    let ran = world.try_out("sabotage", &consumer, &[]);
    let said = &ran.expect(2).stderr;
    assert!(
        said.contains("no scenario that every stage must block"),
        "{said}"
    );
    assert!(said.contains("[scenario.violations]"), "{said}");
    assert_eq!(
        consumer.failed_trial("sabotage")["failure_step"],
        "config_load"
    );
}

#[test]
fn an_unknown_sabotage_is_told_with_the_nearest() {
    let world = World::new();
    let consumer = world.gated_consumer();
    for (asked, told) in [
        ("no-verfy", "did you mean `no-verify`?"),
        ("zzzzzzzz", "those of fake are fresh-clone, "),
    ] {
        let ran = world.try_out("sabotage", &consumer, &["--only", asked]);
        let said = &ran.expect(2).stderr;
        assert!(
            said.contains(&format!("there is no sabotage `{asked}`")),
            "{said}"
        );
        assert!(said.contains(told), "{said}");
    }
}

#[test]
fn what_is_about_other_gates_alone_is_refused_with_the_ids_of_this_one() {
    let world = World::new();
    let consumer = world.gated_consumer();
    let ran = world.try_out("sabotage", &consumer, &["--only", "husky-0"]);
    let said = &ran.expect(2).stderr;
    assert!(
        said.starts_with(
            "ERROR: sabotage `husky-0` is about husky, and this gate is fake\n  \
             those of fake are fresh-clone, "
        ),
        "{said}"
    );
    assert!(said.ends_with(" (matrix sabotage --list)\n"), "{said}");
    // A flag is wrong: nothing was touched.
    assert!(!consumer.artifacts().exists());
}

#[test]
fn the_sabotages_of_a_gate_are_listed_with_their_effects() {
    let world = World::new();
    let own = "[[sabotage]]\nid = \"own\"\ndoes = \"breaks it\"\nwhy = \"it is tried\"\n\
        remedy = \"mend it\"\nenv.stage = { OFF = \"1\" }\n";
    let consumer = world.gated_consumer_with(own, GATE);
    let ran = world.try_out("sabotage", &consumer, &["--list"]);
    let listed = &ran.expect(0).stdout;
    let row = |id: &str| {
        let mut rows = listed.lines();
        rows.find_map(|line| line.strip_prefix(id)?.strip_prefix(' ').map(str::trim))
    };
    assert_eq!(row("own"), Some("breaks it"), "{listed}");
    assert_eq!(
        row("no-verify"),
        Some("commits and pushes with --no-verify")
    );
    let others = row("not of fake:").unwrap_or_else(|| panic!("{listed}"));
    assert!(others.split(", ").any(|id| id == "husky-0"), "{others}");
    assert_eq!(row("husky-0"), None);
    assert!(!consumer.artifacts().exists());
    // Every id of the list can be asked for.
    let ran = world.try_out("sabotage", &consumer, &["--only", "own"]);
    ran.expect(0);
    let ran = world.matrix(&["sabotage", "--list", "--gate", "demo"]);
    assert!(ran.expect(0).stdout.contains("\nnot of demo: "), "{ran:?}");
    world
        .matrix(&["sabotage", "--list", "--only", "own"])
        .expect(2);
}

#[test]
fn two_runs_of_the_same_inputs_leave_the_same_scorecard() {
    let world = World::new();
    let consumer = world.gated_consumer();
    let leave = |jobs: &str| {
        let more = [&TWO[..], &["--run-id", "same", "--jobs", jobs]].concat();
        let mut command = world.trial_command("sabotage", &consumer, &more);
        let ran = Ran::of(
            command
                .env("SOURCE_DATE_EPOCH", "1780000000")
                .output()
                .unwrap(),
        );
        let run = consumer.run_folder();
        let files = ["sabotage.json", "sabotage.md", "sabotage.svg"];
        let files = files.map(|name| fs::read_to_string(run.join(name)).unwrap());
        (
            ran.expect(0).stdout.clone(),
            files,
            consumer.passed_trial("sabotage"),
        )
    };
    assert_eq!(leave("1"), leave("4"));
}

#[test]
fn jsonl_is_events_and_nothing_else() {
    let world = World::new();
    let consumer = world.gated_consumer();
    let more = [&TWO[..], &["--format", "jsonl"]].concat();
    let ran = world.try_out("sabotage", &consumer, &more);
    let events: Vec<Value> = (ran.expect(0).stdout.lines())
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    let all_are_events = events
        .iter()
        .all(|event| event["seq"].is_u64() && event["at"].is_string());
    assert!(all_are_events, "{events:#?}");
    assert!(events.iter().any(|event| event["lane"] == "no-verify"));
    consumer.found("sabotage");
}

const HANGS: &str = r#"
[[sabotage]]
id = "hangs"
does = "never ends"
why = "it is slow"
remedy = "wait"
at = "after-install"
run = ["sh", "-c", "SCRIPT"]
"#;

#[test]
fn a_sabotage_that_hangs_is_not_tried() {
    let world = World::new();
    let hangs = HANGS.replace("SCRIPT", "echo here; exec sleep 60");
    let consumer = world.gated_consumer_with(&format!("{hangs}timeout = \"1s\"\n"), GATE);
    let more = ["--only", "hangs", "--only", "stage-ci-1"];
    let ran = world.try_out("sabotage", &consumer, &more);
    ran.expect(124);
    let failure = consumer.failed_trial("sabotage");
    assert_eq!(failure["failure_step"], "sabotage");
    assert_eq!(failure["failure_class"], "timeout");
    let card = consumer.found("sabotage");
    assert_eq!(row(&card, "hangs")["outcome"], "not_tried");
    assert_eq!(row(&card, "stage-ci-1")["outcome"], "fails_closed");
    assert!(
        ran.stdout.starts_with(
            "sabotage of fake: 1 blocked, 0 got in, 0 cannot be applied, 1 not tried\n"
        )
    );
}

#[test]
fn an_interrupt_among_the_sabotages_leaves_no_scorecard() {
    let world = World::new();
    let script = world.script("echo here\nsay started\nexec sleep 60");
    let script = script.replace('{', "{{").replace('}', "}}");
    let hangs = HANGS.replace("\"SCRIPT\"", &Value::from(script).to_string());
    let consumer = world.gated_consumer_with(&hangs, GATE);
    let command = world.trial_command("sabotage", &consumer, &["--only", "hangs"]);
    let running = Running::start(command);
    world.said("started");
    running.signal(Signal::INT);
    assert_eq!(running.end().expect(130).stdout, "");
    world.nobody_lives();
    let failure = consumer.failed_trial("sabotage");
    assert_eq!(failure["failure_class"], "interrupted");
    assert_eq!(failure["failure_phase"], "hangs");
    assert_eq!(failure["exit_code"], 130);
    let log = fs::read_to_string(failure["failure_log_artifact"].as_str().unwrap()).unwrap();
    assert!(log.starts_with("here\n"), "{log}");
    assert!(!consumer.run_folder().join("sabotage.json").exists());
}

#[test]
fn fail_fast_is_about_the_contract_and_lets_every_sabotage_be_tried() {
    let world = World::new();
    let consumer = world.gated_consumer();
    let more = [&TWO[..], &["--fail-fast", "--jobs", "1"]].concat();
    world.try_out("sabotage", &consumer, &more).expect(0);
    let card = consumer.passed_trial("sabotage");
    assert_eq!(row(&card, "no-verify")["outcome"], "fails_open");
    assert_eq!(row(&card, "stage-ci-1")["outcome"], "fails_closed");
}

/// A sabotage after which the hook does as it likes.
fn hook_does(script: &str) -> String {
    let hook = format!(
        r#"at = "before-stage"
run = ["sh", "-c", "printf '#!/bin/sh\n{script}\n' >hooks/pre-commit"]"#
    );
    HANGS
        .replace("at = \"after-install\"\n", "")
        .replace("run = [\"sh\", \"-c\", \"SCRIPT\"]\n", &format!("{hook}\n"))
}

#[test]
fn a_lane_that_cannot_play_a_stage_is_not_tried_whatever_the_others_did() {
    let world = World::new();
    // The first stage blocks, and the second has no folder to run in.
    let gone = hook_does("rm -rf \\\"$PWD\\\"; exit 1");
    let consumer = world.gated_consumer_with(&gone, GATE);
    let ran = world.try_out("sabotage", &consumer, &["--only", "hangs"]);
    ran.expect(1);
    let failure = consumer.failed_trial("sabotage");
    let card = consumer.found("sabotage");
    assert_eq!(row(&card, "hangs")["outcome"], "not_tried", "{card:#}");
    assert_ne!(failure["failure_class"], "contract", "{failure:#}");
}

#[test]
fn what_is_open_is_told_of_the_stage_that_let_it_in() {
    let world = World::new();
    let consumer = world.gated_consumer_but(
        "run = [\"sh\", \"gate.sh\"]",
        "run = [\"sh\", \"-c\", \"echo of the second; [ -n \\\"$MOOD\\\" ] || exec sh gate.sh\"]",
    );
    // The first stage blocks for another reason, the second lets it in.
    let first = hook_does("echo of the first; exit 127") + "env = { stage = { MOOD = \"1\" } }\n";
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    consumer.write("matrix.toml", &format!("{toml}{first}"));
    consumer.commit("sabotage");
    let more = ["--only", "hangs", "--max-open", "0"];
    world.try_out("sabotage", &consumer, &more).expect(1);
    let failure = consumer.failed_trial("sabotage");
    assert_eq!(failure["failure_step"], "stage_ci", "{failure:#}");
    let log = fs::read_to_string(failure["failure_log_artifact"].as_str().unwrap()).unwrap();
    assert_eq!(log, "of the second\n");
}
