//! `npm run pumuki:matrix`, as the mock consumer has it: npm starts the
//! program, and the program starts npm.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Consumer, Ran, World, program};

/// `npm run <script>` in a consumer, the program on PATH, and in npm's
/// settings what would ruin an install that was steered by it.
fn npm_run(world: &World, consumer: &Consumer, words: &[&str]) -> Ran {
    // What `online` lets through, but for another program.
    let online = world.online(&[]);
    let mut command = Command::new("npm");
    command.arg("run").args(words).env_clear();
    for (name, value) in online.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    let folder = Path::new(program()).parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap();
    let path = std::iter::once(folder).chain(std::env::split_paths(&path));
    command
        .env("PATH", std::env::join_paths(path).unwrap())
        .env("npm_config_cache", world.path().join("outer-npm-cache"))
        .env("npm_config_dry_run", "true")
        .env("npm_config_ignore_scripts", "true")
        .env("npm_config_package_lock_only", "true")
        .env("npm_config_prefix", world.path().join("outer-prefix"))
        .current_dir(&consumer.root);
    Ran::of(command.output().expect("npm is needed: https://nodejs.org"))
}

fn pumuki_consumer(world: &World) -> Consumer {
    let root = world.path().join("consumer");
    let lay = [
        "demo",
        "pumuki",
        "--into",
        root.to_str().unwrap(),
        "--scenario",
        "clean",
        "--package",
        "/nonexistent.tgz",
        "--artifacts",
        world.path().join("unused").to_str().unwrap(),
    ]
    .map(ToOwned::to_owned);
    world.matrix(&lay).expect(1);
    Consumer { root }
}

#[test]
fn the_consumers_script_tries_the_latest_release() {
    let world = World::with_package_caches();
    let consumer = pumuki_consumer(&world);
    let manifest = std::fs::read_to_string(consumer.root.join("package.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(
        manifest["scripts"]["pumuki:matrix"],
        "matrix run --package pumuki@latest"
    );
    // The release is not to be had everywhere: a consumer whose npm looks
    // for it where nobody answers fails at the same step on every machine.
    std::fs::write(
        world.home().join(".npmrc"),
        "registry=http://127.0.0.1:9/\nfetch-retries=0\n",
    )
    .unwrap();
    let ran = npm_run(&world, &consumer, &["pumuki:matrix"]);
    ran.expect(1);
    let failure = consumer.failed_with_log("pumuki", "npm_install_package");
    assert_eq!(failure["failure_phase"], "clean");
    assert_eq!(failure["failure_class"], "install");
    assert_eq!(
        failure["failure_command"],
        "npm install --save-exact \"pumuki@latest\""
    );
    assert!(ran.stdout.contains("=== scenario:clean ===\n"), "{ran:?}");
}

#[test]
fn the_consumers_script_takes_another_package_and_passes() {
    let world = World::with_package_caches();
    let consumer = pumuki_consumer(&world);
    let package = world.pumuki_standin();
    let package = package.to_str().unwrap();
    let ran = npm_run(
        &world,
        &consumer,
        &["pumuki:matrix", "--", "--package", package],
    );
    ran.expect(0);
    let last = format!("All scenario matrix checks passed for package: {package}\n");
    assert!(ran.stdout.ends_with(&last), "{ran:?}");
    assert_eq!(consumer.passed("pumuki")["package_spec"], package);
}

/// A gate that keeps the environment of its own install, and what stands
/// around it.
fn recording_consumer(world: &World) -> Consumer {
    let package = world.consumer(
        "recorder",
        &[(
            "package.json",
            r#"{"name": "recorder", "version": "1.0.0",
                "scripts": {"postinstall": "env > ../../postinstall.env"}}"#,
        )],
    );
    let tarball = world.npm_pack(&package.root);
    let config = format!(
        r#"
        schema = 1
        gate = "recorder"
        package = "{}"
        tools = ["env"]
        [[install]]
        step = "npm_install_package"
        run = ["npm", "install", "--save-exact", "{{package_spec}}"]
        [[activate]]
        step = "gate_install"
        run = ["env"]
        [stage.ci]
        drive = "command"
        run = ["env"]
        [scenario.clean]
        overlay = "scenarios/clean"
        expect = {{ ci = 0 }}
        "#,
        tarball.display()
    );
    world.consumer(
        "consumer",
        &[
            ("matrix.toml", &config),
            (".gitignore", "node_modules\n"),
            (
                "package.json",
                r#"{"name": "shop", "scripts": {"matrix": "matrix run --keep"}}"#,
            ),
            ("scenarios/clean/file", "two\n"),
        ],
    )
}

/// Lines `NAME=value`, by name.
fn variables<'a>(env: &'a str, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let pairs = env.lines().filter_map(|line| line.split_once('='));
    pairs.filter(move |(name, _)| name.to_ascii_lowercase().starts_with(prefix))
}

#[test]
fn nothing_of_the_npm_that_starts_the_program_reaches_a_lane() {
    let world = World::with_package_caches();
    let consumer = recording_consumer(&world);
    npm_run(&world, &consumer, &["matrix"]).expect(0);

    let postinstall = world.kept_lane("clean").join("clone/postinstall.env");
    let postinstall = std::fs::read_to_string(postinstall)
        .expect("the package's own install script ran: scripts were not switched off");
    for planted in ["outer-npm-cache", "shop"] {
        assert!(!postinstall.contains(planted), "{planted}\n{postinstall}");
    }
    for switch in ["ignore_scripts", "dry_run", "package_lock_only"] {
        let name = format!("npm_config_{switch}");
        assert_eq!(variables(&postinstall, &name).count(), 0, "{postinstall}");
    }
    let (_, prefix) = variables(&postinstall, "npm_config_prefix").next().unwrap();
    assert!(!prefix.ends_with("outer-prefix"), "{prefix}");
    let clone = consumer.stood_at(&world.kept_lane("clean")).join("clone");
    let started_in: Vec<_> = variables(&postinstall, "init_cwd").collect();
    assert_eq!(started_in, [("INIT_CWD", clone.to_str().unwrap())]);

    let activate = consumer.log("clean", "gate_install");
    let stage = consumer.log("clean", "stage_ci");
    for env in [&activate, &stage] {
        assert!(env.contains("\nHOME=") || env.starts_with("HOME="), "{env}");
        for prefix in ["npm_lifecycle", "npm_package", "npm_command", "init_cwd"] {
            assert_eq!(variables(env, prefix).count(), 0, "{prefix}\n{env}");
        }
    }
    assert_eq!(variables(&stage, "npm_").count(), 0, "{stage}");
}

/// npm puts the `node_modules/.bin` of the consumer before everything else:
/// a hook that looks for its gate on PATH would find the consumer's own.
#[test]
fn programs_installed_in_the_consumer_are_not_on_the_path_of_a_lane() {
    let world = World::with_package_caches();
    let consumer = recording_consumer(&world);
    consumer.write(
        "node_modules/.bin/gate-of-the-consumer",
        "#!/bin/sh\nexit 0\n",
    );
    npm_run(&world, &consumer, &["matrix"]).expect(0);
    let root = consumer.root.to_str().unwrap();
    let stage = consumer.log("clean", "stage_ci");
    let path = variables(&stage, "path").next().unwrap().1.to_owned();
    let folders: Vec<_> = path.split(':').filter(|at| at.starts_with(root)).collect();
    assert!(folders.is_empty(), "{folders:?}");
}
