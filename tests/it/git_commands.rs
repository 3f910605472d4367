//! Every hook that can block, reached by the git command that launches it.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use crate::support::git_commands::{
    COMMANDS, OWN, REMOTE, every_hook, passing_stages, refusing_stages,
};
use crate::support::hooks::hooked;
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

#[test]
fn a_message_alone_can_be_amended_and_rebased() {
    let world = World::new();
    let stages = "[stage.amended]\ndrive = \"git\"\non = \"amend\"\n\
                  [stage.rebased]\ndrive = \"git\"\non = \"rebase\"\n";
    let hooks = [("post-rewrite", "exit 0"), ("pre-rebase", "exit 0")];
    let consumer = hooked(&world, &hooks, stages, "{ amended = 0, rebased = 0 }");
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let without = toml.lines().filter(|line| !line.starts_with("overlay"));
    let toml: Vec<&str> = without.collect();
    consumer.write("matrix.toml", &toml.join("\n"));
    consumer.commit("only a message");
    world.run(&consumer, &[]).expect(0);
}

#[test]
fn a_deletion_of_the_branch_that_the_remote_is_on_is_for_hooks_to_refuse() {
    let world = World::new();
    let stages = "[stage.deleted]\ndrive = \"git\"\non = \"delete\"\n";
    let consumer = hooked(
        &world,
        &[("pre-push", "exit 0")],
        stages,
        "{ deleted = 0 }\ndelete = \"topic\"",
    );
    consumer.git(&["checkout", "--quiet", "-b", "topic"]);
    world.run(&consumer, &[]).expect(0);
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

/// The verdict names the hook that blocked, and the place where another one is missed.
#[test]
fn the_hook_that_blocked_is_named() {
    let stage = |name: &str| format!("[stage.{name}]\ndrive = \"git\"\n");
    let merge = "[stage.joined]\ndrive = \"git\"\non = \"merge\"\n";
    for (hooks, stages, expect, told) in [
        (
            [("pre-commit", 0), ("commit-msg", 1)],
            &*stage("pre-commit"),
            "{ pre-commit = 0 }",
            "git commit exited 1 (its commit-msg hook exited 1), 0 was expected",
        ),
        (
            [("pre-commit", 0), ("commit-msg", 1)],
            &stage("pre-commit"),
            "{ pre-commit = 1 }",
            "its pre-commit hook let it through: its commit-msg hook exited 1",
        ),
        (
            [("pre-commit", 1), ("commit-msg", 0)],
            &stage("commit-msg"),
            "{ commit-msg = 1 }",
            "no commit-msg hook was launched: its pre-commit hook exited 1",
        ),
        (
            [("pre-push", 1), ("commit-msg", 0)],
            &stage("pre-receive"),
            "{ pre-receive = { exit = 1, hook_exit = 1 } }",
            "git launched no pre-receive hook, one that exits 1 was expected: its pre-push hook exited 1",
        ),
        (
            [("pre-push", 0), ("commit-msg", 0)],
            &stage("pre-receive"),
            "{ pre-receive = 1 }",
            "there is no pre-receive among the hooks of the lane's remote (server_hooks)",
        ),
        (
            [("pre-merge-commit", 5), ("commit-msg", 0)],
            merge,
            "{ joined = { exit = 1, hook_exit = 4 } }",
            "the pre-merge-commit hook exited 5, 4 was expected",
        ),
        (
            [("pre-commit", 1), ("commit-msg", 0)],
            merge,
            "{ joined = 1 }",
            "git merge exited 0 (its commit-msg hook exited 0), 1 was expected",
        ),
    ] {
        let world = World::new();
        let scripts = hooks.map(|(hook, code)| (hook, format!("exit {code}")));
        let hooks = scripts.each_ref().map(|(hook, script)| (*hook, &**script));
        let ran = world.run(&hooked(&world, &hooks, stages, expect), &[]);
        let said = &ran.expect(1).stderr;
        assert!(said.contains(told), "{told}:\n{said}");
    }
}

/// A push that a hook makes itself starts a git of the same kind, elsewhere.
#[test]
fn only_the_remote_of_the_stage_is_listened_to() {
    let world = World::new();
    let elsewhere = "[[activate]]\nstep = \"elsewhere\"\nrun = [\"sh\", \"-c\", \"git init -q --bare {tool_dir}/e.git; \
        printf '#!/bin/sh\\nexit 3\\n' >{tool_dir}/e.git/hooks/pre-receive; \
        chmod +x {tool_dir}/e.git/hooks/pre-receive\"]\n"
        .replace("\\n", "\\\\n");
    let stages = elsewhere + "[stage.pre-receive]\ndrive = \"git\"\n";
    let push = "git push -q --no-verify ../tools/e.git HEAD:refs/heads/x; exit 1";
    let expect = "{ pre-receive = { exit = 1, hook_exit = 3 } }";
    let consumer = hooked(&world, &[("pre-push", push)], &stages, expect);
    let ran = world.run(&consumer, &[]);
    let told = "git launched no pre-receive hook";
    assert!(ran.expect(1).stderr.contains(told), "{}", ran.stderr);
    let hooks = consumer.cell("bad", "pre-receive")["witness"]["hooks"].clone();
    assert_eq!(hooks.as_array().unwrap().len(), 1, "{hooks}");
}

#[test]
fn hooks_of_the_remote_that_are_missing_end_the_lane() {
    for (folder, exit, told) in [
        (
            "nowhere",
            2,
            "matrix.toml:2:16: there is no folder `nowhere` in the consumer",
        ),
        (
            "scenarios",
            1,
            "server_hooks: no file in scenarios is executable",
        ),
    ] {
        let world = World::new();
        let stage = "[stage.pre-receive]\ndrive = \"git\"\n";
        let consumer = hooked(
            &world,
            &[("pre-push", "exit 0")],
            stage,
            "{ pre-receive = 1 }",
        );
        let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
        let key = format!("schema = 1\nserver_hooks = \"{folder}\"\n");
        consumer.write("matrix.toml", &toml.replacen("schema = 1\n", &key, 1));
        consumer.write("scenarios/read.me", "nothing that runs\n");
        consumer.commit("hooks of the remote");
        let ran = world.run(&consumer, &[]);
        assert!(ran.expect(exit).stderr.contains(told), "{}", ran.stderr);
    }
}
