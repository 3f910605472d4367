//! The verbs beside `run`.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Consumer, Ran, World};

fn verb(world: &World, consumer: &Consumer, args: &[&str]) -> Ran {
    let mut all = vec![args[0], "--repo", consumer.root.to_str().unwrap()];
    all.extend(&args[1..]);
    world.matrix(&all)
}

#[test]
fn the_command_line_explains_itself() {
    let world = World::new();
    let help = world.matrix(&["--help"]);
    for text in ["Usage: matrix", "schema", "17 dirty consumer"] {
        assert!(help.expect(0).stdout.contains(text), "{}", help.stdout);
    }
    let help = world.matrix(&["run", "--help"]);
    assert!(help.expect(0).stdout.contains("[env: MATRIX_RUN_ID]"));
    let version = format!("matrix {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(world.matrix(&["-V"]).expect(0).stdout, version);
    let long = world.matrix(&["--version"]).expect(0).stdout.clone();
    for text in [&version, "\ntarget: ", "\nable to: lanes as "] {
        assert!(long.contains(text), "{long}");
    }
    assert!(long.starts_with(&version), "{long}");
    let wrong: [&[&str]; 4] = [&[], &["rum"], &["run", "--nothing"], &["demo", "nothing"]];
    for args in wrong {
        let ran = world.matrix(args);
        assert_eq!(ran.expect(2).stdout, "", "{args:?}");
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    }
}

#[test]
fn init_writes_a_configuration_that_can_be_checked() {
    let world = World::new();
    let consumer = world.consumer("consumer", &[("file", "one\n")]);
    let ran = verb(&world, &consumer, &["init", "--gate", "demo"]);
    assert!(
        ran.expect(0).stdout.starts_with("wrote matrix.toml\n"),
        "{}",
        ran.stdout
    );
    for scenario in ["clean", "violations", "mixed"] {
        assert!(consumer.root.join("scenarios").join(scenario).is_dir());
    }
    consumer.commit("a contract");
    let ran = verb(&world, &consumer, &["check"]);
    let told = "scenario `clean` is still that of the mock consumer of demo";
    assert!(ran.expect(2).stderr.contains(told), "{}", ran.stderr);
    for scenario in ["clean", "violations", "mixed"] {
        let folder = format!("scenarios/{scenario}");
        consumer.git(&["rm", "--quiet", "-r", &folder]);
        consumer.write(&format!("{folder}/file"), "# FIXME <<<<<<< \n");
    }
    consumer.commit("an own change");
    verb(&world, &consumer, &["check"]).expect(0);
}

#[test]
fn init_asks_for_the_gate_that_it_cannot_tell() {
    let world = World::new();
    let consumer = world.consumer("consumer", &[("file", "one\n")]);
    for args in [&["init"][..], &["init", "--gate", "nothing"]] {
        let ran = verb(&world, &consumer, args);
        assert!(ran.expect(2).stderr.contains("lefthook"), "{}", ran.stderr);
    }
    assert_eq!(consumer.git(&["status", "--porcelain"]), "");
}

/// A consumer of which every command leaves a trace.
fn traced(world: &World) -> (Consumer, PathBuf) {
    let trace = world.path().join("something-ran");
    let touch = format!("touch '{}'", trace.display());
    let run = format!("[\"sh\", \"-c\", \"{touch}\", \"{{package_spec}}\"]");
    let toml = format!(
        "schema = 1\ngate = \"fake\"\npackage = \"fake@1\"\nversion = {run}\n\
         [[install]]\nstep = \"fetch\"\nrun = {run}\n\
         [[activate]]\nstep = \"hook_up\"\nrun = {run}\n\
         [baseline]\nseed = {run}\n\
         [stage.ci]\ndrive = \"command\"\nrun = {run}\n\
         [scenario.clean]\nseed = {run}\nexpect = {{ ci = 0 }}\n"
    );
    let consumer = world.consumer("consumer", &[("matrix.toml", &toml), ("file", "one\n")]);
    (consumer, trace)
}

#[test]
fn check_and_list_run_nothing_and_leave_nothing() {
    let world = World::new();
    let (consumer, trace) = traced(&world);
    let ran = verb(&world, &consumer, &["check"]);
    for text in ["baseline: clean", "fetch", "stage_ci", "ready: "] {
        assert!(ran.expect(0).stdout.contains(text), "{}", ran.stdout);
    }
    verb(&world, &consumer, &["list"]).expect(0);
    assert!(!trace.exists(), "a command was run");
    assert!(!consumer.artifacts().exists() && !world.work().exists());
    // The trace is one: a run leaves it.
    world.run(&consumer, &[]);
    assert!(trace.exists());
}

#[test]
fn check_tells_a_dirty_consumer() {
    let world = World::new();
    let (consumer, _) = traced(&world);
    consumer.write("file", "two\n");
    let ran = verb(&world, &consumer, &["check"]);
    assert!(
        ran.expect(17).stderr.contains("unstaged: file"),
        "{}",
        ran.stderr
    );
}

#[test]
fn check_tells_an_error_of_the_configuration() {
    let world = World::new();
    let consumer = world.consumer("consumer", &[("matrix.toml", "gaet = 1\n")]);
    let ran = verb(&world, &consumer, &["check"]);
    assert!(
        ran.expect(2).stderr.contains("did you mean `gate`?"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stdout.contains("ready"), "{}", ran.stdout);
}

#[test]
fn check_tells_a_missing_tool_with_what_needs_it_and_all_else_that_is_wrong() {
    let world = World::new();
    let (consumer, _) = traced(&world);
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let toml = toml.replace("package =", "tools = [\"no-such-tool\"]\npackage =");
    consumer.write("matrix.toml", &toml);
    consumer.commit("a tool");
    let ran = verb(&world, &consumer, &["check"]);
    let told = "`no-such-tool` is not on PATH; it is needed by the profile of fake";
    assert!(ran.expect(69).stderr.contains(told), "{}", ran.stderr);
    consumer.write("file", "two\n");
    let ran = verb(&world, &consumer, &["check"]);
    assert!(ran.expect(17).stderr.contains(told), "{}", ran.stderr);
}

#[test]
fn check_and_init_and_list_need_a_repository() {
    let world = World::new();
    for args in [&["check"][..], &["init", "--gate", "demo"], &["list"]] {
        let ran = world.matrix(args);
        assert!(ran.expect(69).stderr.contains("  next: "), "{}", ran.stderr);
    }
}

#[test]
fn list_prints_the_cells_in_declared_order() {
    let world = World::new();
    let toml = "gate = \"fake\"\n[stage.pre-push]\ndrive = \"git\"\n\
        [stage.ci]\ndrive = \"command\"\nrun = [\"true\"]\n\
        [scenario.z]\nexpect = { ci = [0, 2], pre-push = { exit = 1, hook_exit = 200 } }\n\
        [scenario.a]\nexpect = { ci = \"nonzero\", pre-push = 0 }\n";
    let consumer = world.consumer("consumer", &[("matrix.toml", toml)]);
    assert_eq!(
        verb(&world, &consumer, &["list"]).expect(0).stdout,
        "z/pre-push exit 1, hook 200\nz/ci exit 0 or 2\na/pre-push exit 0\na/ci exit 1 to 125\n"
    );
    let selected = ["list", "--scenario", "a", "--stage", "ci"];
    let ran = verb(&world, &consumer, &selected);
    assert_eq!(ran.expect(0).stdout, "a/ci exit 1 to 125\n");
    verb(&world, &consumer, &["list", "--scenario", "b"]).expect(2);
}

#[test]
fn list_prints_one_json_document() {
    let world = World::new();
    let (consumer, _) = traced(&world);
    let ran = verb(&world, &consumer, &["list", "--format", "json"]);
    let list: Value = serde_json::from_str(&ran.expect(0).stdout).unwrap();
    assert_eq!(list["gate"], "fake");
    assert_eq!(list["package_spec"], "fake@1");
    assert_eq!(list["branch"], "main");
    assert_eq!(list["stages"], json!(["ci"]));
    let steps = list["lanes"]["clean"]["steps"].as_array().unwrap();
    let steps: Vec<_> = steps
        .iter()
        .map(|step| step["step"].as_str().unwrap())
        .collect();
    assert_eq!(
        steps,
        [
            "git_clone",
            "fetch",
            "hook_up",
            "gate_version",
            "seed_baseline",
            "seed_scenario",
            "stage_ci"
        ]
    );
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let mut child = world
        .run_command(&consumer, &[])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    consumer.passed("fake");
}

#[test]
fn an_exit_code_is_explained_with_what_the_latest_run_had() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let explain = |word: &str| {
        let mut matrix = world.command(&["explain", word]);
        Ran::of(matrix.current_dir(&consumer.root).output().unwrap())
    };
    let page = explain("17").expect(0).stdout.clone();
    assert!(
        page.starts_with("exit 17: the consumer's baseline is dirty\n"),
        "{page}"
    );
    assert!(
        page.contains("    dirty-consumer  ") && !page.contains("exited so"),
        "{page}"
    );
    consumer.write("file", "edited\n");
    world.run(&consumer, &["--run-id", "one"]).expect(17);
    let page = explain("exit-17").expect(0).stdout.clone();
    for text in [
        "Run one exited so:\n",
        "\n    dirty-consumer: Commit, stash",
        "matrix replay one\n",
    ] {
        assert!(page.contains(text), "{page}");
    }
    assert!(!explain("69").expect(0).stdout.contains("exited so"));
    let wrong = explain("3");
    assert!(
        wrong.expect(2).stderr.contains("matrix never exits with 3"),
        "{}",
        wrong.stderr
    );
}
