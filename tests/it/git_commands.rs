//! Every hook that can block, reached by the git command that launches it.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use crate::support::git_commands::{
    COMMANDS, OWN, REMOTE, every_hook, passing_stages, refusing_stages,
};
use crate::support::new_git::both_gits;
use crate::support::{Consumer, Ran, World};

fn run(world: &World, consumer: &Consumer, path: &OsString, more: &[&str]) -> Ran {
    let mut command = world.run_command(consumer, more);
    Ran::of(command.env("PATH", path).output().unwrap())
}

/// The runs of a hook in a cell: whether the remote ran it, and its exit.
fn runs_of(cell: &Value, hook: &str) -> Vec<(bool, i64)> {
    let hooks = cell["witness"]["hooks"].as_array().unwrap().iter();
    let own = hooks.filter(|run| run["name"] == hook);
    own.map(|run| {
        let exit = run["exit"].as_i64().unwrap();
        (run["remote"] == true, exit)
    })
    .collect()
}

/// All stages in one lane: each has to find the state that it starts from.
#[test]
fn every_hook_that_can_block_is_reached_by_the_stage_of_its_name() {
    for path in both_gits() {
        let world = World::new();
        let mut expect = String::new();
        for (hook, exit) in OWN.iter().chain(&REMOTE) {
            let _ = write!(expect, "{hook} = {{ exit = {exit}, hook_exit = 3 }}, ");
        }
        let expect = format!("expect = {{ {expect} }}");
        let consumer = every_hook(&world, &refusing_stages(), &expect);
        run(&world, &consumer, &path, &[]).expect(0);
        for (hook, _) in OWN {
            let runs = runs_of(&consumer.cell("bad", hook), hook);
            assert!(runs.contains(&(false, 3)), "{hook}: {runs:?}");
        }
        for (hook, _) in REMOTE {
            let cell = consumer.cell("bad", hook);
            assert_eq!(runs_of(&cell, hook), [(true, 3)]);
            assert_eq!(cell["witness"]["hooks"][0]["name"], "pre-push");
        }
    }
}

#[test]
fn every_command_lets_a_change_in() {
    for path in both_gits() {
        let world = World::new();
        let expect = COMMANDS.map(|on| format!("on-{on} = 0")).join(", ");
        let scenario = format!(
            "message = \"[ABC] a change\\n\\nof several lines\"\ntag = \"v1.0\"\ndelete = \"release/1\"\n\
             expect = {{ {expect} }}"
        );
        let consumer = every_hook(&world, &passing_stages(), &scenario);
        let format = [
            "init",
            "--quiet",
            "--initial-branch=main",
            "--ref-format=reftable",
        ];
        if path != both_gits()[0] {
            fs::remove_dir_all(consumer.root.join(".git")).unwrap();
            consumer.git(&[&format[..], &["--object-format=sha256"]].concat());
            consumer.commit("in other formats");
        }
        run(&world, &consumer, &path, &["--keep"]).expect(0);
        let moved =
            |on: &str| consumer.cell("bad", &format!("on-{on}"))["witness"]["moved"].clone();
        assert_eq!(moved("tag")["what"], "refs/tags/v1.0");
        assert_eq!(moved("delete")["what"], "refs/heads/release/1");
        assert_eq!(moved("delete")["after"], Value::Null);
        for (on, hook) in [
            ("amend", "post-rewrite"),
            ("merge", "pre-merge-commit"),
            ("rebase", "pre-rebase"),
            ("cherry-pick", "prepare-commit-msg"),
            ("am", "applypatch-msg"),
            ("tag", "pre-receive"),
            ("delete", "update"),
        ] {
            let cell = consumer.cell("bad", &format!("on-{on}"));
            assert!(!runs_of(&cell, hook).is_empty(), "{on}: {cell:#}");
        }
    }
}

/// The table of the documentation is the one that the stages above were held against.
#[test]
fn the_exits_of_git_are_documented() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md");
    let text = fs::read_to_string(path).unwrap();
    for (hook, exit) in OWN.iter().chain(&REMOTE) {
        let quoted = format!("`{hook}`");
        let is_row = |line: &&str| line.starts_with("| `") && line.contains(&quoted);
        let cell = format!(" | {exit} | ");
        assert!(
            text.lines().filter(is_row).any(|row| row.contains(&cell)),
            "{hook}: {exit}"
        );
    }
}
