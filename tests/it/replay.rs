//! A recorded run is shown again, and what failed in it is run again.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Consumer, Ran, World, json, rewrite, rewrite_run, script_gate};

/// A consumer whose gate says `FIXME` to the file of that name, and of which
/// each scenario is one file; all must be let through.
fn consumer(world: &World, name: &str, scenarios: &[(&str, &str)]) -> Consumer {
    let script = "cat file; ! grep -q FIXME file";
    let mut toml = String::from("schema = 1\ngate = \"fake\"\n");
    toml += &format!("[stage.ci]\ndrive = \"command\"\nrun = [\"sh\", \"-c\", {script:?}]\n");
    let mut files = vec![("file".to_owned(), "one\n".to_owned())];
    for (name, text) in scenarios {
        toml +=
            &format!("[scenario.{name}]\noverlay = \"scenarios/{name}\"\nexpect = {{ ci = 0 }}\n");
        files.push((format!("scenarios/{name}/file"), (*text).to_owned()));
    }
    files.push(("matrix.toml".to_owned(), toml));
    let files: Vec<_> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    world.consumer(name, &files)
}

const MIXED: [(&str, &str); 3] = [
    ("good", "two\n"),
    ("bad", "FIXME\n"),
    ("worse", "FIXME too\n"),
];

fn replay(world: &World, consumer: &Consumer, words: &[&str]) -> Ran {
    let artifacts = consumer.artifacts();
    let mut args = vec!["replay", "--artifacts", artifacts.to_str().unwrap()];
    args.extend(words);
    world.matrix(&args)
}

fn run_json(consumer: &Consumer, id: &str) -> Value {
    json(&consumer.artifacts().join("runs").join(id).join("run.json")).unwrap()
}

#[test]
fn a_run_is_shown_as_it_was() {
    let world = World::new();
    let consumer = consumer(&world, "consumer", &MIXED);
    let live = world.run(&consumer, &["--run-id", "one"]);
    live.expect(1);
    let shown = replay(&world, &consumer, &[]);
    assert_eq!(shown.expect(0).stdout, live.stdout);
    assert!(
        shown.stderr.starts_with("run one: FAIL (exit 1)"),
        "{}",
        shown.stderr
    );
    assert!(shown.stderr.contains("| FIXME"), "{}", shown.stderr);
    let events = replay(&world, &consumer, &["--format", "jsonl"]);
    let recorded = consumer.artifacts().join("runs/one/events.jsonl");
    assert_eq!(events.stdout, fs::read_to_string(recorded).unwrap());
    let one = replay(&world, &consumer, &["--lane", "good"]);
    assert_eq!(
        one.stdout,
        "=== scenario:good ===\nresults: ci=0\nstatus: PASS\n"
    );
    replay(&world, &consumer, &["--lane", "godo"]).expect(2);
    assert!(
        consumer.last_failure("fake").is_some(),
        "showing changes nothing"
    );
    let command = consumer.last_failure("fake").unwrap()["replay_command"].clone();
    let artifacts = consumer.artifacts();
    assert_eq!(
        command,
        format!("matrix replay --artifacts \"{}\" one", artifacts.display())
    );
}

#[test]
fn a_pass_is_shown_with_its_last_line() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    let live = world.run(&consumer, &["--run-id", "one"]);
    let shown = replay(&world, &consumer, &["last-pass"]);
    assert_eq!(shown.expect(0).stdout, live.expect(0).stdout);
    let nothing = replay(&world, &consumer, &["--execute"]);
    assert!(
        nothing
            .expect(2)
            .stderr
            .contains("every cell that ran in run one passed"),
        "{nothing:?}"
    );
    replay(&world, &consumer, &["--execute", "--lane", "clean"]).expect(0);
}

#[test]
fn a_run_is_named_by_whatever_it_left() {
    let world = World::new();
    let consumer = consumer(&world, "it's a \"consumer\"", &MIXED);
    world.run(&consumer, &["--run-id", "one-a"]).expect(1);
    world.run(&consumer, &["--run-id", "one-b"]).expect(1);
    let path = |name: &str| consumer.artifacts().join(name).display().to_string();
    let shows = |word: &str, id: &str| {
        let ran = replay(&world, &consumer, &[word]);
        assert!(
            ran.expect(0).stderr.starts_with(&format!("run {id}: FAIL")),
            "{word}: {ran:?}"
        );
    };
    shows("one-a", "one-a");
    shows("latest", "one-b");
    shows(&path("fake-matrix-last-failure.json"), "one-b");
    shows(&path("runs/one-a"), "one-a");
    shows(&path("runs/one-a/run.json"), "one-a");
    shows(&path("runs/one-a/plan.json"), "one-a");
    let refused = |word: &str, text: &str| {
        let ran = replay(&world, &consumer, &[word]);
        assert!(ran.expect(2).stderr.contains(text), "{word}: {ran:?}");
        assert!(ran.stderr.contains("\n  next: "), "{ran:?}");
        assert_eq!(ran.stdout, "");
    };
    refused("one", "the beginning of several runs: one-a, one-b");
    refused("two", "there is no run `two`");
    refused("last-pass", "there is no run that passed");
    let moved = world.path().join("moved.json");
    fs::copy(path("fake-matrix-last-failure.json"), &moved).unwrap();
    refused(moved.to_str().unwrap(), "is of run one-b, which is not in");
}

#[test]
fn what_is_not_a_whole_run_gives_no_verdict() {
    let world = World::new();
    let consumer = consumer(&world, "consumer", &MIXED);
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    let runs = consumer.artifacts().join("runs");
    let broken = |text: &str, break_: &dyn Fn(&Path)| {
        let kept = world.path().join("kept");
        gate_matrix::sys::fs::copy_tree(&runs.join("one"), &kept).unwrap();
        break_(&runs.join("one"));
        for words in [&["one"][..], &["one", "--execute"], &["one", "--shell"]] {
            let ran = replay(&world, &consumer, words);
            assert!(ran.expect(69).stderr.contains(text), "{text}: {ran:?}");
            assert!(ran.stderr.contains("\n  next: "), "{ran:?}");
            assert_eq!(ran.stdout, "");
        }
        fs::remove_dir_all(runs.join("one")).unwrap();
        fs::rename(&kept, runs.join("one")).unwrap();
    };
    let edit = |file: &'static str, from: &'static str, to: &'static str| {
        move |run: &Path| {
            let text = fs::read_to_string(run.join(file)).unwrap();
            assert!(text.contains(from), "{text}");
            fs::write(run.join(file), text.replacen(from, to, 1)).unwrap();
        }
    };
    broken("it has no run.json", &|run| {
        fs::remove_file(run.join("run.json")).unwrap()
    });
    broken(
        "schema_version 9",
        &edit("run.json", "\"schema_version\": 1", "\"schema_version\": 9"),
    );
    broken(
        "was changed since",
        &edit("run.json", "\"FAIL\"", "\"PASS\""),
    );
    broken(
        "cells/bad/ci.json",
        &edit("cells/bad/ci.json", "contract", "conrtact"),
    );
    broken("is gone", &|run| {
        fs::remove_dir_all(run.join("cells")).unwrap()
    });
    // A run that died is not passed over for the one before it.
    fs::create_dir(runs.join("died")).unwrap();
    fs::write(runs.join("died/events.jsonl"), "").unwrap();
    let ran = replay(&world, &consumer, &[]);
    assert!(ran.expect(69).stderr.contains("runs/died"), "{ran:?}");
}

#[test]
fn a_replay_is_pinned_to_what_the_run_saw() {
    let world = World::new();
    let consumer = consumer(&world, "consumer", &MIXED);
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    let verdict = fs::read(consumer.artifacts().join("fake-matrix-last-failure.json")).unwrap();
    let then = consumer.git(&["rev-parse", "HEAD"]);
    // Since then all was mended and committed, and more is in the making.
    consumer.write("matrix.toml", "schema = 1\ngate = \"another\"\n");
    consumer.git(&["rm", "-r", "--quiet", "scenarios"]);
    consumer.commit("mended");
    consumer.write("file", "in the making\n");
    let ran = replay(&world, &consumer, &["--execute", "--run-id", "two"]);
    let wanted = "=== scenario:bad ===\nresults: ci=1\nstatus: FAIL\n\
                  === scenario:worse ===\nresults: ci=1\nstatus: FAIL\n";
    assert_eq!(ran.expect(1).stdout, wanted);
    assert!(
        ran.stderr
            .contains("replay of run one: 2 of 2 failures reproduced"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("not pinned"), "{}", ran.stderr);
    let run = run_json(&consumer, "two");
    assert_eq!(run["source"]["head"], then.trim());
    assert_eq!(
        (&run["kind"], &run["replay_of"]),
        (&"replay".into(), &"one".into())
    );
    // What `matrix run` left stands, and the consumer is as it was.
    let now = fs::read(consumer.artifacts().join("fake-matrix-last-failure.json")).unwrap();
    assert_eq!(now, verdict);
    assert!(
        consumer
            .artifacts()
            .join("fake-replay-last-failure.json")
            .exists()
    );
    assert_eq!(
        fs::read_to_string(consumer.root.join("file")).unwrap(),
        "in the making\n"
    );
    // A replay can be replayed.
    replay(&world, &consumer, &["two", "--execute", "--lane", "worse"]).expect(1);
}

#[test]
fn a_fresh_clone_elsewhere_is_as_good() {
    let world = World::new();
    let first = consumer(&world, "the \"first\" one's", &MIXED);
    let artifacts = world.path().join("art 'i' \"facts\"");
    world
        .run(
            &first,
            &[
                "--run-id",
                "one",
                "--artifacts",
                artifacts.to_str().unwrap(),
            ],
        )
        .expect(1);
    let clone = world.clone_of(&first, "a clone");
    fs::remove_dir_all(&first.root).unwrap();
    let failure = json(&artifacts.join("fake-matrix-last-failure.json")).unwrap();
    let command = failure["replay_command"].as_str().unwrap();
    let again = |folder: &Path| {
        let shell = format!("{command} --execute --wait");
        let mut sh = world.command::<&str>(&[]);
        let program = sh.get_program().to_owned();
        let script = shell.replacen("matrix", "\"$0\"", 1);
        let mut run = std::process::Command::new("sh");
        run.env_clear()
            .envs(sh.get_envs().filter_map(|(k, v)| Some((k, v?))));
        sh.arg("unused");
        Ran::of(
            run.arg("-c")
                .arg(script)
                .arg(program)
                .current_dir(folder)
                .output()
                .unwrap(),
        )
    };
    let ran = again(&clone);
    assert!(
        ran.expect(1).stderr.contains("2 of 2 failures reproduced"),
        "{ran:?}"
    );
    let ran = again(&world.home());
    assert!(ran.expect(69).stderr.contains("--repo DIR"), "{ran:?}");
    let ran = world.matrix(&[
        "replay",
        artifacts.join("runs/one").to_str().unwrap(),
        "--execute",
        "--repo",
        clone.to_str().unwrap(),
    ]);
    ran.expect(1);
    // One that does not have the commit says how to get it.
    let stranger = consumer(&world, "stranger", &MIXED[..1]);
    let ran = world.matrix(&[
        "replay",
        artifacts.join("runs/one").to_str().unwrap(),
        "--execute",
        "--repo",
        stranger.root.to_str().unwrap(),
    ]);
    assert!(ran.expect(69).stderr.contains("fetch origin"), "{ran:?}");
}

#[test]
fn what_was_green_and_is_not_is_flaky() {
    let world = World::new();
    let flag = world.path().join("flag");
    let script = format!("test ! -e {}", flag.display());
    let consumer = world.script_consumer(&script);
    world.run(&consumer, &["--run-id", "one"]).expect(0);
    fs::write(&flag, "").unwrap();
    let ran = replay(
        &world,
        &consumer,
        &["--execute", "--all", "--run-id", "two"],
    );
    assert!(
        ran.expect(1)
            .stderr
            .contains("(flaky): it was green in run one"),
        "{ran:?}"
    );
    let cell = json(&consumer.artifacts().join("runs/two/cells/clean/ci.json")).unwrap();
    assert_eq!(cell["verdict"], "flaky");
    let bundle = json(&consumer.artifacts().join("runs/two/replay_bundle.json")).unwrap();
    assert_eq!(bundle["failures"][0]["failure_digest"]["cause"], "flaky");
    // What was red and is green is said, and is no failure.
    fs::remove_file(&flag).unwrap();
    let ran = replay(&world, &consumer, &["two", "--execute"]);
    assert!(
        ran.expect(0)
            .stderr
            .contains("0 of 1 failures reproduced\n  not reproduced: clean/ci"),
        "{ran:?}"
    );
}

#[test]
fn failures_before_the_stages_are_run_again_too() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let install = "[[install]]\nstep = \"fetch\"\nrun = [\"sh\", \"-c\", \"echo no; exit 9\"]\n";
    consumer.write("matrix.toml", &(toml + install));
    consumer.commit("an install that fails");
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    let ran = replay(&world, &consumer, &["--execute"]);
    assert!(
        ran.expect(1)
            .stderr
            .contains("FAIL clean · fetch (install)"),
        "{ran:?}"
    );
    assert!(ran.stderr.contains("1 of 1 failures reproduced"), "{ran:?}");
}

#[test]
fn a_run_of_a_build_that_wrote_no_contract_digest_is_run_again() {
    let world = World::new();
    let consumer = world.script_consumer("exit 3");
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    rewrite(
        &consumer.artifacts().join("runs/one"),
        "plan.json",
        &|plan| {
            plan.as_object_mut()
                .unwrap()
                .remove("contract_sha256")
                .unwrap();
        },
    );
    let ran = replay(&world, &consumer, &["--execute"]);
    assert!(
        ran.expect(1).stderr.contains("1 of 1 failures reproduced"),
        "{ran:?}"
    );
}

#[test]
fn a_run_that_ended_before_its_lanes_is_run_again_as_it_was_asked() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    consumer.write("file", "dirt\n");
    world.run(&consumer, &["--run-id", "one"]).expect(17);
    let ran = replay(&world, &consumer, &["--execute"]);
    assert!(
        ran.expect(17).stderr.contains("baseline is dirty"),
        "{ran:?}"
    );
    consumer.git(&["checkout", "--quiet", "file"]);
    let ran = replay(&world, &consumer, &["one", "--execute"]);
    assert!(
        ran.expect(0)
            .stderr
            .contains("warning: not pinned: nothing: run one"),
        "{ran:?}"
    );
    consumer.write("matrix.toml", "schema = 1\ngate = \"fake\"\nstrange = 1\n");
    consumer.commit("a key that nobody knows");
    world.run(&consumer, &["--run-id", "two"]).expect(2);
    let ran = replay(&world, &consumer, &["two"]);
    assert!(ran.expect(0).stderr.contains("strange"), "{ran:?}");
    replay(&world, &consumer, &["two", "--execute"]).expect(2);
}

#[test]
fn what_cannot_be_pinned_is_named() {
    let world = World::new();
    let tools = world.path().join("tools");
    let tool = |version: &str| {
        fs::create_dir_all(&tools).unwrap();
        let file = tools.join("node");
        fs::write(&file, format!("#!/bin/sh\necho {version}\n")).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&file, mode).unwrap();
    };
    let outside = world.path().join("outside.toml");
    let gate = script_gate("exit 1");
    let top = "schema = 1\ntools = [\"node\"]\npass_env = [\"FLAVOUR\"]\n";
    fs::write(
        &outside,
        gate.replace("schema = 1\n", top)
            .replace("scenarios/clean", "over"),
    )
    .unwrap();
    fs::create_dir_all(world.path().join("over")).unwrap();
    fs::write(world.path().join("over/file"), "two\n").unwrap();
    let consumer = world.consumer("consumer", &[("file", "one\n")]);
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    let run = |words: &[&str]| {
        Ran::of(
            world
                .command(words)
                .env("PATH", &path)
                .env("FLAVOUR", "plum")
                .output()
                .unwrap(),
        )
    };
    tool("v1.0.0");
    let (repo, file) = (consumer.root.to_str().unwrap(), outside.to_str().unwrap());
    run(&["run", "--repo", repo, "--config", file, "--run-id", "one"]).expect(1);
    let artifacts = consumer.artifacts();
    let again = [
        "replay",
        "--execute",
        "--artifacts",
        artifacts.to_str().unwrap(),
        "one",
    ];
    let warned = |ran: &Ran| -> Vec<String> {
        let lines = ran
            .stderr
            .lines()
            .filter_map(|line| line.strip_prefix("warning: not pinned: "));
        lines.map(ToOwned::to_owned).collect()
    };
    let same = run(&again);
    assert_eq!(
        warned(same.expect(1)),
        ["the values of FLAVOUR: the current ones are used"]
    );
    tool("v2.0.0");
    fs::write(world.path().join("over/file"), "three\n").unwrap();
    fs::write(
        &outside,
        fs::read_to_string(&outside).unwrap() + "\n# a remark\n",
    )
    .unwrap();
    let other = run(&again);
    assert_eq!(
        warned(other.expect(1)),
        [
            "the configuration: its text has changed",
            "the overlay of clean: its files have changed",
            "the values of FLAVOUR: the current ones are used",
            "node: version v1.0.0 then, v2.0.0 now",
        ]
    );
}

/// Talks to the shell that a replay starts.
fn talk(world: &World, consumer: &Consumer, words: &[&str], said: &str) -> Ran {
    let artifacts = consumer.artifacts();
    let mut args = vec![
        "replay",
        "--shell",
        "--artifacts",
        artifacts.to_str().unwrap(),
    ];
    args.extend(words);
    let mut command = world.command(&args);
    command.env("SHELL", "/bin/sh").stdin(Stdio::piped());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(said.as_bytes())
        .unwrap();
    Ran::of(child.wait_with_output().unwrap())
}

#[test]
fn the_shell_stands_where_the_step_failed() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let table = "[scenario.violations]\n";
    let expect = format!("{table}expect = {{ pre-commit = 1, pre-push = 0, ci = 1 }}\n");
    let stage = "\n[stage.ci]\nenv = { FLAVOUR = \"plum\" }\n";
    consumer.write("matrix.toml", &(toml.replace(table, &expect) + stage));
    consumer.commit("a contract that is broken at pre-push");
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    let said = "git log --format=%s; git status --short; git push origin HEAD:refs/heads/main 2>&1 | tail -1; exit 7\n";
    let ran = talk(&world, &consumer, &["--keep"], said);
    ran.expect(0);
    // The change is committed, the push is still to come, and is blocked.
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines[0], "feat: quote oversized parcels", "{ran:?}");
    assert!(
        lines.last().unwrap().starts_with("error: failed to push"),
        "{ran:?}"
    );
    assert!(
        ran.stderr
            .contains("opened a shell in lane violations; type `exit` to leave. The next step would run:\n  git push origin"),
        "{ran:?}"
    );
    assert!(ran.stderr.contains("kept: "), "{ran:?}");
    assert!(world.kept_lane("violations").join("clone").is_dir());
    assert!(
        !consumer
            .artifacts()
            .join("demo-replay-summary.json")
            .exists()
    );
}

#[test]
fn the_shell_has_the_environment_of_the_step() {
    let world = World::new();
    let consumer = world.script_consumer("exit 1");
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    consumer.write(
        "matrix.toml",
        &toml.replace(
            "[scenario",
            "env = { FLAVOUR = \"plum\", CI = \"true\" }\n[scenario",
        ),
    );
    consumer.commit("a stage with variables");
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    let ran = talk(
        &world,
        &consumer,
        &[],
        "echo $FLAVOUR $CI $LANG $SECRET; cat file; pwd\n",
    );
    let lines: Vec<_> = ran.expect(0).stdout.lines().collect();
    assert_eq!(lines[..2], ["plum true C.UTF-8", "two"], "{ran:?}");
    assert!(lines[2].ends_with("/clone"), "{ran:?}");
}

#[test]
fn what_a_trial_altered_only_the_trial_can_make_again() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    let repo = consumer.root.to_str().unwrap();
    world
        .matrix(&["check", "--vacuity", "--repo", repo, "--run-id", "one"])
        .expect(0);
    assert!(
        replay(&world, &consumer, &["one"])
            .expect(0)
            .stderr
            .starts_with("run one: ")
    );
    let ran = replay(&world, &consumer, &["one", "--execute", "--all"]);
    assert!(
        ran.expect(2).stderr.contains("matrix check --vacuity"),
        "{ran:?}"
    );
}

#[test]
fn the_package_is_the_one_that_was_resolved() {
    let world = World::with_package_caches();
    let gate = script_gate("exit 1").replace(
        "gate = \"fake\"\n",
        "gate = \"fake\"\npackage = \"is-number@7\"\n\
         [[install]]\nstep = \"npm_install_package\"\n\
         run = [\"npm\", \"install\", \"--save-exact\", \"{package_spec}\"]\n",
    );
    let files = [
        ("matrix.toml", gate.as_str()),
        (
            "package.json",
            "{\"name\": \"consumer\", \"private\": true}\n",
        ),
        ("scenarios/clean/file", "two\n"),
    ];
    let consumer = world.consumer("consumer", &files);
    let online = |words: &[&str]| Ran::of(world.online(words).output().unwrap());
    let repo = consumer.root.to_str().unwrap();
    online(&["run", "--repo", repo, "--run-id", "one"]).expect(1);
    let resolved = run_json(&consumer, "one")["package_resolved"].clone();
    assert_eq!(resolved["version"], "7.0.0", "{resolved}");
    let artifacts = consumer.artifacts();
    let again = [
        "replay",
        "--execute",
        "--artifacts",
        artifacts.to_str().unwrap(),
        "one",
        "--run-id",
        "two",
    ];
    online(&again).expect(1);
    let run = run_json(&consumer, "two");
    assert_eq!(run["package_spec"], "is-number@7", "as typed");
    let installed = run["lanes"]["clean"]["steps"].as_array().unwrap().iter();
    let installed: Vec<_> = installed
        .filter(|step| step["step"] == "npm_install_package")
        .collect();
    assert_eq!(
        installed[0]["command"],
        "npm install --save-exact \"is-number@7.0.0\""
    );
    // Other bytes under the same version are no replay.
    rewrite_run(&artifacts.join("runs/one"), &|run| {
        run["package_resolved"]["integrity"] = "sha512-of-other-bytes".into();
    });
    let other = online(&again);
    assert!(
        other
            .expect(1)
            .stderr
            .contains("run one had 7.0.0 (sha512-of-other-bytes)"),
        "{other:?}"
    );
    let failure = json(&artifacts.join("fake-replay-last-failure.json")).unwrap();
    assert_eq!(failure["failure_step"], "npm_install_package");
    assert_eq!(failure["failure_class"], "infra");
}

#[test]
fn a_replay_is_no_parent_of_a_rerun() {
    let world = World::new();
    let consumer = consumer(&world, "consumer", &MIXED);
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    replay(&world, &consumer, &["--execute", "--run-id", "two"]).expect(1);
    assert_eq!(run_json(&consumer, "two")["outstanding"], Value::Null);
    world.run(&consumer, &["--rerun-from", "two"]).expect(2);
}

#[test]
fn a_run_of_three_hundred_cells_fits_a_screen() {
    let world = World::new();
    let stages = ["a", "b", "c"].map(|stage| {
        let script = "case $(cat file)/$0 in ok/*) exit 0;; */c) echo \"Error: $(cat file) is gone\"; exit 1;; esac";
        format!("[stage.{stage}]\ndrive = \"command\"\nrun = [\"sh\", \"-c\", {script:?}, {stage:?}]\n")
    });
    let mut toml = format!("schema = 1\ngate = \"fake\"\n{}", stages.concat());
    let mut files = vec![("file".to_owned(), "one\n".to_owned())];
    for at in 0..100 {
        toml += &format!(
            "[scenario.s{at}]\noverlay = \"scenarios/s{at}\"\nexpect = {{ a = 0, b = 0, c = 0 }}\n"
        );
        let says = match at % 10 {
            3 => "alpha",
            5 | 6 => "beta",
            9 => "gamma",
            _ => "ok",
        };
        files.push((format!("scenarios/s{at}/file"), format!("{says}\n")));
    }
    files.push(("matrix.toml".to_owned(), toml));
    let files: Vec<_> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let consumer = world.consumer("consumer", &files);
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    let shown = replay(&world, &consumer, &["one"]);
    let lines: Vec<_> = shown.expect(0).stderr.lines().collect();
    let count = lines.len() + shown.stdout.lines().count();
    assert!(
        count <= 30,
        "{count} lines:\n{}{}",
        shown.stdout,
        shown.stderr
    );
    // Causes first, each with a cell that stands for it.
    assert!(lines[0].starts_with("run one: FAIL"), "{}", shown.stderr);
    assert!(
        lines[1].starts_with("20 cells: ") && lines[1].contains("(s5/c): Error: beta is gone"),
        "{}",
        shown.stderr
    );
    assert!(
        lines[3].starts_with("10 cells: ") && lines[3].contains("(s3/c): Error: alpha is gone"),
        "{}",
        shown.stderr
    );
    assert!(
        lines[4].starts_with("10 cells: ") && lines[4].contains("(s9/c): Error: gamma is gone"),
        "{}",
        shown.stderr
    );
    assert!(
        shown.stderr.contains("not shown: 60 lanes PASS, 37 FAIL"),
        "{}",
        shown.stderr
    );
    // What is printed can be pasted into the next command.
    for lane in ["s5", "s3", "s9"] {
        assert!(
            shown.stdout.contains(&format!("=== scenario:{lane} ===")),
            "{}",
            shown.stdout
        );
        replay(&world, &consumer, &["one", "--lane", lane]).expect(0);
    }
    let all = replay(&world, &consumer, &["one", "--all"]);
    assert_eq!(all.stdout.lines().count(), 300);
}

#[test]
fn a_trial_that_passed_is_not_the_last_pass() {
    let world = World::new();
    let consumer = consumer(&world, "consumer", &MIXED[..1]);
    for id in ["matrix", "trial"] {
        world.run(&consumer, &["--run-id", id]).expect(0);
    }
    rewrite_run(&consumer.artifacts().join("runs/trial"), &|run| {
        run["kind"] = "sabotage".into();
        run["generated_at_utc"] = "2999-01-01T00:00:00Z".into();
    });
    let shown = replay(&world, &consumer, &["last-pass"]);
    assert!(
        shown.expect(0).stderr.starts_with("run matrix: PASS"),
        "{shown:?}"
    );
}

#[test]
fn the_latest_run_is_one_of_the_matrix() {
    let world = World::new();
    let consumer = consumer(&world, "consumer", &MIXED);
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    replay(&world, &consumer, &["--execute", "--run-id", "two"]).expect(1);
    let again = replay(&world, &consumer, &["--execute", "--run-id", "three"]);
    let said = &again.expect(1).stderr;
    assert!(said.contains("replay of run one: 2 of 2"), "{said}");
    // Nor does a replay that died stand before it.
    let died = consumer.artifacts().join("runs/three");
    fs::remove_file(died.join("run.json")).unwrap();
    let shown = replay(&world, &consumer, &[]);
    assert!(shown.expect(0).stderr.starts_with("run one: "), "{shown:?}");
    world.run(&consumer, &["--rerun-from", "latest"]).expect(1);
}

#[test]
fn a_run_that_was_stopped_before_its_lanes_has_them_all_before_it() {
    let world = World::new();
    let consumer = consumer(&world, "consumer", &MIXED);
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    // As a signal between the plan and the first lane leaves it.
    rewrite_run(&consumer.artifacts().join("runs/one"), &|run| {
        run["lanes"] = serde_json::json!({});
    });
    let ran = replay(&world, &consumer, &["--execute"]);
    assert_eq!(ran.expect(1).stdout.matches("=== scenario:").count(), 3);
}

#[test]
fn a_replay_never_takes_the_place_of_its_run() {
    let world = World::new();
    let consumer = consumer(&world, "consumer", &MIXED);
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    let before = fs::read(consumer.artifacts().join("runs/one/run.json")).unwrap();
    let ran = replay(&world, &consumer, &["--execute", "--run-id", "one"]);
    assert!(
        ran.expect(2).stderr.contains("choose another --run-id"),
        "{ran:?}"
    );
    let artifacts = consumer.artifacts();
    let words = [
        "replay",
        "--execute",
        "--artifacts",
        artifacts.to_str().unwrap(),
        "one",
    ];
    // As in a job that names its run for all of its steps.
    let mut command = world.command(&words);
    let command = command.env("MATRIX_RUN_ID", "one").env("MATRIX_REUSE", "1");
    let ran = Ran::of(command.output().unwrap());
    assert!(!ran.expect(1).stderr.contains("reused"), "{ran:?}");
    assert_eq!(
        fs::read(consumer.artifacts().join("runs/one/run.json")).unwrap(),
        before
    );
}

#[test]
fn a_machine_that_fails_a_green_cell_does_not_make_it_flaky() {
    let world = World::new();
    let flag = world.path().join("flag");
    let script = format!("test ! -e {} || kill -9 $PPID\nexit 0", flag.display());
    let consumer = world.script_consumer(&script);
    world.run(&consumer, &["--run-id", "one"]).expect(0);
    fs::write(&flag, "").unwrap();
    let words = ["--execute", "--all", "--run-id", "two"];
    replay(&world, &consumer, &words).expect(1);
    let cell = json(&consumer.artifacts().join("runs/two/cells/clean/ci.json")).unwrap();
    assert_eq!(cell["verdict"], "infra");
}

#[test]
fn a_shell_leaves_every_verdict_as_it_was() {
    let world = World::new();
    let consumer = consumer(&world, "consumer", &MIXED);
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    replay(&world, &consumer, &["--execute"]).expect(1);
    let path = consumer.artifacts().join("fake-replay-last-failure.json");
    let before = fs::read(&path).unwrap();
    talk(&world, &consumer, &["one"], "exit\n").expect(0);
    assert_eq!(fs::read(&path).unwrap(), before);
    assert!(
        !consumer
            .artifacts()
            .join("fake-replay-summary.json")
            .exists()
    );
}

#[test]
fn what_no_run_left_is_named_as_such() {
    let world = World::new();
    let consumer = consumer(&world, "consumer", &MIXED);
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    for path in [consumer.root.join("file"), consumer.root.join("scenarios")] {
        let ran = replay(&world, &consumer, &[path.to_str().unwrap()]);
        let said = &ran.expect(2).stderr;
        assert!(
            said.contains("is no file or folder that a run left"),
            "{said}"
        );
        assert!(!said.contains("remove the run"), "{said}");
    }
    // A variable that is not set is no folder.
    let ran = replay(&world, &consumer, &[""]);
    assert!(
        ran.expect(2).stderr.contains("there is no run ``"),
        "{ran:?}"
    );
}

#[test]
fn what_was_not_played_did_not_come_again() {
    let world = World::new();
    let consumer = consumer(&world, "consumer", &MIXED);
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    let ran = replay(&world, &consumer, &["one", "--execute", "--lane", "good"]);
    assert!(
        ran.expect(0)
            .stderr
            .contains("no lane that had failed in that run ran to its end"),
        "{ran:?}"
    );
    consumer.write("dirt", "");
    world.run(&consumer, &["--run-id", "two"]).expect(17);
    let shown = replay(&world, &consumer, &["two"]);
    assert!(shown.stderr.contains("\ndirty-consumer: "), "{shown:?}");
    fs::remove_file(consumer.root.join("dirt")).unwrap();
    let ran = replay(&world, &consumer, &["two", "--execute"]);
    let said = "its failure (source_repo_cleanliness) was not reproduced";
    assert!(ran.expect(1).stderr.contains(said), "{ran:?}");
}

#[test]
fn a_package_that_lies_beside_the_consumer_is_found_again() {
    let world = World::with_package_caches();
    let package = [
        (
            "package.json",
            "{\"name\": \"gate\", \"version\": \"1.0.0\", \"bin\": {\"gate\": \"gate.sh\"}}",
        ),
        ("gate.sh", "#!/bin/sh\necho the gate says no; exit 1\n"),
    ];
    let packed = world.npm_pack(&world.consumer("package", &package).root);
    fs::rename(packed, world.path().join("gate.tgz")).unwrap();
    let gate = script_gate("node_modules/.bin/gate").replace(
        "gate = \"fake\"\n",
        "gate = \"fake\"\npackage = \"../gate.tgz\"\n\
         [[install]]\nstep = \"npm_install_package\"\n\
         run = [\"npm\", \"install\", \"--no-audit\", \"{package_spec}\"]\n",
    );
    let files = [
        ("matrix.toml", gate.as_str()),
        (
            "package.json",
            "{\"name\": \"consumer\", \"private\": true}\n",
        ),
        ("scenarios/clean/file", "two\n"),
    ];
    let consumer = world.consumer("consumer", &files);
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    let ran = replay(&world, &consumer, &["one", "--execute"]);
    let said = &ran.expect(1).stderr;
    assert!(said.contains("1 of 1 failures reproduced"), "{said}");
    assert!(
        said.contains("not pinned: the package: ../gate.tgz"),
        "{said}"
    );
    // What the lanes were given is gone with them; the script knows the original.
    let script = consumer.artifacts().join("runs/one/replay/clean.sh");
    let mut sh = std::process::Command::new("sh");
    let ran = Ran::of(sh.arg(script).env("HOME", world.home()).output().unwrap());
    assert!(ran.expect(1).stdout.contains("the gate says no"), "{ran:?}");
}
