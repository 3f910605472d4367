//! Every command that a run prints or writes can be executed, from another
//! working directory, and does what it says.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::again::exit_by_hand;
use crate::support::{Consumer, Ran, World, json, program, script_gate};

/// A shell in a folder of its own, with the program on PATH.
struct Shell<'a> {
    world: &'a World,
    folder: PathBuf,
}

impl<'a> Shell<'a> {
    fn new(world: &'a World) -> Self {
        let folder = world.path().join("some where else");
        fs::create_dir_all(&folder).unwrap();
        Self { world, folder }
    }

    fn run(&self, command: &str, variables: &[(&str, &str)]) -> Ran {
        let online = self.world.online(&[]);
        let mut sh = Command::new("sh");
        sh.arg("-c")
            .arg(command)
            .env_clear()
            .current_dir(&self.folder);
        for (name, value) in online.get_envs() {
            sh.env(name, value.unwrap_or_default());
        }
        let own = Path::new(program()).parent().unwrap().to_owned();
        let path = std::env::var_os("PATH").unwrap();
        let path = std::iter::once(own).chain(std::env::split_paths(&path));
        sh.env("PATH", std::env::join_paths(path).unwrap());
        Ran::of(sh.envs(variables.iter().copied()).output().unwrap())
    }
}

/// A consumer with an odd path and a run of it, and what the run left.
struct Tried {
    consumer: Consumer,
    bundle: Value,
    run: Value,
}

impl Tried {
    fn of(world: &World, consumer: Consumer, words: &[&str]) -> Self {
        let mut command = world.online(&["run", "--repo", consumer.root.to_str().unwrap()]);
        let ran = Ran::of(
            command
                .args(["--run-id", "one"])
                .args(words)
                .output()
                .unwrap(),
        );
        let read = |name: &str| json(&consumer.artifacts().join("runs/one").join(name)).unwrap();
        let (bundle, run) = (read("replay_bundle.json"), read("run.json"));
        assert_eq!(run["exit_code"], ran.code, "{ran:?}");
        Self {
            bundle,
            run,
            consumer,
        }
    }

    /// The exit of a lane: that of the run is that of the first failed one.
    fn exit_of(&self, lane: &str) -> i32 {
        let class = &self.run["lanes"][lane]["failure"]["class"];
        if *class == "timeout" { 124 } else { 1 }
    }

    fn all_commands_do_what_they_say(&self, world: &World) {
        let shell = Shell::new(world);
        let mut seen = BTreeSet::new();
        let mut once = |command: &Value, code: i32, says: &str| {
            let command = command.as_str().unwrap();
            if !seen.insert(command.to_owned()) {
                return;
            }
            let ran = shell.run(command, &[]);
            assert_eq!(ran.code, code, "{command}\n{}\n{}", ran.stdout, ran.stderr);
            let said = format!("{}{}", ran.stdout, ran.stderr);
            assert!(
                said.contains(says),
                "{command} does not say {says:?}\n{said}"
            );
        };
        let exit = i32::try_from(self.run["exit_code"].as_i64().unwrap()).unwrap();
        once(&self.bundle["one_command_replay"], exit, "");
        for failure in self.bundle["failures"].as_array().unwrap() {
            let replay = &failure["replay"];
            let failure = &failure["failure_digest"];
            let lane = failure["lane"].as_str().unwrap_or_default();
            let of_lane = if lane.is_empty() {
                exit
            } else {
                self.exit_of(lane)
            };
            once(
                &replay["matrix"],
                of_lane,
                failure["step"].as_str().unwrap(),
            );
            if replay["shell"] != Value::Null {
                let step = failure["step"].as_str().unwrap();
                once(
                    &replay["shell"]["command"],
                    exit_by_hand(&self.run, failure).unwrap(),
                    step,
                );
            }
            if replay["git"] != Value::Null {
                once(&replay["git"], 0, "");
                let clone = shell.folder.join(format!("matrix-{lane}"));
                let head = shell.run(&format!("git -C matrix-{lane} rev-parse HEAD"), &[]);
                assert_eq!(
                    head.stdout.trim(),
                    self.run["source"]["head"],
                    "{}",
                    clone.display()
                );
            }
            let cause = failure["cause"].as_str().unwrap();
            for command in failure["commands"].as_array().unwrap() {
                let text = command.as_str().unwrap();
                if text.contains("--execute") {
                    once(command, of_lane, "");
                } else if text.starts_with("matrix explain") {
                    once(command, 0, cause);
                } else {
                    once(command, 0, "");
                }
            }
        }
        for cluster in self.bundle["clusters"].as_array().unwrap() {
            for command in cluster["commands"].as_array().unwrap() {
                let of_failure = |failure: &Value| {
                    let commands = failure["failure_digest"]["commands"].as_array().unwrap();
                    commands.contains(command)
                };
                let failures = self.bundle["failures"].as_array().unwrap();
                assert!(
                    failures.iter().any(of_failure),
                    "{command} is none that was tried"
                );
            }
        }
    }
}

#[test]
fn the_commands_of_broken_contracts() {
    let world = World::new();
    let consumer = world.demo_consumer("the \"shop's\" code");
    let toml = "schema = 1\ngate = \"demo\"\ninherits = \"demo\"\n".to_owned();
    let opposite = "\n[scenario.violations]\nexpect = { pre-commit = 0, pre-push = 0, ci = 1 }\n\
                    [scenario.clean]\nexpect = { pre-commit = 0, pre-push = 0, ci = 1 }\n";
    consumer.write("matrix.toml", &(toml + opposite));
    consumer.commit("the opposite of the contract");
    let tried = Tried::of(&world, consumer, &[]);
    assert_eq!(tried.bundle["failures"].as_array().unwrap().len(), 3);
    tried.all_commands_do_what_they_say(&world);
}

#[test]
fn the_commands_of_a_time_limit_and_of_a_failed_install() {
    let world = World::new();
    let limited = script_gate("exec sleep 600").replace("[scenario", "timeout = \"1s\"\n[scenario");
    let files = [("file", "one\n"), ("scenarios/clean/file", "two\n")];
    let with = |name: &str, toml: &str| {
        world.consumer(name, &[&[("matrix.toml", toml)], &files[..]].concat())
    };
    let install = "[[install]]\nstep = \"fetch\"\nrun = [\"sh\", \"-c\", \"echo no such thing >&2; exit 9\"]\n";
    for (name, toml) in [
        ("one that's late", limited.clone()),
        ("one \"without\"", limited + install),
    ] {
        let tried = Tried::of(&world, with(name, &toml), &[]);
        tried.all_commands_do_what_they_say(&world);
        let _ = fs::remove_dir_all(world.path().join("some where else"));
    }
}

#[test]
fn the_commands_of_runs_without_lanes_and_of_a_pass() {
    let world = World::new();
    let consumer = world.demo_consumer("a shop's code");
    consumer.write("dirt \"x\"", "");
    let tried = Tried::of(&world, consumer, &[]);
    tried.all_commands_do_what_they_say(&world);
    let Tried { consumer, .. } = tried;
    fs::remove_file(consumer.root.join("dirt \"x\"")).unwrap();
    let tried = Tried::of(&world, consumer, &[]);
    assert_eq!(tried.bundle["failures"].as_array().unwrap().len(), 0);
    tried.all_commands_do_what_they_say(&world);
    let Tried { consumer, .. } = tried;
    consumer.write("matrix.toml", "schema = 1\ngate = \"demo\"\nstrange = 1\n");
    consumer.commit("a key that nobody knows");
    Tried::of(&world, consumer, &[]).all_commands_do_what_they_say(&world);
}

#[test]
fn the_commands_of_a_version_that_does_not_exist() {
    let world = World::with_package_caches();
    let gate = script_gate("exit 0").replace(
        "gate = \"fake\"\n",
        "gate = \"fake\"\npackage = \"is-number@0.0.0-no-such\"\n[[install]]\nstep = \"npm_install_package\"\n\
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
    let tried = Tried::of(&world, world.consumer("a consumer's", &files), &[]);
    assert_eq!(
        tried.bundle["failures"][0]["failure_digest"]["cause"],
        "version-not-found"
    );
    tried.all_commands_do_what_they_say(&world);
}

/// The commands of the runbook, as somebody copies them who has set the
/// variables that it names.
#[test]
fn the_commands_of_the_runbook() {
    let world = World::new();
    let gate = script_gate("echo it failed; exit 1");
    let files = [
        ("matrix.toml", gate.as_str()),
        ("file", "one\n"),
        ("scenarios/clean/file", "two\n"),
    ];
    let tried = Tried::of(&world, world.consumer("a consumer's", &files), &[]);
    let shell = Shell::new(&world);
    let page = shell.run("matrix explain --all", &[]);
    assert_eq!(page.code, 0, "{page:?}");
    assert_eq!(
        page.stdout,
        include_str!("../../docs/runbook.md"),
        "cargo xtask gen"
    );
    let artifacts = tried.consumer.artifacts();
    let variables = [
        ("ARTIFACTS", artifacts.to_str().unwrap()),
        ("RUN", "one"),
        ("LANE", "clean"),
        ("LOG", "logs/clean/stage_ci.log"),
        ("REPO", tried.consumer.root.to_str().unwrap()),
    ];
    let lines = page.stdout.lines();
    let commands: BTreeSet<_> = lines.filter_map(|line| line.strip_prefix("    ")).collect();
    assert!(commands.len() >= 3, "{commands:?}");
    for command in commands {
        let ran = shell.run(command, &variables);
        let code = i32::from(command.contains("--execute"));
        assert_eq!(ran.code, code, "{command}\n{}\n{}", ran.stdout, ran.stderr);
        assert!(
            !format!("{}{}", ran.stdout, ran.stderr).is_empty() || command.starts_with("git"),
            "{command} says nothing"
        );
    }
}
