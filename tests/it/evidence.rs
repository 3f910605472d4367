//! What a stage must leave beside its exit code: a marker, files, and a
//! document that says something.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Consumer, Ran, World, program};

/// Two stages of the same script; it finds the stage's name in `$1`.
fn two_stages(world: &World, script: &str, demands: &str) -> Consumer {
    // Placeholders are not meant.
    let script = script.replace('{', "{{").replace('}', "}}");
    let run = format!(
        "[\"sh\", \"-c\", {}, \"gate\", \"{{stage}}\"]",
        Value::from(script)
    );
    let toml = format!(
        "schema = 1\ngate = \"fake\"\n\
         [stage.one]\ndrive = \"command\"\nrun = {run}\n\
         [stage.two]\ndrive = \"command\"\nrun = {run}\n\
         [scenario.bad]\noverlay = \"scenarios/bad\"\nexpect = {{ one = 1, two = 0 }}\n{demands}\n"
    );
    let files = [
        ("matrix.toml", &*toml),
        ("kept", "1\n"),
        ("scenarios/bad/file", "bad\n"),
    ];
    world.consumer("consumer", &files)
}

/// Ends as each of the two stages is expected to.
const END: &str = "; [ $1 = two ]";

/// Runs; the cell of a stage, and what was said.
#[track_caller]
fn cell(script: &str, demands: &str, stage: &str, code: i32) -> (Value, String) {
    let world = World::new();
    let consumer = two_stages(&world, &format!("{script}{END}"), demands);
    let ran = world.run(&consumer, &[]);
    ran.expect(code);
    (consumer.cell("bad", stage), ran.stderr)
}

#[track_caller]
fn holds(script: &str, demands: &str) -> Value {
    let (cell, _) = cell(script, demands, "two", 0);
    assert_eq!(cell["verdict"], "pass");
    cell
}

/// The stage is red, of this class, and the sentence has all of `told`.
#[track_caller]
fn fails(script: &str, demands: &str, stage: &str, class: &str, told: &[&str]) -> Value {
    let (cell, stderr) = cell(script, demands, stage, 1);
    assert_eq!(cell["verdict"], class, "{cell:#}");
    let problem = cell["problem"].as_str().unwrap();
    for text in told {
        assert!(problem.contains(text), "`{text}` is not in\n{problem}");
    }
    assert!(stderr.contains(problem), "{stderr}");
    cell
}

/// Demands of stage two of the scenario that it writes `e.json`, and this.
fn document(assert: &str) -> String {
    format!(
        "[scenario.bad.evidence.two]\nfile = \"e.json\"\nassert = [{}]",
        Value::from(assert)
    )
}

const WRITE: &str = r#"printf '{"stage": "%s", "at": 1, "n": 7}' $1 >e.json"#;

#[test]
fn evidence_that_holds_is_kept_with_its_digest() {
    let world = World::new();
    let demands = document(".stage == $stage and $scenario == \"bad\" and $exit == 0 and .n == 7");
    let consumer = two_stages(&world, &format!("{WRITE}{END}"), &demands);
    world.run(&consumer, &[]).expect(0);
    let cell = consumer.cell("bad", "two");
    let evidence = &cell["proof"]["evidence"];
    assert_eq!(evidence["copy"], "evidence/bad/two/e.json");
    let copy = fs::read(consumer.run_folder().join("evidence/bad/two/e.json")).unwrap();
    assert_eq!(copy, br#"{"stage": "two", "at": 1, "n": 7}"#);
    assert_eq!(evidence["sha256"], gate_matrix::sys::fs::sha256(&copy));
    assert_eq!(evidence["bytes"], copy.len());
    assert_eq!(evidence["new"], true);
    assert_eq!(evidence["assertions"][0]["holds"], true);
    assert!(consumer.cell("bad", "one")["proof"].is_null());
}

#[test]
fn evidence_of_the_stage_before_does_not_count() {
    let script = format!("[ $1 = two ] || {WRITE}");
    let told = [
        "returned 0 as expected",
        "e.json",
        "not written in this stage",
    ];
    let cell = fails(&script, &document(".n == 7"), "two", "wrong_reason", &told);
    assert_eq!(cell["proof"]["evidence"]["new"], false);
    assert_eq!(cell["exit"], 0);
}

#[test]
fn the_document_before_the_stage_can_be_compared_with() {
    let same = document(".at != $before.at");
    let told = [
        "`.at != $before.at` is not true",
        ".at is 1, $before.at is 1",
    ];
    fails(WRITE, &same, "two", "wrong_reason", &told);
    holds(&WRITE.replace("\"at\": 1", "\"at\": \"'$1'\""), &same);
    holds(
        &format!("[ $1 = one ] || {WRITE}"),
        &document("$before == null"),
    );
}

#[test]
fn an_assertion_that_fails_shows_itself_the_value_and_the_file() {
    let told = [
        "its evidence e.json does not hold",
        "`.n == 8` is not true: .n is 7",
    ];
    let cell = fails(WRITE, &document(".n == 8"), "two", "wrong_reason", &told);
    let assertion = &cell["proof"]["evidence"]["assertions"][0];
    assert_eq!(assertion["assertion"], ".n == 8");
    assert_eq!(assertion["value"], ".n is 7");
}

#[test]
fn every_other_ending_of_an_assertion_has_its_own_words() {
    for (assert, told) in [
        (".n.x == 1", "fails: cannot index 7 with \"x\""),
        ("empty", "yields no value"),
        (".n", "is not true, it yields 7"),
        ("range(1000) | true", "yields more than 100 values"),
        ("halt", "calls halt"),
        ("def f: 1 + f; f == 1", "recurses too deeply"),
    ] {
        fails(
            WRITE,
            &document(assert),
            "two",
            "wrong_reason",
            &[assert, told],
        );
    }
}

#[test]
fn an_assertion_that_never_ends_leaves_the_others_their_verdict() {
    let assert = "assert = ['last(range(infinite)) == 1', '.n == 7', '.n == 8']";
    let demands = format!("[scenario.bad.evidence.two]\nfile = \"e.json\"\n{assert}");
    let told = ["does not end within 2 seconds", "(and 1 more)"];
    let cell = fails(WRITE, &demands, "two", "wrong_reason", &told);
    let assertions = cell["proof"]["evidence"]["assertions"].as_array().unwrap();
    let held: Vec<_> = assertions.iter().map(|a| a["holds"] == true).collect();
    assert_eq!(held, [false, true, false]);
}

#[test]
fn a_document_that_is_none_is_told_from_one_that_says_something_else() {
    let any = document("true");
    for (script, told) in [
        ("true", "e.json is not there"),
        ("echo '{' >e.json", "e.json is not JSON: "),
        ("echo 'NaN' >e.json", "e.json is not JSON: "),
        ("rm -f e.json; mkdir -p e.json", "e.json is a folder"),
        (
            "rm -f e.json; mkfifo e.json",
            "e.json is neither a file nor a folder",
        ),
        ("ln -sf /etc/passwd e.json", "e.json leads out of the lane"),
        ("truncate -s 65M e.json", "e.json is larger than 64 MiB"),
    ] {
        let cell = fails(script, &any, "two", "wrong_reason", &[told]);
        assert_eq!(
            cell["proof"]["evidence"]["assertions"],
            serde_json::json!([])
        );
    }
}

#[test]
fn a_link_to_a_tool_of_the_lane_is_no_way_out() {
    let script = "echo '{}' >../tools/$1.json; ln -sf ../tools/$1.json e.json";
    holds(script, &document(". == {}"));
    let demands = "[scenario.bad.files.two]\nnew = [\"{tool_dir}/{stage}.json\"]";
    let cell = holds(script, demands);
    assert_eq!(cell["proof"]["files"][0]["path"], "{tool_dir}/two.json");
}

#[test]
fn files_must_be_there_new_or_as_they_were() {
    let files = |list: &str| format!("[scenario.bad.files.two]\n{list}");
    for (script, list, told) in [
        ("true", "exist = [\"gone\"]", "the file gone is not there"),
        (
            "true",
            "new = [\"kept\"]",
            "the file kept was not written in this stage",
        ),
        ("true", "new = [\"gone\"]", "the file gone is not there"),
        (
            "echo 2 >>kept",
            "unchanged = [\"kept\"]",
            "the file kept was changed",
        ),
        (
            "[ $1 = one ] || rm kept",
            "unchanged = [\"kept\"]",
            "the file kept was removed",
        ),
        (
            "[ $1 = one ] || >made",
            "unchanged = [\"made\"]",
            "the file made was made",
        ),
        ("true", "unchanged = [\"gone\"]", "neither before nor after"),
    ] {
        fails(script, &files(list), "two", "wrong_reason", &[told]);
    }
    let all = "exist = [\"kept\", \".git\"]\nnew = [\"made\"]\nunchanged = [\"kept\"]";
    holds("echo 1 >made; echo 1 >kept", &files(all));
}

#[test]
fn a_marker_is_looked_for_beside_a_reason() {
    let both = "reason = \"FIXME\"\n[scenario.bad.marker]\none = \"gate v\"\ntwo = { regex = \"^gate v[0-9]\" }";
    let cell = holds("echo FIXME; echo gate v2", both);
    assert_eq!(cell["proof"]["marker"]["found"], true);
    let never = [
        "returned 1 as expected",
        "never printed its marker `gate v`",
    ];
    fails("echo FIXME", both, "one", "wrong_reason", &never);
    fails(
        "echo gate v2",
        both,
        "one",
        "wrong_reason",
        &["never said `FIXME`"],
    );
    let script = "echo FIXME; [ $1 = two ] || echo gate v2";
    fails(
        script,
        both,
        "two",
        "not_enforced",
        &["returned 0 as expected, but it never printed"],
    );
}

#[test]
fn a_scenario_adds_to_its_stage() {
    let stage = "[stage.ci]\ndrive = \"command\"\nrun = [\"sh\", \"-c\", \"cp kept e.json; cp kept f.json; echo m\"]\n\
        marker = \"m\"\nfiles = { new = [\"e.json\"] }\nevidence = { file = \"e.json\", assert = [\". == 1\"] }\n";
    let toml = |own: &str| {
        format!(
            "schema = 1\ngate = \"fake\"\n{stage}\n[scenario.bad]\noverlay = \"scenarios/bad\"\n\
             expect = {{ ci = 0 }}\n{own}"
        )
    };
    let seen = |own: &str, code: i32| {
        let world = World::new();
        let files = [
            ("matrix.toml", &*toml(own)),
            ("kept", "1"),
            ("scenarios/bad/file", "bad\n"),
        ];
        let consumer = world.consumer("consumer", &files);
        world.run(&consumer, &[]).expect(code);
        let proof = consumer.cell("bad", "ci")["proof"].clone();
        let assertions = proof["evidence"]["assertions"].as_array().unwrap().clone();
        let assertions = assertions
            .iter()
            .map(|a| a["assertion"].as_str().unwrap().to_owned());
        let asserted = assertions.collect::<Vec<_>>().join("; ");
        (proof, asserted)
    };
    let (proof, asserted) = seen("[scenario.bad.evidence.ci]\nassert = [\". < 2\"]", 0);
    assert_eq!(asserted, ". == 1; . < 2");
    assert_eq!(proof["evidence"]["file"], "e.json");
    let (proof, asserted) = seen(
        "[scenario.bad.evidence.ci]\nfile = \"f.json\"\nassert = [\". < 2\"]",
        0,
    );
    assert_eq!(
        (asserted.as_str(), &proof["evidence"]["file"]),
        (". < 2", &"f.json".into())
    );
    let (proof, _) = seen("[scenario.bad.marker]\nci = \"other\"", 1);
    assert_eq!(proof["marker"]["wanted"], "other");
    let (proof, _) = seen("[scenario.bad.files.ci]\nexist = [\"kept\"]", 0);
    assert_eq!(proof["files"].as_array().unwrap().len(), 2);
}

#[test]
fn a_bad_demand_is_placed_when_the_configuration_is_read() {
    for (demand, told) in [
        (
            document(".a == foo"),
            "matrix.toml:14:18: jq has no filter `foo/0` here",
        ),
        (
            document("env.HOME == 1"),
            "matrix.toml:14:12: `env` does not repeat",
        ),
        (document("now > 1"), "`now` does not repeat"),
        (document("input"), "jq has no filter `input/0`"),
        (
            document("$now > 1"),
            "known are $stage, $scenario, $exit, $before",
        ),
        (
            document(".a =="),
            "matrix.toml:14:17: not a jq filter: term was expected here",
        ),
        (
            document(""),
            "matrix.toml:14:11: an assertion cannot be empty",
        ),
        (
            "[scenario.bad.evidence.two]\nfile = \"e\"\nassert = []".into(),
            "matrix.toml:14:10: this list has no assertion",
        ),
        (
            "[scenario.bad.evidence.two]\nassert = [\".\"]".into(),
            "the evidence of stage `two` names no file",
        ),
        (
            "[scenario.bad.evidence.tow]\nfile = \"e\"".into(),
            "matrix.toml:12:24: unknown stage `tow`",
        ),
        (
            "[scenario.bad.files.two]\nnew = [\"../x\"]".into(),
            "matrix.toml:13:8: not a path inside of the lane",
        ),
        (
            "[scenario.bad.files.two]\nnew = [\"/x\"]".into(),
            "not a path inside of the lane",
        ),
        (
            "[scenario.bad.files.two]\nnew = [\"{repo_root}/x\"]".into(),
            "not a path inside of the lane",
        ),
        (
            "[scenario.bad.files.two]\nold = [\"x\"]".into(),
            "unknown key `old`",
        ),
        (
            "[scenario.bad.marker]\ntwo = 3".into(),
            "matrix.toml:13:7: ",
        ),
    ] {
        let world = World::new();
        let consumer = two_stages(&world, "true", &demand);
        let repo = ["check", "--repo", consumer.root.to_str().unwrap()];
        let ran = world.matrix(&repo);
        assert!(
            ran.expect(2).stderr.contains(told),
            "`{told}` is not in\n{}",
            ran.stderr
        );
    }
}

#[test]
fn the_evaluating_process_cannot_be_talked_into_more() {
    let world = World::new();
    world.matrix(&["__assert"]).expect(1);
    world.matrix(&["__assert", program()]).expect(1);
}

/// Packs the stand-in with one text of it in the place of another.
fn altered_standin(world: &World, from: &str, to: &str) -> String {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/pumuki-standin");
    let folder = world.path().join("altered");
    gate_matrix::sys::fs::copy_tree(&source, &folder).unwrap();
    let gate = folder.join("lib/gate.js");
    let text = fs::read_to_string(&gate).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(&gate, text.replacen(from, to, 1)).unwrap();
    world.npm_pack(&folder).display().to_string()
}

/// A gate that exits as it should and whose evidence says otherwise.
#[test]
fn the_evidence_of_pumuki_must_be_that_of_the_stage() {
    let write = "evidence(stage, range.source, findings, scanned.files);";
    for (text, scenario, stage, told) in [
        (
            String::new(),
            "clean",
            "pre-commit",
            ".ai_evidence.json is not there",
        ),
        (
            format!("if (stage !== 'CI') {write}"),
            "clean",
            "ci",
            "was not written in this stage",
        ),
        (
            write.replace("findings", "[]"),
            "violations",
            "ci",
            ".snapshot.outcome is \"PASS\"",
        ),
        (
            write.replace("stage", "'OTHER'"),
            "clean",
            "pre-push",
            ".snapshot.stage is \"OTHER\"",
        ),
    ] {
        let world = World::with_package_caches();
        let package = altered_standin(&world, write, &text);
        let root = world.path().join("consumer");
        let args = [
            "demo",
            "pumuki",
            "--into",
            root.to_str().unwrap(),
            "--package",
            &package,
        ];
        let args = [&args[..], &["--scenario", scenario]].concat();
        Ran::of(world.online(&args).output().unwrap()).expect(1);
        let cell = Consumer { root }.cell(scenario, stage);
        assert_eq!(cell["verdict"], "wrong_reason", "{cell:#}");
        let problem = cell["problem"].as_str().unwrap();
        assert!(problem.contains(told), "`{told}` is not in\n{problem}");
    }
}
