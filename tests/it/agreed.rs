//! `contract_sha256`: the digest of what a run agreed to prove.

use crate::support::gate::{Gate, Setup};
use crate::support::{Consumer, World, json};

fn gate() -> Gate {
    World::gate("fake")
        .toml("package = \"thing@1\"\n[[install]]\nstep = \"install\"\nrun = [\"true\", \"{package_spec}\"]")
        .stage("ci", "! grep FIXME file")
        .scenario("clean", &[("file", "two\n")])
        .scenario("violations", &[("file", "FIXME\n")])
        .blocked("FIXME")
}

/// The digest of a run with these options.
#[track_caller]
fn digest(setup: &Setup, consumer: &Consumer, more: &[&str]) -> String {
    let id = format!(
        "run-{}",
        more.join("").replace(|c: char| !c.is_alphanumeric(), "-")
    );
    let ran = setup
        .world
        .run(consumer, &[more, &["--run-id", &id]].concat());
    assert!(ran.code < 2, "{ran:?}");
    let plan = json(&consumer.artifacts().join("runs").join(id).join("plan.json")).unwrap();
    plan["contract_sha256"].as_str().unwrap().to_owned()
}

#[test]
fn the_same_is_agreed_whoever_runs_which_part_of_it() {
    let setup = gate().consumer();
    let whole = digest(&setup, &setup.consumer, &[]);
    assert_eq!(whole.len(), 64);
    for part in [
        &["--scenario", "clean"][..],
        &["--stage", "ci"],
        &["--jobs", "1"],
        &["--fresh"],
        &["--repeat", "2"],
    ] {
        assert_eq!(digest(&setup, &setup.consumer, part), whole, "{part:?}");
    }
    let root = setup.world.clone_of(&setup.consumer, "elsewhere");
    assert_eq!(digest(&setup, &Consumer { root }, &[]), whole);
}

#[test]
fn whatever_decides_is_part_of_what_is_agreed() {
    let setup = gate().consumer();
    let mut seen = vec![digest(&setup, &setup.consumer, &[])];
    seen.push(digest(&setup, &setup.consumer, &["--strict"]));
    seen.push(digest(&setup, &setup.consumer, &["--timeout", "77s"]));
    seen.push(digest(&setup, &setup.consumer, &["--package", "thing@2"]));
    let toml = std::fs::read_to_string(setup.consumer.root.join("matrix.toml")).unwrap();
    for (path, text) in [
        ("file", "another commit\n"),
        ("scenarios/violations/file", "another FIXME\n"),
        ("matrix.toml", &*toml.replace("! grep", "! grep -n")),
    ] {
        setup.consumer.write(path, text);
        setup.consumer.commit(path);
        seen.push(digest(&setup, &setup.consumer, &[]));
    }
    let mut different = seen.clone();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), seen.len(), "{seen:#?}");
}
