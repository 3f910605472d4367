//! The one command of a run, somewhere else.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json as value};

use super::{Consumer, Ran, World, json, program};

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
    let record = json(&run.join("run.json")).unwrap();
    let exit = record["exit_code"].clone();
    let bundle = json(&run.join("replay_bundle.json")).unwrap();
    let clone = world.clone_of(consumer, "another folder's clone");
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
    let mut causes = BTreeSet::new();
    for failure in bundle["failures"].as_array().unwrap() {
        // One of each cause: the scripts differ in nothing else.
        if !causes.insert(failure["failure_digest"]["cause"].as_str().unwrap()) {
            continue;
        }
        let Some(by_shell) = failure["replay"]["shell"]["command"].as_str() else {
            continue;
        };
        if let Some(exit) = exit_by_hand(&record, &failure["failure_digest"]) {
            let mut sh = Command::new("sh");
            sh.arg("-c").arg(by_shell).env_clear().current_dir(&clone);
            sh.env("PATH", std::env::var_os("PATH").unwrap());
            sh.env("SOURCE", &clone).env("TMPDIR", world.path());
            let ran = Ran::of(sh.envs(env.iter().copied()).output().unwrap());
            assert_eq!(ran.code, exit, "{by_shell}: {ran:?}");
        }
    }
    let again = run.with_file_name("again").join("replay_bundle.json");
    assert_eq!(
        failures(&again),
        failures(&run.join("replay_bundle.json")),
        "{ran:?}"
    );
}

/// The exit that the script of a failure must have, as its step had it; none
/// where the step was no command.
pub fn exit_by_hand(run: &Value, failure: &Value) -> Option<i32> {
    let steps = run["lanes"][failure["lane"].as_str()?]["steps"].as_array()?;
    let step = steps.iter().find(|step| step["step"] == failure["step"])?;
    let code = |word: &str| i32::try_from(step["ending"][word].as_i64()?).ok();
    match step["ending"].as_str() {
        Some("timed_out") => Some(124),
        // The gate told another version than the one that was installed.
        _ if step["step"] == "gate_version" => Some(1),
        _ => code("exited").or_else(|| code("signaled").map(|signal| 128 + signal)),
    }
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

/// Runs the matrix, whose scenario `good` ends at `ci` with 7 if all is as it
/// should be, and executes the script of that lane, which must end so too.
#[track_caller]
pub fn is_right_in_lane_and_script(world: &World, consumer: &Consumer, more: &[&str]) -> Ran {
    let _ = std::fs::remove_dir_all(consumer.artifacts());
    let ran = world.run(consumer, &[&["--run-id", "one"], more].concat());
    ran.expect(1);
    assert_eq!(
        consumer.cell("good", "ci")["exit"],
        7,
        "{}\n{}",
        ran.stderr,
        consumer.log("good", "stage_ci")
    );
    let scratch = world.path().join("by-hand");
    std::fs::create_dir_all(&scratch).unwrap();
    let mut sh = Command::new("sh");
    sh.arg(consumer.artifacts().join("runs/one/replay/good.sh"))
        .arg("stage_ci")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("TMPDIR", scratch);
    Ran::of(sh.output().unwrap()).expect(7);
    ran
}
