//! A run is held against an earlier one.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::support::comparisons::{
    AB, TODAY, consumer, counts, diff, document, gate, good, now, red, run_folder, two_runs,
};
use crate::support::{Consumer, Ran, World, git, json, program, rewrite_run};

#[test]
fn three_hundred_cells_are_counted() {
    let world = World::new();
    let names: Vec<String> = (0..100).map(|n| format!("l{n:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let stages = ["one", "two", "three"];
    let toml = gate("fake", &[&names[..], &["gone"]].concat(), &stages);
    let known = ["l010/one", "l010/two", "l099/three"];
    let fixed = ["l020/one", "l021/three"];
    let table = red(&[&known[..], &fixed].concat());
    let consumer = consumer(&world, "consumer", &toml, &table);
    world.run(&consumer, &["--run-id", "base"]).expect(1);
    // One cell is gone, not a lane of three.
    rewrite_run(&run_folder(&consumer, "base"), &|run| {
        for stage in ["one", "two"] {
            let exits = run["scenarios"]["gone"].as_object_mut().unwrap();
            exits.remove(&format!("{stage}_exit")).unwrap();
            let cells = run["lanes"]["gone"]["cells"].as_object_mut().unwrap();
            cells.remove(stage).unwrap();
        }
    });
    let regressions = ["l000/one", "l000/two", "l000/three", "l050/two", "l098/one"];
    let table = red(&[&known[..], &regressions, &["new/two"]].concat());
    consumer.write("table", &table);
    let lanes = [&names[..], &["new"]].concat();
    now(&consumer, "matrix.toml", &gate("fake", &lanes, &stages));
    let ran = world.run(&consumer, &["--run-id", "now", "--baseline", "base"]);
    let written = run_folder(&consumer, "now").join("triage_diff.json");
    let written = json(&written).unwrap();
    let expected = json!({
        "regression": 5, "new_failure": 1, "known_failure": 3, "fixed": 2, "removed": 1,
        "added": 2, "unchanged": 290,
    });
    assert_eq!(counts(&written), expected);
    assert_eq!(written["status"], "regression");
    let of = |status: &str| -> Vec<&str> {
        let cells = written["cells"].as_array().unwrap().iter();
        let cells = cells.filter(|cell| cell["status"] == status);
        cells.map(|cell| cell["cell"].as_str().unwrap()).collect()
    };
    assert_eq!(of("regression"), regressions);
    assert_eq!(of("known_failure"), known);
    assert_eq!(of("fixed"), fixed);
    assert_eq!(of("removed"), ["gone/three"]);
    assert_eq!(of("new_failure"), ["new/two"]);
    let ids: Vec<&str> = written["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 14);
    assert_eq!(ids[0], "regression:l000/one");
    assert_eq!(ids[5], "new_failure:new/two");
    assert_eq!(ids[13], "added:new/three");
    let head = "run now against run base: regression (5 regressions, 1 new failure, \
                3 known failures, 2 fixed, 1 removed, 2 added, 290 unchanged)\n";
    assert!(ran.expect(1).stderr.contains(head), "{}", ran.stderr);
    let shown = diff(&world, &consumer, &["base", "--fail-on", "regression"]);
    assert!(shown.expect(1).stdout.starts_with(head), "{}", shown.stdout);
    assert!(shown.stdout.lines().count() <= 24, "{}", shown.stdout);
    assert!(shown.stdout.contains("… and 2 more"), "{}", shown.stdout);
    let mut again = document(&world, &consumer, &["base"]);
    again["generated_at_utc"] = written["generated_at_utc"].clone();
    assert_eq!(again, written);
}

/// What a run leaves outside of its folder, and how it ends.
/// A file without the digest of documents that hold durations.
fn without_digest(path: &Path) -> Vec<u8> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.contains("\"files_sha256\""));
    lines.collect::<Vec<_>>().join("\n").into_bytes()
}

fn left(consumer: &Consumer, ran: &Ran) -> (i32, String, Vec<(String, Vec<u8>)>) {
    let entries = fs::read_dir(consumer.artifacts()).unwrap();
    let files = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files
        // The lock counts runs.
        .filter(|path| path.is_file() && !path.ends_with(".matrix.lock"))
        .map(|path| (path.display().to_string(), without_digest(&path)))
        .collect();
    files.sort();
    (ran.code, ran.stdout.clone(), files)
}

#[test]
fn a_baseline_changes_neither_exit_nor_stdout_nor_verdict() {
    let world = World::new();
    let toml = gate("fake", &AB, &["ci"]);
    let consumer = consumer(&world, "consumer", &toml, &red(&["a/ci"]));
    let run = |more: &[&str]| {
        let mut command = world.run_command(&consumer, more);
        Ran::of(
            command
                .env("SOURCE_DATE_EPOCH", "1771372800")
                .output()
                .unwrap(),
        )
    };
    run(&["--run-id", "base"]).expect(1);
    let verdict = consumer.artifacts().join("fake-matrix-last-failure.json");
    let verdict = verdict.to_str().unwrap();
    for (table, code) in [(red(&["b/ci"]), 1), ("none\n".to_owned(), 0)] {
        now(&consumer, "table", &table);
        run(&["--run-id", "base"]).expect(code);
        let alone = run(&["--run-id", "now"]);
        let without = left(&consumer, &alone);
        // The last verdict is read before the run removes it.
        run(&["--run-id", "base"]).expect(code);
        let file = if code == 1 { verdict } else { "last-pass" };
        let held = run(&["--run-id", "now", "--baseline", file, "--retain-runs", "1"]);
        assert_eq!(left(&consumer, &held), without);
        assert_eq!(held.code, code);
        assert!(
            held.stderr.contains("run now against run base: "),
            "{held:?}"
        );
        let folder = run_folder(&consumer, "now");
        let stored = gate_matrix::artifact::reader::StoredRun::open(&folder).unwrap();
        stored.verify().unwrap();
        let triage: Value =
            serde_json::from_slice(&stored.file("triage_diff.json").unwrap()).unwrap();
        assert_eq!(triage["base"]["run_id"], "base");
        assert!(run_folder(&consumer, "base").join("run.json").is_file());
    }
}

#[test]
fn a_baseline_that_cannot_be_had_ends_the_run_before_it_begins() {
    let world = World::new();
    let toml = gate("fake", &AB, &["ci"]);
    let consumer = consumer(&world, "consumer", &toml, &red(&["a/ci"]));
    let first = world.run(&consumer, &["--run-id", "one", "--baseline", "last-pass"]);
    let said = &first.expect(1).stderr;
    assert!(
        said.contains("no baseline: no run has passed yet"),
        "{said}"
    );
    assert!(
        !run_folder(&consumer, "one")
            .join("triage_diff.json")
            .exists()
    );
    let before = left(&consumer, &first);
    let refused = |more: &[&str], what: &str| {
        let ran = world.run(&consumer, more);
        assert!(ran.expect(2).stderr.contains(what), "{ran:?}");
        assert_eq!(left(&consumer, &first), before);
        let runs = fs::read_dir(consumer.artifacts().join("runs")).unwrap();
        assert_eq!(runs.count(), 1, "{more:?}");
    };
    refused(&["--baseline", "nobody"], "there is no run `nobody`");
    let own = ["--baseline", "one", "--run-id", "one"];
    refused(&own, "cannot be its own baseline");
    let of_another_gate = |run: &mut Value| run["gate"] = json!("other");
    rewrite_run(&run_folder(&consumer, "one"), &of_another_gate);
    refused(
        &["--baseline", "one"],
        "run one tried other, this one tries fake",
    );
    rewrite_run(&run_folder(&consumer, "one"), &|run| {
        run["gate"] = json!("fake")
    });
    refused(&["--known", "known.toml"], "--baseline");
    let cell = run_folder(&consumer, "one").join("cells/a/ci.json");
    fs::remove_file(cell).unwrap();
    refused(&["--baseline", "one"], "is gone");
}

/// Runs a recommended command as a user would, in another folder.
fn execute(world: &World, command: &str) -> Ran {
    let elsewhere = world.path().join("elsewhere");
    fs::create_dir_all(&elsewhere).unwrap();
    let bin = Path::new(program()).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut shell = std::process::Command::new("sh");
    shell
        .args(["-c", command])
        .env_clear()
        .env("PATH", path)
        .env("HOME", world.home())
        .env("MATRIX_WORK_DIR", world.work())
        .env("MATRIX_SANDBOX", "off")
        .current_dir(elsewhere);
    Ran::of(shell.output().unwrap())
}

#[test]
fn what_is_recommended_can_be_pasted_anywhere() {
    let world = World::new();
    let toml = gate("fake", &["a", "b", "c"], &["ci"]);
    let consumer = consumer(&world, "it's a \"consumer\" $HOME", &toml, "none\n");
    world.run(&consumer, &["--run-id", "base"]).expect(0);
    let kept = world.path().join("kept `runs`");
    let kept = kept.to_str().unwrap();
    now(&consumer, "table", &red(&["a/ci"]));
    let some = [
        "--scenario",
        "a",
        "--scenario",
        "b",
        "--run-id",
        "now",
        "--artifacts",
        kept,
    ];
    let base = consumer.artifacts().join("runs/base");
    let base = base.to_str().unwrap();
    world
        .run(&consumer, &[&some[..], &["--baseline", base]].concat())
        .expect(1);
    let document = json(&Path::new(kept).join("runs/now/triage_diff.json")).unwrap();
    let commands: Vec<&str> = document["recommended_commands"]
        .as_array()
        .unwrap()
        .iter()
        .map(|command| command.as_str().unwrap())
        .collect();
    let [replay, run, diff] = commands[..] else {
        panic!("{commands:?}");
    };
    let shown = execute(&world, diff);
    let head = "run now against run base: regression (1 regression, 1 missing, 1 unchanged)\n";
    assert!(shown.expect(0).stdout.starts_with(head), "{shown:?}");
    assert!(shown.stdout.contains("  next: matrix replay "), "{shown:?}");
    let again = execute(&world, replay);
    assert!(
        again
            .expect(1)
            .stderr
            .contains("1 of 1 failures reproduced"),
        "{again:?}"
    );
    assert!(again.stdout.contains("scenario:a") && !again.stdout.contains("scenario:b"));
    let whole = execute(&world, run);
    assert!(
        whole
            .expect(1)
            .stderr
            .contains("regression (1 regression, 2 unchanged)"),
        "{whole:?}"
    );
    assert_eq!(git(&consumer.root, &["status", "--short"]), "");
}

#[test]
fn a_run_that_ends_before_its_lanes_is_incomplete() {
    let world = World::new();
    let toml = gate("fake", &AB, &["ci"]);
    let consumer = consumer(&world, "consumer", &toml, "none\n");
    world.run(&consumer, &["--run-id", "base"]).expect(0);
    consumer.write("dirt", "");
    let ran = world.run(&consumer, &["--baseline", "last-pass"]);
    assert!(
        ran.expect(17).stderr.contains("incomplete (2 missing)"),
        "{ran:?}"
    );
}

#[test]
fn a_run_tells_of_its_known_failures_and_exits_as_it_would() {
    let world = World::new();
    let consumer = two_runs(&world);
    let run = |more: &[&str]| {
        let mut command = world.run_command(&consumer, more);
        Ran::of(command.env("SOURCE_DATE_EPOCH", TODAY).output().unwrap())
    };
    let known = good("a/ci") + &good("b/ci") + &good("c/ci");
    now(&consumer, "known-failures.toml", &known);
    let ran = run(&["--baseline", "last-pass"]);
    let said = &ran.expect(1).stderr;
    assert!(
        said.contains("known_failures_only (2 known failures, 1 unchanged)"),
        "{said}"
    );
    assert!(
        said.contains("known failure c/ci (owner ann): it passes in run"),
        "{said}"
    );
    // Nothing runs with a file that cannot be used.
    let runs = || {
        fs::read_dir(consumer.artifacts().join("runs"))
            .unwrap()
            .count()
    };
    let before = runs();
    now(&consumer, "known-failures.toml", "[[known]]\n");
    let refused = run(&["--baseline", "last-pass"]);
    assert!(
        refused.expect(2).stderr.contains("missing field `cell`"),
        "{refused:?}"
    );
    assert_eq!(runs(), before);
    run(&["--run-id", "without"]).expect(1);
}

#[test]
fn the_last_pass_of_another_gate_is_no_baseline_and_no_hindrance() {
    let world = World::new();
    let toml = gate("fake", &AB, &["ci"]);
    let consumer = consumer(&world, "consumer", &toml, "none\n");
    world.run(&consumer, &["--run-id", "base"]).expect(0);
    now(&consumer, "matrix.toml", &gate("other", &AB, &["ci"]));
    let ran = world.run(&consumer, &["--run-id", "now", "--baseline", "last-pass"]);
    let said = &ran.expect(0).stderr;
    assert!(said.contains("not compared: run base tried fake"), "{said}");
    assert!(
        !run_folder(&consumer, "now")
            .join("triage_diff.json")
            .exists()
    );
}

#[test]
fn a_comparison_names_the_commits_between_and_the_configuration_that_changed() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    world.run(&consumer, &["--run-id", "base"]).expect(0);
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    consumer.write("matrix.toml", &toml.replace("exit 0", "exit 3"));
    consumer.write("notes", "no configuration");
    consumer.commit("weaken the rule");
    let ran = world.run(&consumer, &["--run-id", "now", "--baseline", "base"]);
    let said = &ran.expect(1).stderr;
    for part in [
        "  before: ",
        " weaken the rule\n  configuration changed: matrix.toml\n    -",
        "exit 3",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("no configuration"), "{said}");
    // From a commit that is gone, what is known is told.
    rewrite_run(&run_folder(&consumer, "base"), &|run| {
        run["source"]["head"] = json!("1".repeat(40));
    });
    let ran = world.run(&consumer, &["--run-id", "now", "--baseline", "base"]);
    let said = &ran.expect(1).stderr;
    assert!(
        said.contains("commit 111111111111 is not in this repository"),
        "{said}"
    );
}
