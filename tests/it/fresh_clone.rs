//! What a fresh clone gets from the plain installation of its package manager, which a lane
//! does not show: there the profile activates the gate.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{Consumer, Ran, World, json};

/// A gate of the consumer's own, activated by the profile; `more` stands among the keys.
fn config(more: &str) -> String {
    format!(
        r#"
        schema = 1
        gate = "fake"
        hooks = ["pre-commit"]
        {more}
        [[activate]]
        step = "gate_install"
        run = ["git", "config", "core.hooksPath", "hooks"]
        [stage.pre-commit]
        drive = "git"
        [scenario.clean]
        overlay = "scenarios/clean"
        expect = {{ pre-commit = 0 }}
        "#
    )
}

const ACTIVATED: &str = r#"{"scripts": {"prepare": "git config core.hooksPath hooks"}}"#;

fn consumer(world: &World, more: &str, files: &[(&str, &str)]) -> Consumer {
    let config = config(more);
    let own = [
        ("matrix.toml", &*config),
        ("hooks/pre-commit", "#!/bin/sh\n"),
        (".gitignore", "node_modules\npackage-lock.json\n"),
        ("file", "one\n"),
        ("scenarios/clean/file", "two\n"),
    ];
    world.consumer("consumer", &[&own, files].concat())
}

fn documents(consumer: &Consumer) -> Vec<Value> {
    let runs = std::fs::read_dir(consumer.artifacts().join("runs")).unwrap();
    let files = runs.map(|run| run.unwrap().path().join("fresh_clone.json"));
    files.filter_map(|file| json(&file)).collect()
}

#[track_caller]
fn document(consumer: &Consumer) -> Value {
    let mut all = documents(consumer);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// The lines of stderr that warn.
fn warnings(ran: &Ran) -> Vec<&str> {
    let lines = ran.stderr.lines();
    lines.filter(|line| line.starts_with("warning: ")).collect()
}

#[test]
fn without_a_script_that_activates_the_gate_it_has_no_hooks() {
    let world = World::new();
    let consumer = consumer(&world, "", &[("package.json", "{}")]);
    let ran = world.run(&consumer, &[]);
    ran.expect(0);
    let expected = "warning: after `npm install` git has no pre-commit hook in a fresh clone: add \
                    `\"prepare\": \"git config core.hooksPath hooks\"` to the scripts of package.json";
    assert_eq!(warnings(&ran), [expected]);
    let green = "=== scenario:clean ===\nresults: pre-commit=0\nstatus: PASS\n";
    assert!(ran.stdout.starts_with(green), "{}", ran.stdout);
    let found = document(&consumer);
    assert_eq!(found["outcome"], "open", "{found:#}");
    assert_eq!(found["needed"], serde_json::json!(["pre-commit"]));
    assert_eq!(found["checkouts"][0]["hooks"], serde_json::json!([]));
    consumer.passed("fake");
}

#[test]
fn under_strict_that_is_red_and_no_cell_is() {
    let world = World::new();
    let consumer = consumer(&world, "", &[("package.json", "{}")]);
    let ran = world.run(&consumer, &["--strict"]);
    ran.expect(1);
    let green = "=== scenario:clean ===\nresults: pre-commit=0\nstatus: PASS\n";
    assert_eq!(ran.stdout, green);
    let failure = consumer.failed_with_log("fake", "fresh_clone");
    assert_eq!(failure["failure_class"], "not_enforced", "{failure:#}");
    assert_eq!(failure["failure_phase"], Value::Null, "{failure:#}");
    assert_eq!(failure["failure_command"], "npm install", "{failure:#}");
    assert!(ran.stderr.contains("next: matrix explain fresh-clone-open"));
    assert!(
        warnings(&ran).is_empty(),
        "it is said twice: {}",
        ran.stderr
    );
    let bundle = json(&consumer.run_folder().join("replay_bundle.json")).unwrap();
    let digest = &bundle["failures"][0]["failure_digest"];
    assert_eq!(digest["cause"], "fresh-clone-open", "{digest:#}");
}

#[test]
fn hooks_of_another_gate_are_not_those_of_a_lane() {
    let world = World::new();
    let left_behind = r#"{"scripts": {"prepare": "git config core.hooksPath .husky"}}"#;
    let files = [
        ("package.json", left_behind),
        (".husky/pre-commit", "#!/bin/sh\n"),
    ];
    let consumer = consumer(&world, "", &files);
    let ran = world.run(&consumer, &[]);
    ran.expect(0);
    let expected = "warning: after `npm install` git looks for hooks in .husky in a fresh clone, and \
                    in hooks in a lane: they are not those that were tried: take what sets .husky \
                    up out of the installation, or try that gate";
    assert_eq!(warnings(&ran), [expected]);
    let found = document(&consumer);
    assert_eq!(found["outcome"], "open", "{found:#}");
    assert_eq!(found["checkouts"][0]["hooks_folder"], ".husky", "{found:#}");
    world.run(&consumer, &["--strict"]).expect(1);
}

#[test]
fn a_script_that_is_there_is_not_advised_again() {
    let world = World::new();
    // It ends before the gate's command, as with a configuration that is gone.
    let manifest = r#"{"scripts": {"prepare": "exit 0; git config core.hooksPath hooks"}}"#;
    let consumer = consumer(&world, "", &[("package.json", manifest)]);
    let ran = world.run(&consumer, &[]);
    let said = warnings(&ran);
    assert!(said[0].contains("package.json has `"), "{said:?}");
    assert!(
        said[0].contains("which set none up: see its log"),
        "{said:?}"
    );
    assert!(!said[0].contains("to the scripts of"), "{said:?}");
}

#[test]
fn scripts_that_the_consumer_switched_off_are_the_remedy() {
    let world = World::new();
    let files = [
        ("package.json", ACTIVATED),
        (".npmrc", "ignore-scripts = true\n"),
    ];
    let consumer = consumer(&world, "", &files);
    let ran = world.run(&consumer, &[]);
    ran.expect(0);
    let expected = "warning: after `npm install` git has no pre-commit hook in a fresh clone: take \
                    `ignore-scripts = true` out of .npmrc: it keeps the project's scripts from running";
    assert_eq!(warnings(&ran), [expected]);
}

/// The lines are those of npm 12, printed by a script of the project.
#[test]
fn the_words_of_a_manager_that_held_the_script_back_are_quoted() {
    let said = "npm warn install-scripts 2 packages had install scripts blocked because they are not covered by allowScripts:
npm warn install-scripts   esbuild@0.25.0 (postinstall: node install.js)
npm warn install-scripts   gate@1.2.3 (postinstall: node install.js)
";
    for (package, is_quoted) in [("gate@1.2.3", true), ("other@1.2.3", false)] {
        let world = World::new();
        let files = [
            (
                "package.json",
                r#"{"scripts": {"preinstall": "cat said.txt"}}"#,
            ),
            ("said.txt", said),
        ];
        let installs = format!(
            "package = \"{package}\"\n[[install]]\nstep = \"install_package\"\n\
             run = [\"true\", \"{{package_spec}}\"]"
        );
        let consumer = consumer(&world, &installs, &files);
        let ran = world.run(&consumer, &[]);
        let warning = warnings(ran.expect(0)).join("\n");
        let quoted = "git has no pre-commit hook in a fresh clone; npm said \"npm warn install-scripts \
                      2 packages had install scripts blocked because they are not covered by \
                      allowScripts: npm warn install-scripts gate@1.2.3 (postinstall: node install.js)\": \
                      approve the script (`npm install-scripts approve NAME`";
        assert_eq!(warning.contains(quoted), is_quoted, "{warning}");
        assert!(warning.contains("`\"prepare\": "), "{warning}");
        assert!(!warning.contains("[[activate]]"), "{warning}");
        let ran = world.run(&consumer, &["--strict"]);
        let is_told = ran.expect(1).stderr.contains(quoted);
        assert_eq!(is_told, is_quoted, "{}", ran.stderr);
    }
}

#[test]
fn a_script_of_the_project_sets_the_hooks_up() {
    let world = World::new();
    let consumer = consumer(&world, "", &[("package.json", ACTIVATED)]);
    let ran = world.run(&consumer, &["--strict"]);
    ran.expect(0);
    assert!(warnings(&ran).is_empty(), "{}", ran.stderr);
    let found = document(&consumer);
    assert_eq!(found["outcome"], "enforced", "{found:#}");
    assert_eq!(found["because"], Value::Null, "{found:#}");
    let listed = json(&consumer.run_folder().join("files.json")).unwrap();
    for file in ["fresh_clone.json", "logs/fresh-clone.1/plain_install.log"] {
        assert!(listed["files"][file].is_object(), "{file} {listed:#}");
    }
}

/// git launches it for the stage.
#[test]
fn a_hook_that_the_profile_does_not_name_is_needed_too() {
    let world = World::new();
    let consumer = consumer(&world, "", &[("package.json", "{}")]);
    consumer.write("matrix.toml", &config("").replace("hooks = [", "tools = ["));
    let text = std::fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    consumer.write("matrix.toml", &text.replace("tools = [\"pre-commit\"]", ""));
    consumer.commit("name no hooks");
    world.run(&consumer, &["--strict"]).expect(1);
    consumer.failed("fake", "fresh_clone");
}

#[test]
fn a_stage_without_a_hook_needs_none() {
    let world = World::new();
    let consumer = consumer(&world, "", &[("package.json", "{}")]);
    let text = config("").replace("hooks = [\"pre-commit\"]", "");
    let command = "drive = \"command\"\nrun = [\"sh\", \"hooks/pre-commit\"]";
    consumer.write("matrix.toml", &text.replace("drive = \"git\"", command));
    consumer.commit("have no hooks");
    world.run(&consumer, &["--strict"]).expect(0);
    assert!(documents(&consumer).is_empty());
}

#[test]
fn an_installation_that_fails_is_said_and_is_no_verdict() {
    let world = World::new();
    let manifest = r#"{"scripts": {"prepare": "echo 'Error: no such key'; exit 3"}}"#;
    let consumer = consumer(&world, "", &[("package.json", manifest)]);
    let ran = world.run(&consumer, &["--strict"]);
    ran.expect(0);
    let said = warnings(&ran);
    let start = "warning: a fresh clone was not checked for hooks, because `npm install` exited 3: Error: no such key (log: ";
    assert!(
        said.len() == 1 && said[0].starts_with(start),
        "{}",
        ran.stderr
    );
    let log = "logs/fresh-clone.1/plain_install.log";
    assert!(said[0].contains(log), "{said:?}");
    assert!(consumer.run_folder().join(log).is_file());
    assert_eq!(document(&consumer)["outcome"], "not_checked");
}

/// The run waits for the installation. Nothing listens on this port, and npm would pause for
/// more than a minute in all.
#[test]
fn a_registry_that_is_not_there_is_not_waited_for() {
    let world = World::new();
    let manifest = r#"{"devDependencies": {"left-pad": "1.3.0"}}"#;
    let npmrc = "registry=http://127.0.0.1:1/\n";
    let files = [("package.json", manifest), (".npmrc", npmrc)];
    let consumer = consumer(&world, "", &files);
    let ran = world.run(&consumer, &["--timeout", "30s"]);
    ran.expect(0);
    let said = warnings(&ran);
    assert!(said[0].contains("`npm install` exited 1"), "{said:?}");
}

#[test]
fn a_manager_that_is_not_there_is_said() {
    let world = World::new();
    let declared = r#"{"packageManager": "pnpm@10.34.8"}"#;
    let consumer = consumer(&world, "", &[("package.json", declared)]);
    let tools = world.path().join("tools");
    std::fs::create_dir(&tools).unwrap();
    for tool in ["git", "sh"] {
        let path = std::env::var_os("PATH").unwrap();
        let mut folders = std::env::split_paths(&path);
        let found = folders.find_map(|folder| folder.join(tool).canonicalize().ok());
        std::os::unix::fs::symlink(found.unwrap(), tools.join(tool)).unwrap();
    }
    let mut command = world.run_command(&consumer, &[]);
    let ran = Ran::of(command.env("PATH", tools).output().unwrap());
    ran.expect(0);
    let expected =
        "warning: a fresh clone was not checked for hooks, because `pnpm` is not on PATH";
    assert_eq!(warnings(&ran), [expected]);
}

#[test]
fn a_subfolder_is_installed_where_it_is() {
    let world = World::new();
    let manifest = r#"{"scripts": {"prepare": "cd .. && git config core.hooksPath hooks"}}"#;
    let consumer = consumer(
        &world,
        "workdir = \"frontend\"",
        &[("frontend/package.json", manifest)],
    );
    world.run(&consumer, &["--strict"]).expect(0);
    let found = document(&consumer);
    assert_eq!(found["outcome"], "enforced", "{found:#}");
    assert_eq!(found["folder"], "frontend", "{found:#}");
}

#[test]
fn it_can_be_left_out() {
    let world = World::new();
    let consumer = consumer(&world, "fresh_clone = false", &[("package.json", "{}")]);
    let ran = world.run(&consumer, &["--strict"]);
    ran.expect(0);
    assert!(documents(&consumer).is_empty());
}

#[test]
fn without_a_package_json_nothing_is_said() {
    let world = World::new();
    let consumer = consumer(&world, "", &[]);
    let ran = world.run(&consumer, &["--strict"]);
    ran.expect(0);
    assert!(warnings(&ran).is_empty(), "{}", ran.stderr);
    assert!(documents(&consumer).is_empty());
}

/// Trials and replays say nothing of the consumer as it is.
#[test]
fn altered_lanes_and_replays_make_none() {
    let world = World::new();
    let consumer = consumer(&world, "", &[("package.json", "{}")]);
    consumer.write("hooks/pre-commit", "#!/bin/sh\nexit 1\n");
    consumer.commit("block everything");
    world.run(&consumer, &["--run-id", "red"]).expect(1);
    assert_eq!(documents(&consumer).len(), 1);
    let artifacts = consumer.artifacts();
    let words = [
        "replay",
        "--artifacts",
        artifacts.to_str().unwrap(),
        "red",
        "--execute",
    ];
    world.matrix(&words).expect(1);
    assert_eq!(documents(&consumer).len(), 1);
}

/// husky itself; the lock file decides on its version too.
fn husky(world: &World, manifest: &str) -> Consumer {
    let config = r#"
        schema = 1
        gate = "husky"
        tools = ["npm", "node"]
        version = ["node", "-p", "require('./node_modules/husky/package.json').version"]
        hooks = ["pre-commit"]
        [[install]]
        step = "npm_install_package"
        run = ["npm", "install", "--save-exact", "{package_spec}"]
        [[activate]]
        step = "gate_install"
        run = ["node_modules/.bin/husky"]
        [stage.pre-commit]
        drive = "git"
        [scenario.clean]
        overlay = "scenarios/clean"
        expect = { pre-commit = 0 }
        "#;
    let lock = r#"{"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "requires": true, "packages": {
        "": {"name": "shop", "version": "1.0.0", "devDependencies": {"husky": "^9.1.0"}},
        "node_modules/husky": {"version": "9.1.6", "dev": true}}}"#;
    world.consumer(
        "consumer",
        &[
            ("matrix.toml", config),
            ("package.json", manifest),
            ("package-lock.json", lock),
            (".husky/pre-commit", "true\n"),
            (".gitignore", "node_modules\n"),
            ("scenarios/clean/file", "two\n"),
        ],
    )
}

fn online(world: &World, consumer: &Consumer, more: &[&str]) -> Ran {
    let repo = consumer.root.to_str().unwrap();
    let words = [&["run", "--repo", repo], more].concat();
    Ran::of(world.online(&words).output().unwrap())
}

#[test]
fn husky_needs_the_prepare_script_and_has_the_version_of_the_lock_file() {
    let world = World::with_package_caches();
    let manifest =
        r#"{"name": "shop", "version": "1.0.0", "devDependencies": {"husky": "^9.1.0"}}"#;
    let consumer = husky(&world, manifest);
    let ran = online(&world, &consumer, &["--strict"]);
    ran.expect(1);
    let failure = consumer.failed_with_log("husky", "fresh_clone");
    assert_eq!(failure["failure_command"], "npm ci", "{failure:#}");
    assert_eq!(failure["package_spec"], "husky@9.1.6", "{failure:#}");
    let first = ran.stderr.lines().next().unwrap_or_default();
    let origin = "matrix: husky@9.1.6, from package-lock.json, ";
    assert!(first.starts_with(origin), "{first}");
    assert!(
        ran.stderr.contains(r#"`"prepare": "husky"`"#),
        "{}",
        ran.stderr
    );
    let with = manifest.replace("\"dev", "\"scripts\": {\"prepare\": \"husky\"}, \"dev");
    consumer.write("package.json", &with);
    consumer.commit("activate husky");
    online(&world, &consumer, &["--strict"]).expect(0);
    let summary = consumer.passed("husky");
    assert_eq!(summary["package_resolved"]["version"], "9.1.6");
}

/// pnpm 10, installed once for all tests.
fn pnpm() -> PathBuf {
    let prefix = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pnpm-10.34.8");
    let bin = prefix.join("bin");
    if !bin.join("pnpm").exists() {
        let mut npm = Command::new("npm");
        npm.args([
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--global",
            "--prefix",
        ]);
        let ran = Ran::of(npm.arg(&prefix).arg("pnpm@10.34.8").output().unwrap());
        assert_eq!(ran.code, 0, "npm install pnpm: {}", ran.stderr);
    }
    bin
}

/// Its store keeps what lefthook's install script made, and a later checkout gets no hooks.
#[test]
fn a_later_checkout_on_one_store_of_pnpm_has_no_hooks() {
    let world = World::with_package_caches();
    let config = r#"
        schema = 1
        gate = "lefthook"
        registry = "npm"
        tools = ["pnpm", "node"]
        hooks = ["pre-commit"]
        [[install]]
        step = "pnpm_install_package"
        run = ["pnpm", "add", "--save-dev", "--save-exact", "{package_spec}"]
        [[activate]]
        step = "gate_install"
        run = ["node_modules/.bin/lefthook", "install"]
        [stage.pre-commit]
        drive = "git"
        [scenario.clean]
        overlay = "scenarios/clean"
        expect = { pre-commit = 0 }
        "#;
    let manifest = |scripts: &str| {
        format!(
            r#"{{"devDependencies": {{"lefthook": "^2.2.0"}}, {scripts}
                "pnpm": {{"onlyBuiltDependencies": ["lefthook"]}}}}"#
        )
    };
    let consumer = world.consumer(
        "consumer",
        &[
            ("matrix.toml", config),
            ("package.json", &manifest("")),
            (
                "lefthook.yml",
                "pre-commit:\n  commands:\n    own: { run: 'true' }\n",
            ),
            (".gitignore", "node_modules\n"),
            ("scenarios/clean/file", "two\n"),
        ],
    );
    let path = std::env::join_paths(
        std::iter::once(pnpm()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let path = path.unwrap();
    let mut install = Command::new("pnpm");
    install
        .args(["install", "--lockfile-only"])
        .current_dir(&consumer.root);
    let made = Ran::of(install.env("PATH", &path).output().unwrap());
    assert_eq!(made.code, 0, "{made:?}");
    consumer.commit("lock");
    let repo = consumer.root.to_str().unwrap().to_owned();
    let run = |more: &[&str]| {
        let words = [&["run", "--repo", &repo], more].concat();
        Ran::of(world.online(&words).env("PATH", &path).output().unwrap())
    };
    let ran = run(&[]);
    ran.expect(0);
    let found = document(&consumer);
    let checkouts = found["checkouts"].as_array().unwrap();
    assert_eq!(
        checkouts[0]["hooks"],
        serde_json::json!(["pre-commit"]),
        "{found:#}"
    );
    let last = checkouts.last().unwrap();
    assert_eq!(last["hooks"], serde_json::json!([]), "{found:#}");
    let said = warnings(&ran);
    assert!(
        said.len() == 1 && said[0].contains("on one store"),
        "{said:?}"
    );
    assert!(
        said[0].contains(r#"`"prepare": "lefthook install"`"#),
        "{said:?}"
    );

    consumer.write(
        "package.json",
        &manifest(r#""scripts": {"prepare": "lefthook install"},"#),
    );
    consumer.commit("activate lefthook");
    let ran = run(&["--strict"]);
    ran.expect(0);
    assert!(warnings(&ran).is_empty(), "{}", ran.stderr);
}
