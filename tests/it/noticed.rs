//! The scenario that noticed a mutation, and what to do about one that none did.

use std::fs;

use serde_json::json;

use crate::support::World;
use crate::support::bundles::cause_of;
use crate::support::trials::{GATE, row};

const FIRST: &str = "gate-sh-2-pass-always";
const SECOND: &str = "gate-sh-3-pass-always";

const WORSE: &str = "[scenario.worse]\noverlay = \"scenarios/worse\"\n\
                     expect = { pre-commit = 1, ci = 1 }\nreason = \"WORSE\"\n";

#[test]
fn every_scenario_that_blocks_is_asked_and_the_one_that_noticed_is_named() {
    let world = World::new();
    let consumer = world.gated_consumer_with(WORSE, GATE);
    consumer.write("scenarios/worse/file", "WORSE\n");
    consumer.commit("a scenario of the other rule");
    let ran = world.try_out("mutate", &consumer, &["--max-survivors", "0"]);
    let said = &ran.expect(0).stdout;
    let first = "BAD file || exit 1: it ends with success  (by violations at pre-commit)\n";
    assert!(said.contains(first), "{said}");
    assert!(said.contains("  (by worse at pre-commit)\n"), "{said}");
    let report = consumer.found("mutation");
    let by = json!({"scenario": "worse", "stage": "pre-commit", "let_in": true});
    assert_eq!(row(&report, SECOND)["noticed_by"], by);
    // What one scenario noticed is not tried with another.
    assert_eq!(row(&report, FIRST)["tried"], json!(["violations"]));
    assert_eq!(report["rules"], json!([]));
}

/// A gate whose second rule only holds for what is pushed.
const LATE: &str = "#!/bin/sh\n! grep -n BAD file || exit 1\n[ -n \"$CI\" ] || exit 0\n\
                    ! grep -n LATE file || exit 1\n";

#[test]
fn a_scenario_that_blocks_at_one_stage_alone_notices_too() {
    let world = World::new();
    let late = "[scenario.late]\noverlay = \"scenarios/late\"\n\
                expect = { pre-commit = 0, ci = 1 }\nreason = \"LATE\"\n";
    let consumer = world.gated_consumer_with(late, LATE);
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let run = "run = [\"sh\", \"gate.sh\"]\n";
    let in_ci = format!("{run}env = {{ CI = \"true\" }}\n");
    consumer.write("matrix.toml", &toml.replace(run, &in_ci));
    consumer.write("scenarios/late/file", "LATE\n");
    consumer.commit("a scenario of what is pushed");
    let ran = world.try_out("mutate", &consumer, &[]);
    let said = &ran.expect(0).stdout;
    let noticed = "! grep -n LATE file || exit 1: it ends with success  (by late at ci)";
    assert!(said.contains(noticed), "{said}");
}

/// A gate that lets `OLD` in for as long as its exception is there.
const EXCEPTION: &str = "#!/bin/sh\n! grep -n BAD file || exit 1\n\
                         old() { grep -q OLD file; return 1; }\nold && exit 1\nexit 0\n";

/// To weaken a helper may make the gate stricter, which a scenario notices as well.
#[test]
fn a_stage_that_blocks_what_it_must_let_in_has_noticed() {
    let world = World::new();
    let old = "[scenario.old]\noverlay = \"scenarios/old\"\n\
               expect = { pre-commit = 0, ci = 1 }\n";
    let gate = EXCEPTION.replace("exit 0\n", "[ -z \"$CI\" ] || exit 1\nexit 0\n");
    let consumer = world.gated_consumer_with(old, &gate);
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let run = "run = [\"sh\", \"gate.sh\"]\n";
    let in_ci = format!("{run}env = {{ CI = \"true\" }}\n");
    let clean = "overlay = \"scenarios/clean\"\nexpect = { pre-commit = 0, ci = 0 }";
    let toml = toml
        .replace(run, &in_ci)
        .replace(clean, &clean.replace("ci = 0", "ci = 1"));
    consumer.write("matrix.toml", &toml);
    consumer.write("scenarios/old/file", "OLD\n");
    consumer.commit("an exception");
    let ran = world.try_out("mutate", &consumer, &[]);
    let said = &ran.expect(0).stdout;
    assert!(said.contains("at pre-commit, which blocks now)"), "{said}");
}

#[test]
fn a_scenario_to_start_from_is_one_that_notices_the_survivor() {
    let world = World::new();
    let consumer = world.gated_consumer();
    let once = ["--run-id", "a"];
    world.try_out("mutate", &consumer, &once).expect(0);
    let report = consumer.found("mutation");
    let next = &row(&report, SECOND)["next"];
    assert!(
        next["text"].as_str().unwrap().contains("a scenario"),
        "{next}"
    );
    let scenario = next["scenario"].as_str().unwrap();
    let name = scenario.lines().next().unwrap();
    let name = name.trim_start_matches("[scenario.").trim_end_matches(']');
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    consumer.write("matrix.toml", &format!("{toml}\n{scenario}"));
    consumer.write(&format!("scenarios/{name}/file"), "WORSE\n");
    consumer.commit("as it is told");
    let again = [&once[..], &["--max-survivors", "0"]].concat();
    world.try_out("mutate", &consumer, &again).expect(0);
}

#[test]
fn a_configuration_that_no_pattern_covers_is_told_and_counts() {
    let world = World::new();
    let consumer = world.gated_consumer();
    let yml = "pre-commit:\n  commands:\n    lint:\n      run: \"true\"\n";
    consumer.write("app/lefthook.yml", yml);
    consumer.write("scenarios/clean/lefthook.yml", yml);
    consumer.write("app/.husky/pre-push", "true\n");
    consumer.write("app/eslint.config.js", "export default [];\n");
    consumer.commit("configure more");
    let limit = ["--max-survivors", "1", "--run-id", "a"];
    let ran = world.try_out("mutate", &consumer, &limit);
    let said = &ran.expect(1).stdout;
    for (file, gate) in [
        ("app/.husky/pre-push", "husky"),
        ("app/lefthook.yml", "lefthook"),
    ] {
        let told = format!("not covered     {file}: it configures {gate}, ");
        assert!(said.contains(&told), "{said}");
    }
    let remedy = "add \"app/.husky/pre-push\" to `configuration`, or \"!app/.husky/pre-push\"";
    assert!(ran.stderr.contains(remedy), "{}", ran.stderr);
    assert_eq!(cause_of(&consumer), "configuration-not-covered");
    let uncovered = consumer.found("mutation")["uncovered"].clone();
    assert_eq!(uncovered.as_array().unwrap().len(), 2);
    // To cover what cannot be weakened would change nothing.
    let told = "not weakened    app/eslint.config.js: it is a program";
    assert!(said.contains(told), "{said}");
    // It is the limit that makes it a failure.
    world.try_out("mutate", &consumer, &limit[2..]).expect(0);
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let of_gate = "configuration = [\"gate.sh\"";
    let line = toml.lines().position(|line| line.starts_with(of_gate));
    consumer.write(
        "matrix.toml",
        &toml.replace(of_gate, &format!("{of_gate}, \"!app/**\", \"gone.sh\"")),
    );
    consumer.commit("the gate does not use them");
    let ran = world.try_out("mutate", &consumer, &limit);
    assert!(!ran.expect(0).stdout.contains("app/"), "{}", ran.stdout);
    let told = format!(
        "not weakened    gone.sh: no file that git tracks matches this pattern (matrix.toml:{})",
        line.unwrap() + 1
    );
    assert!(ran.stdout.contains(&told), "{}", ran.stdout);
}

/// A gate that a mutation breaks has noticed nothing, though it blocks what must get in.
#[test]
fn a_stage_that_a_mutation_breaks_has_not_noticed_it() {
    for breaks in ["no-such-program; exit", "kill -9 $$"] {
        let world = World::new();
        let late = "[scenario.late]\noverlay = \"scenarios/late\"\n\
                    expect = { pre-commit = 0, ci = 1 }\nreason = \"LATE\"\n";
        let gate = format!(
            "#!/bin/sh\n\
             if ! grep -q 'glob: \"[*]\"' lefthook.yml; then {breaks}; fi\n\
             ! grep -n BAD file || exit 1\n\
             [ -z \"$CI\" ] || ! grep -n LATE file || exit 1\n"
        );
        let consumer = world.gated_consumer_with(late, &gate);
        let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
        let run = "run = [\"sh\", \"gate.sh\"]\n";
        let toml = toml.replace(run, &format!("{run}env = {{ CI = \"true\" }}\n"));
        let toml = toml.replace("[\"gate.sh\"]\n\n", "[\"lefthook.yml\"]\n\n");
        consumer.write("matrix.toml", &toml);
        consumer.write(
            "lefthook.yml",
            "pre-commit:\n  jobs:\n    - glob: \"*\"\n      run: check\n",
        );
        consumer.write("scenarios/late/file", "LATE\n");
        consumer.commit("a gate that reads its configuration");
        world.try_out("mutate", &consumer, &[]).expect(0);
        let report = consumer.found("mutation");
        let glob = row(&report, "lefthook-yml-3-empty-glob");
        assert_eq!(glob["outcome"], "broke_the_gate", "{breaks}: {glob:#}");
        assert_eq!(glob["tried"], json!(["violations", "late"]));
    }
}
