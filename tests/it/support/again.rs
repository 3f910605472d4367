//! The one command of a run, somewhere else.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json as value};

use super::{Consumer, Ran, World, git, json, program};

/// Executes the one command of the only run from a fresh clone of the
/// consumer in another folder: it must come to the same.
#[track_caller]
pub fn comes_again(world: &World, consumer: &Consumer) {
    comes_again_with(world, consumer, &[]);
}

/// The same with further variables.
#[track_caller]
pub fn comes_again_with(world: &World, consumer: &Consumer, env: &[(&str, &str)]) {
    let run = consumer.run_folder();
    let exit = json(&run.join("run.json")).unwrap()["exit_code"].clone();
    let bundle = json(&run.join("replay_bundle.json")).unwrap();
    let clone = world.path().join("another folder's clone");
    git(
        &world.path(),
        &[
            "clone",
            "--quiet",
            consumer.root.to_str().unwrap(),
            clone.to_str().unwrap(),
        ],
    );
    let command = bundle["one_command_replay"].as_str().unwrap();
    let script = command.replacen("matrix", "exec \"$0\"", 1) + " --run-id again";
    let of_world = world.command::<&str>(&[]);
    let mut sh = Command::new("sh");
    sh.arg("-c")
        .arg(script)
        .arg(program())
        .env_clear()
        .current_dir(&clone);
    sh.envs(
        of_world
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let ran = Ran::of(sh.envs(env.iter().copied()).output().unwrap());
    assert_eq!(exit, ran.code, "{ran:?}");
    let again = run.with_file_name("again").join("replay_bundle.json");
    assert_eq!(
        failures(&again),
        failures(&run.join("replay_bundle.json")),
        "{ran:?}"
    );
}

/// What must be the same of each failure.
#[track_caller]
fn failures(bundle: &Path) -> Vec<Value> {
    let bundle = json(bundle).unwrap();
    let failures = bundle["failures"].as_array().unwrap().iter();
    let same = |failure: &Value| {
        let failure = &failure["failure_digest"];
        let text = &failure["line"]["line"];
        let fields = [
            "lane",
            "stage",
            "step",
            "failure_class",
            "cause",
            "fingerprint",
            "impacted_cells",
        ];
        let fields = fields.map(|field| failure[field].clone());
        value!([fields, text])
    };
    failures.map(same).collect()
}
