//! The report of a run to the job of a CI engine other than GitHub Actions.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use crate::support::gate::{Gate, Setup};
use crate::support::{Ran, World};

fn gate() -> Gate {
    World::gate("fake")
        .stage(
            "ci",
            "grep -q BAD file && { echo '##vso[task.complete result=Succeeded]'; exit 1; }; exit 0",
        )
        .scenario("green", &[("file", "two\n")])
}

fn red() -> Setup {
    gate().scenario("red", &[("file", "BAD\n")]).consumer()
}

/// A run in a job with these variables.
fn run(setup: &Setup, vars: &[(&str, &str)], more: &[&str]) -> Ran {
    let mut command = setup.world.run_command(&setup.consumer, more);
    for (name, value) in vars {
        command.env(name, value);
    }
    Ran::of(command.output().unwrap())
}

fn reports(setup: &Setup) -> [PathBuf; 2] {
    ["xml", "md"].map(|end| {
        let name = format!("fake-matrix-report.{end}");
        setup.consumer.artifacts().join(name)
    })
}

/// The lines of stderr that are commands of Azure's.
fn commands(ran: &Ran) -> Vec<&str> {
    let lines = ran.stderr.lines();
    lines.filter(|line| line.starts_with("##")).collect()
}

const AZURE: [(&str, &str); 1] = [("TF_BUILD", "True")];

#[test]
fn every_engine_finds_a_junit_file_and_a_page_beside_the_verdict() {
    let setup = red();
    let artifacts = setup.consumer.artifacts();
    for variable in [
        ("GITLAB_CI", "true"),
        ("CIRCLECI", "true"),
        ("TEAMCITY_VERSION", "2026.1"),
        ("BUILDKITE", "true"),
        AZURE[0],
    ] {
        let plain = run(&setup, &[], &["--run-id", "r1"]);
        assert!(reports(&setup).iter().all(|file| !file.exists()));
        fs::remove_dir_all(&artifacts).unwrap();
        let ran = run(&setup, &[variable], &["--run-id", "r1"]);
        assert_eq!(ran.stdout, plain.expect(1).stdout, "{variable:?}");
        assert_eq!(ran.code, 1, "{variable:?}: {}", ran.stderr);
        let [junit, markdown] = reports(&setup).map(|file| fs::read_to_string(file).unwrap());
        assert_eq!(junit.matches("<failure ").count(), 1, "{junit}");
        assert!(markdown.contains("red"), "{markdown}");
        fs::remove_dir_all(&artifacts).unwrap();
    }
}

#[test]
fn azure_is_given_the_tests_the_page_and_the_errors() {
    let setup = red();
    let ran = run(&setup, &AZURE, &["--run-id", "r1"]);
    let [junit, markdown] = reports(&setup);
    let all = commands(ran.expect(1));
    let publish = "##vso[results.publish type=JUnit;runTitle=r1;resultFiles=";
    assert_eq!(all[0], format!("{publish}{}]", junit.display()));
    let summary = format!("##vso[task.uploadsummary]{}", markdown.display());
    assert_eq!(all[1], summary);
    assert_eq!(
        all[2],
        "##vso[task.setvariable variable=verdict;isOutput=true]FAIL"
    );
    assert_eq!(
        all[3],
        "##vso[task.setvariable variable=run_id;isOutput=true]r1"
    );
    let error = "##vso[task.logissue type=error;sourcepath=";
    assert!(all[4].starts_with(error), "{all:?}");
    assert!(all[4].contains("linenumber="), "{all:?}");
    assert_eq!(all.len(), 5, "what a gate prints is no command: {all:?}");
    assert!(!ran.stdout.contains("##vso"), "{}", ran.stdout);
}

#[test]
fn a_file_that_cannot_be_written_changes_nothing() {
    let setup = red();
    run(&setup, &AZURE, &[]).expect(1);
    let [junit, _] = reports(&setup);
    // A folder cannot be replaced by a file.
    fs::remove_file(&junit).unwrap();
    fs::create_dir_all(junit.join("x")).unwrap();
    let ran = run(&setup, &AZURE, &[]);
    assert_eq!(ran.code, 1);
    let warning = "warning: not reported to the CI engine: cannot write";
    assert!(ran.stderr.contains(warning), "{}", ran.stderr);
    assert!(setup.consumer.last_failure("fake").is_some());
}

#[test]
fn buildkite_gets_one_annotation_for_each_gate() {
    let setup = red();
    let bin = setup.world.path().join("agent");
    fs::create_dir(&bin).unwrap();
    let agent = bin.join("buildkite-agent");
    let script = "#!/bin/sh\nprintf '%s|' \"$@\" >\"$0.words\"\ncat >\"$0.page\"\n";
    fs::write(&agent, script).unwrap();
    fs::set_permissions(&agent, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", bin.display());
    let vars = [("BUILDKITE", "true"), ("PATH", &*path)];
    run(&setup, &vars, &[]).expect(1);
    let read = |end: &str| fs::read_to_string(bin.join(format!("buildkite-agent.{end}"))).unwrap();
    assert_eq!(
        read("words"),
        "annotate|--style|error|--context|gate-matrix-fake-matrix|"
    );
    assert_eq!(
        read("page"),
        fs::read_to_string(&reports(&setup)[1]).unwrap()
    );
    let green = gate().consumer();
    run(&green, &vars, &[]).expect(0);
    assert!(read("words").starts_with("annotate|--style|success|"));
    run(&green, &vars, &["--scenario", "green", "--stage", "ci"]).expect(0);
    // An agent that fails changes nothing.
    fs::write(&agent, "#!/bin/sh\necho no such job >&2\nexit 3\n").unwrap();
    let ran = run(&setup, &vars, &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("no such job"), "{}", ran.stderr);
}

#[test]
fn nothing_is_reported_if_it_is_turned_off() {
    let setup = gate().consumer();
    let ran = run(&setup, &AZURE, &["--no-ci-report"]);
    assert_eq!(commands(ran.expect(0)), [""; 0]);
    assert!(reports(&setup).iter().all(|file| !file.exists()));
}
