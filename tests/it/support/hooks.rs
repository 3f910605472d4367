//! Gates that are hooks, and what their only cell must come to.

use serde_json::Value;

use super::{Consumer, World};

pub const HOOKS: &str = "[[activate]]\nstep = \"hook_up\"\n\
    run = [\"git\", \"config\", \"core.hooksPath\", \"hooks\"]\n";

/// A consumer whose hooks are these scripts, with these stages and this
/// expectation of the scenario `bad`.
pub fn hooked(world: &World, hooks: &[(&str, &str)], stages: &str, expect: &str) -> Consumer {
    let toml = format!(
        "schema = 1\ngate = \"fake\"\n{HOOKS}{stages}\
         [scenario.bad]\noverlay = \"scenarios/bad\"\nexpect = {expect}\n"
    );
    let hooks: Vec<_> = hooks
        .iter()
        .map(|(name, script)| (format!("hooks/{name}"), format!("#!/bin/sh\n{script}\n")))
        .collect();
    let mut files = vec![("matrix.toml", &*toml), ("scenarios/bad/file", "bad\n")];
    files.extend(hooks.iter().map(|(name, script)| (&**name, &**script)));
    world.consumer("consumer", &files)
}

pub const COMMIT: &str = "[stage.pre-commit]\ndrive = \"git\"\n";

pub const BLOCKS: &str = "{ pre-commit = 1 }";

pub const PASSES: &str = "{ pre-commit = 0 }";

/// Runs; the only cell is red with this class, and all of this is told.
#[track_caller]
pub fn red(world: &World, consumer: &Consumer, class: &str, told: &str) {
    let ran = world.run(consumer, &[]);
    assert!(
        ran.expect(1).stderr.contains(told),
        "{told}\n{}",
        ran.stderr
    );
    let failure = consumer.last_failure("fake").unwrap();
    assert_eq!(failure["failure_class"], class, "{failure:#}");
    world.nobody_lives();
}

/// A commit with these hooks, in a lane that an activation did this to.
#[track_caller]
pub fn commit(activate: &str, hooks: &[(&str, &str)], expect: &str, class: &str, told: &str) {
    let world = World::new();
    let hooks: Vec<_> = hooks
        .iter()
        .map(|(name, script)| (*name, world.script(script)))
        .collect();
    let hooks: Vec<_> = hooks.iter().map(|(name, text)| (*name, &**text)).collect();
    let consumer = hooked(
        &world,
        &hooks,
        &format!("{}{COMMIT}", step(activate)),
        expect,
    );
    red(&world, &consumer, class, told);
}

pub const GOOD: &[(&str, &str)] = &[("pre-commit", "exit 0")];

/// A further step of the activation.
pub fn step(script: &str) -> String {
    let script = Value::from(script.replace('{', "{{").replace('}', "}}"));
    format!("[[activate]]\nstep = \"alter\"\nrun = [\"sh\", \"-c\", {script}]\n")
}
