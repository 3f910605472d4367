//! Configurations that are used or refused.

use std::fs;

use super::{Consumer, World};

pub const GOOD: &str = r#"schema = 1
gate = "fake"

[stage.ci]
drive = "command"
run = ["true"]

[scenario.clean]
overlay = "scenarios/clean"
expect = { ci = 0 }
"#;

pub fn consumer(world: &World, toml: &str) -> Consumer {
    let files = [
        ("matrix.toml", toml),
        ("file", "one\n"),
        ("scenarios/clean/file", "two\n"),
    ];
    world.consumer("consumer", &files)
}

/// Runs, sees that it is refused before anything is cloned, and tells what
/// was said.
#[track_caller]
pub fn refused(world: &World, consumer: &Consumer, more: &[&str]) -> String {
    let ran = world.run(consumer, more);
    assert_eq!(ran.expect(2).stdout, "");
    let verdicts = fs::read_dir(consumer.artifacts()).unwrap();
    let verdicts = verdicts.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let verdicts: Vec<_> = verdicts.filter(|name| name.contains("-matrix-")).collect();
    let [verdict] = &verdicts[..] else {
        panic!("{verdicts:?}");
    };
    let gate = verdict.strip_suffix("-matrix-last-failure.json");
    let failure = consumer.failed(gate.expect("a failure"), "config_load");
    assert_eq!(failure["failure_class"], "config");
    assert_eq!(failure["failure_phase"], "preflight");
    assert_eq!(failure["exit_code"], 2);
    assert!(failure["failure_command"].is_null() && failure["failure_log_path"].is_null());
    let lanes = fs::read_dir(world.work()).into_iter().flatten().count();
    assert_eq!(lanes, 0, "something was cloned");
    assert!(ran.stderr.starts_with("ERROR: "), "{}", ran.stderr);
    ran.stderr
}
