//! Hook files, configured hooks, both, and several of one event: the same cells with
//! a git that knows configured hooks and with one that may not.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::hooks::hooked;
use crate::support::new_git::{both_gits, has_configured_hooks};
use crate::support::{Ran, World};

/// The exits of the configured hooks of pre-push, and of its file if there is one.
type Layout = (&'static [i32], Option<i32>);

const FILE: Layout = (&[], Some(3));
const CONFIGURED: Layout = (&[3], None);
const BOTH: Layout = (&[0], Some(3));
const FIRST: Layout = (&[3, 0, 0], None);
const MIDDLE: Layout = (&[0, 3, 0], None);
const LAST: Layout = (&[0, 0, 3], None);

/// Pushes with these hooks: the same verdict from each git, but where only files run.
fn pushed((configured, file): Layout, is_parallel: bool) {
    for path in both_gits() {
        let world = World::new();
        let mut script = String::from("true");
        if is_parallel {
            script += "; git config hook.jobs 3";
        }
        for (at, code) in configured.iter().enumerate() {
            let _ = write!(
                script,
                "; git config hook.n{at}.event pre-push; git config hook.n{at}.command 'exit {code}'; \
                 git config hook.n{at}.parallel {is_parallel}"
            );
        }
        let stages = format!(
            "[[activate]]\nstep = \"configure\"\nrun = [\"sh\", \"-c\", {}]\n\
             [stage.pre-push]\ndrive = \"git\"\n",
            Value::from(script)
        );
        let body = format!("exit {}", file.unwrap_or(0));
        let name = if file.is_some() { "pre-push" } else { "unused" };
        let expect = "{ pre-push = { exit = 1, hook_exit = 3 } }";
        let consumer = hooked(&world, &[(name, &body)], &stages, expect);
        let mut command = world.run_command(&consumer, &["--strict"]);
        let ran = Ran::of(command.env("PATH", &path).output().unwrap());
        let cell = consumer.cell("bad", "pre-push");
        let hooks = cell["witness"]["hooks"].as_array().unwrap().iter();
        let hooks: Vec<Value> = hooks
            .map(|hook| json!([hook["configured"], hook["exit"]]))
            .collect();
        let knows = has_configured_hooks(&path);
        let of_config = configured.iter().filter(|_| knows);
        let wanted: Vec<Value> = of_config
            .map(|code| json!([true, code]))
            .chain(file.map(|code| json!([false, code])))
            .collect();
        assert_eq!(hooks, wanted);
        if wanted.is_empty() {
            let told = "git did not run its configured hook n0 (git 2.54 and later do)";
            assert!(ran.expect(1).stderr.contains(told), "{}", ran.stderr);
            assert_eq!(cell["verdict"], "contract");
        } else {
            ran.expect(0);
            assert_eq!(cell["hook_exit"], 3);
        }
    }
}

#[test]
fn a_file() {
    pushed(FILE, false);
}

#[test]
fn a_file_in_parallel() {
    pushed(FILE, true);
}

#[test]
fn a_configured_hook() {
    pushed(CONFIGURED, false);
}

#[test]
fn a_configured_hook_in_parallel() {
    pushed(CONFIGURED, true);
}

#[test]
fn a_configured_hook_and_a_file() {
    pushed(BOTH, false);
}

#[test]
fn a_configured_hook_and_a_file_in_parallel() {
    pushed(BOTH, true);
}

#[test]
fn the_first_of_three() {
    pushed(FIRST, false);
}

#[test]
fn the_first_of_three_in_parallel() {
    pushed(FIRST, true);
}

#[test]
fn the_middle_of_three() {
    pushed(MIDDLE, false);
}

#[test]
fn the_middle_of_three_in_parallel() {
    pushed(MIDDLE, true);
}

#[test]
fn the_last_of_three() {
    pushed(LAST, false);
}

#[test]
fn the_last_of_three_in_parallel() {
    pushed(LAST, true);
}
