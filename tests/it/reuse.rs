//! Lanes that nothing has changed for are taken over, and no others.

use std::fs;
use std::path::{Path, PathBuf};

use gate_matrix::artifact::reader::StoredRun;
use serde_json::Value;

use crate::support::schema::schema_holds;
use crate::support::{Consumer, Ran, World, json, program};

/// Two scenarios at one stage, which writes down that it was really played.
const TWO: &str = r#"
schema = 1
gate = "fake"
tools = ["tool"]
pass_env = ["MOOD"]
[[install]]
step = "put_in"
run = ["sh", "-c", "cat {package_spec}/gate >/dev/null"]
[stage.ci]
drive = "command"
run = ["sh", "-c", "echo {scenario} >>\"$MOOD\"; cat file; grep -q bad file && { echo found bad; exit 1; }; exit 0"]
[scenario.good]
overlay = "scenarios/good"
expect = { ci = 0 }
[scenario.bad]
overlay = "scenarios/bad"
expect = { ci = 1 }
reason = "found bad"
"#;

/// A consumer of [`TWO`], what it played, and how it is played.
struct Case {
    world: World,
    consumer: Consumer,
    played: PathBuf,
}

impl Case {
    fn new() -> Self {
        let world = World::new();
        let configuration = TWO.replace("{ echo", "{{ echo").replace("1; };", "1; }};");
        let consumer = world.consumer(
            "consumer",
            &[
                ("matrix.toml", &configuration),
                ("file", "one\n"),
                ("scenarios/good/file", "good\n"),
                ("scenarios/bad/file", "bad\n"),
            ],
        );
        let case = Self {
            played: world.path().join("played"),
            world,
            consumer,
        };
        case.put("bin/tool", "#!/bin/sh\n");
        case.put("gate/gate", "a gate\n");
        case
    }

    /// A file beside the consumer.
    fn put(&self, path: &str, text: &str) {
        let beside = Consumer {
            root: self.world.path(),
        };
        beside.write(path, text);
    }

    fn command(&self, more: &[&str]) -> std::process::Command {
        let mut command = self.world.run_command(&self.consumer, more);
        let gate = self.world.path().join("gate");
        let path = std::env::var("PATH").unwrap();
        let path = format!("{}:{path}", self.world.path().join("bin").display());
        command.arg("--package").arg(gate).env("PATH", path);
        command.env("MOOD", &self.played);
        command
    }

    /// Runs with these arguments, and tells which lanes were really played.
    fn run(&self, more: &[&str]) -> (Ran, Vec<String>) {
        self.finish(self.command(more))
    }

    fn finish(&self, mut command: std::process::Command) -> (Ran, Vec<String>) {
        let ran = Ran::of(command.output().unwrap());
        let mood = command.get_envs().find(|(name, _)| *name == "MOOD");
        let mood = mood.unwrap().1.unwrap().to_owned();
        let text = fs::read_to_string(&mood).unwrap_or_default();
        let _ = fs::remove_file(&mood);
        let mut played: Vec<_> = text.lines().map(ToOwned::to_owned).collect();
        played.sort();
        (ran, played)
    }

    /// Has the gate let `bad` through as long as there is the file that this
    /// names: no input of a lane tells.
    fn may_change_its_mind(&self) -> PathBuf {
        let flip = self.world.path().join("flip");
        let script = fs::read_to_string(self.consumer.root.join("matrix.toml")).unwrap();
        let script = script.replace(
            "cat file;",
            &format!(
                "cat file; [ {{scenario}} = bad ] && [ -e {} ] && exit 0;",
                flip.display()
            ),
        );
        self.consumer.write("matrix.toml", &script);
        self.consumer.commit("a gate that may change its mind");
        flip
    }

    fn folder(&self, id: &str) -> PathBuf {
        self.consumer.artifacts().join("runs").join(id)
    }

    fn run_json(&self, id: &str) -> Value {
        json(&self.folder(id).join("run.json")).unwrap()
    }
}

/// Nothing was played.
const NONE: [&str; 0] = [];

#[test]
fn a_lane_that_nothing_has_changed_for_is_taken_over() {
    let case = Case::new();
    let (first, played) = case.run(&["--run-id", "one"]);
    first.expect(0);
    assert_eq!(played, ["bad", "good"]);
    let (again, played) = case.run(&["--run-id", "two", "--reuse"]);
    again.expect(0);
    assert_eq!(played, NONE);
    assert_eq!(again.stdout, first.stdout);
    let said = "reused from run one: good, bad\n";
    assert!(again.stderr.contains(said), "{}", again.stderr);
    assert!(!again.stderr.contains("stage_ci"), "{}", again.stderr);
    // Not asked for, nothing is.
    assert_eq!(case.run(&[]).1, ["bad", "good"]);
}

#[test]
fn what_is_taken_over_says_so_in_every_file() {
    let case = Case::new();
    case.run(&["--run-id", "one"]).0.expect(0);
    let before = case.consumer.summary("fake").unwrap();
    assert_eq!(before["scenarios"]["good"].get("reused"), None);
    case.run(&["--run-id", "two", "--reuse"]).0.expect(0);
    let summary = case.consumer.passed("fake");
    schema_holds("summary", &summary);
    assert_eq!(summary["run_id"], "two");
    assert_eq!(summary["scenarios"]["good"]["reused"], "one");
    assert_eq!(summary["scenarios"]["good"]["ci_exit"], 0);
    let run = case.run_json("two");
    schema_holds("run", &run);
    for lane in ["good", "bad"] {
        assert_eq!(case.run_json("one")["lanes"][lane]["reused"], Value::Null);
        assert_eq!(run["lanes"][lane]["reused"], "one");
        let cell = json(&case.folder("two").join(format!("cells/{lane}/ci.json"))).unwrap();
        schema_holds("cell", &cell);
        assert_eq!(
            (&cell["run_id"], &cell["reused"]),
            (&"two".into(), &"one".into())
        );
    }
    // The folder is whole by itself, and the earlier one can go.
    fs::remove_dir_all(case.folder("one")).unwrap();
    let stored = StoredRun::open(&case.folder("two")).unwrap();
    stored.verify().unwrap();
    let lane = stored.lane(&"bad".parse().unwrap()).unwrap();
    let log = lane.steps.last().unwrap().log.as_ref().unwrap();
    assert_eq!(stored.log(log).unwrap(), b"bad\nfound bad\n");
    let events = fs::read_to_string(case.folder("two").join("events.jsonl")).unwrap();
    let events: Vec<Value> = events
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of_bad: Vec<_> = events
        .iter()
        .filter(|event| event["lane"] == "bad")
        .collect();
    assert_eq!(of_bad[0]["kind"], "lane_reused");
    assert_eq!(of_bad[0]["run_id"], "one");
    assert_eq!(of_bad[1]["kind"], "lane_started");
    for (at, event) in of_bad.iter().enumerate() {
        assert_eq!(event["seq"], at + 1);
    }
}

#[test]
fn the_run_in_which_a_lane_really_ran_is_named_and_must_be_there() {
    let case = Case::new();
    for id in ["one", "two", "three"] {
        case.run(&["--run-id", id, "--reuse"]).0.expect(0);
    }
    assert_eq!(case.run_json("three")["lanes"]["good"]["reused"], "one");
    fs::remove_dir_all(case.folder("one")).unwrap();
    let (ran, played) = case.run(&["--run-id", "four", "--reuse"]);
    ran.expect(0);
    assert_eq!(played, ["bad", "good"]);
    let why = "run one, in which it ran, is gone";
    assert!(ran.stderr.contains(why), "{}", ran.stderr);
}

#[test]
fn the_run_that_lanes_were_taken_from_is_not_pruned() {
    let case = Case::new();
    for id in ["one", "two", "three"] {
        let more = ["--run-id", id, "--reuse", "--retain-runs", "1"];
        let (ran, played) = case.run(&more);
        ran.expect(0);
        assert_eq!(played.is_empty(), id != "one", "{id}: {played:?}");
    }
    assert!(case.folder("one").exists() && !case.folder("two").exists());
}

#[test]
fn an_edited_overlay_reruns_its_lane_alone() {
    let case = Case::new();
    case.run(&["--run-id", "one"]).0.expect(0);
    case.consumer.write("scenarios/bad/file", "very bad\n");
    case.consumer.commit("another violation");
    let (ran, played) = case.run(&["--run-id", "two", "--reuse"]);
    ran.expect(0);
    assert_eq!(played, ["bad"]);
    let said = "not reused: bad: changed since run one: its overlay\n";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    let run = case.run_json("two");
    assert_eq!(run["lanes"]["good"]["reused"], "one");
    assert_eq!(run["lanes"]["bad"]["reused"], Value::Null);
    // Taken back, it is what it was in the first run.
    case.consumer.write("scenarios/bad/file", "bad\n");
    case.consumer.commit("the first violation");
    let (ran, played) = case.run(&["--run-id", "three", "--reuse"]);
    ran.expect(0);
    assert_eq!(played, NONE);
    assert_eq!(case.run_json("three")["lanes"]["bad"]["reused"], "one");
}

#[test]
fn what_is_said_of_one_scenario_reruns_its_lane_alone() {
    let toml = |case: &Case, from: &str, to: &str| {
        let text = fs::read_to_string(case.consumer.root.join("matrix.toml")).unwrap();
        assert!(text.contains(from), "{text}");
        case.consumer
            .write("matrix.toml", &text.replacen(from, to, 1));
        case.consumer.commit("another configuration");
    };
    let case = Case::new();
    case.run(&[]).0.expect(0);
    for (from, to) in [
        ("expect = { ci = 1 }", "expect = { ci = [1, 2] }"),
        ("reason = \"found bad\"", "reason = \"found\""),
        ("reason = ", "message = \"feat: bad\"\nreason = "),
        ("reason = ", "violation = \"bad\"\nreason = "),
        ("reason = ", "add = [\"file\"]\nreason = "),
        ("reason = ", "marker = { ci = \"bad\" }\nreason = "),
        ("reason = ", "files.ci = { exist = [\"file\"] }\nreason = "),
    ] {
        toml(&case, from, to);
        let (ran, played) = case.run(&["--reuse"]);
        ran.expect(0);
        assert_eq!(played, ["bad"], "{from} {to}");
        assert!(
            ran.stderr.contains("its part of matrix.toml"),
            "{}",
            ran.stderr
        );
    }
    // A scenario more is no change of the others.
    case.consumer.write("scenarios/more/file", "more\n");
    toml(
        &case,
        "[scenario.bad]",
        "[scenario.more]\noverlay = \"scenarios/more\"\nexpect = { ci = 0 }\n[scenario.bad]",
    );
    let (ran, played) = case.run(&["--reuse"]);
    ran.expect(0);
    assert_eq!(played, ["more"]);
}

#[test]
fn whatever_else_changes_reruns_every_lane() {
    let case = Case::new();
    case.run(&["--run-id", "first"]).0.expect(0);
    let all = |what: &str, word: &str, (ran, played): (Ran, Vec<String>)| {
        ran.expect(0);
        assert_eq!(played, ["bad", "good"], "{what}: {}", ran.stderr);
        assert!(ran.stderr.contains(word), "{what}: {}", ran.stderr);
        let (ran, played) = case.run(&["--reuse"]);
        ran.expect(0);
        // Unless it lasts, the first run is as good as ever.
        assert!(played.is_empty() || played.len() == 2, "{played:?}");
    };
    let reuse = || case.run(&["--reuse"]);
    case.consumer.write("other", "a file\n");
    case.consumer.commit("another file");
    all("source", "files of the consumer", reuse());
    case.consumer.git(&["switch", "--quiet", "-c", "other"]);
    all("branch", "files of the consumer", reuse());
    case.consumer.git(&["branch", "--force", "main", "HEAD~1"]);
    all("local branch", "files of the consumer", reuse());
    case.consumer
        .git(&["update-ref", "refs/remotes/origin/main", "HEAD~1"]);
    all("remote branch", "files of the consumer", reuse());
    case.consumer.git(&["tag", "v1", "HEAD~1"]);
    all("tag", "files of the consumer", reuse());
    case.put("gate/gate", "another gate\n");
    all("package", "the package", reuse());
    case.put("bin/tool", "#!/bin/sh\n# another\n");
    all("tool", "a tool", reuse());
    let toml = case.consumer.root.join("matrix.toml");
    let text = fs::read_to_string(&toml).unwrap();
    let edits = [
        (
            "[\"sh\", \"-c\", \"cat {package",
            "[\"sh\", \"-e\", \"-c\", \"cat {package",
        ),
        (
            "step = \"put_in\"",
            "step = \"put_in\"\nenv = { A = \"b\" }",
        ),
        ("step = \"put_in\"", "step = \"put_in\"\ntimeout = \"1m\""),
        ("[stage.ci]", "[stage.ci]\nfiles = { exist = [\"file\"] }"),
        ("[stage.ci]", "[stage.ci]\ntimeout = \"1m\""),
        ("[stage.ci]", "[stage.ci]\nenv = { A = \"b\" }"),
        ("[stage.ci]", "[baseline]\nseed = [\"true\"]\n[stage.ci]"),
        (
            "[stage.ci]",
            "[baseline]\ninstalled_changes = \"leave\"\n[stage.ci]",
        ),
        (
            "[stage.ci]",
            "[[activate]]\nstep = \"set_up\"\nrun = [\"true\"]\n[stage.ci]",
        ),
        ("tools = ", "branch = \"feature/x\"\ntools = "),
        ("tools = ", "version = [\"true\"]\ntools = "),
        ("tools = ", "companions = [\"left-pad@1.3.0\"]\ntools = "),
    ];
    for (from, to) in edits {
        if to.contains("version") {
            // Its version cannot be told, which is a failure of its own.
            continue;
        }
        case.consumer
            .write("matrix.toml", &text.replacen(from, to, 1));
        case.consumer.commit("another configuration");
        let (ran, played) = reuse();
        ran.expect(0);
        assert_eq!(played, ["bad", "good"], "{to}");
    }
    case.consumer.write("matrix.toml", &text);
    case.consumer.commit("the configuration as it was");
    assert_eq!(reuse().1, NONE);
    all(
        "timeout",
        "--timeout",
        case.run(&["--reuse", "--timeout", "5m"]),
    );
    all("strict", "--strict", case.run(&["--reuse", "--strict"]));
    let with = |name: &str, value: &Path| {
        let mut command = case.command(&["--reuse"]);
        command.env(name, value);
        case.finish(command)
    };
    all(
        "variable",
        "the environment",
        with("MOOD", &case.world.path().join("other-mood")),
    );
    all(
        "work folder",
        "the environment",
        with("MATRIX_WORK_DIR", &case.world.path().join("other-work")),
    );
    case.put("home/.npmrc", "registry=http://localhost:1/\n");
    all("npmrc", "the environment", reuse());
    case.put("home/.npmrc", "registry=http://localhost:2/\n");
    all("npmrc", "the environment", reuse());
}

#[test]
fn another_build_takes_nothing_over() {
    let case = Case::new();
    case.run(&[]).0.expect(0);
    let copy = case.world.path().join("matrix");
    fs::copy(program(), &copy).unwrap();
    let mut command = std::process::Command::new(&copy);
    let first = case.command(&["--reuse"]);
    command.args(first.get_args()).env_clear();
    command.envs(
        first
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let (ran, played) = case.finish(command);
    ran.expect(0);
    assert_eq!(played, ["bad", "good"]);
    assert!(ran.stderr.contains("matrix itself"), "{}", ran.stderr);
}

#[test]
fn another_git_takes_nothing_over() {
    let case = Case::new();
    case.run(&[]).0.expect(0);
    let git = "#!/bin/sh\nPATH=${PATH#*:}\n[ \"$1\" = --version ] && { echo git version 9; exit; }\nexec git \"$@\"\n";
    case.put("bin/git", git);
    let (ran, played) = case.run(&["--reuse"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(played, ["bad", "good"]);
}

#[test]
fn a_selection_is_a_lane_of_its_own() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    world.run(&consumer, &["--stage", "ci"]).expect(0);
    let whole = world.run(&consumer, &["--reuse"]);
    whole.expect(0);
    assert!(!whole.stderr.contains("\nreused"), "{}", whole.stderr);
    let part = world.run(
        &consumer,
        &["--stage", "ci", "--scenario", "clean", "--reuse"],
    );
    part.expect(0);
    assert!(
        part.stderr.contains("reused from run demo-"),
        "{}",
        part.stderr
    );
}

#[test]
fn a_red_lane_is_played_again_and_its_green_neighbour_is_not() {
    let case = Case::new();
    case.run(&["--run-id", "one"]).0.expect(0);
    let flip = case.may_change_its_mind();
    case.run(&["--run-id", "two"]).0.expect(0);
    fs::write(&flip, "").unwrap();
    case.run(&["--run-id", "three"]).0.expect(1);
    let (ran, played) = case.run(&["--run-id", "four", "--reuse"]);
    ran.expect(1);
    assert_eq!(played, ["bad"]);
    let said = "not reused: bad: it was red in run three\n";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    // The newest run decides, not an older one that was green.
    assert!(
        ran.stderr.contains("reused from run three: good\n"),
        "{}",
        ran.stderr
    );
    fs::remove_file(&flip).unwrap();
    assert_eq!(case.run(&["--run-id", "five", "--reuse"]).1, ["bad"]);
    assert_eq!(case.run(&["--run-id", "six", "--reuse"]).1, NONE);
    assert_eq!(case.run_json("six")["lanes"]["bad"]["reused"], "five");
}

#[test]
fn an_older_run_does_not_speak_for_one_that_cannot_be_read() {
    let case = Case::new();
    let flip = case.may_change_its_mind();
    case.run(&["--run-id", "one"]).0.expect(0);
    fs::write(&flip, "").unwrap();
    case.run(&["--run-id", "two"]).0.expect(1);
    fs::remove_file(case.folder("two").join("logs/bad/stage_ci.log")).unwrap();
    let (ran, played) = case.run(&["--run-id", "three", "--reuse"]);
    ran.expect(1);
    assert_eq!(played, ["bad", "good"]);
    let said = "run two cannot be reused\n";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
}

#[test]
fn nothing_is_taken_from_a_run_that_was_touched() {
    let case = Case::new();
    case.run(&["--run-id", "one"]).0.expect(0);
    let log = case.folder("one").join("logs/bad/stage_ci.log");
    // The same size: only its digest tells.
    fs::write(&log, "bad\nfound BAD\n").unwrap();
    let (ran, played) = case.run(&["--run-id", "two", "--reuse"]);
    ran.expect(0);
    assert_eq!(played, ["bad"]);
    let said = "logs/bad/stage_ci.log is not what its run wrote";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    StoredRun::open(&case.folder("two"))
        .unwrap()
        .verify()
        .unwrap();
    fs::remove_dir_all(case.folder("two")).unwrap();
    fs::remove_file(&log).unwrap();
    let (ran, played) = case.run(&["--run-id", "three", "--reuse"]);
    ran.expect(0);
    assert_eq!(played, ["bad", "good"]);
    let said = "logs/bad/stage_ci.log is gone: a part of the run was deleted\n  next: ";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
}

#[test]
fn in_ci_only_the_flag_counts_and_it_is_said() {
    let case = Case::new();
    case.run(&[]).0.expect(0);
    let with = |more: &[&str], env: &[(&str, &str)]| {
        let mut command = case.command(more);
        command.envs(env.iter().copied());
        case.finish(command)
    };
    let (ran, played) = with(&[], &[("MATRIX_REUSE", "1")]);
    ran.expect(0);
    assert_eq!(played, NONE);
    let (ran, played) = with(&[], &[("MATRIX_REUSE", "1"), ("CI", "true")]);
    ran.expect(0);
    assert_eq!(played, ["bad", "good"]);
    assert!(
        ran.stderr
            .contains("MATRIX_REUSE is ignored because CI is set"),
        "{}",
        ran.stderr
    );
    let (ran, played) = with(&["--reuse"], &[("CI", "true")]);
    ran.expect(0);
    assert_eq!(played, NONE);
    assert!(ran.stderr.contains("reused from run"), "{}", ran.stderr);
    let (ran, played) = with(&[], &[("MATRIX_REUSE", "0"), ("CI", "true")]);
    assert_eq!(played, ["bad", "good"]);
    assert!(!ran.stderr.contains("MATRIX_REUSE"), "{}", ran.stderr);
}

#[test]
fn a_trial_reuses_the_contract_and_never_an_altered_lane() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    let repo = consumer.root.to_str().unwrap();
    let trial = |id: &str| {
        let args = [
            "sabotage",
            "--repo",
            repo,
            "--only",
            "fresh-clone",
            "--run-id",
            id,
            "--reuse",
        ];
        world.matrix(&args)
    };
    trial("one").expect(0);
    let again = trial("two");
    again.expect(0);
    let run = json(&consumer.artifacts().join("runs/two/run.json")).unwrap();
    let lanes = run["lanes"].as_object().unwrap();
    assert_eq!(lanes.len(), 4);
    for (name, lane) in lanes {
        let altered = name == "fresh-clone";
        assert_eq!(lane["reused"].is_null(), altered, "{name}");
        assert_eq!(lane["inputs_sha256"].is_null(), altered, "{name}");
    }
    assert!(
        again.stderr.contains("fresh-clone: stage_ci"),
        "{}",
        again.stderr
    );
}

#[test]
fn a_run_folder_that_cannot_take_a_lane_ends_the_run() {
    let case = Case::new();
    case.run(&[]).0.expect(0);
    let mut command = case.command(&["--reuse", "--run-id", "two"]);
    command.env("MATRIX_FAULT", "create:two/logs/bad/=ENOSPC");
    let (ran, _) = case.finish(command);
    ran.expect(74);
    case.consumer.failed("fake", "run_incomplete");
}

/// Installs what the file `latest` beside the consumer says, and tells it
/// when it is asked.
const NPM: &str = r#"#!/bin/sh
read -r version integrity <LATEST
case $1 in
view)
    echo asked "$*" >>ASKED
    [ "$version" ] || exit 1
    echo "{\"name\": \"gate\", \"version\": \"$version\", \"dist.integrity\": \"$integrity\"}" ;;
install)
    mkdir -p node_modules
    echo "{\"packages\": {\"node_modules/gate\": {\"version\": \"$version\", \"integrity\": \"$integrity\"}}}" \
        >node_modules/.package-lock.json ;;
esac
"#;

#[test]
fn a_tag_is_asked_for_once_and_a_version_is_not() {
    let case = Case::new();
    let at = |name: &str| case.world.path().join(name);
    let npm = NPM.replace("LATEST", at("latest").to_str().unwrap());
    case.put(
        "bin/npm",
        &npm.replace("ASKED", at("asked").to_str().unwrap()),
    );
    let text = fs::read_to_string(case.consumer.root.join("matrix.toml")).unwrap();
    let install = r#"run = ["npm", "install", "{package_spec}"]"#;
    let text = text.replace(
        r#"run = ["sh", "-c", "cat {package_spec}/gate >/dev/null"]"#,
        install,
    );
    case.consumer.write("matrix.toml", &text);
    case.consumer.commit("a gate of a registry");
    let run = |package: &str, more: &[&str]| {
        let mut command = case.command(more);
        command.args(["--package", package]);
        let (ran, played) = case.finish(command);
        let asked = fs::read_to_string(at("asked")).unwrap_or_default();
        let _ = fs::remove_file(at("asked"));
        (ran, played.len(), asked.lines().count())
    };
    let latest = |text: &str| case.put("latest", text);
    latest("1.0.0 sha512-one\n");
    for package in ["gate@latest", "gate@1.0.0"] {
        let (ran, played, asked) = run(package, &[]);
        ran.expect(0);
        assert_eq!((played, asked), (2, 0), "{package}");
    }
    let (ran, played, asked) = run("gate@latest", &["--reuse"]);
    ran.expect(0);
    assert_eq!((played, asked), (0, 1), "{}", ran.stderr);
    let summary = case.consumer.passed("fake");
    assert_eq!(summary["package_resolved"]["version"], "1.0.0");
    let (_, played, asked) = run("gate@1.0.0", &["--reuse"]);
    assert_eq!((played, asked), (0, 0));
    // What the tag names now decides, by version and by digest.
    for (now, said) in [
        (
            "1.0.1 sha512-two\n",
            "the package is 1.0.1 now and was 1.0.0",
        ),
        ("1.0.1 sha512-three\n", "the package is another 1.0.1 now"),
    ] {
        latest(now);
        let (ran, played, asked) = run("gate@latest", &["--reuse"]);
        ran.expect(0);
        assert_eq!((played, asked), (2, 1));
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
    // The registry is not there: nothing is guessed.
    case.put(
        "bin/npm",
        &npm.replace("view)", "view) exit 1;;\nnever)")
            .replace("ASKED", "/dev/null"),
    );
    let (ran, played, _) = run("gate@latest", &["--reuse"]);
    ran.expect(0);
    assert_eq!(played, 2);
    case.put("latest", "1.0.1 sha512-three\n");
    let (ran, played, _) = run("gate@latest", &["--reuse"]);
    ran.expect(0);
    assert_eq!(played, 2);
    let said = "npm cannot resolve `gate@latest`";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
}
