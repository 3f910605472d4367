//! Hook files, hooks of git's configuration (2.54 and later), and both.

use std::ffi::OsString;
use std::fs;

use serde_json::{Value, json};

use crate::support::hooks::hooked;
use crate::support::new_git::{both_gits, has_configured_hooks, path_with_new_git};
use crate::support::{Consumer, Ran, World, mkfifo};

const COMMIT: &str = "[stage.pre-commit]\ndrive = \"git\"\n";
const PUSH: &str = "[stage.pre-push]\ndrive = \"git\"\n";
const CI: &str = "[stage.ci]\ndrive = \"command\"\nrun = [\"true\"]\n";

/// An activation that runs this script.
fn activate(script: &str) -> String {
    let script = Value::from(script);
    format!("[[activate]]\nstep = \"configure\"\nrun = [\"sh\", \"-c\", {script}]\n")
}

/// An activation that configures these commands as hooks of an event.
fn configure(event: &str, commands: &[&str]) -> String {
    let hooks = commands.iter().enumerate().map(|(at, command)| {
        format!("git config hook.n{at}.event {event}; git config hook.n{at}.command '{command}'")
    });
    activate(&hooks.collect::<Vec<_>>().join("; "))
}

fn run(world: &World, consumer: &Consumer, path: &OsString, more: &[&str]) -> Ran {
    let mut command = world.run_command(consumer, more);
    Ran::of(command.env("PATH", path).output().unwrap())
}

/// Whether each hook of a cell was configured, and its exit.
fn hooks(cell: &Value) -> Value {
    let hooks = cell["witness"]["hooks"].as_array().unwrap().iter();
    hooks
        .map(|hook| json!([hook["configured"], hook["exit"]]))
        .collect()
}

#[test]
fn the_first_code_that_is_not_zero_is_the_hooks_exit() {
    let codes = [[3, 0, 0], [0, 3, 0], [0, 0, 3], [0, 3, 5], [3, 127, 0]];
    for codes in codes {
        let world = World::new();
        let commands = codes.map(|code| format!("exit {code}"));
        let commands: Vec<_> = commands.iter().map(String::as_str).collect();
        let stages = configure("pre-commit", &commands) + COMMIT;
        let expect = "{ pre-commit = { exit = 1, hook_exit = 3 } }";
        let consumer = hooked(&world, &[], &stages, expect);
        run(&world, &consumer, &path_with_new_git(), &[]).expect(0);
        let cell = consumer.cell("bad", "pre-commit");
        assert_eq!(cell["hook_exit"], 3, "{codes:?}");
        assert_eq!(hooks(&cell), json!(codes.map(|code| (true, code))));
    }
}

#[test]
fn hooks_that_all_let_the_change_through_exit_0() {
    let world = World::new();
    let stages = configure("pre-commit", &["true", "true"]) + COMMIT;
    let consumer = hooked(
        &world,
        &[("pre-commit", "exit 0")],
        &stages,
        "{ pre-commit = 0 }",
    );
    run(&world, &consumer, &path_with_new_git(), &[]).expect(0);
    let cell = consumer.cell("bad", "pre-commit");
    assert_eq!(cell["hook_exit"], 0);
    assert_eq!(hooks(&cell), json!([[true, 0], [true, 0], [false, 0]]));
}

#[test]
fn a_hook_file_runs_beside_configured_hooks() {
    for (configured, file, first) in [(0, 7, 7), (6, 7, 6), (6, 0, 6)] {
        let world = World::new();
        let stages = configure("pre-commit", &[&format!("exit {configured}")]) + COMMIT;
        let expect = format!("{{ pre-commit = {{ exit = 1, hook_exit = {first} }} }}");
        let script = format!("exit {file}");
        let consumer = hooked(&world, &[("pre-commit", &script)], &stages, &expect);
        run(&world, &consumer, &path_with_new_git(), &[]).expect(0);
        let cell = consumer.cell("bad", "pre-commit");
        assert_eq!(hooks(&cell), json!([[true, configured], [false, file]]));
    }
}

#[test]
fn a_hook_file_alone_is_the_same_with_both_gits() {
    for path in both_gits() {
        let world = World::new();
        let expect = "{ pre-commit = { exit = 1, hook_exit = 7 } }";
        let consumer = hooked(&world, &[("pre-commit", "exit 7")], COMMIT, expect);
        run(&world, &consumer, &path, &[]).expect(0);
        assert_eq!(
            hooks(&consumer.cell("bad", "pre-commit")),
            json!([[false, 7]])
        );
    }
}

/// The first hook ends last: it waits for the third.
#[test]
fn hooks_in_parallel_are_told_in_the_order_of_git() {
    let world = World::new();
    let fifo = world.path().join("fifo");
    mkfifo(&fifo);
    let fifo = fifo.display();
    let wait = format!("read -r line <{fifo}; exit 4");
    let wake = format!("echo go >{fifo}; exit 5");
    let parallel = "git config hook.jobs 3; \
        for n in n0 n1 n2; do git config hook.$n.parallel true; done";
    let more = activate(parallel).replace("configure", "parallel");
    let stages = configure("pre-push", &[&wait, "true", &wake]) + &more + PUSH;
    let expect = "{ pre-push = { exit = 1, hook_exit = 4 } }";
    let consumer = hooked(&world, &[], &stages, expect);
    run(
        &world,
        &consumer,
        &path_with_new_git(),
        &["--timeout", "60s"],
    )
    .expect(0);
    let cell = consumer.cell("bad", "pre-push");
    assert_eq!(hooks(&cell), json!([[true, 4], [true, 0], [true, 5]]));
    assert_eq!(cell["witness"]["blind"], Value::Null);
}

#[test]
fn every_run_of_one_hook_counts() {
    for path in both_gits() {
        let world = World::new();
        let refuse = "test \"$1\" != prepared || exit 3";
        let stage = "[stage.reference-transaction]\ndrive = \"git\"\non = \"commit\"\n";
        let expect = "{ reference-transaction = { exit = 128, hook_exit = 3 } }";
        let consumer = hooked(&world, &[("reference-transaction", refuse)], stage, expect);
        run(&world, &consumer, &path, &[]).expect(0);
        let cell = consumer.cell("bad", "reference-transaction");
        assert_eq!(cell["hook_exit"], 3);
        // What was prepared is aborted, and the hook hears of that too.
        let hooks = cell["witness"]["hooks"].as_array().unwrap();
        assert_eq!(hooks.last().unwrap()["exit"], 0);
    }
}

#[test]
fn a_reference_transaction_that_never_came_blocked_nothing() {
    let world = World::new();
    let stage = "[stage.reference-transaction]\ndrive = \"git\"\non = \"commit\"\n";
    let expect = "{ reference-transaction = 1 }";
    let hooks = [
        ("pre-commit", "exit 1"),
        ("reference-transaction", "exit 1"),
    ];
    let consumer = hooked(&world, &hooks, stage, expect);
    world.run(&consumer, &[]).expect(1);
    let cell = consumer.cell("bad", "reference-transaction");
    assert_eq!(cell["verdict"], "not_enforced");
    assert_eq!(cell["hook_exit"], Value::Null);
}

#[test]
fn the_hook_that_decided_is_named_by_its_command() {
    let world = World::new();
    let stages = configure("pre-commit", &["true", "exit 127 # gate"]) + COMMIT;
    let consumer = hooked(&world, &[], &stages, "{ pre-commit = 1 }");
    run(&world, &consumer, &path_with_new_git(), &[]).expect(1);
    let cell = consumer.cell("bad", "pre-commit");
    assert_eq!(cell["verdict"], "wrong_reason");
    let problem = cell["problem"].as_str().unwrap();
    let named = "pre-commit hook `exit 127 # gate` did not find a program";
    assert!(problem.contains(named), "{problem}");
}

#[test]
fn a_program_counts_in_any_hook_of_the_stage() {
    let rest = ["true", "true"];
    for at in 0..3 {
        let world = World::new();
        let mut commands = rest.to_vec();
        commands.insert(at, "tools/gate");
        let programs = "programs = [\"tools/gate\"]\n";
        let stages = configure("pre-commit", &commands) + COMMIT + programs;
        // The file runs last, and its opening bounds nothing.
        let files = [("pre-commit", "exit 0"), ("commit-msg", "exit 0")];
        let consumer = hooked(&world, &files, &stages, "{ pre-commit = 0 }");
        consumer.write("tools/gate", "#!/bin/sh\nexit 0\n");
        consumer.commit("a gate");
        run(&world, &consumer, &path_with_new_git(), &[]).expect(0);
    }
}

/// What the check of `hooks` finds with this activation and a pre-commit file.
fn checked(path: &OsString, script: &str, file: &str) -> (Ran, Consumer, World) {
    let world = World::new();
    let stages = activate(&format!("chmod -x hooks/*; {script}")) + COMMIT;
    let consumer = hooked(&world, &[(file, "exit 0")], &stages, "{ pre-commit = 0 }");
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let toml = toml.replacen("schema = 1\n", "schema = 1\nhooks = [\"pre-commit\"]\n", 1);
    consumer.write("matrix.toml", &toml);
    consumer.commit("check the hooks");
    (run(&world, &consumer, path, &[]), consumer, world)
}

#[test]
fn a_configured_hook_satisfies_the_check() {
    let on = "git config hook.a.event pre-commit; git config hook.a.command true";
    let global = on.replace("config", "config --global");
    let path = path_with_new_git();
    for (script, file) in [
        (on, "commit-msg"),
        (&*global, "commit-msg"),
        (on, "pre-commit"),
    ] {
        checked(&path, script, file).0.expect(0);
    }
    let off = format!("{on}; git config hook.a.enabled false");
    let event_off = format!("{on}; git config hook.pre-commit.enabled false");
    let other = on.replace("pre-commit", "pre-push");
    let told = "its configured hook a is switched off";
    for (script, told) in [
        (off, format!("{told} (hook.a.enabled = false)")),
        (
            event_off,
            format!("{told} (hook.pre-commit.enabled = false)"),
        ),
        (other, "there is no pre-commit hook".to_owned()),
    ] {
        let (ran, consumer, _world) = checked(&path, &script, "commit-msg");
        assert!(ran.expect(1).stderr.contains(&told), "{}", ran.stderr);
        consumer.failed_with_log("fake", "gate_hooks");
        // An older git has no such list, and its complaint would look like the cause.
        let is_asked = ran.stderr.contains("git hook list");
        assert_eq!(is_asked, told.contains("hook a"), "{}", ran.stderr);
    }
    // A git that would not run it.
    let machine = &both_gits()[0];
    if !has_configured_hooks(machine) {
        let (ran, consumer, _world) = checked(machine, on, "commit-msg");
        let told = "git did not run its configured hook a (git 2.54 and later do)";
        assert!(ran.expect(1).stderr.contains(told), "{}", ran.stderr);
        consumer.failed_with_log("fake", "gate_hooks");
    }
}

const EVENTS: [&str; 9] = [
    "pre-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "pre-push",
    "reference-transaction",
    "post-index-change",
    "post-checkout",
    "post-rewrite",
];

/// Hooks of all events, by files and by configuration of both scopes.
#[test]
fn own_commits_run_past_the_hooks_of_all_events() {
    for path in both_gits() {
        let world = World::new();
        let ran = world.path().join("ran");
        let note = format!("echo $0 >>{}; exit 1", ran.display());
        let configured = EVENTS.map(|event| {
            let name = format!("\"hook.a b=c.{event} too");
            let scope = if event == "commit-msg" {
                "--global"
            } else {
                "--local"
            };
            format!(
                "git config {scope} {name}.event\" {event}; \
                 git config {scope} {name}.command\" '{note}'"
            )
        });
        let stages = activate(&configured.join("; ")) + CI;
        let files = EVENTS.map(|event| (event, &*note));
        let consumer = hooked(&world, &files, &stages, "{ ci = 0 }");
        run(&world, &consumer, &path, &["--keep"]).expect(0);
        assert!(!ran.exists(), "{}", fs::read_to_string(&ran).unwrap());
        let clone = world.kept_lane("bad").join("clone");
        let base = [
            "-c",
            "core.hooksPath=/dev/null",
            "rev-list",
            "--count",
            "upstream-bad..HEAD",
        ];
        assert_eq!(crate::support::git(&clone, &base).trim(), "1");
    }
}

#[test]
fn hooks_of_the_user_and_the_consumer_never_reach_a_lane() {
    for path in both_gits() {
        let world = World::new();
        let ran = world.path().join("ran");
        let note = format!("echo $0 >>{}; exit 1", ran.display());
        let config = EVENTS.map(|event| {
            format!("[hook \"u {event}\"]\n\tevent = {event}\n\tcommand = {note:?}\n")
        });
        let config = config.concat();
        fs::write(world.home().join(".gitconfig"), &config).unwrap();
        fs::create_dir_all(world.home().join(".config/git")).unwrap();
        fs::write(world.home().join(".config/git/config"), &config).unwrap();
        let consumer = hooked(
            &world,
            &[("pre-commit", "exit 0")],
            COMMIT,
            "{ pre-commit = 0 }",
        );
        // An entry of the index that is hidden makes the preflight write one.
        consumer.git(&["update-index", "--assume-unchanged", "scenarios/bad/file"]);
        let own = consumer.root.join(".git/config");
        fs::write(&own, fs::read_to_string(&own).unwrap() + &config).unwrap();
        run(&world, &consumer, &path, &[]).expect(0);
        assert!(!ran.exists(), "{}", fs::read_to_string(&ran).unwrap());
        assert_eq!(
            hooks(&consumer.cell("bad", "pre-commit")),
            json!([[false, 0]])
        );
    }
}

/// Hooks of the remote's own configuration: a push runs them, what is ours does not.
#[test]
fn hooks_that_the_remote_configures_are_seen_where_a_stage_pushes() {
    let world = World::new();
    let ran = world.path().join("ran");
    let note = format!(
        "test -n \"$GIT_TRACE2_EVENT\" || echo $0 >>{}",
        ran.display()
    );
    let configured = ["reference-transaction", "post-index-change", "update"].map(|event| {
        format!(
            "git -C ../origin.git config 'hook.{event} a=b.event' {event}; \
             git -C ../origin.git config 'hook.{event} a=b.command' '{note}'"
        )
    });
    let gate = "git -C ../origin.git config hook.gate.event pre-receive; \
        git -C ../origin.git config hook.gate.command 'exit 3'";
    let script = format!("{}; {gate}", configured.join("; "));
    let stages = activate(&script)
        + "[stage.pre-receive]\ndrive = \"git\"\n[stage.tagged]\ndrive = \"git\"\non = \"tag\"\n"
        + "[stage.gone]\ndrive = \"git\"\non = \"delete\"\n"
        + CI;
    let refused = "{ exit = 1, hook_exit = 3 }";
    let expect = format!("{{ pre-receive = {refused}, tagged = {refused}, gone = 1, ci = 0 }}");
    for format in ["files", "reftable"] {
        let consumer = hooked(&world, &[("pre-commit", "exit 0")], &stages, &expect);
        fs::remove_dir_all(consumer.root.join(".git")).unwrap();
        let init = ["init", "--quiet", "--initial-branch=main"];
        let format = format!("--ref-format={format}");
        consumer.git(&[&init[..], &[&*format]].concat());
        consumer.commit("a consumer");
        run(&world, &consumer, &path_with_new_git(), &[]).expect(0);
        assert!(!ran.exists(), "{}", fs::read_to_string(&ran).unwrap());
        let cell = consumer.cell("bad", "pre-receive");
        let hook = &cell["witness"]["hooks"][0];
        assert_eq!(
            (&hook["name"], &hook["remote"]),
            (&json!("pre-receive"), &json!(true))
        );
        assert_eq!(hooks(&cell), json!([[true, 3]]));
        fs::remove_dir_all(&consumer.root).unwrap();
    }
}
