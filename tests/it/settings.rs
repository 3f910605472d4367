//! Flags, variables, the file and the profile: which one counts.

use std::process::Command;

use crate::support::{Consumer, Ran, World};

fn run(world: &World, consumer: &Consumer, env: &[(&str, &str)], more: &[&str]) -> Ran {
    let mut command: Command = world.run_command(consumer, more);
    Ran::of(command.envs(env.iter().copied()).output().unwrap())
}

#[test]
fn a_flag_goes_before_its_variable() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let env = [("MATRIX_RUN_ID", "by-variable")];
    run(&world, &consumer, &env, &["--run-id", "by-flag"]).expect(0);
    assert_eq!(consumer.passed("fake")["run_id"], "by-flag");
    run(&world, &consumer, &env, &[]).expect(0);
    assert_eq!(consumer.passed("fake")["run_id"], "by-variable");
}

/// A gate with a package, which its only stage has to be.
fn packaged(world: &World, file: &str, wanted: &str) -> Consumer {
    let toml = format!(
        "schema = 1\ngate = \"fake\"\ntools = [\"test\"]\n{file}\n[stage.ci]\ndrive = \"command\"\n\
         run = [\"test\", \"{{package_spec}}\", \"=\", \"{wanted}\"]\n\
         [scenario.clean]\noverlay = \"scenarios/clean\"\nexpect = {{ ci = 0 }}\n"
    );
    world.consumer(
        "consumer",
        &[("matrix.toml", &toml), ("scenarios/clean/file", "two\n")],
    )
}

#[test]
fn the_package_is_that_of_flag_then_variable_then_file() {
    let by = |env: &[(&str, &str)], more: &[&str], wanted: &str| {
        let world = World::new();
        let consumer = packaged(&world, "package = \"gate@1\"", wanted);
        let ran = run(&world, &consumer, env, more);
        assert_eq!(consumer.passed("fake")["package_spec"], wanted);
        assert!(
            ran.expect(0)
                .stdout
                .ends_with(&format!("package: {wanted}\n"))
        );
    };
    let variable = [("MATRIX_PACKAGE", "gate@2")];
    by(&[], &[], "gate@1");
    by(&variable, &[], "gate@2");
    by(&variable, &["--package", "gate@3"], "gate@3");
}

#[test]
fn the_package_of_the_file_goes_before_that_of_the_profile() {
    let world = World::new();
    let consumer = world.consumer("consumer", &[("matrix.toml", "inherits = \"lefthook\"\n")]);
    let package = |more: &[&str]| {
        let root = consumer.root.to_str().unwrap();
        let args: Vec<_> = ["list", "--repo", root, "--format", "json"]
            .into_iter()
            .chain(more.iter().copied())
            .collect();
        let ran = world.matrix(&args);
        let list: serde_json::Value = serde_json::from_str(&ran.expect(0).stdout).unwrap();
        list["package_spec"].as_str().unwrap().to_owned()
    };
    for scenario in ["clean", "violations", "mixed"] {
        consumer.write(&format!("scenarios/{scenario}/file"), "");
    }
    let of_profile = package(&[]);
    assert!(of_profile.starts_with("lefthook@"), "{of_profile}");
    let own = "inherits = \"lefthook\"\npackage = \"lefthook@0.0.1\"\n";
    consumer.write("matrix.toml", own);
    assert_eq!(package(&[]), "lefthook@0.0.1");
    assert_eq!(package(&["--package", "lefthook@2"]), "lefthook@2");
}

#[test]
fn an_empty_variable_is_no_variable() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let names = "PACKAGE CONFIG ARTIFACTS JOBS TIMEOUT RUN_ID FORMAT FAIL_FAST STRICT KEEP WAIT";
    let names: Vec<_> = names
        .split(' ')
        .map(|name| format!("MATRIX_{name}"))
        .collect();
    let empty: Vec<_> = names.iter().map(|name| (name.as_str(), "")).collect();
    let ran = run(&world, &consumer, &empty, &[]);
    assert!(ran.expect(0).stdout.starts_with("=== scenario:clean ==="));
    assert!(consumer.passed("fake")["package_spec"].is_null());
}

#[test]
fn a_variable_that_cannot_be_read_is_named_and_nothing_is_touched() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let wrong = [
        ("MATRIX_PACKAGE", "--registry=x"),
        ("MATRIX_JOBS", "0"),
        ("MATRIX_JOBS", "many"),
        ("MATRIX_TIMEOUT", "soon"),
        ("MATRIX_RUN_ID", ".."),
        ("MATRIX_FORMAT", "xml"),
        ("MATRIX_FAIL_FAST", "maybe"),
        ("MATRIX_STRICT", "yes"),
        ("MATRIX_KEEP", "2"),
        ("MATRIX_WAIT", "no"),
        ("MATRIX_TRUST_FILTERS", "all"),
        ("SOURCE_DATE_EPOCH", "yesterday"),
        // The first second of the year 10000.
        ("SOURCE_DATE_EPOCH", "253402300800"),
    ];
    for (name, value) in wrong {
        let ran = run(&world, &consumer, &[(name, value)], &[]);
        let said = &ran.expect(2).stderr;
        assert!(said.starts_with("ERROR: ") && said.contains(name), "{said}");
        assert!(!consumer.artifacts().exists(), "{name}");
    }
}

#[test]
fn every_option_has_a_variable_that_works() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let elsewhere = world.path().join("elsewhere");
    let env = [
        ("MATRIX_REPO", consumer.root.to_str().unwrap()),
        ("MATRIX_CONFIG", "consumer/matrix.toml"),
        ("MATRIX_ARTIFACTS", elsewhere.to_str().unwrap()),
        ("MATRIX_FORMAT", "jsonl"),
        ("MATRIX_JOBS", "1"),
        ("MATRIX_TIMEOUT", "1m"),
        ("MATRIX_KEEP", "true"),
        ("MATRIX_STRICT", "1"),
        ("MATRIX_FAIL_FAST", "false"),
        ("MATRIX_WAIT", "0"),
        ("MATRIX_TRUST_FILTERS", "0"),
    ];
    let ran = Ran::of(world.command(&["run"]).envs(env).output().unwrap());
    assert!(
        ran.expect(0).stdout.starts_with("{\"seq\":1,"),
        "{}",
        ran.stdout
    );
    assert!(elsewhere.join("fake-matrix-summary.json").is_file());
}

#[test]
fn a_flag_that_cannot_be_read_touches_nothing() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let long = "x".repeat(129);
    let wrong: [&[&str]; 11] = [
        &["--run-id", ".."],
        &["--run-id", "a/b"],
        &["--run-id", "ä"],
        &["--run-id", ""],
        &["--run-id", &long],
        &["--jobs", "0"],
        &["--timeout", "0s"],
        &["--retain-runs", "0"],
        &["--format", "xml"],
        &["--package", "-g"],
        &["--package=--registry=https://example.invalid"],
    ];
    for more in wrong {
        let ran = world.run(&consumer, more);
        assert_eq!(ran.expect(2).stdout, "");
        assert!(!ran.stderr.is_empty(), "{more:?}");
        assert!(
            !consumer.artifacts().exists() && !world.work().exists(),
            "{more:?}"
        );
    }
}

#[test]
fn a_time_limit_past_all_clocks_does_not_break_a_step() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    world
        .run(&consumer, &["--timeout", "10000000000y"])
        .expect(0);
}

/// A pass would name a package that nothing ever installed.
#[test]
fn a_package_that_no_command_is_given_is_refused() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let ran = world.run(&consumer, &["--package", "gate@1"]);
    assert!(
        ran.expect(2).stderr.contains("{package_spec}"),
        "{}",
        ran.stderr
    );
    consumer.failed("fake", "config_load");
}
