//! Gates for `matrix check --vacuity`.

use serde_json::Value;

use super::{Consumer, Ran, World};

/// A gate that is this hook, with the scenarios of a test.
pub fn hooked(
    world: &World,
    stage: &str,
    hook: &str,
    scenarios: &str,
    files: &[(&str, &str)],
) -> Consumer {
    let config = format!(
        "schema = 1\ngate = \"hooked\"\n\
         [[activate]]\nstep = \"gate_install\"\nrun = [\"git\", \"config\", \"core.hooksPath\", \"hooks\"]\n\
         [stage.{stage}]\ndrive = \"git\"\n{scenarios}"
    );
    let hook = format!("#!/bin/sh\n{hook}\n");
    let path = format!("hooks/{stage}");
    let mut all = vec![
        ("matrix.toml", config.as_str()),
        (&path, &hook),
        ("src/a", "one\ntwo\nthree\nfour\nfive\n"),
    ];
    all.extend(files);
    world.consumer("consumer", &all)
}

/// A scenario that must be blocked at pre-commit.
pub fn blocked(name: &str, more: &str) -> String {
    format!(
        "[scenario.{name}]\noverlay = \"scenarios/{name}\"\nexpect = {{ pre-commit = 1 }}\n{more}\n"
    )
}

pub const NO_FIXME: &str = "! git grep --cached -n FIXME -- src";

pub const MIXED: &str = "two\nFIXME\nthree\nfour\nfine\n";

/// Neither of these two may keep a scenario from being tried.
pub fn check(world: &World, consumer: &Consumer, more: &[&str]) -> Ran {
    let repo = consumer.root.to_str().unwrap();
    let args = [&["check", "--vacuity", "--repo", repo][..], more].concat();
    let mut command = world.command(&args);
    command.envs([("MATRIX_STRICT", "1"), ("MATRIX_FAIL_FAST", "1")]);
    Ran::of(command.output().unwrap())
}

#[track_caller]
pub fn report(consumer: &Consumer) -> Value {
    crate::support::json(&consumer.run_folder().join("vacuity.json")).unwrap()
}
