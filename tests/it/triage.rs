//! Two runs are compared, cell by cell.

use std::fs;

use serde_json::{Value, json};

use super::support::comparisons::{
    AB, GATE, cell, consumer, counts, diff, document, gate, now, red, run_folder,
};
use super::support::schema::fits;
use crate::support::{World, rewrite_run};

#[test]
fn a_partial_rerun_is_never_stable() {
    let world = World::new();
    let toml = gate("fake", &["a", "b", "c"], &["ci"]);
    let consumer = consumer(&world, "consumer", &toml, &red(&["a/ci", "b/ci"]));
    world.run(&consumer, &["--run-id", "base"]).expect(1);
    now(&consumer, "table", "none\n");
    let one = ["--scenario", "a", "--run-id", "one"];
    world.run(&consumer, &one).expect(0);
    let document = document(&world, &consumer, &["base"]);
    assert_eq!(document["status"], "incomplete");
    assert_eq!(counts(&document), json!({"fixed": 1, "missing": 2}));
    assert_eq!(cell(&document, "b/ci")["now"]["selected"], false);
    let met = |what: &str| diff(&world, &consumer, &["base", "--fail-on", what]).code;
    assert_eq!(
        ["incomplete", "any", "regression,incomplete", "regression"].map(met),
        [1, 1, 1, 0]
    );
    // What was never asked for is not missed.
    world.run(&consumer, &["--run-id", "all"]).expect(0);
    let shown = diff(&world, &consumer, &["one", "all", "--fail-on", "any"]);
    let head = "run all against run one: stable (2 added, 1 unchanged)\n";
    assert!(shown.expect(0).stdout.starts_with(head), "{shown:?}");
    let shown = diff(&world, &consumer, &["base", "all"]);
    assert!(
        shown.stdout.contains("stable (2 fixed, 1 unchanged)"),
        "{shown:?}"
    );
}

#[test]
fn a_lane_that_died_is_red_and_one_that_was_cancelled_is_missing() {
    let world = World::new();
    let toml = gate("fake", &AB, &["ci"]);
    let consumer = consumer(&world, "consumer", &toml, "none\n");
    world.run(&consumer, &["--run-id", "base"]).expect(0);
    now(&consumer, "table", &red(&["a/ci"]));
    world
        .run(&consumer, &["--run-id", "fast", "--fail-fast"])
        .expect(1);
    let fast = document(&world, &consumer, &["base", "fast"]);
    assert_eq!(fast["status"], "regression");
    // The second lane may have ended before it could be cancelled.
    let late = cell(&fast, "b/ci")["status"].as_str().unwrap();
    assert!(["missing", "unchanged"].contains(&late), "{late}");
    let step = "[[install]]\nstep = \"build\"\nrun = [\"false\"]\n";
    now(&consumer, "matrix.toml", &format!("{toml}{step}"));
    world.run(&consumer, &["--run-id", "dead"]).expect(1);
    let dead = document(&world, &consumer, &["base", "dead"]);
    // What passed and cannot even be installed now has become worse.
    assert_eq!(dead["status"], "regression");
    assert_eq!(counts(&dead), json!({"regression": 2}));
    let back = document(&world, &consumer, &["dead", "base"]);
    assert_eq!(counts(&back), json!({"fixed": 2}));
    let back = document(&world, &consumer, &["dead", "fast"]);
    assert_eq!(cell(&back, "a/ci")["status"], "known_failure");
    assert_eq!(cell(&back, "a/ci")["now"]["verdict"], "contract");
    let why = cell(&dead, "a/ci")["now"]["problem"].as_str().unwrap();
    assert!(why.contains("failed at build (install)"), "{why}");
}

#[test]
fn the_same_exit_for_another_reason_and_other_evidence_are_told() {
    let world = World::new();
    let toml = |expect: u8, reason: &str| {
        let gate = gate("fake", &AB, &["ci"]);
        gate.replace(
            "a]\noverlay",
            &format!("a]\nreason = \"{reason}\"\noverlay"),
        )
        .replacen("{ ci = 0 }", &format!("{{ ci = {expect} }}"), 1)
            + "[scenario.b.evidence.ci]\nfile = \"doc.json\"\nassert = ['.n > 0']\n"
    };
    let script = |n: u8| format!("echo '{{\"n\": {n}}}' > doc.json\n{GATE}");
    let consumer = consumer(&world, "consumer", &toml(1, "FIXME"), "a/ci 1 FIXME\n");
    now(&consumer, "gate.sh", &script(1));
    world.run(&consumer, &["--run-id", "base"]).expect(0);
    consumer.write("table", "a/ci 1 out of memory\n");
    now(&consumer, "gate.sh", &script(2));
    world.run(&consumer, &["--run-id", "other"]).expect(1);
    let other = document(&world, &consumer, &["base", "other"]);
    assert_eq!(
        counts(&other),
        json!({"regression": 1, "unchanged": 1, "same_exit_other_reason": 1, "other_evidence": 1})
    );
    assert_eq!(cell(&other, "a/ci")["same_exit_other_reason"], true);
    assert_eq!(cell(&other, "a/ci")["now"]["verdict"], "wrong_reason");
    let evidence = &cell(&other, "b/ci")["other_evidence"];
    assert_eq!(*evidence, json!(["document", "assertions"]));
    assert_eq!(cell(&other, "b/ci")["same_exit_other_reason"], false);
    assert_eq!(other["diagnostics"][1]["id"], "unchanged:b/ci");
    // Red in both, for two reasons.
    now(&consumer, "matrix.toml", &toml(0, "FIXME"));
    world.run(&consumer, &["--run-id", "third"]).expect(1);
    let shown = diff(&world, &consumer, &["other", "--fail-on", "other-evidence"]);
    let said = &shown.expect(0).stdout;
    assert!(
        said.contains("known_failures_only (1 known failure, 1 unchanged, 1 with the same exit"),
        "{said}"
    );
    assert!(
        said.contains("for another reason, before: fails (wrong_reason)"),
        "{said}"
    );
    diff(&world, &consumer, &["other", "--fail-on", "other-reason"]).expect(1);
}

#[test]
fn what_else_differs_is_named() {
    let world = World::new();
    let toml = gate("fake", &AB, &["ci"]);
    let consumer = consumer(&world, "consumer", &toml, "none\n");
    world.run(&consumer, &["--run-id", "base"]).expect(0);
    world.run(&consumer, &["--run-id", "same"]).expect(0);
    let same = document(&world, &consumer, &["base", "same"]);
    assert_eq!(same["differences"], json!([]));
    rewrite_run(&run_folder(&consumer, "base"), &|run| {
        run["source"]["head"] = json!("0".repeat(40));
        run["matrix_version"] = json!("0.0.1");
        run["package_resolved"] = json!({"name": "p", "version": "1", "integrity": null});
    });
    let other = document(&world, &consumer, &["base", "same"]);
    let what = other["differences"].as_array().unwrap().iter();
    let what: Vec<_> = what.map(|one| &one["what"]).collect();
    assert_eq!(what, ["source", "package", "matrix_version"]);
    assert_eq!(other["base"]["package_resolved"]["version"], "1");
    assert_eq!(other["status"], "stable");
    let shown = diff(&world, &consumer, &["base", "same"]);
    assert!(
        shown
            .stdout
            .contains("other package: it was p 1, now it is unknown"),
        "{shown:?}"
    );
    let schema = gate_matrix::schema::schema("triage").unwrap();
    fits(&serde_json::to_value(schema).unwrap(), "triage", &other);
}

#[test]
fn a_run_that_failed_beside_its_cells_is_not_stable() {
    let world = World::new();
    let toml = gate("fake", &AB, &["ci"]);
    let consumer = consumer(&world, "consumer", &toml, "none\n");
    for id in ["base", "now", "lane"] {
        world.run(&consumer, &["--run-id", id]).expect(0);
    }
    let failure = json!({
        "phase": "a", "step": "interrupted", "class": "interrupted", "message": "it was stopped",
        "command": null, "log": null,
    });
    rewrite_run(&run_folder(&consumer, "now"), &|run| {
        run["final_verdict"] = json!("FAIL");
        run["failure"] = failure.clone();
    });
    let stopped = document(&world, &consumer, &["base", "now"]);
    assert_eq!(stopped["status"], "incomplete");
    assert_eq!(stopped["diagnostics"][0]["id"], "run");
    diff(
        &world,
        &consumer,
        &["base", "now", "--fail-on", "incomplete"],
    )
    .expect(1);
    // A lane that failed with green cells: none of them counts.
    rewrite_run(&run_folder(&consumer, "lane"), &|run| {
        run["final_verdict"] = json!("FAIL");
        run["lanes"]["a"]["failure"] = failure.clone();
    });
    let lane = document(&world, &consumer, &["base", "lane"]);
    assert_eq!(counts(&lane)["regression"], 1);
}

#[test]
fn nothing_is_said_of_runs_that_cannot_be_relied_on() {
    let world = World::new();
    let toml = gate("fake", &AB, &["ci"]);
    let consumer = consumer(&world, "consumer", &toml, "a/ci 0 hello\n");
    for id in ["base", "now", "again"] {
        world.run(&consumer, &["--run-id", id]).expect(0);
    }
    let says = |words: &[&str], code: i32, what: &str| {
        let ran = diff(&world, &consumer, words);
        let is_said = ran.stderr.contains(what) && ran.stderr.contains("next: ");
        assert!(is_said, "{words:?}: {ran:?}");
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{words:?}");
    };
    says(&["base", "base"], 2, "BASE and CURRENT are both run base");
    says(&["nobody"], 2, "there is no run `nobody`");
    let edit = |id: &str, key: &str, value: Value| {
        rewrite_run(&run_folder(&consumer, id), &|run| run[key] = value.clone());
    };
    edit("base", "gate", json!("other"));
    says(
        &["base", "now"],
        2,
        "run base tried other, run now tried fake",
    );
    edit("base", "gate", json!("fake"));
    edit("base", "kind", json!("sabotage"));
    says(&["base", "now"], 2, "run base is a sabotage run");
    edit("base", "kind", json!("matrix"));
    edit("again", "schema_version", json!(99));
    says(&["base", "again"], 69, "schema_version 99");
    let log = run_folder(&consumer, "now").join("logs/a/stage_ci.log");
    fs::write(&log, "hullo\n").unwrap();
    says(
        &["base", "now"],
        69,
        "stage_ci.log is not what its run wrote",
    );
    says(
        &["now", "base"],
        69,
        "stage_ci.log is not what its run wrote",
    );
    fs::remove_file(&log).unwrap();
    says(&["base", "now"], 69, "is gone");
    fs::remove_file(run_folder(&consumer, "now").join("run.json")).unwrap();
    says(&["base", "now"], 69, "is incomplete");
}

#[test]
fn a_run_without_lanes_is_incomplete_and_no_baseline() {
    let world = World::new();
    let toml = gate("fake", &AB, &["ci"]);
    let consumer = consumer(&world, "consumer", &toml, "none\n");
    world.run(&consumer, &["--run-id", "base"]).expect(0);
    consumer.write("dirt", "");
    world.run(&consumer, &["--run-id", "dirty"]).expect(17);
    let document = document(&world, &consumer, &["base"]);
    assert_eq!(counts(&document), json!({"missing": 2}));
    let why = cell(&document, "a/ci")["now"]["problem"].as_str().unwrap();
    assert!(why.contains("source_repo_cleanliness (dirty)"), "{why}");
    let ran = diff(&world, &consumer, &["dirty", "base"]);
    assert!(
        ran.expect(2).stderr.contains("nothing to compare with"),
        "{ran:?}"
    );
}

#[test]
fn a_failure_of_another_cause_is_another_reason() {
    let world = World::new();
    let toml = gate("fake", &AB, &["ci"]);
    let consumer = consumer(&world, "consumer", &toml, "a/ci 1 Error: alpha is gone\n");
    world.run(&consumer, &["--run-id", "alpha"]).expect(1);
    world.run(&consumer, &["--run-id", "again"]).expect(1);
    now(&consumer, "table", "a/ci 1 Error: beta is gone\n");
    world.run(&consumer, &["--run-id", "beta"]).expect(1);
    let other = document(&world, &consumer, &["alpha", "beta"]);
    assert_eq!(cell(&other, "a/ci")["status"], "known_failure");
    assert_eq!(cell(&other, "a/ci")["same_exit_other_reason"], true);
    let same = document(&world, &consumer, &["alpha", "again"]);
    assert_eq!(cell(&same, "a/ci")["same_exit_other_reason"], false);
}

#[test]
fn a_comparison_is_reported_with_the_run_that_was_named() {
    let world = World::new();
    let toml = gate("fake", &AB, &["ci"]);
    let consumer = consumer(&world, "consumer", &toml, &red(&["b/ci"]));
    world.run(&consumer, &["--run-id", "base"]).expect(1);
    now(&consumer, "table", "none\n");
    world.run(&consumer, &["--run-id", "green"]).expect(0);
    now(&consumer, "table", &red(&["a/ci"]));
    world.run(&consumer, &["--run-id", "now"]).expect(1);
    let reports = ["markdown=out/it.md", "html=out/it.html", "junit=out/it.xml"];
    let asked = reports.iter().flat_map(|report| ["--report", report]);
    let words: Vec<&str> = ["base", "now"].into_iter().chain(asked).collect();
    let ran = diff(&world, &consumer, &words);
    let shown = diff(&world, &consumer, &["base", "now"]);
    assert_eq!(ran.expect(0).stdout, shown.stdout);
    let written = |name: &str| fs::read_to_string(consumer.root.join("out").join(name)).unwrap();
    for name in ["it.md", "it.html", "it.xml"] {
        assert!(ran.stderr.contains(name), "{}", ran.stderr);
    }
    let markdown = written("it.md");
    for says in [
        "**Compared with run `base`** (`FAIL`): A cell is red that was not.\n",
        "| `a/ci` | regression | `pass, exit 0` | `contract, exit 1` |\n",
        "| `b/ci` | fixed | `contract, exit 1` | `pass, exit 0` |\n",
        "- `source`: `",
    ] {
        assert!(markdown.contains(says), "{says}: {markdown}");
    }
    let html = written("it.html");
    assert!(html.contains("Compared with an earlier run"), "{html}");
    assert!(html.contains("run base, FAIL"), "{html}");
    assert!(!html.contains("the last pass"), "{html}");
    assert!(written("it.xml").contains("<failure"));
    // Without a comparison, the report of the same run names the last pass.
    let alone = world.matrix(&[
        "report",
        run_folder(&consumer, "now").to_str().unwrap(),
        "html",
    ]);
    assert!(
        alone
            .expect(0)
            .stdout
            .contains("Compared with the last pass")
    );
}

#[test]
fn a_comparison_whose_report_cannot_be_written_is_no_pass() {
    let world = World::new();
    let toml = gate("fake", &AB, &["ci"]);
    let consumer = consumer(&world, "consumer", &toml, "none\n");
    world.run(&consumer, &["--run-id", "base"]).expect(0);
    world.run(&consumer, &["--run-id", "now"]).expect(0);
    let report = ["--report", "tap=file/it.tap", "--report", "tap=it.tap"];
    let ran = diff(&world, &consumer, &[&["base"], &report[..]].concat());
    assert!(ran.expect(74).stderr.contains("cannot write"), "{ran:?}");
    assert!(consumer.root.join("it.tap").is_file());
    let report = ["--report", "html=."];
    let ran = diff(&world, &consumer, &[&["base"], &report[..]].concat());
    assert!(ran.expect(2).stderr.contains("it is no file"), "{ran:?}");
}
