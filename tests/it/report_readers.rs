//! Reports as others read them: held against the schemas of their formats, and counted by
//! readers from the registries.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::Signal;
use serde_json::json;

use crate::support::{Consumer, World, readers, script_gate};

const PYPI: [&str; 2] = ["junitparser==5.0.3", "xmlschema==4.3.2"];
const NPM: [&str; 1] = ["junit2json@4.0.0"];

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
