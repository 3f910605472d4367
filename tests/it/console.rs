//! stdout is the contract's, byte for byte; the rest is on stderr.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{Consumer, World, mkfifo, program, write_line};

const DEMO: &str = "\
=== scenario:clean ===
results: pre-commit=0 pre-push=0 ci=0
status: PASS
=== scenario:violations ===
results: pre-commit=1 pre-push=1 ci=1
status: PASS
=== scenario:mixed ===
results: pre-commit=1 pre-push=1 ci=1
status: PASS
All scenario matrix checks passed for package: demo
";

#[test]
fn a_pass_prints_the_contract_whatever_the_number_of_jobs() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    for jobs in ["1", "4"] {
        let ran = world.run(&consumer, &["--jobs", jobs]);
        assert_eq!(ran.expect(0).stdout, DEMO, "--jobs {jobs}");
        for on_stderr in ["clean: stage_pre_commit", "summary: "] {
            assert!(ran.stderr.contains(on_stderr), "{}", ran.stderr);
        }
        assert!(!ran.stderr.contains("=== scenario"), "{}", ran.stderr);
    }
}

/// Three lanes, of which the first ends only after the last.
fn backwards(world: &World) -> Consumer {
    let fifo = world.path().join("last-lane-ended");
    mkfifo(&fifo);
    let fifo = fifo.display();
    let script =
        format!("case $1 in a) read -r go < '{fifo}';; c) echo go > '{fifo}';; esac; exit 0");
    let lane = |name: &str| {
        format!("[scenario.{name}]\noverlay = \"scenarios/clean\"\nexpect = {{ ci = 0 }}\n")
    };
    let toml = format!(
        "schema = 1\ngate = \"fake\"\n[stage.ci]\ndrive = \"command\"\n\
         run = [\"sh\", \"-c\", \"\"\"{script}\"\"\", \"sh\", \"{{scenario}}\"]\n{}{}{}",
        lane("a"),
        lane("b"),
        lane("c")
    );
    world.consumer(
        "consumer",
        &[("matrix.toml", &toml), ("scenarios/clean/file", "two\n")],
    )
}

#[test]
fn lanes_are_told_in_declared_order_whichever_ends_first() {
    let world = World::new();
    let consumer = backwards(&world);
    let ran = world.run(&consumer, &["--jobs", "3", "--timeout", "60s"]);
    let lane = |name: &str| format!("=== scenario:{name} ===\nresults: ci=0\nstatus: PASS\n");
    let last = "All scenario matrix checks passed for package: fake\n";
    assert_eq!(
        ran.expect(0).stdout,
        [lane("a"), lane("b"), lane("c"), last.to_owned()].concat()
    );
}

#[test]
fn a_broken_lane_prints_its_three_lines_and_no_last_one() {
    let world = World::new();
    let consumer = world.script_consumer("echo 'the gate said this' >&2; exit 3");
    let ran = world.run(&consumer, &[]);
    assert_eq!(
        ran.expect(1).stdout,
        "=== scenario:clean ===\nresults: ci=3\nstatus: FAIL\n"
    );
    let told = [
        "FAIL clean · stage_ci (contract): the stage's program exited 3, 0 was expected",
        "  command: sh -c ",
        "  | the gate said this",
        "fake-matrix-last-failure.log",
        "  next: matrix replay --artifacts \"",
    ];
    for line in told {
        assert!(ran.stderr.contains(line), "{line}\n{}", ran.stderr);
    }
}

#[test]
fn a_lane_that_ends_before_its_stages_prints_dashes() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let install = "[[install]]\nstep = \"fetch\"\nrun = [\"sh\", \"-c\", \"exit 9\"]\n";
    consumer.write("matrix.toml", &format!("{toml}{install}"));
    consumer.commit("an install that fails");
    let ran = world.run(&consumer, &[]);
    assert_eq!(
        ran.expect(1).stdout,
        "=== scenario:clean ===\nresults: ci=-\nstatus: FAIL\n"
    );
}

#[test]
fn a_refusal_prints_nothing_on_stdout() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    consumer.write("dirt", "");
    assert_eq!(world.run(&consumer, &[]).expect(17).stdout, "");
}

#[test]
fn jsonl_comes_line_by_line_while_the_run_still_goes() {
    let world = World::new();
    let gate = world.path().join("gate-may-end");
    mkfifo(&gate);
    let consumer = world.script_consumer(&format!("read -r go < '{}'", gate.display()));
    let mut child = world
        .run_command(&consumer, &["--format", "jsonl", "--timeout", "60s"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut events = Vec::new();
    let mut next = || -> Option<Value> {
        let line = lines.next()?.unwrap();
        Some(serde_json::from_str(&line).unwrap_or_else(|e| panic!("{line}: {e}")))
    };
    while let Some(event) = next() {
        let is_stage = event["kind"] == "step_started" && event["step"] == "stage_ci";
        events.push(event);
        if is_stage {
            break;
        }
    }
    assert!(
        child.try_wait().unwrap().is_none(),
        "the stage was read of while it waits: {events:?}"
    );
    write_line(&gate, "go");
    while let Some(event) = next() {
        events.push(event);
    }
    assert!(child.wait().unwrap().success());
    assert_eq!(events.first().unwrap()["kind"], "run_started");
    let last = events.last().unwrap();
    assert_eq!(last["kind"], "run_finished");
    assert_eq!(
        (&last["final_verdict"], &last["exit_code"]),
        (&"PASS".into(), &0.into())
    );
}

#[test]
fn jsonl_of_a_failure_is_nothing_but_events_too() {
    let world = World::new();
    let consumer = world.script_consumer("echo '=== scenario:clean ==='; exit 3");
    let ran = world.run(&consumer, &["--format", "jsonl"]);
    for line in ran.expect(1).stdout.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        assert!(
            event["kind"].is_string() && event["seq"].is_u64(),
            "{event}"
        );
    }
    assert!(ran.stdout.contains("\"cell_finished\""), "{}", ran.stdout);
}

#[test]
fn what_is_on_the_disk_is_what_jsonl_said() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let ran = world.run(&consumer, &["--format", "jsonl"]);
    let on_disk = fs::read_to_string(consumer.run_folder().join("events.jsonl")).unwrap();
    assert_eq!(ran.expect(0).stdout, on_disk);
}

#[test]
fn nothing_is_coloured_off_a_terminal() {
    let world = World::new();
    let consumer = world.script_consumer("printf '\\033[31mred\\033[0m\\n'; exit 3");
    for more in [&[][..], &["--format", "jsonl"]] {
        let output = world
            .run_command(&consumer, more)
            .env("TERM", "xterm-256color")
            .env("COLORTERM", "truecolor")
            .output()
            .unwrap();
        assert!(!output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b));
    }
}

#[test]
fn stdout_is_never_coloured_even_where_colour_is_forced() {
    let world = World::new();
    let consumer = world.script_consumer("exit 3");
    let output = world
        .run_command(&consumer, &[])
        .env("CLICOLOR_FORCE", "1")
        .output()
        .unwrap();
    assert!(!output.stdout.contains(&0x1b));
    assert!(
        has_colour(&output.stderr),
        "CLICOLOR_FORCE is not obeyed on stderr"
    );
}

#[test]
fn a_terminal_on_stderr_is_coloured_unless_no_color_says_otherwise() {
    let world = World::new();
    let consumer = world.script_consumer("exit 3");
    assert!(has_colour(&on_a_terminal(&world, &consumer, &[])));
    let plain = on_a_terminal(&world, &consumer, &[("NO_COLOR", "1")]);
    assert!(!has_colour(&plain), "{}", String::from_utf8_lossy(&plain));
    assert!(String::from_utf8_lossy(&plain).contains("FAIL clean · stage_ci"));
}

/// Runs the matrix with stderr on a terminal and stdout in a file; what the
/// terminal got. stdout must be the contract's all the same.
fn on_a_terminal(world: &World, consumer: &Consumer, env: &[(&str, &str)]) -> Vec<u8> {
    let out = world.path().join("stdout");
    let line = format!(
        "'{}' run --repo '{}' > '{}'",
        program(),
        consumer.root.display(),
        out.display()
    );
    let mut script = Command::new("script");
    script
        .args(["-qec", &line, "/dev/null"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", world.home())
        .env("MATRIX_WORK_DIR", world.work())
        .env("TERM", "xterm")
        .env("SHELL", "/bin/sh")
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut child = script
        .spawn()
        .expect("script is needed: apt-get install bsdutils");
    let mut seen = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut seen).unwrap();
    assert_eq!(
        child.wait().unwrap().code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&seen)
    );
    assert_eq!(
        fs::read_to_string(out).unwrap(),
        "=== scenario:clean ===\nresults: ci=3\nstatus: FAIL\n"
    );
    seen
}

/// Whether there is a sequence that sets a colour (SGR: `ESC [ … m`).
fn has_colour(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.split("\x1b[").skip(1).any(|rest| {
        rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';')
            .starts_with('m')
    })
}
