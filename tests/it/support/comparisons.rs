//! Runs that are compared, and the known failures of a comparison.

use serde_json::Value;

use super::{Consumer, Ran, World};

/// Says and exits what a line of `table` says of its cell.
pub const GATE: &str = "line=$(grep \"^$1/$2 \" table) || exit 0\n\
    set -- $line; code=$2; shift 2\n\
    echo \"$*\"; exit $code\n";

/// A configuration of these lanes and stages, which must all exit 0.
pub fn gate(name: &str, lanes: &[&str], stages: &[&str]) -> String {
    let mut toml = format!("schema = 1\ngate = \"{name}\"\n");
    for stage in stages {
        toml += &format!(
            "[stage.{stage}]\ndrive = \"command\"\n\
             run = [\"sh\", \"gate.sh\", \"{{scenario}}\", \"{{stage}}\"]\n"
        );
    }
    let expect: Vec<_> = stages.iter().map(|stage| format!("{stage} = 0")).collect();
    let expect = expect.join(", ");
    for lane in lanes {
        toml +=
            &format!("[scenario.{lane}]\noverlay = \"scenarios/any\"\nexpect = {{ {expect} }}\n");
    }
    toml
}

/// A consumer of that gate; `table` says what is red.
pub fn consumer(world: &World, name: &str, toml: &str, table: &str) -> Consumer {
    let files = [
        ("matrix.toml", toml),
        ("gate.sh", GATE),
        ("table", table),
        ("file", "one\n"),
        ("scenarios/any/file", "two\n"),
    ];
    world.consumer(name, &files)
}

pub fn now(consumer: &Consumer, file: &str, text: &str) {
    consumer.write(file, text);
    consumer.commit("changed");
}

/// `matrix diff` in the consumer.
pub fn diff(world: &World, consumer: &Consumer, words: &[&str]) -> Ran {
    let mut command = world.command(&["diff"]);
    command.args(words).current_dir(&consumer.root);
    Ran::of(command.output().unwrap())
}

#[track_caller]
pub fn document(world: &World, consumer: &Consumer, words: &[&str]) -> Value {
    let ran = diff(world, consumer, &[words, &["--format", "json"]].concat());
    serde_json::from_str(&ran.expect(0).stdout).unwrap()
}

pub fn cell<'a>(document: &'a Value, name: &str) -> &'a Value {
    let mut cells = document["cells"].as_array().unwrap().iter();
    cells.find(|cell| cell["cell"] == name).unwrap()
}

pub fn run_folder(consumer: &Consumer, id: &str) -> std::path::PathBuf {
    consumer.artifacts().join("runs").join(id)
}

/// The counts that are not 0.
pub fn counts(document: &Value) -> Value {
    let counts = document["counts"].as_object().unwrap().iter();
    counts
        .filter(|(_, count)| **count != 0)
        .map(|(what, count)| (what.clone(), count.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Lines of the table: cells that exit 1.
pub fn red(cells: &[&str]) -> String {
    cells.iter().map(|cell| format!("{cell} 1 no\n")).collect()
}

pub const AB: [&str; 2] = ["a", "b"];

/// 2026-02-18, noon.
pub const TODAY: &str = "1771416000";

pub fn good(cell: &str) -> String {
    entry(cell, "2026-02-01", "2026-02-18")
}

/// Three lanes; then `a` and `b` are red.
pub fn two_runs(world: &World) -> Consumer {
    let toml = gate("fake", &["a", "b", "c"], &["ci"]);
    let consumer = consumer(world, "consumer", &toml, "none\n");
    world.run(&consumer, &["--run-id", "base"]).expect(0);
    now(&consumer, "table", "a/ci 1 no\nb/ci 1 no\n");
    world.run(&consumer, &["--run-id", "now"]).expect(1);
    consumer
}

pub fn entry(cell: &str, created: &str, expires: &str) -> String {
    format!(
        "[[known]]\ncell = \"{cell}\"\nowner = \"ann\"\nreason = \"upstream is slow\"\n\
         created = {created}\nexpires = {expires}\n"
    )
}
