//! Steps that end badly, print too much, or are not there at all.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::{Consumer, Ran, World, script_gate, wait_for};

/// Runs a script as the only stage.
fn stage(world: &World, script: &str) -> (Consumer, Ran) {
    let consumer = world.script_consumer(&world.script(script));
    let ran = world.run(&consumer, &[]);
    world.nobody_lives();
    (consumer, ran)
}

/// The bytes of the log copy beside the last failure.
fn log_copy(failure: &serde_json::Value) -> Vec<u8> {
    fs::read(failure["failure_log_artifact"].as_str().unwrap()).unwrap()
}

#[test]
fn an_exit_that_is_not_the_contracts_fails_the_run() {
    let world = World::new();
    let (consumer, ran) = stage(&world, "echo because; exit 7");
    ran.expect(1);
    let failure = consumer.failed_with_log("fake", "stage_ci");
    assert_eq!(failure["failure_class"], "contract");
    assert_eq!(failure["failure_phase"], "clean");
    assert_eq!(log_copy(&failure), b"because\n");
    assert_eq!(consumer.only_cell()["exit"], 7);
}

#[test]
fn a_stage_that_obeys_term_is_ended_at_its_limit() {
    let world = World::new();
    let consumer = world.limited_consumer("echo here; exec sleep 60", "1s");
    world.run(&consumer, &[]).expect(124);
    let failure = consumer.failed_with_log("fake", "stage_ci");
    assert_eq!(failure["failure_class"], "timeout");
    assert_eq!(failure["exit_code"], 124);
    assert_eq!(log_copy(&failure), b"here\n");
    let took = consumer.only_cell()["run"]["duration_ms"].as_u64().unwrap();
    assert!((1000..5000).contains(&took), "{took}");
    world.nobody_lives();
}

#[test]
fn a_stage_that_ignores_term_is_killed_five_seconds_later() {
    let world = World::new();
    let script = "trap '' TERM\nwhile :; do sleep 60; done";
    let consumer = world.limited_consumer(script, "1s");
    world.run(&consumer, &[]).expect(124);
    let failure = consumer.failed_with_log("fake", "stage_ci");
    assert_eq!(failure["failure_class"], "timeout");
    // One second, five of grace, half a one to end; the rest is for busy
    // machines.
    let took = consumer.only_cell()["run"]["duration_ms"].as_u64().unwrap();
    assert!((6000..8500).contains(&took), "{took}");
    world.nobody_lives();
}

#[test]
fn a_stage_that_dies_of_a_signal_says_which() {
    let world = World::new();
    let (consumer, ran) = stage(&world, "kill -SEGV $$");
    ran.expect(1);
    let failure = consumer.failed_with_log("fake", "stage_ci");
    assert_eq!(failure["failure_class"], "signal");
    assert_eq!(consumer.only_cell()["exit"], 139);
}

#[test]
fn a_stage_that_signals_its_own_group_harms_nobody_else() {
    let world = World::new();
    let (consumer, ran) = stage(&world, "kill -TERM 0");
    ran.expect(1);
    let failure = consumer.failed_with_log("fake", "stage_ci");
    assert_eq!(failure["failure_class"], "signal");
    assert_eq!(consumer.only_cell()["exit"], 143);
}

#[test]
fn a_stage_that_signals_its_parent_harms_nobody() {
    let world = World::new();
    let (consumer, ran) = stage(
        &world,
        "for s in TERM INT HUP QUIT; do kill -$s $PPID; done",
    );
    ran.expect(0);
    consumer.passed("fake");
}

#[test]
fn a_gibibyte_of_output_costs_neither_memory_nor_disk() {
    const GIB: u64 = 1024 * 1024 * 1024;
    let world = World::new();
    let script = "head -c 1073741824 /dev/zero | tr '\\0' x; echo the end; exit 1";
    let consumer = world.script_consumer(script);
    let mut running = world.start(&consumer, &[]);
    let mut peak_kib = 0;
    wait_for("the run's end", || {
        let now: Option<u64> = running
            .status("VmHWM")
            .and_then(|line| line.split(' ').next()?.parse().ok());
        peak_kib = peak_kib.max(now.unwrap_or(0));
        running.is_over().then_some(())
    });
    running.end().expect(1);
    assert!((1..64 * 1024).contains(&peak_kib), "{peak_kib} KiB");
    let failure = consumer.failed_with_log("fake", "stage_ci");
    let log = log_copy(&failure);
    assert!(log.len() <= 10 * 1024 * 1024, "{}", log.len());
    assert!(log.starts_with(b"xxx") && log.ends_with(b"xthe end\n"));
    let log = &consumer.only_cell()["run"]["log"];
    assert_eq!(log["bytes_total"], GIB + 8);
    assert_eq!(log["bytes"], failure["failure_log_artifact_bytes"]);
}

#[test]
fn both_streams_are_read_side_by_side() {
    let world = World::new();
    let script = "perl -e '$| = 1; for (1..1024) {\n\
                  print STDOUT \"o\" x 1024; print STDERR \"e\" x 1024 }'";
    let (consumer, ran) = stage(&world, script);
    ran.expect(0);
    consumer.passed("fake");
    assert_eq!(
        consumer.only_cell()["run"]["log"]["bytes_total"],
        2 * 1024 * 1024
    );
    let log = fs::read(consumer.run_folder().join("logs/clean/stage_ci.log")).unwrap();
    for stream in [b'o', b'e'] {
        let count = log.iter().filter(|&&b| b == stream).count();
        assert_eq!(count, 1024 * 1024, "{}", stream as char);
    }
}

#[test]
fn output_that_is_no_text_is_kept_to_the_byte_and_shown_harmless() {
    let world = World::new();
    let script = r"printf 'a\000b\377\376\033[31mred\033]0;title\007\r::error::x\nlast'; exit 1";
    let (consumer, ran) = stage(&world, script);
    ran.expect(1);
    let failure = consumer.failed_with_log("fake", "stage_ci");
    let bytes = b"a\0b\xff\xfe\x1b[31mred\x1b]0;title\x07\r::error::x\nlast";
    assert_eq!(log_copy(&failure), bytes);
    let shown = format!("{}{}", ran.stdout, ran.stderr);
    let harmful = |c: char| c.is_control() && c != '\n';
    assert!(!shown.contains(harmful), "{shown:?}");
}

#[test]
fn the_standard_input_of_every_step_is_empty() {
    let world = World::new();
    // `cat` on an open input would never end; what it reads makes it fail.
    let empty = r#"["sh", "-c", "test -z \"$(cat)\" && echo read >>read"]"#;
    let consumer = world.configured_consumer(&format!(
        "schema = 1\ngate = \"fake\"\npackage = \"\"\nversion = {empty}\n\
         [[install]]\nstep = \"fake_install\"\nrun = {empty}\n\
         [[activate]]\nstep = \"gate_install\"\nrun = {empty}\n\
         [baseline]\nseed = {empty}\n\
         [stage.ci]\ndrive = \"command\"\nrun = [\"sh\", \"-c\", \"cat; exec cat read\"]\n\
         [scenario.clean]\nseed = {empty}\nexpect = {{ ci = 0 }}\n"
    ));
    let mut command = world.run_command(&consumer, &["--timeout", "20s"]);
    // Even where the program's own input is open and stays so.
    command.stdin(std::process::Stdio::piped());
    crate::support::Running::start(command).end().expect(0);
    let log = consumer.run_folder().join("logs/clean/stage_ci.log");
    assert_eq!(fs::read_to_string(log).unwrap(), "read\n".repeat(5));
}

#[test]
fn a_missing_tool_is_told_before_anything_runs() {
    let world = World::new();
    let gate = script_gate("exit 0").replace("[stage", "tools = [\"no-such-tool\"]\n[stage");
    let consumer = world.configured_consumer(&gate);
    let ran = world.run(&consumer, &[]);
    ran.expect(69);
    assert!(ran.stderr.contains("no-such-tool"), "{}", ran.stderr);
    let failure = consumer.failed("fake", "tool_missing");
    assert_eq!(failure["failure_phase"], "preflight");
    assert_eq!(failure["failure_class"], "unsupported");
    assert!(failure["failure_log_path"].is_null());
    assert!(failure["failure_log_artifact"].is_null());
}

/// A gate that npm installs.
fn npm_gate(package: &str) -> String {
    script_gate("exit 0").replace(
        "[stage",
        &format!(
            "package = \"{package}\"\nregistry = \"npm\"\n\
             [[install]]\nstep = \"npm_install_package\"\n\
             run = [\"npm\", \"install\", \"--save-exact\", \"{{package_spec}}\"]\n[stage"
        ),
    )
}

#[test]
fn an_npm_that_dies_of_a_signal_is_the_machines_fault() {
    let world = World::new();
    let consumer = world.configured_consumer(&npm_gate("lefthook@2.2.2"));
    let bin = world.path().join("bin");
    fs::create_dir(&bin).unwrap();
    fs::write(bin.join("npm"), "#!/bin/sh\necho dying\nkill -SEGV $$\n").unwrap();
    fs::set_permissions(bin.join("npm"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut command = world.run_command(&consumer, &[]);
    command.env("PATH", path);
    Ran::of(command.output().unwrap()).expect(1);
    let failure = consumer.failed_with_log("fake", "npm_install_package");
    assert_eq!(failure["failure_class"], "infra");
    assert_eq!(failure["failure_phase"], "clean");
    assert_eq!(log_copy(&failure), b"dying\n");
}

#[test]
fn a_version_that_does_not_exist_cannot_be_installed() {
    let world = World::new();
    let gate = npm_gate("lefthook@0.0.0-not-a-real-version");
    let consumer = world.configured_consumer(&gate);
    consumer.write(
        "package.json",
        "{\"name\": \"consumer\", \"private\": true}\n",
    );
    consumer.commit("npm");
    let mut command = world.run_command(&consumer, &[]);
    // How this machine reaches its registry.
    let npmrc = std::path::PathBuf::from(std::env::var_os("HOME").unwrap()).join(".npmrc");
    command.env("npm_config_userconfig", npmrc);
    for name in ["HTTPS_PROXY", "https_proxy", "NODE_EXTRA_CA_CERTS"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    let ran = Ran::of(command.output().unwrap());
    ran.expect(1);
    let failure = consumer.failed_with_log("fake", "npm_install_package");
    assert_eq!(failure["failure_class"], "install");
    assert_eq!(failure["failure_phase"], "clean");
    assert_eq!(
        failure["failure_command"],
        "npm install --save-exact \"lefthook@0.0.0-not-a-real-version\""
    );
    let log = String::from_utf8(log_copy(&failure)).unwrap();
    assert!(
        log.contains("ETARGET"),
        "npm does not reach its registry: {log}"
    );
    assert!(
        ran.stdout.contains("results: ci=-\nstatus: FAIL\n"),
        "{}",
        ran.stdout
    );
}
