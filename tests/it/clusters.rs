//! Many failures read as their few causes.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::bundles::{bundle, digests, lanes};
use crate::support::{Ran, World};

const THREE: &str = r#"
    n=${1#lane-}
    case $((n % 10)) in
    1|2|3|4|5)
        echo "lint started at $(date +%Y-%m-%dT%H:%M:%S) as pid $$"
        echo "Error: Cannot find module '$PWD/node_modules/.cache/../rules/no-var.js'"
        echo "    at $PWD/$1.js:1:1"; exit 1;;
    6|7|8)
        echo "$PWD/scripts/$$/hook: 3: eslint-$((4 + 5)): not found"; exit 127;;
    9)  echo "checked 3 files in 0.$n s"
        echo "$PWD/src/a.ts:3:1 error Unexpected var no-var ($n.$$ ms, $1)"; exit 1;;
    esac
    exit 0
"#;

#[test]
fn two_hundred_lanes_with_three_causes_read_as_three() {
    let world = World::new();
    let names: Vec<_> = (1..=200).map(|n| format!("lane-{n}")).collect();
    let consumer = lanes(&world, "consumer", &names, THREE);
    let ran = world.run(&consumer, &["--jobs", "4"]);
    let bundle = bundle(&consumer);
    let clusters = bundle["clusters"].as_array().unwrap();
    let told: Vec<_> = clusters
        .iter()
        .map(|c| (c["cause"].as_str().unwrap(), c["count"].as_u64().unwrap()))
        .collect();
    let expected = [
        ("module-missing", 100),
        ("tool-missing", 60),
        ("contract-broken", 20),
    ];
    assert_eq!(told, expected);
    let smallest: Vec<_> = clusters.iter().map(|c| &c["smallest"]).collect();
    assert_eq!(smallest, ["lane-1/ci", "lane-6/ci", "lane-9/ci"]);
    assert_eq!(clusters[2]["cells"].as_array().unwrap().len(), 20);
    assert_eq!(clusters[2]["cells"][1], "lane-19/ci");
    for (cluster, cells) in clusters
        .iter()
        .zip(["100 cells: ", "60 cells: ", "20 cells: "])
    {
        let line = format!(
            "{cells}{} ({}): {}",
            cluster["cause"].as_str().unwrap(),
            cluster["smallest"].as_str().unwrap(),
            &cluster["line"].as_str().unwrap()[..20].trim_start(),
        );
        assert!(
            ran.expect(1).stderr.contains(&line),
            "{line}\n{}",
            ran.stderr
        );
    }
    // The causes, and the failure that decides; not a line for each cell.
    assert_eq!(ran.stderr.matches("\nFAIL ").count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("FAIL lane-1 · stage_ci (contract): "));
}

/// One line that a stage says before it exits with this code.
type Said = (&'static str, i32);

/// The same cause, told twice.
const SAME: &[(Said, Said)] = &[
    (
        ("/tmp/a1b2/x/lint.js: error no-var", 1),
        ("/home/u/lint.js: error no-var", 1),
    ),
    (
        ("error: /lane/clone/src/a.ts is bad", 1),
        ("error: /w/r1/lanes/zz/clone/src/a.ts is bad", 1),
    ),
    (
        ("error at 12:31:02 in a.ts", 1),
        ("error at 09:00:59.123 in a.ts", 1),
    ),
    (
        ("2026-02-18T19:38:34Z error a", 1),
        ("2025-12-01 01:02:03,456 error a", 1),
    ),
    (("error after 1.25s", 1), ("error after 340 ms", 1)),
    (
        ("error in build 3f2a9c1d", 1),
        ("error in build 0b6f3c1d9e24aa", 1),
    ),
    (
        ("error of 123e4567-e89b-12d3-a456-426614174000", 1),
        ("error of 00000000-0000-4000-8000-00000000abcd", 1),
    ),
    (
        ("error: connect 127.0.0.1:4873 refused", 1),
        ("error: connect 10.0.0.7:80 refused", 1),
    ),
    (
        ("error: http://localhost:4873/pkg is down", 1),
        ("error: http://reg.example:1/pkg is down", 1),
    ),
    (
        ("error: port 4873 is taken", 1),
        ("error: port 80 is taken", 1),
    ),
    (
        ("error of eslint 9.1.2", 1),
        ("error of eslint 8.57.0-rc.1", 1),
    ),
    (
        ("error at <object 0x7fd239084390>", 1),
        ("error at <object 0x7f0000000001>", 1),
    ),
    (
        ("error of process 71 in a.ts", 1),
        ("error of process 99999 in a.ts", 1),
    ),
    (
        ("error: Cannot open /tmp/tmp.Xa81kd", 1),
        ("error: Cannot open /tmp/tmp.p0QQzz", 1),
    ),
    (
        ("sh: 1: eslint: not found", 127),
        ("sh: 1: eslint: not found", 127),
    ),
];

/// Two causes that look alike.
const ALIKE: &[(Said, Said)] = &[
    (
        ("Error: Cannot find module 'a'", 1),
        ("Error: Cannot find module 'b'", 1),
    ),
    (
        ("Error: Cannot find module './a'", 1),
        ("Error: Cannot find module '../a'", 1),
    ),
    (
        ("Error: Cannot find module '/x/a.js'", 1),
        ("Error: Cannot find module '/x/b.js'", 1),
    ),
    (
        ("Error: Cannot find module 'a'", 1),
        ("Error: Cannot find package 'a'", 1),
    ),
    (
        ("ModuleNotFoundError: No module named 'yaml'", 1),
        ("ModuleNotFoundError: No module named 'toml'", 1),
    ),
    (
        ("sh: 1: eslint: not found", 127),
        ("sh: 1: tsc: not found", 127),
    ),
    (
        ("sh: 1: ./lint: Permission denied", 126),
        ("sh: 1: ./lint: not found", 127),
    ),
    (("cannot run", 126), ("cannot run", 127)),
    (("src/a.ts error no-var", 1), ("src/a.ts error no-eval", 1)),
    (("src/a.ts error no-var", 1), ("src/b.ts error no-var", 1)),
    (
        ("error: /lane/clone/src/a.ts is bad", 1),
        ("error: /lane/clone/lib/a.ts is bad", 1),
    ),
    (
        ("error: http://h:1/pkg-a is down", 1),
        ("error: http://h:1/pkg-b is down", 1),
    ),
    (("error TS2304: x", 1), ("error TS2305: x", 1)),
    (
        ("error: blocked by rule 7", 1),
        ("error: blocked by rule 8", 1),
    ),
    (("error: no such thing", 2), ("error: no such thing", 3)),
    (
        ("PermissionError: [Errno 13] a", 1),
        ("PermissionError: [Errno 1] a", 1),
    ),
    (("FAIL: test_login", 1), ("FAIL: test_logout", 1)),
    (
        ("error: expected 3 got 4", 1),
        ("error: expected 3 got 5", 1),
    ),
    (
        ("fatal: bad config line 1 in file a", 1),
        ("fatal: bad config line 1 in file b", 1),
    ),
    (
        ("OSError: [Errno 28] No space left on device", 1),
        ("PermissionError: [Errno 28]", 1),
    ),
    (
        ("error: 'pair-a' is unknown", 1),
        ("error: 'pair-b' is unknown", 1),
    ),
    (
        ("error: deadline of module cafe", 1),
        ("error: deadline of module face", 1),
    ),
];

/// Plays each pair in two lanes; the fingerprints.
fn fingerprints(pairs: &[(Said, Said)]) -> Vec<(String, String)> {
    let world = World::new();
    let mut script = String::from("case $1 in\n");
    let mut names = Vec::new();
    for (at, (one, other)) in pairs.iter().enumerate() {
        for (side, (line, exit)) in [("one", one), ("other", other)] {
            let name = format!("p{at}-{side}");
            let line = line.replace('\'', "'\\''");
            let _ = writeln!(script, "{name}) echo '{line}'; exit {exit};;");
            names.push(name);
        }
    }
    let consumer = lanes(&world, "consumer", &names, &(script + "esac"));
    world.run(&consumer, &[]).expect(1);
    let bundle = bundle(&consumer);
    let failures = digests(&bundle);
    assert_eq!(failures.len(), names.len());
    let text = |failure: &Value| failure["fingerprint"].as_str().unwrap().to_owned();
    failures
        .chunks(2)
        .map(|pair| (text(&pair[0]), text(&pair[1])))
        .collect()
}

#[test]
fn one_cause_under_other_paths_times_and_ids_is_one() {
    for ((one, other), pair) in fingerprints(SAME).iter().zip(SAME) {
        assert_eq!(one, other, "{pair:?}");
    }
}

#[test]
fn two_causes_that_look_alike_stay_two() {
    assert!(ALIKE.len() >= 20);
    for ((one, other), pair) in fingerprints(ALIKE).iter().zip(ALIKE) {
        assert_ne!(one, other, "{pair:?}");
    }
}

const SHARED: &str = r#"
    schema = 1
    gate = "fake"
    [[install]]
    step = "fetch"
    run = ["sh", "-c", "echo 'sh: 1: fetcher: not found'; exit 127"]
    [stage.ci]
    drive = "command"
    run = ["true"]
    [stage.late]
    drive = "command"
    run = ["true"]
"#;

#[test]
fn a_set_up_that_lanes_share_fails_in_each_and_is_one_cluster() {
    for more in [&[][..], &["--fresh"]] {
        let world = World::new();
        let mut toml = SHARED.to_owned();
        for name in ["clean", "other", "third", "fourth"] {
            let _ = write!(
                toml,
                "[scenario.{name}]\noverlay = \"scenarios/all\"\nexpect = {{ ci = 0, late = 0 }}\n"
            );
        }
        let files = [
            ("matrix.toml", toml.as_str()),
            ("file", "1"),
            ("scenarios/all/file", "2"),
        ];
        let consumer = world.consumer("consumer", &files);
        let ran: Ran = world.run(&consumer, more);
        ran.expect(1);
        let bundle = bundle(&consumer);
        assert_eq!(bundle["failures"].as_array().unwrap().len(), 4);
        assert_eq!(
            bundle["failures"][1]["failure_digest"]["impacted_cells"],
            serde_json::json!(["other/ci", "other/late"])
        );
        let clusters = bundle["clusters"].as_array().unwrap();
        assert_eq!(clusters.len(), 1, "{more:?} {clusters:#?}");
        assert_eq!(clusters[0]["cause"], "tool-missing");
        assert_eq!(clusters[0]["line"], "sh: 1: fetcher: not found");
        assert_eq!(clusters[0]["smallest"], "clean/ci");
        assert_eq!(clusters[0]["cells"].as_array().unwrap().len(), 8);
        assert!(
            ran.stderr
                .contains("8 cells: tool-missing (clean/ci): sh: 1: fetcher: not found\n  ")
        );
    }
}

#[test]
fn what_fails_at_several_stages_is_told_of_the_earliest() {
    let world = World::new();
    let toml = r#"
        schema = 1
        gate = "fake"
        [stage.early]
        drive = "command"
        run = ["sh", "-c", "test $1 = first || (echo error: it is bad; exit 1)", "sh", "{scenario}"]
        [stage.late]
        drive = "command"
        run = ["sh", "-c", "echo error: it is bad; exit 1"]
        [scenario.first]
        overlay = "scenarios/all"
        expect = { early = 0, late = 0 }
        [scenario.second]
        overlay = "scenarios/all"
        expect = { early = 0, late = 0 }
    "#;
    let files = [
        ("matrix.toml", toml),
        ("file", "1"),
        ("scenarios/all/file", "2"),
    ];
    let consumer = world.consumer("consumer", &files);
    world.run(&consumer, &[]).expect(1);
    let clusters = &bundle(&consumer)["clusters"];
    assert_eq!(clusters.as_array().unwrap().len(), 1, "{clusters:#}");
    assert_eq!(clusters[0]["count"], 3);
    assert_eq!(clusters[0]["smallest"], "second/early");
}
