//! `matrix mutate`: what is weakened, what notices it, and what is left.

use std::fs;

use serde_json::json;

use crate::support::bundles::cause_of;
use crate::support::trials::{GATE, row};
use crate::support::{Consumer, Ran, World, git};

const FIRST: &str = "gate-sh-2-pass-always";
const SECOND: &str = "gate-sh-3-pass-always";

#[test]
fn a_rule_that_no_scenario_exercises_survives_and_stands_first() {
    let world = World::new();
    let consumer = world.gated_consumer();
    let ran = world.try_out("mutate", &consumer, &[]);
    assert_eq!(
        ran.expect(0).stdout,
        "mutations of fake: 1 noticed, 1 survived, 0 broke the gate\n\
         survived        gate.sh:3  ! grep -n WORSE file || exit 1: it ends with success\n\
         1 rule is exercised by no scenario:\n  \
           gate.sh:3  ! grep -n WORSE file || exit 1\n    \
             do:  give it a scenario that it must block, and run `matrix mutate` again\n    \
             | [scenario.gate-sh-3]\n    \
             | overlay = \"scenarios/gate-sh-3\"  # a copy of a file that it looks at, with what the rule must stop and a harmless edit beside it\n    \
             | message = \"test: break gate-sh-3\"\n    \
             | expect = { pre-commit = 1, ci = 1 }\n    \
             | # reason = \"…\"  # the line that it prints of the violation\n\
         noticed         gate.sh:2  ! grep -n BAD file || exit 1: it ends with success  (by violations at pre-commit)\n"
    );
    let report = consumer.found("mutation");
    assert_eq!(report, consumer.passed_trial("mutation"));
    let configuration = json!([{"file": "gate.sh", "text": GATE}]);
    assert_eq!(report["configuration"], configuration);
    let survivor = row(&report, SECOND);
    assert_eq!(survivor["outcome"], "survived");
    assert_eq!(
        (&survivor["file"], &survivor["line"]),
        (&json!("gate.sh"), &json!(3))
    );
    assert_eq!(
        survivor["stages"],
        json!({"pre-commit": "closed", "ci": "closed"})
    );
    let noticed = row(&report, FIRST);
    assert_eq!(noticed["outcome"], "noticed");
    assert_eq!(
        noticed["stages"],
        json!({"pre-commit": "open", "ci": "open"})
    );
}

#[test]
fn more_survivors_than_there_may_be_fail_the_run() {
    let world = World::new();
    let consumer = world.gated_consumer();
    let ran = world.try_out(
        "mutate",
        &consumer,
        &["--max-survivors", "0", "--run-id", "a"],
    );
    assert!(ran.expect(1).stdout.contains("survived        gate.sh:3"));
    assert!(
        ran.stderr
            .contains("1 mutation survived, 0 may (--max-survivors)"),
        "{ran:?}"
    );
    assert_eq!(cause_of(&consumer), "survivors");
    let failure = consumer.failed_trial("mutation");
    let expected = json!({
        "failure_phase": SECOND, "failure_step": "replace_files",
        "failure_class": "vacuous", "exit_code": 1, "failure_log_artifact": null,
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(failure[key], *value, "{key}");
    }
    assert_eq!(consumer.found("mutation")["final_verdict"], "FAIL");
    let equal = ["--max-survivors", "1", "--run-id", "a"];
    world.try_out("mutate", &consumer, &equal).expect(0);
    consumer.passed_trial("mutation");
}

#[test]
fn a_set_that_notices_everything_passes() {
    let world = World::new();
    let consumer = world.gated_consumer_with("", "#!/bin/sh\n! grep -n BAD file || exit 1\n");
    let ran = world.try_out("mutate", &consumer, &["--max-survivors", "0"]);
    let first = ran.expect(0).stdout.lines().next();
    assert_eq!(
        first,
        Some("mutations of fake: 1 noticed, 0 survived, 0 broke the gate")
    );
    let whole = consumer.passed_trial("mutation");
    assert_eq!(whole["final_verdict"], "PASS");
    let part = ["--stage", "ci", "--run-id", "part"];
    world.try_out("mutate", &consumer, &part).expect(0);
    assert_eq!(
        consumer.passed_trial("mutation")["final_verdict"],
        "PARTIAL"
    );
}

/// A gate that is configured as lefthook is, and fails where it cannot read that.
const CONFIGURED: &str = "#!/bin/sh\n\
    grep -q 'glob: \"[*]\"' lefthook.yml || { echo no glob; exit 3; }\n\
    ! grep -q 'run: check$' lefthook.yml || ! grep -n BAD file || exit 1\n";

#[test]
fn a_mutation_that_breaks_the_gate_is_not_noticed_by_anybody() {
    let world = World::new();
    let consumer = world.gated_consumer_with("", CONFIGURED);
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let toml = toml.replace(
        "configuration = [\"gate.sh\"]",
        "configuration = [\"*.yml\"]",
    );
    consumer.write("matrix.toml", &toml);
    consumer.write(
        "lefthook.yml",
        "pre-commit:\n  jobs:\n    - glob: \"*\"\n      run: check\n",
    );
    consumer.commit("configure the gate");
    let ran = world.try_out("mutate", &consumer, &["--max-survivors", "0"]);
    ran.expect(0);
    let report = consumer.found("mutation");
    let glob = row(&report, "lefthook-yml-3-empty-glob");
    assert_eq!(glob["outcome"], "broke_the_gate");
    assert!(
        glob["seen"].as_str().unwrap().contains("never said `BAD`"),
        "{glob}"
    );
    let run = row(&report, "lefthook-yml-4-pass-always");
    assert_eq!(run["outcome"], "noticed");
    assert!(
        ran.stdout.contains("broke the gate  lefthook.yml:3"),
        "{ran:?}"
    );
}

/// Refused with a remedy, and nothing cloned.
#[track_caller]
fn refused(world: &World, consumer: &Consumer, told: [&str; 2]) {
    let ran = world.try_out("mutate", consumer, &[]);
    let said = &ran.expect(2).stderr;
    for text in told {
        assert!(said.contains(text), "`{text}` is not in\n{said}");
    }
    assert_eq!(
        consumer.failed_trial("mutation")["failure_step"],
        "config_load"
    );
}

#[test]
fn where_nothing_can_be_weakened_that_is_said() {
    let name_some = "name some: configuration = [";
    for configuration in ["", "configuration = [\"lefthook.yml\"]\n"] {
        let world = World::new();
        let consumer = world.gated_consumer_but("configuration = [\"gate.sh\"]\n", configuration);
        refused(
            &world,
            &consumer,
            ["no file of the consumer configures its gate", name_some],
        );
    }
    let world = World::new();
    let consumer = world.gated_consumer_but(
        "configuration = [\"gate.sh\"]",
        "configuration = [\"scenarios/clean/file\"]",
    );
    let why = "; scenarios/clean/file: it is no hook and no known configuration";
    refused(&world, &consumer, ["there is nothing to weaken", why]);
}

#[test]
fn a_configuration_that_is_a_program_is_told() {
    let world = World::new();
    let more = "configuration = [\"gate.sh\", \"*.config.mjs\"]";
    let consumer = world.gated_consumer_but("configuration = [\"gate.sh\"]", more);
    consumer.write("eslint.config.mjs", "export default [];\n");
    consumer.commit("configure a linter");
    let ran = world.try_out("mutate", &consumer, &[]);
    let told = "not weakened    eslint.config.mjs: it is a program";
    assert!(ran.expect(0).stdout.contains(told), "{ran:?}");
    let unread = &consumer.found("mutation")["unread"];
    assert_eq!(unread[0]["file"], "eslint.config.mjs");
}

#[test]
fn what_git_does_not_track_is_not_weakened() {
    let world = World::new();
    let more = "configuration = [\"*.sh\"]";
    let consumer = world.gated_consumer_but("configuration = [\"gate.sh\"]", more);
    let elsewhere = world.path().join("shared.sh");
    fs::write(&elsewhere, GATE).unwrap();
    std::os::unix::fs::symlink(&elsewhere, consumer.root.join("link.sh")).unwrap();
    consumer.write(".gitignore", "local.sh\n");
    consumer.commit("ignore a file");
    consumer.write("local.sh", GATE);
    world.try_out("mutate", &consumer, &[]).expect(0);
    let report = consumer.found("mutation");
    assert_eq!(report["mutations"].as_array().unwrap().len(), 2);
    let unread = report["unread"].as_array().unwrap();
    let unread: Vec<_> = unread.iter().map(|one| &one["file"]).collect();
    assert_eq!(unread, ["link.sh", "local.sh"]);
    assert_eq!(fs::read_to_string(elsewhere).unwrap(), GATE);
}

#[test]
fn the_weakened_file_is_no_part_of_the_change() {
    let world = World::new();
    let gate = GATE.replace(
        "#!/bin/sh\n",
        "#!/bin/sh\n[ -n \"$GITHUB_BASE_REF\" ] && r=\"$GITHUB_BASE_REF HEAD\" || r=--cached\n\
         echo $(git diff --name-only $r) >>../changed\n",
    );
    let consumer = world.gated_consumer_but(
        "run = [\"sh\", \"gate.sh\"]",
        "run = [\"sh\", \"gate.sh\"]\nenv = { GITHUB_BASE_REF = \"{base_ref}\" }",
    );
    consumer.write("gate.sh", &gate);
    consumer.commit("look at the change");
    let before = contents(&consumer);
    world.try_out("mutate", &consumer, &["--keep"]).expect(0);
    let report = consumer.found("mutation");
    for one in report["mutations"].as_array().unwrap() {
        let id = one["id"].as_str().unwrap();
        let lane = world.kept_lane(id);
        let changed = fs::read_to_string(lane.join("changed")).unwrap();
        assert_eq!(changed, "file\nfile\n", "{one:#}");
        let weakened = fs::read_to_string(lane.join("clone/gate.sh")).unwrap();
        assert_ne!(weakened, gate, "{one:#}");
        let base = format!("upstream-{id}:gate.sh");
        assert_eq!(
            git(&lane.join("clone"), &["show", &base]),
            weakened,
            "{one:#}"
        );
    }
    assert_eq!(contents(&consumer), before);
    assert_eq!(
        consumer.git(&["status", "--porcelain", "--ignored"]),
        "!! artifacts/\n"
    );
}

/// Every tracked file with its text.
fn contents(consumer: &Consumer) -> Vec<(String, String)> {
    let files = consumer.git(&["ls-files"]);
    let read = |name: &str| fs::read_to_string(consumer.root.join(name)).unwrap();
    files
        .lines()
        .map(|name| (name.to_owned(), read(name)))
        .collect()
}

#[test]
fn the_scenarios_of_lefthook_notice_all_but_a_command_that_none_exercises() {
    let world = World::with_package_caches();
    let [root, unused] = ["lefthook", "unused"].map(|name| world.path().join(name));
    let [root_, unused] = [&root, &unused].map(|path| path.to_str().unwrap());
    let online = |args: &[&str]| Ran::of(world.online(args).output().unwrap());
    let lay = ["demo", "lefthook", "--into", root_, "--artifacts", unused];
    online(&[&lay[..], &["--scenario", "clean", "--stage", "ci"]].concat()).expect(0);
    let consumer = Consumer { root: root.clone() };
    let yml = fs::read_to_string(root.join("lefthook.yml")).unwrap();
    let more = "pre-commit:\n  commands:\n    no-tabs:\n      run: \"! grep -n '\\t' README.md\"\n";
    consumer.write(
        "lefthook.yml",
        &yml.replacen("pre-commit:\n  commands:\n", more, 1),
    );
    consumer.commit("look for tabs");
    let args = [
        "mutate",
        "--repo",
        root_,
        "--scenario",
        "violations",
        "--max-survivors",
        "0",
    ];
    online(&args).expect(1);
    let report = consumer.found("mutation");
    let with = |outcome: &str| -> Vec<&str> {
        let rows = report["mutations"].as_array().unwrap().iter();
        let rows = rows.filter(|row| row["outcome"] == outcome);
        rows.map(|row| row["description"].as_str().unwrap())
            .collect()
    };
    assert_eq!(
        with("survived"),
        [
            "pre-commit › commands › no-tabs: the command is dropped",
            "pre-commit › commands › no-tabs › run: its command always succeeds"
        ]
    );
    assert_eq!(with("noticed").len(), 7, "{report:#}");
    let rule = &report["rules"][0];
    assert_eq!(rule["rule"], "pre-commit › commands › no-tabs");
    let mutations = [rule["mutations"].as_array(), report["rules"].as_array()];
    assert_eq!(mutations.map(|list| list.unwrap().len()), [2, 1]);
    assert_eq!(report["mutations"].as_array().unwrap().len(), 9);
}

#[test]
fn what_the_scenario_has_of_its_own_is_not_weakened() {
    let world = World::new();
    let consumer = world.gated_consumer_but("[\"gate.sh\"]\n\n", "[\"gate.sh\", \"hooks/*\"]\n\n");
    consumer.write("scenarios/violations/gate.sh", GATE);
    consumer.commit("bring the gate along");
    let ran = world.try_out("mutate", &consumer, &[]);
    let own = "not weakened    gate.sh: the scenario that is replayed has one of its own\n";
    assert!(ran.expect(0).stdout.ends_with(own), "{ran:?}");
    assert!(!ran.stdout.contains("survived        gate.sh"), "{ran:?}");
}

#[test]
fn the_first_line_counts_the_lanes_that_will_run() {
    let world = World::new();
    // Two scenarios may notice each mutation; the second runs only if the first does not.
    let more =
        "[scenario.worse]\noverlay = \"scenarios/worse\"\nexpect = { pre-commit = 1, ci = 1 }\n";
    let consumer = world.gated_consumer_with(more, GATE);
    consumer.write("scenarios/worse/file", "WORSE\n");
    consumer.commit("a second violation");
    let ran = world.try_out("mutate", &consumer, &[]);
    let first = ran.expect(0).stderr.lines().next().unwrap_or_default();
    let counted = "matrix: fake, 3 scenarios and 2 to 4 altered lanes × 2 stages, ";
    assert!(first.starts_with(counted), "{first}");
    let events = fs::read_to_string(consumer.run_folder().join("events.jsonl")).unwrap();
    let finished = events.lines().filter(|line| {
        line.contains("\"kind\":\"step_finished\"") && line.contains("\"replace_files\"")
    });
    let finished = finished.count();
    assert!((2..=4).contains(&finished), "{finished}\n{events}");
    let plain = world.run(&consumer, &[]);
    let first = plain.expect(0).stderr.lines().next().unwrap_or_default();
    assert!(
        first.starts_with("matrix: fake, 3 scenarios × 2 stages, "),
        "{first}"
    );
}
