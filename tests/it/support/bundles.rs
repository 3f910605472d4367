//! Bundles of runs with many lanes.

use std::fmt::Write as _;

use serde_json::Value;

use super::{Consumer, World, json};

/// A consumer whose lanes are told apart by their names; the stage is this
/// script, with the lane's name in `$1`.
pub fn lanes(world: &World, folder: &str, names: &[String], script: &str) -> Consumer {
    let script = Value::from(script.replace('{', "{{").replace('}', "}}"));
    let mut toml = format!(
        "schema = 1\ngate = \"fake\"\n[stage.ci]\ndrive = \"command\"\n\
         run = [\"sh\", \"-c\", {script}, \"sh\", \"{{scenario}}\"]\n"
    );
    for name in names {
        let _ = write!(
            toml,
            "[scenario.{name}]\noverlay = \"scenarios/all\"\nexpect = {{ ci = 0 }}\n"
        );
    }
    world.consumer(
        folder,
        &[
            ("matrix.toml", &toml),
            ("file", "one\n"),
            ("scenarios/all/file", "two\n"),
        ],
    )
}

/// The digests of a bundle, in its order.
pub fn digests(bundle: &Value) -> Vec<Value> {
    let failures = bundle["failures"].as_array().unwrap().iter();
    failures
        .map(|failure| failure["failure_digest"].clone())
        .collect()
}

/// The bundle of the only run.
#[track_caller]
pub fn bundle(consumer: &Consumer) -> Value {
    json(&consumer.run_folder().join("replay_bundle.json")).expect("there is no bundle")
}

/// The cause of the only failure of a run.
#[track_caller]
pub fn cause_of(consumer: &Consumer) -> String {
    let all = digests(&bundle(consumer));
    assert_eq!(all.len(), 1, "{all:#?}");
    all[0]["cause"].as_str().unwrap().to_owned()
}
