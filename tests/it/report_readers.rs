//! Reports as others read them: held against the schemas of their formats, and counted by
//! readers from the registries.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{Consumer, World, readers, script_gate};

const PYPI: [&str; 2] = ["junitparser==5.0.3", "xmlschema==4.3.2"];
const NPM: [&str; 2] = ["junit2json@4.0.0", "ctrf@0.3.0"];

/// Runs of every kind, each with a name.
struct Runs {
    worlds: Vec<(&'static str, World, Consumer)>,
    out: tempfile::TempDir,
}

impl Runs {
    fn new() -> Self {
        let mut runs = Self {
            worlds: Vec::new(),
            out: tempfile::tempdir().unwrap(),
        };
        runs.played("green", "exit 0", &[], 0);
        runs.played("red", "printf 'a <b> & ]]> \\033[1m\\n'; exit 3", &[], 1);
        runs.played("partial", "exit 0", &["--stage", "ci"], 0);
        runs.played(
            "timed-out",
            "while :; do sleep 60; done",
            &["--timeout", "1s"],
            124,
        );
        let draws = "n=1; until mkdir {W}/n-$n 2>/dev/null; do n=$((n + 1)); done";
        let flips = format!("{draws}; test $n != 2");
        runs.played("flaky", &flips, &["--repeat", "3"], 1);
        let killed = format!("{draws}; test $n != 1 || kill -9 $PPID; exit 0");
        runs.played("retried", &killed, &["--retries", "2"], 0);
        runs.played("died", "exit 0", &[], 0);
        let (.., died) = runs.worlds.last().unwrap();
        fs::remove_file(died.run_folder().join("run.json")).unwrap();
        runs.interrupted();
        runs
    }

    /// Plays a consumer of two stages, whose first is this script, and `later`, which exits 0.
    fn played(&mut self, name: &'static str, script: &str, more: &[&str], code: i32) {
        let world = World::new();
        let script = script.replace("{W}", &world.path().display().to_string());
        let toml = format!(
            "{}, later = 0 }}\n[stage.later]\ndrive = \"command\"\nrun = [\"true\"]\n",
            script_gate(&script).trim_end().trim_end_matches(" }")
        );
        let consumer = world.configured_consumer(&toml);
        world.run(&consumer, more).expect(code);
        self.worlds.push((name, world, consumer));
    }

    fn interrupted(&mut self) {
        let world = World::new();
        let script = world.script("say started\nwhile :; do sleep 60; done");
        let consumer = world.script_consumer(&script);
        let running = world.start(&consumer, &[]);
        world.said("started");
        running.signal(Signal::INT);
        running.end().expect(130);
        self.worlds.push(("interrupted", world, consumer));
    }

    /// The report of each run, by the run's name.
    fn reports(&self, format: &str) -> Vec<(&'static str, PathBuf)> {
        let report = |(name, world, consumer): &(&'static str, World, Consumer)| {
            let file = self.out.path().join(format!("{name}.{format}"));
            let run = consumer.run_folder();
            let words = format!("{format}={}", file.display());
            world
                .matrix(&["report", run.to_str().unwrap(), &words])
                .expect(0);
            (*name, file)
        };
        self.worlds.iter().map(report).collect()
    }
}

fn paths<'a>(reports: &'a [(&'static str, PathBuf)]) -> Vec<&'a Path> {
    reports.iter().map(|(_, path)| &**path).collect()
}

/// Of each run: its cases, those that failed, are in error, were skipped, and earlier attempts.
const COUNTS: [(&str, [usize; 5]); 8] = [
    ("green", [2, 0, 0, 0, 0]),
    ("red", [2, 1, 0, 0, 0]),
    ("partial", [2, 0, 0, 1, 0]),
    ("timed-out", [2, 0, 2, 0, 0]),
    ("flaky", [2, 1, 0, 0, 0]),
    ("retried", [2, 0, 0, 0, 2]),
    ("died", [1, 0, 1, 0, 0]),
    ("interrupted", [2, 0, 1, 1, 0]),
];

#[test]
fn junit_is_what_its_schema_says_and_readers_count_as_we_do() {
    let runs = Runs::new();
    let reports = runs.reports("junit");
    let files = paths(&reports);
    let schema = readers::fixture("junit.xsd");
    let python = readers::python(&PYPI, "junit.py", &[&[&*schema], &files[..]].concat());
    let node = readers::node(&NPM, "junit.mjs", &files);
    let counts = COUNTS.into_iter().zip(&reports);
    for ((expected, counts), (name, path)) in counts {
        assert_eq!(expected, *name);
        let [tests, failures, errors, skipped, attempts] = counts;
        let mut counted = json!({
            "tests": tests, "failures": failures, "errors": errors, "skipped": skipped,
            "head": [tests, failures, errors, skipped],
        });
        let text = fs::read_to_string(path).unwrap();
        let path = path.to_str().unwrap();
        assert_eq!(node[path], counted, "{name}: junit2json: {text}");
        counted["attempts"] = attempts.into();
        assert_eq!(python[path], counted, "{name}: junitparser: {text}");
    }
}

#[test]
fn ctrf_is_what_its_schema_says_and_has_the_same_counts() {
    let runs = Runs::new();
    let reports = runs.reports("ctrf");
    let read = readers::node(&NPM, "ctrf.mjs", &paths(&reports));
    for ((_, [tests, failures, errors, skipped, flaky]), (name, path)) in
        COUNTS.into_iter().zip(&reports)
    {
        let failed = failures + errors;
        let counts = json!([tests, tests - failed - skipped, failed, skipped, flaky]);
        let path = path.to_str().unwrap();
        assert_eq!(read[path]["counts"], counts, "{name}");
        assert_eq!(read[path]["told"], counts, "{name}");
    }
    let read = |at: usize| -> Value {
        serde_json::from_slice(&fs::read(&reports[at].1).unwrap()).unwrap()
    };
    let red = &read(1)["results"];
    let test = &red["tests"][0];
    assert_eq!(
        (&test["name"], &test["suite"], &test["rawStatus"]),
        (&json!("clean/ci"), &json!(["clean"]), &json!("contract"))
    );
    assert_eq!(test["trace"], "a <b> & ]]> ");
    assert_eq!(test["extra"]["cause"], "contract-broken");
    // The year 2020 in milliseconds: in seconds it would be long ago.
    assert!(red["summary"]["start"].as_u64().unwrap() > 1_577_836_800_000);
    assert_eq!(red["environment"]["commit"].as_str().unwrap().len(), 40);
    let retried = &read(5)["results"]["tests"][0];
    assert_eq!(
        (&retried["retries"], &retried["flaky"]),
        (&json!(1), &json!(true))
    );
}

#[test]
fn a_trace_has_lanes_as_threads_and_steps_as_complete_events() {
    let runs = Runs::new();
    for (name, path) in runs.reports("trace") {
        let trace: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let (mut threads, mut last, mut ends) = (0, 0, [0; 2]);
        let (mut cells, mut attempts) = (Vec::new(), 0);
        for event in trace["traceEvents"].as_array().unwrap() {
            let number = |key: &str| {
                let number = event[key].as_u64();
                number.unwrap_or_else(|| panic!("{name}: {key} of {event}"))
            };
            let (start, thread) = (number("ts"), usize::try_from(number("tid")).unwrap());
            assert_eq!(number("pid"), 1);
            if event["ph"] == "M" {
                threads += usize::from(event["name"] == "thread_name");
                let args = event["args"].as_object().unwrap();
                assert!(args.values().all(Value::is_string), "{event}");
                continue;
            }
            assert_eq!(event["ph"], "X", "{event}");
            assert!(start >= last, "{name}: not sorted at {event}");
            assert!(start >= ends[thread], "{name}: {event} lies in another");
            last = start;
            ends[thread] = start + number("dur");
            attempts = attempts.max(event["args"]["attempt"].as_u64().unwrap());
            if let Some(verdict) = event["args"]["verdict"].as_str() {
                let step = event["name"].as_str().unwrap();
                assert_eq!(event["cat"], "cell");
                cells.push(format!("{step} {verdict}"));
            }
        }
        let (expected, attempt): (&[&str], u64) = match name {
            "green" => (&["stage_ci pass", "stage_later pass"], 1),
            "retried" => (&["stage_ci pass", "stage_later pass"], 2),
            "red" => (&["stage_ci contract", "stage_later pass"], 1),
            "flaky" => (&["stage_ci flaky", "stage_later pass"], 1),
            "partial" => (&["stage_ci pass"], 1),
            "timed-out" => (&["stage_ci timeout"], 1),
            _ => (&[], attempts),
        };
        if name != "interrupted" {
            assert_eq!(cells, expected, "{name}: {trace:#}");
        }
        assert_eq!(attempts, attempt, "{name}");
        assert_eq!(threads, usize::from(name != "died"), "{name}");
    }
}

#[test]
fn a_picture_is_xml_that_stands_alone_and_reads_well() {
    let runs = Runs::new();
    let reports = runs.reports("svg");
    let of_readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/grid.svg");
    let pictures = [paths(&reports), vec![&*of_readme]].concat();
    let read = readers::python(&PYPI, "svg.py", &pictures);
    let known = ["desc", "g", "rect", "style", "svg", "text", "title"];
    let attributes = [
        "aria-labelledby",
        "class",
        "height",
        "id",
        "role",
        "rx",
        "viewBox",
        "width",
        "x",
        "y",
    ];
    for (name, path) in &reports {
        let picture = &read[path.to_str().unwrap()];
        assert_eq!(picture["root"], "{http://www.w3.org/2000/svg}svg");
        for (key, allowed) in [("tags", &known[..]), ("attributes", &attributes)] {
            let all = picture[key].as_array().unwrap().iter();
            let other: Vec<_> = all
                .filter(|it| !allowed.contains(&it.as_str().unwrap()))
                .collect();
            assert!(other.is_empty(), "{name}: {other:?}");
        }
        let style = picture["style"].as_str().unwrap();
        assert!(style.contains("prefers-color-scheme:dark"), "{style}");
        for outside in ["@import", "url(", "http"] {
            assert!(!style.contains(outside), "{style}");
        }
    }
    let red = &read[reports[1].1.to_str().unwrap()];
    let of_readme = &read[of_readme.to_str().unwrap()];
    let remedy = "draw docs/grid.svg anew: matrix demo lefthook --report svg=docs/grid.svg";
    assert_eq!(of_readme["style"], red["style"], "{remedy}");
    assert_eq!(of_readme["tags"], red["tags"], "{remedy}");
    assert_eq!(red["titles"][0], "FAIL fake");
    assert_eq!(red["texts"][4], "✗ 3, expected 0 (contract)");
    let told = "clean/ci: contract: the stage's program exited 3, 0 was expected";
    assert_eq!(red["titles"][1], told);
    assert!(red["description"].as_str().unwrap().contains(told));
    let died = &read[reports[6].1.to_str().unwrap()];
    assert!(
        died["texts"][1]
            .as_str()
            .unwrap()
            .contains("the run died before")
    );
}
