//! The schema of `matrix.toml`, held against configurations by a validator of others.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::World;
use crate::support::readers::python;

const VALIDATOR: [&str; 2] = ["jsonschema==4.23.0", "tomli==2.0.2"];

/// The mistakes in each file.
#[track_caller]
fn mistakes(world: &World, files: &[PathBuf]) -> Value {
    let schema = world.path().join("schema.json");
    let text = world.matrix(&["schema", "config"]).expect(0).stdout.clone();
    fs::write(&schema, text).unwrap();
    let args: Vec<&Path> = std::iter::once(&schema)
        .chain(files)
        .map(PathBuf::as_path)
        .collect();
    python(&VALIDATOR, "configurations.py", &args)
}

/// Every `matrix.toml` below a folder.
fn configurations(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(configurations(&path));
        } else if path.file_name().is_some_and(|name| name == "matrix.toml") {
            found.push(path);
        }
    }
    found
}

#[test]
fn every_profile_and_example_fits_the_schema() {
    let world = World::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![
        root.join(".config/matrix.toml"),
        root.join("sabotages/builtin.toml"),
    ];
    for folder in ["scenarios", "xtask/gates"] {
        files.extend(configurations(&root.join(folder)));
    }
    let page = fs::read_to_string(root.join("docs/configuration.md")).unwrap();
    let examples = page
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap());
    // Others are parts of a table.
    let whole = examples.filter(|text| text.starts_with("schema") || text.starts_with('['));
    for (at, example) in whole.enumerate() {
        let file = world.path().join(format!("example-{at}.toml"));
        fs::write(&file, example).unwrap();
        files.push(file);
    }
    assert!(files.len() > 50, "{files:?}");
    let mistakes = mistakes(&world, &files);
    let wrong = mistakes.as_object().unwrap().iter();
    let wrong: Vec<_> = wrong
        .filter(|(_, all)| **all != Value::Array(Vec::new()))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_the_program_refuses_does_not_fit() {
    let world = World::new();
    let texts = [
        "gaet = \"x\"",
        "registry = \"cargo\"",
        "version = true",
        "inherits = { git = \"https://example.invalid/x\" }",
        "[stage.ci]\ndrive = \"cmd\"",
        "[stage.ci]\nrun = \"true\"",
        "[scenario.clean]\nexpect = { ci = 256 }",
        "[scenario.clean]\nexpect = { ci = \"zero\" }",
        "[scenario.clean]\nreason = { rexeg = \"x\" }",
        "[scenario.clean]\nviolation = { files = [] }",
        "[retention]\nruns = 0",
        "[[install]]\nstep = \"x\"",
        "[[sabotage]]\nid = \"x\"\ndoes = \"x\"\nwhy = \"x\"\nremedy = \"x\"\nat = \"never\"\nrun = [\"x\"]",
    ];
    let mut files = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let file = world.path().join(format!("wrong-{at}.toml"));
        fs::write(&file, text).unwrap();
        let ran = world.matrix(&["list", "--config", file.to_str().unwrap()]);
        assert_ne!(ran.code, 0, "{text}");
        files.push(file);
    }
    let mistakes = mistakes(&world, &files);
    for (file, text) in files.iter().zip(texts) {
        let found = mistakes[file.to_str().unwrap()].as_array().unwrap();
        assert_eq!(found.len(), 1, "{text}: {found:?}");
    }
}

#[test]
fn a_first_file_names_a_schema_that_is_there() {
    let world = World::new();
    let consumer = world.consumer("consumer", &[("file", "one\n")]);
    let root = consumer.root.to_str().unwrap();
    world
        .matrix(&["init", "--gate", "demo", "--repo", root])
        .expect(0);
    let text = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let named = text
        .lines()
        .next()
        .unwrap()
        .strip_prefix("#:schema ./")
        .unwrap();
    let schema = fs::read_to_string(consumer.root.join(named)).unwrap();
    assert_eq!(schema, world.matrix(&["schema", "config"]).stdout);
    // It is no dirt, and no part of what is tried.
    consumer.git(&["add", "matrix.toml", "scenarios"]);
    consumer.git(&["commit", "--quiet", "-m", "a contract"]);
    let ran = world.matrix(&["check", "--repo", root]);
    assert!(ran.stdout.contains("baseline: clean"), "{}", ran.stdout);
}
