//! What lanes share and what they do not: one clone, one installation, one
//! path, and nothing that one of them writes.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Consumer, Ran, World, git, json, program, without_namespaces};

/// A gate whose installation counts itself, outside of its lane; the stage
/// of each scenario is `play`, which gets the scenario's name.
fn consumer(world: &World, play: &str) -> Consumer {
    let count = world.path().join("installs");
    let install = format!(
        "echo x >> {}; mkdir -p node_modules/gate {{tool_dir}}/env; \
         wc -l < {} > node_modules/gate/version; echo tool > {{tool_dir}}/env/tool",
        count.display(),
        count.display()
    );
    let scenario = |name: &str| {
        format!("[scenario.{name}]\noverlay = \"scenarios/{name}\"\nexpect = {{ ci = 0 }}\n")
    };
    let toml = format!(
        "schema = 1\ngate = \"fake\"\n\
         [[install]]\nstep = \"npm_install_package\"\nrun = [\"sh\", \"-c\", {}]\n\
         [stage.ci]\ndrive = \"command\"\nrun = [\"sh\", \"-c\", {}, \"{{scenario}}\"]\n{}{}{}",
        Value::from(install),
        Value::from(play),
        scenario("one"),
        scenario("two"),
        scenario("three"),
    );
    world.consumer(
        "consumer",
        &[
            ("matrix.toml", &toml),
            ("file", "one\n"),
            (".gitignore", "node_modules\n"),
            ("scenarios/one/file", "1\n"),
            ("scenarios/two/file", "2\n"),
            ("scenarios/three/file", "3\n"),
        ],
    )
}

fn installs(world: &World) -> usize {
    let count = fs::read_to_string(world.path().join("installs"));
    count.unwrap().lines().count()
}

fn isolation(consumer: &Consumer) -> Value {
    json(&consumer.run_folder().join("plan.json")).unwrap()["isolation"].take()
}

/// The cells of the only run without what differs from run to run.
fn cells(consumer: &Consumer) -> Vec<Value> {
    let mut cells = Vec::new();
    for scenario in ["one", "two", "three"] {
        let mut cell = consumer.cell(scenario, "ci");
        cell.as_object_mut().unwrap().remove("run_id");
        let run = cell["run"].as_object_mut().unwrap();
        run.retain(|name, _| !["started_at_utc", "duration_ms"].contains(&name.as_str()));
        cells.push(cell);
    }
    cells
}

#[test]
fn the_package_is_installed_once_and_every_lane_gets_those_bytes() {
    let world = World::new();
    let consumer = consumer(&world, "cat node_modules/gate/version ../tools/env/tool");
    world.run(&consumer, &[]).expect(0);
    assert_eq!(installs(&world), 1);
    for scenario in ["one", "two", "three"] {
        assert_eq!(consumer.log(scenario, "stage_ci").trim(), "1\ntool");
    }
    let run = json(&consumer.run_folder().join("run.json")).unwrap();
    assert_eq!(run["lanes"]["one"]["set_up"]["by"], Value::Null);
    assert_eq!(run["lanes"]["two"]["set_up"]["by"], "one");
    let steps = |lane: &str| run["lanes"][lane]["steps"].as_array().unwrap().clone();
    assert_eq!(steps("one")[1]["step"], "npm_install_package");
    assert_eq!(steps("two")[0]["step"], "seed_baseline");
}

#[test]
fn fresh_lanes_install_for_themselves_and_come_to_the_same() {
    let world = World::new();
    let shared = consumer(&world, "cat ../tools/env/tool; pwd");
    world.run(&shared, &[]).expect(0);
    let of_shared = cells(&shared);
    let other = World::new();
    let fresh = consumer(&other, "cat ../tools/env/tool; pwd");
    other.run(&fresh, &["--fresh"]).expect(0);
    assert_eq!(installs(&other), 3);
    assert_eq!(isolation(&fresh)["lanes"], "fresh");
    // The commit differs, since the path of the counter is in the profile.
    for (mut one, mut other) in of_shared.into_iter().zip(cells(&fresh)) {
        for cell in [&mut one, &mut other] {
            cell.as_object_mut().unwrap().remove("head");
        }
        assert_eq!(one, other);
    }
}

/// What every lane tries to do to the others: it may find nothing of theirs.
const SPOIL: &str = "\
    set -e; \
    ! grep spoilt node_modules/gate/version; [ \"$(cat ../tools/env/tool)\" = tool ]; \
    [ ! -e node_modules/gate/left ]; [ ! -e ../left ]; git fsck --strict; \
    echo spoilt > node_modules/gate/version; echo spoilt >> ../tools/env/tool; \
    touch node_modules/gate/left ../left; rm -rf ../origin.git; \
    find .git/objects -type f -exec sh -c 'chmod u+w \"$1\"; echo junk > \"$1\"' sh {{}} ';'";

#[test]
fn what_a_lane_writes_shows_in_no_other() {
    let world = World::new();
    let consumer = consumer(&world, SPOIL);
    for jobs in ["1", "3"] {
        world.run(&consumer, &["--jobs", jobs]).expect(0);
    }
}

#[test]
fn lanes_that_may_not_have_namespaces_are_copied_and_say_so() {
    let world = World::new();
    let consumer = consumer(&world, SPOIL);
    let run = world.run_command(&consumer, &["--sandbox", "auto", "--jobs", "1"]);
    let ran = without_namespaces(&run);
    ran.expect(0);
    assert_eq!(
        installs(&world),
        3,
        "the install names the folder for tools"
    );
    let isolation = isolation(&consumer);
    assert_eq!(isolation["lanes"], "copies");
    assert_eq!(isolation["lane_path"], Value::Null);
    let because = isolation["because"].as_str().unwrap();
    assert!(because.contains("namespaces are not allowed"), "{because}");
    let sandbox = &isolation["sandbox"];
    assert_eq!(sandbox["mode"], "auto");
    assert_eq!(sandbox["by"], Value::Null);
    assert_eq!(sandbox["held"], serde_json::json!([]));
    let because = sandbox["because"].as_str().unwrap();
    assert!(because.contains("bwrap cannot be used"), "{because}");
    assert_eq!(consumer.cell("one", "ci")["network"], true);
}

#[test]
fn what_an_installation_closed_to_itself_is_copied_all_the_same() {
    let world = World::new();
    let install = "mkdir shut && echo kept > shut/file && chmod 000 shut/file shut";
    let look = "chmod 700 shut && chmod 600 shut/file && cat shut/file; grep -q bad file && exit 1; exit 0";
    let consumer = world.consumer("consumer", &two_lanes(install, look));
    without_namespaces(&world.run_command(&consumer, &[])).expect(0);
    assert_eq!(isolation(&consumer)["lanes"], "copies");
    for scenario in ["clean", "violations"] {
        assert_eq!(consumer.log(scenario, "stage_ci"), "kept\n");
    }
}

#[test]
fn no_lane_goes_on_from_half_a_copy() {
    let world = World::new();
    // A path that only a relative walk can reach cannot be copied.
    let install = "perl -e 'for (1..25) { mkdir q(a) x 200; chdir q(a) x 200 }'";
    let consumer = world.consumer("consumer", &two_lanes(install, "exit 0"));
    let ran = without_namespaces(&world.run_command(&consumer, &[]));
    ran.expect(1);
    let why = "the lane cannot be copied for the others";
    assert_eq!(ran.stderr.matches(why).count(), 2, "{}", ran.stderr);
    assert!(
        !consumer
            .run_folder()
            .join("logs/clean/stage_ci.log")
            .exists()
    );
    assert!(!ran.stdout.contains("PASS"), "{}", ran.stdout);
}

/// Files of a consumer with one scenario to let through and one to block,
/// something to install and one stage, each a shell script.
fn two_lanes(install: &str, stage: &str) -> Vec<(&'static str, &'static str)> {
    let text = format!(
        "schema = 1\ngate = \"fake\"\n\
         [[install]]\nstep = \"put_in\"\nrun = [\"sh\", \"-c\", {}]\n\
         [stage.ci]\ndrive = \"command\"\nrun = [\"sh\", \"-c\", {}]\n\
         [scenario.clean]\noverlay = \"scenarios/clean\"\nexpect = {{ ci = 0 }}\n\
         [scenario.violations]\noverlay = \"scenarios/violations\"\nexpect = {{ ci = 1 }}\n",
        Value::from(install.replace('{', "{{").replace('}', "}}")),
        Value::from(stage)
    );
    vec![
        ("matrix.toml", text.leak()),
        ("file", "one\n"),
        (".gitignore", "shut\na*\n"),
        ("scenarios/clean/file", "good\n"),
        ("scenarios/violations/file", "bad\n"),
    ]
}

#[test]
fn every_lane_stands_at_the_same_place() {
    let world = World::new();
    let consumer = consumer(&world, "pwd; echo \"$HOME\"; git rev-parse --show-toplevel");
    world.run(&consumer, &[]).expect(0);
    let isolation = isolation(&consumer);
    assert_eq!(isolation["lanes"], "layers", "{isolation:#}");
    for scenario in ["one", "two", "three"] {
        let log = consumer.log(scenario, "stage_ci");
        assert_eq!(log, "/lane/clone\n/lane/home\n/lane/clone\n");
    }
}

#[test]
fn a_failed_installation_is_that_of_the_first_lane_and_fails_all() {
    let world = World::new();
    let consumer = consumer(&world, "exit 0");
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let install = toml.find("[\"sh\", \"-c\"").unwrap();
    let broken = format!("{}[\"false\"]\n[stage.ci]{}", &toml[..install], {
        toml.split_once("[stage.ci]").unwrap().1
    });
    consumer.write("matrix.toml", &broken);
    consumer.commit("broken");
    let ran = world.run(&consumer, &["--jobs", "3"]);
    let failed = "results: ci=-\nstatus: FAIL\n";
    let lane = |name: &str| format!("=== scenario:{name} ===\n{failed}");
    let all = ["one", "two", "three"].map(lane).concat();
    assert_eq!(ran.expect(1).stdout, all);
    let failure = consumer.failed("fake", "npm_install_package");
    assert_eq!(failure["failure_phase"], "one");
    assert_eq!(failure["failure_class"], "install");
    assert!(failure["failure_log_artifact_sha256"].is_string());
    let run = json(&consumer.run_folder().join("run.json")).unwrap();
    let other = &run["lanes"]["three"]["failure"];
    assert_eq!(other["step"], "npm_install_package");
    assert_eq!(other["message"], "it exited 1 (in one, for all lanes)");
}

#[test]
fn somebody_who_is_not_root_has_layers_too() {
    let world = World::new();
    let consumer = consumer(&world, "id -u; pwd; touch /somewhere || echo no");
    let run = world.run_command(&consumer, &[]);
    // Whoever runs the tests as root tries it as somebody else.
    let ran = if rustix::process::geteuid().is_root() {
        as_nobody(&world, &run)
    } else {
        world.run(&consumer, &[])
    };
    ran.expect(0);
    let isolation = isolation(&consumer);
    assert_eq!(isolation["lanes"], "layers", "{isolation:#}");
    let log = consumer.log("two", "stage_ci");
    assert!(!log.starts_with("0\n") && log.ends_with("no\n"), "{log}");
    assert!(log.contains("\n/lane/clone\n"), "{log}");
}

/// Runs a command as the user 65534, in whose hands the world is put.
fn as_nobody(world: &World, command: &std::process::Command) -> Ran {
    let own = world.path().join("matrix");
    fs::copy(program(), &own).unwrap();
    let given = std::process::Command::new("chown")
        .args(["-R", "65534:65534"])
        .arg(world.path())
        .status();
    assert!(given.unwrap().success());
    let mut other = std::process::Command::new("setpriv");
    other.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    other.arg(own).args(command.get_args()).env_clear();
    other.envs(command.get_envs().filter_map(|(k, v)| Some((k, v?))));
    other.current_dir(world.path());
    Ran::of(other.output().unwrap())
}

#[test]
fn no_lane_goes_on_from_a_copy_that_is_not_whole() {
    let world = World::new();
    let consumer = consumer(&world, "exit 0");
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let shared = toml.replace("{tool_dir}", "node_modules/tools");
    consumer.write("matrix.toml", &shared);
    consumer.commit("an installation that copies can share");
    let mut run = world.run_command(&consumer, &["--sandbox", "auto"]);
    run.env("MATRIX_FAULT", "mkdir:template/install=EIO");
    let ran = without_namespaces(&run);
    let lane = |name: &str| format!("=== scenario:{name} ===\nresults: ci=-\nstatus: FAIL\n");
    let all = ["one", "two", "three"].map(lane).concat();
    assert_eq!(ran.expect(1).stdout, all);
    let run = json(&consumer.run_folder().join("run.json")).unwrap();
    let message = run["lanes"]["two"]["failure"]["message"].as_str().unwrap();
    assert!(message.starts_with("the lane cannot be copied for the others: "));
}

#[test]
fn a_kept_lane_has_its_own_remote_however_it_was_made() {
    for way in [&["--keep"][..], &["--keep", "--fresh"]] {
        let world = World::new();
        let consumer = consumer(&world, "exit 0");
        world.run(&consumer, way).expect(0);
        for scenario in ["one", "two"] {
            let lane = world.kept_lane(scenario);
            let url = git(&lane.join("clone"), &["remote", "get-url", "origin"]);
            assert_eq!(Path::new(url.trim()), lane.join("origin.git"), "{way:?}");
        }
    }
}

#[test]
fn a_lane_whose_installation_fails_is_kept() {
    let world = World::new();
    let consumer = consumer(&world, "exit 0");
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let broken = toml.replace("; wc -l", "; touch broken; exit 1; wc -l");
    assert_ne!(toml, broken);
    consumer.write("matrix.toml", &broken);
    consumer.commit("broken");
    world.run(&consumer, &["--keep"]).expect(1);
    assert!(world.kept_lane("one").join("clone/broken").is_file());
}
