//! What is committed as documentation is what the program does.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gate_matrix::model::BuiltinStep;
use gate_matrix::model::ExitCode;
use gate_matrix::schema;

use crate::support::World;
use crate::support::schema::fits;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

fn read(name: &str) -> String {
    let path = docs().join(name);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The rows of the first table with this head, without the head.
fn table(text: &str, head: &str) -> Vec<String> {
    let rows = text.lines().skip_while(|line| *line != head);
    let rows = rows.take_while(|line| line.starts_with('|')).skip(2);
    rows.map(ToOwned::to_owned).collect()
}

#[test]
fn the_exit_codes_are_those_of_the_program() {
    let rows = ExitCode::ALL.map(|code| format!("| {} | {} |", code.number(), code.meaning()));
    assert_eq!(table(&read("exit-codes.md"), "| code | meaning |"), rows);
}

#[test]
fn every_step_is_documented() {
    let rows = table(&read("artifacts.md"), "| step | meaning |");
    for step in BuiltinStep::ALL {
        let (id, meaning) = (step.as_str(), step.meaning());
        let row = format!("| `{id}` | {meaning} |");
        assert!(rows.contains(&row), "docs/artifacts.md lacks\n{row}");
    }
    assert_eq!(
        rows.len(),
        BuiltinStep::ALL.len(),
        "docs/artifacts.md has a step too many"
    );
}

#[test]
fn the_committed_schemas_are_those_of_the_program() {
    let world = World::new();
    for (name, _) in schema::NAMES {
        let ran = world.matrix(&["schema", name]);
        let file = format!("schemas/{name}.json");
        let committed = fs::read_to_string(docs().join(&file)).unwrap_or_default();
        assert!(
            ran.expect(0).stdout == committed,
            "docs/{file} is not current; refresh it with\n  \
             cargo xtask gen"
        );
    }
    let files = fs::read_dir(docs().join("schemas")).unwrap().count();
    assert_eq!(
        files,
        schema::NAMES.len(),
        "docs/schemas/ has a file too many"
    );
}

#[test]
fn the_committed_runbook_is_that_of_the_program() {
    let ran = World::new().matrix(&["explain", "--all"]);
    assert!(
        ran.expect(0).stdout == read("runbook.md"),
        "docs/runbook.md is not current; refresh it with `cargo xtask gen`"
    );
}

#[test]
fn an_unknown_schema_is_told_with_those_there_are() {
    let world = World::new();
    let ran = world.matrix(&["schema", "summry"]);
    let said = &ran.expect(2).stderr;
    assert!(
        schema::NAMES.iter().all(|(name, _)| said.contains(name)),
        "{said}"
    );
}

#[test]
fn a_schema_requires_what_is_always_present() {
    for (name, _) in schema::NAMES
        .iter()
        .filter(|(name, _)| !["config", "event"].contains(name))
    {
        let schema = serde_json::to_value(schema::schema(name).unwrap()).unwrap();
        let properties = schema["properties"].as_object().unwrap();
        let required = schema["required"].as_array().unwrap();
        for key in properties.keys() {
            assert!(required.contains(&key.as_str().into()), "{name}: {key}");
        }
    }
}

#[test]
fn the_files_of_a_run_fit_their_schemas() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let schema = |name: &str| serde_json::to_value(schema::schema(name).unwrap()).unwrap();
    world.run(&consumer, &["--run-id", "only"]).expect(0);
    let run = consumer.run_folder();
    let json = |path: &str| crate::support::json(&run.join(path)).unwrap();
    fits(&schema("summary"), "summary", &consumer.passed("fake"));
    fits(&schema("plan"), "plan", &json("plan.json"));
    fits(&schema("run"), "run", &json("run.json"));
    fits(&schema("bundle"), "bundle", &json("replay_bundle.json"));
    fits(&schema("cell"), "cell", &json("cells/clean/ci.json"));
    consumer.write("dirt", "");
    world.run(&consumer, &["--run-id", "only"]).expect(17);
    let failure = consumer.failed("fake", BuiltinStep::SourceRepoCleanliness.as_str());
    fits(&schema("last-failure"), "last-failure", &failure);
}

/// The page says which version was tried: after a change of a `matrix.toml`, `cargo xtask grids` is due.
#[test]
fn every_consumer_of_a_real_gate_has_its_row_with_the_pinned_version() {
    let head = "| gate | version | tried on | installed by | stages driven by | clean | violations | \
                mixed | fresh clone | note |";
    let page = read("real-gates.md");
    let rows = table(&page, head);
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.split(" | ").collect()).collect();
    let versions = |folder: &str| {
        let folders = fs::read_dir(docs().join(folder)).unwrap();
        let configs = folders.map(|entry| entry.unwrap().path().join("matrix.toml"));
        configs.filter_map(|file| {
            let config: toml::Table = fs::read_to_string(&file).unwrap().parse().unwrap();
            let gate = config["gate"].as_str().unwrap().to_owned();
            // What says no package is laid over the mock of the built-in gate of its name.
            let (_, version) = config.get("package")?.as_str()?.rsplit_once('@')?;
            Some((gate, version.to_owned()))
        })
    };
    let mut pinned = BTreeMap::new();
    pinned.extend(versions("../scenarios").filter(|(gate, _)| gate != "pumuki"));
    pinned.extend(versions("../xtask/gates"));
    let gates: Vec<_> = pinned
        .iter()
        .map(|(gate, version)| format!("| {gate} | {version}"))
        .collect();
    let tried: Vec<String> = rows.iter().map(|row| row[..2].join(" | ")).collect();
    assert_eq!(
        tried, gates,
        "refresh docs/real-gates.md with\n  cargo xtask grids"
    );
    assert!(rows.len() >= 20, "{}", rows.len());
    for row in rows {
        assert!(row[5].split(" / ").all(|exit| exit == "0"), "{row:?}");
        let exits = row[6..8].iter().flat_map(|exits| exits.split(" / "));
        assert!(
            exits.into_iter().all(|exit| !exit.starts_with('0')),
            "{row:?}"
        );
    }
}
