//! Accepted openings and earlier scorecards of `matrix sabotage`.

use serde_json::json;

use crate::support::bundles::cause_of;
use crate::support::trials::{GATE, row};
use crate::support::{Consumer, Ran, World};

/// Three that let the violation in: by CI's own fault, by the gate's, and by neither's.
const THREE: &str = r#"
[[sabotage]]
id = "gate-off"
does = "switches the gate off everywhere"
why = "it happens"
remedy = "mend it"
at = "before-stage"
run = ["sh", "-c", "echo exit 0 >gate.sh"]

[[sabotage]]
id = "hook-off"
does = "switches the hook off"
why = "it happens"
remedy = "mend it"
at = "before-stage"
run = ["sh", "-c", "printf '#!/bin/sh\nexit 0\n' >hooks/pre-commit"]
"#;

const IDS: [&str; 3] = ["no-verify", "hook-off", "gate-off"];

fn consumer(world: &World, accepted: &str) -> Consumer {
    let consumer = world.gated_consumer_with(THREE, GATE);
    if !accepted.is_empty() {
        consumer.write("accepted-openings.toml", accepted);
        consumer.commit("accept");
    }
    consumer
}

fn entry(id: &str, created: &str, expires: &str) -> String {
    format!(
        "[[accepted]]\nsabotage = \"{id}\"\nowner = \"ann\"\nreason = \"it is rare\"\n\
         created = {created}\nexpires = {expires}\n"
    )
}

/// A run on 2026-05-28.
fn play(world: &World, consumer: &Consumer, ids: &[&str], more: &[&str]) -> Ran {
    let only = ids.iter().flat_map(|id| ["--only", *id]);
    let args: Vec<&str> = only.chain(more.iter().copied()).collect();
    let mut command = world.trial_command("sabotage", consumer, &args);
    let day = command.env("SOURCE_DATE_EPOCH", "1780000000");
    Ran::of(day.output().unwrap())
}

#[test]
fn openings_are_sorted_by_who_can_refuse_them() {
    let world = World::new();
    let consumer = consumer(&world, "");
    let ran = play(
        &world,
        &consumer,
        &[&IDS[..], &["stage-ci-1"]].concat(),
        &[],
    );
    let card = consumer.found("sabotage");
    let rows = card["sabotages"].as_array().unwrap().iter();
    let ids: Vec<_> = rows.map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["gate-off", "hook-off", "no-verify", "stage-ci-1"]);
    assert_eq!(row(&card, "gate-off")["open_in_ci"], true);
    assert_eq!(row(&card, "no-verify")["refused_by"], "ci");
    let stdout = &ran.expect(0).stdout;
    let place = |text: &str| {
        stdout
            .find(text)
            .unwrap_or_else(|| panic!("{text}: {stdout}"))
    };
    let told = [
        "-- got in in CI too",
        "gate-off",
        "-- the gate or its installation",
        "hook-off",
        "-- only CI",
        "no-verify",
    ];
    assert!(told.map(place).is_sorted(), "{stdout}");
}

#[test]
fn accepted_openings_do_not_count_and_entries_at_fault_are_told() {
    let world = World::new();
    let entries = [
        entry("no-verify", "2026-05-01", "2026-05-28"),
        entry("hook-off", "2026-05-01", "2026-05-27"),
        entry("stage-ci-1", "2026-05-01", "2026-05-28"),
    ];
    let consumer = consumer(&world, &entries.concat());
    let ids = ["no-verify", "hook-off", "stage-ci-1"];
    play(
        &world,
        &consumer,
        &ids,
        &["--max-open", "0", "--run-id", "a"],
    )
    .expect(1);
    let ran = play(
        &world,
        &consumer,
        &ids,
        &["--max-open", "1", "--run-id", "a"],
    );
    let stdout = &ran.expect(1).stdout;
    assert!(
        ran.stderr
            .contains("accepted-openings.toml: 2 entries are at fault: accepted opening hook-off "),
        "{ran:?}"
    );
    assert_eq!(cause_of(&consumer), "accepted-opening-at-fault");
    let card = consumer.found("sabotage");
    assert_eq!(
        row(&card, "no-verify")["accepted"],
        json!({"owner": "ann", "reason": "it is rare", "expires": "2026-05-28"})
    );
    assert!(row(&card, "hook-off")["accepted"].is_null());
    let faults = card["accepted"]["faults"].as_array().unwrap();
    let kinds: Vec<_> = faults.iter().map(|fault| &fault["kind"]).collect();
    assert_eq!(kinds, ["expired", "unexpected_pass"]);
    for told in [
        "accepted by ann until 2026-05-28: it is rare\n",
        "accepted opening hook-off (owner ann): its last day was 2026-05-27, today is 2026-05-28",
        "accepted opening stage-ci-1 (owner ann): the violation is blocked; take the entry out",
    ] {
        assert!(stdout.contains(told), "{told}: {stdout}");
    }
    // Without a limit they fail as well, as those of known failures do.
    play(&world, &consumer, &ids, &["--run-id", "a"]).expect(1);
    play(&world, &consumer, &ids[..1], &["--run-id", "a"]).expect(0);
    let none = ["--max-open", "1", "--accepted", "none.toml"];
    let said = play(&world, &consumer, &ids, &none);
    assert!(
        said.expect(2)
            .stderr
            .contains("give --accepted a TOML file"),
        "{said:?}"
    );
}

#[test]
fn an_opening_that_an_earlier_scorecard_does_not_have_fails_the_run() {
    let world = World::new();
    let consumer = consumer(&world, "");
    play(
        &world,
        &consumer,
        &["no-verify", "hook-off"],
        &["--run-id", "first"],
    )
    .expect(0);
    let same = ["--baseline", "first", "--run-id", "same"];
    let ran = play(&world, &consumer, &["no-verify", "hook-off"], &same);
    assert!(
        ran.expect(0)
            .stdout
            .ends_with("got in, and did not in first: none\nblocked, and got in in first: none\n"),
        "{ran:?}"
    );
    let toml = std::fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    consumer.write(
        "matrix.toml",
        &toml.replace("exit 0\\n' >hooks", "exit 1\\n' >hooks"),
    );
    consumer.commit("close one");
    let changed = ["--baseline", "first", "--run-id", "changed"];
    let ran = play(&world, &consumer, &IDS, &changed);
    // That `first` did not try one says nothing of the gate.
    ran.expect(0);
    let told = "got in, and did not in first: none\n\
                got in, and was not tried in first: gate-off\n\
                blocked, and got in in first: hook-off\n";
    assert!(ran.stdout.ends_with(told), "{ran:?}");
    let card = consumer.artifacts().join("runs/changed/sabotage.json");
    let diff = crate::support::json(&card).unwrap()["baseline"].clone();
    assert_eq!(diff["untried_before"], json!(["gate-off"]));
    consumer.write("matrix.toml", &toml);
    consumer.commit("open it again");
    let again = ["--baseline", "changed", "--run-id", "again"];
    let ran = play(&world, &consumer, &IDS, &again);
    ran.expect(1);
    assert!(
        ran.stdout
            .contains("got in, and did not in changed: hook-off\n"),
        "{ran:?}"
    );
    assert!(
        ran.stderr
            .contains("1 sabotage let the violation in and did not in changed (--baseline)"),
        "{ran:?}"
    );
    let bundle = consumer.artifacts().join("runs/again/replay_bundle.json");
    let bundle = crate::support::json(&bundle).unwrap();
    let cause = &bundle["failures"][0]["failure_digest"]["cause"];
    assert_eq!(cause, "sabotage-open");
    world.run(&consumer, &["--run-id", "plain"]).expect(0);
    let ran = play(&world, &consumer, &IDS, &["--baseline", "plain"]);
    assert!(
        ran.expect(2).stderr.contains("run plain left no scorecard"),
        "{ran:?}"
    );
}
