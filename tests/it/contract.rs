//! One consumer through verdict after verdict: exactly the contract's files
//! after each, every field looked at by `jq`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Consumer, World, jq};

/// Keys in the contract's order, and what every summary has.
const SUMMARY: &str = r#"
    keys_unsorted == ["schema_version", "run_id", "package_spec", "package_resolved",
        "generated_at_utc", "final_verdict", "scenarios", "source", "matrix_version", "sandbox", "files_sha256"]
    and .schema_version == 1
    and (.generated_at_utc | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"))
    and .final_verdict == "PASS"
    and (.source | keys_unsorted == ["head", "branch"])
    and (.source.head | test("^[0-9a-f]{40}$")) and .source.branch == "main"
    and (.matrix_version | test("^[0-9]+[.][0-9]+[.][0-9]+$"))"#;

const DEMO_SCENARIOS: &str = r#"
    .package_spec == null and .package_resolved == null
    and (.run_id | test("^demo-matrix-[0-9]{8}T[0-9]{6}Z-[0-9a-f]{12}$"))
    and (.scenarios | tojson) == ({
        "clean": {"pre_commit_exit": 0, "pre_push_exit": 0, "ci_exit": 0, "status": "PASS"},
        "violations": {"pre_commit_exit": 1, "pre_push_exit": 1, "ci_exit": 1, "status": "PASS"},
        "mixed": {"pre_commit_exit": 1, "pre_push_exit": 1, "ci_exit": 1, "status": "PASS"}
    } | tojson)"#;

/// Keys in the contract's order, and what every last failure has.
const FAILURE: &str = r#"
    keys_unsorted == ["schema_version", "run_id", "package_spec", "generated_at_utc",
        "final_verdict", "exit_code", "failure_phase", "failure_step", "failure_class",
        "failure_command", "failure_command_template", "failure_command_variables",
        "failure_log_path", "failure_log_artifact", "failure_log_artifact_sha256",
        "failure_log_artifact_bytes", "replay_command", "sandbox"]
    and .schema_version == 1
    and (.generated_at_utc | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"))
    and .final_verdict == "FAIL" and (.run_id as $id | .replay_command | startswith("matrix replay --artifacts \"/") and endswith($id))"#;

const NO_LOG: &str = r#"
    .failure_log_path == null and .failure_log_artifact == null
    and .failure_log_artifact_sha256 == null and .failure_log_artifact_bytes == null"#;

/// The verdict files there are, by name.
fn verdicts(consumer: &Consumer) -> Vec<String> {
    let entries = fs::read_dir(consumer.artifacts()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.contains("-matrix-")).collect();
    names.sort();
    names
}

fn verdict(consumer: &Consumer, name: &str) -> PathBuf {
    consumer.artifacts().join(name)
}

/// Whether this is the run that the other files of it speak of.
fn names_its_run(consumer: &Consumer, file: &Path) {
    let json: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let id = json["run_id"].as_str().unwrap();
    let run = consumer.artifacts().join("runs").join(id).join("run.json");
    jq(&run, &format!(".run_id == {}", json!(id)));
}

fn is_dirty(world: &World, consumer: &Consumer) {
    consumer.write("dirt", "");
    world.run(consumer, &[]).expect(17);
    let name = "demo-matrix-last-failure.json";
    assert_eq!(verdicts(consumer), [name]);
    let file = verdict(consumer, name);
    let root = consumer.root.to_str().unwrap();
    let command = json!(format!("git -C \"{root}\" status --short --branch"));
    jq(&file, FAILURE);
    jq(&file, NO_LOG);
    jq(
        &file,
        &format!(
            r#".package_spec == null and .exit_code == 17 and .failure_phase == "preflight"
            and .failure_step == "source_repo_cleanliness" and .failure_class == "dirty"
            and .failure_command == {command}
            and .failure_command_template == "git -C \"{{repo_root}}\" status --short --branch"
            and .failure_command_variables.repo_root == {}"#,
            json!(root)
        ),
    );
    names_its_run(consumer, &file);
    fs::remove_file(consumer.root.join("dirt")).unwrap();
}

fn is_clean(world: &World, consumer: &Consumer) {
    world.run(consumer, &[]).expect(0);
    let name = "demo-matrix-summary.json";
    assert_eq!(verdicts(consumer), [name]);
    let file = verdict(consumer, name);
    jq(&file, SUMMARY);
    jq(&file, DEMO_SCENARIOS);
    let head = consumer.git(&["rev-parse", "HEAD"]);
    jq(&file, &format!(".source.head == {}", json!(head.trim())));
    names_its_run(consumer, &file);
}

#[test]
fn fail_then_pass_then_fail_leaves_one_verdict_each_time() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    is_dirty(&world, &consumer);
    is_clean(&world, &consumer);
    is_dirty(&world, &consumer);
}

/// A consumer whose gate is a package that npm installs.
fn npm_consumer(world: &World) -> Consumer {
    let toml = r#"schema = 1
gate = "latch"
package = "./latch-1.2.3.tgz"
[[install]]
step = "npm_install_package"
run = ["npm", "install", "--save-exact", "{package_spec}"]
[stage.ci]
drive = "command"
run = ["node_modules/.bin/latch"]
[scenario.clean]
overlay = "scenarios/clean"
expect = { ci = 0 }
"#;
    let consumer = world.consumer(
        "consumer",
        &[
            ("matrix.toml", toml),
            ("package.json", "{\"private\": true}\n"),
            (".gitignore", "node_modules/\n"),
            ("scenarios/clean/file", "two\n"),
            (
                "latch/package.json",
                r#"{"name": "latch", "version": "1.2.3", "bin": {"latch": "latch.js"}}"#,
            ),
            ("latch/latch.js", "#!/usr/bin/env node\n"),
        ],
    );
    let packed = Command::new("npm")
        .args(["pack", "--silent", "./latch"])
        .current_dir(&consumer.root)
        .env("HOME", world.home())
        .env("npm_config_update_notifier", "false")
        .output()
        .expect("npm is needed");
    assert!(packed.status.success(), "{packed:?}");
    consumer.commit("the package");
    consumer
}

fn is_installed(world: &World, consumer: &Consumer) {
    let ran = world.run(consumer, &[]);
    let last = "All scenario matrix checks passed for package: ./latch-1.2.3.tgz\n";
    assert!(ran.expect(0).stdout.ends_with(last), "{}", ran.stdout);
    let name = "latch-matrix-summary.json";
    assert_eq!(verdicts(consumer), [name]);
    let file = verdict(consumer, name);
    jq(&file, SUMMARY);
    jq(
        &file,
        r#".package_spec == "./latch-1.2.3.tgz"
        and (.package_resolved | keys_unsorted == ["name", "version", "integrity", "read_from"])
        and .package_resolved.name == "latch" and .package_resolved.version == "1.2.3"
        and (.package_resolved.integrity | startswith("sha512-"))
        and .scenarios == {"clean": {"ci_exit": 0, "status": "PASS"}}"#,
    );
}

fn is_uninstallable(world: &World, consumer: &Consumer) {
    let missing = "./missing.tgz";
    let ran = world.run(consumer, &["--package", missing]);
    assert_eq!(
        ran.expect(1).stdout,
        "=== scenario:clean ===\nresults: ci=-\nstatus: FAIL\n"
    );
    let names = ["json", "log"].map(|end| format!("latch-matrix-last-failure.{end}"));
    assert_eq!(verdicts(consumer), names);
    let failure = consumer.failed_with_log("latch", "npm_install_package");
    let file = verdict(consumer, &names[0]);
    jq(&file, FAILURE);
    // A path of the user's is relative to where he typed it.
    let spec = world.path().join("missing.tgz");
    let command = format!("npm install --save-exact \"{}\"", spec.display());
    jq(
        &file,
        &format!(
            r#".package_spec == "{missing}" and .exit_code == 1 and .failure_phase == "clean"
            and .failure_class == "install" and .failure_command == {}
            and .failure_command_template == "npm install --save-exact \"{{package_spec}}\""
            and (.failure_command_variables
                | .repo_root == {} and .scenario == "clean" and .base_ref == "upstream-clean"
                and .package_spec == {} and (.clone_dir | endswith("/clone")))
            and (.failure_log_artifact_sha256 | test("^[0-9a-f]{{64}}$"))
            and (.failure_log_artifact_bytes | type == "number" and . > 0 and . == floor)"#,
            json!(command),
            json!(consumer.root),
            json!(spec),
        ),
    );
    let logs = consumer.artifacts().join("runs");
    let logs = logs.join(failure["run_id"].as_str().unwrap());
    assert_eq!(
        failure["failure_log_path"],
        json!(logs.join("logs/clean/npm_install_package.log"))
    );
    assert_eq!(
        failure["failure_log_artifact"],
        json!(verdict(consumer, &names[1]))
    );
}

#[test]
fn an_uninstallable_package_and_a_pass_take_turns() {
    let world = World::new();
    let consumer = npm_consumer(&world);
    is_uninstallable(&world, &consumer);
    is_installed(&world, &consumer);
    is_uninstallable(&world, &consumer);
}

#[test]
fn a_dirty_run_takes_the_log_of_an_earlier_failure_away() {
    let world = World::new();
    let consumer = world.script_consumer("echo no; exit 3");
    world.run(&consumer, &[]).expect(1);
    assert_eq!(verdicts(&consumer).len(), 2);
    consumer.write("dirt", "");
    world.run(&consumer, &[]).expect(17);
    assert_eq!(verdicts(&consumer), ["fake-matrix-last-failure.json"]);
}
