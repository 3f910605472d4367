//! A hook that leads out of its lane is red, with and without a sandbox.

use std::fs;

use serde_json::Value;

use crate::support::bundles::bundle;
use crate::support::{Consumer, Ran, World};

/// A consumer whose activation makes the hook `pre-commit` of this text, in this folder.
fn hooked(world: &World, folder: &str, hook: &str) -> Consumer {
    let make = format!(
        "mkdir -p {folder} && printf '%s\\n' '#!/bin/sh' '{hook}' >{folder}/pre-commit && \
         chmod +x {folder}/pre-commit && git config core.hooksPath {folder}"
    );
    let make = Value::from(make.replace('{', "{{").replace('}', "}}"));
    let toml = format!(
        "schema = 1\ngate = \"fake\"\n[[activate]]\nstep = \"make\"\nrun = [\"sh\", \"-c\", {make}]\n\
         [stage.pre-commit]\ndrive = \"git\"\n[scenario.good]\noverlay = \"scenarios/good\"\n\
         expect = {{ pre-commit = 0 }}\n"
    );
    let files = [
        ("matrix.toml", &*toml),
        ("scenarios/good/file", "good\n"),
        ("tools/gate", "#!/bin/sh\nexit 0\n"),
        (".gitignore", "artifacts\n"),
    ];
    world.consumer("consumer", &files)
}

/// A world whose home has a program in the cache of npx.
fn with_npx() -> (World, String) {
    let world = World::new();
    let home = Consumer { root: world.home() };
    home.write(".npm/_npx/1/gate", "#!/bin/sh\nexit 0\n");
    let program = world.home().join(".npm/_npx/1/gate");
    (world, program.display().to_string())
}

fn run(world: &World, consumer: &Consumer, sandbox: &str) -> Ran {
    let _ = fs::remove_dir_all(consumer.artifacts());
    world.run(consumer, &["--sandbox", sandbox])
}

/// Red in both modes, for the reason that the hook leads there.
fn leads_out(world: &World, consumer: &Consumer, program: &str) {
    for sandbox in ["off", "require"] {
        let ran = run(world, consumer, sandbox);
        ran.expect(1);
        let named = ["ran", "calls"].map(|verb| format!("pre-commit hook {verb} {program}, which"));
        let is_named = named.iter().any(|said| ran.stderr.contains(said));
        assert!(is_named, "{sandbox}: {ran:?}");
        let bundle = bundle(consumer);
        let digest = &bundle["failures"][0]["failure_digest"];
        assert_eq!(digest["cause"], "hook-leads-out-of-lane", "{digest:#}");
        assert_eq!(
            digest["impacted_cells"],
            serde_json::json!(["good/pre-commit"])
        );
        let outside = &consumer.cell("good", "pre-commit")["witness"]["outside"][0];
        assert_eq!(outside["path"], program, "{outside}");
    }
}

#[test]
fn a_hook_into_the_cache_of_npx_is_red_and_the_program_is_named() {
    let (world, npx) = with_npx();
    leads_out(
        &world,
        &hooked(&world, "made", &format!("exec {npx} run")),
        &npx,
    );
}

#[test]
fn a_hook_that_has_a_way_without_the_cache_is_red_all_the_same() {
    let (world, npx) = with_npx();
    let hook = format!("if test -x \"{npx}\"; then exec \"{npx}\"; fi; exec tools/gate");
    leads_out(&world, &hooked(&world, "made", &hook), &npx);
}

#[test]
fn a_hook_into_the_consumer_is_red() {
    let world = World::new();
    let program = world.path().join("consumer/tools/gate");
    let program = program.display().to_string();
    leads_out(&world, &hooked(&world, "made", &program), &program);
}

#[test]
fn a_hook_that_is_called_by_the_one_of_husky_is_red() {
    let (world, npx) = with_npx();
    let consumer = hooked(&world, ".husky/_", "sh .husky/pre-commit");
    consumer.write(".husky/pre-commit", &format!("exec {npx}\n"));
    consumer.commit("a hook");
    leads_out(&world, &consumer, &npx);
}

#[test]
fn a_program_of_the_machine_or_one_that_never_ran_is_no_fault() {
    let (world, npx) = with_npx();
    let home = Consumer { root: world.home() };
    home.write(".local/bin/tool", "#!/bin/sh\nexit 0\n");
    let bin = world.home().join(".local/bin");
    let hook = format!("/usr/bin/env true && exec {}/tool", bin.display());
    let consumer = hooked(&world, "made", &hook);
    let own = std::env::var("PATH").unwrap();
    for sandbox in ["off", "require"] {
        let mut command = world.run_command(&consumer, &["--sandbox", sandbox]);
        command.env("PATH", format!("{own}:{}", bin.display()));
        Ran::of(command.output().unwrap()).expect(0);
    }
    let hook = format!("test -x {npx} || echo there is none; exit 0");
    let other = World::new();
    let consumer = hooked(&other, "made", &hook);
    run(&other, &consumer, "off").expect(0);
}
